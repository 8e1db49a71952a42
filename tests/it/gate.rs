//! The order of every webhook, over real sockets.

use crate::house::{ADMIN, Answer, House, SECOND_TOKEN, call, client, encode, signature, with};
use crate::support::Database;
use switchboard::gate::Route;

const SID: &str = "CA00000000000000000000000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn every_route_turns_strangers_away_and_answers_both_tokens() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    for route in Route::ALL {
        let target = format!("/twilio/{}?x={}", route.name(), route.name());
        let body = encode(&call(SID));
        let unsigned = house.send(&target, body.clone(), None).await;
        assert_eq!((unsigned.status, unsigned.content_type.as_str()), (401, "application/problem+json"), "{target}");
        let forged = house.send(&target, body.clone(), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).await;
        assert_eq!((forged.status, forged.content_type.as_str()), (403, "application/problem+json"), "{target}");
        for good in
            [house.post(&target, &call(SID)).await, house.post_signed_with(SECOND_TOKEN, &target, &call(SID)).await]
        {
            assert_eq!((good.status, good.content_type.as_str()), (200, "text/xml"), "{target}");
            assert!(good.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response"), "{}", good.body);
        }
    }
    house.running.stop().await;
    assert_eq!(database.count("select count(*) from calls").await, 1, "strangers left nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_keeps_failing_is_told_to_wait_but_the_carrier_never_is() {
    let house = House::open(&Database::sqlite()).await;
    let mut last = 0;
    for _ in 0..61 {
        last = house.send("/twilio/voice", String::new(), None).await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(house.post("/twilio/voice", &call(SID)).await.status, 200);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_refused_before_anything_else() {
    let house = House::open(&Database::sqlite()).await;
    let answer = house.send("/twilio/voice", "x".repeat(64 * 1024 + 1), None).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (413, "application/problem+json"));
    let edge = house.post("/twilio/voice", &with(call(SID), &[("Padding", &"x".repeat(60 * 1024))])).await;
    assert_eq!(edge.status, 200);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_copies_over_two_instances_have_one_effect_and_one_answer() {
    for database in Database::each().await {
        let (one, two) = (House::open(&database).await, House::open(&database).await);
        let fields = call(SID);
        let copies = (0..500).map(|n| if n % 2 == 0 { &one } else { &two }.post("/twilio/voice", &fields));
        let answers: Vec<Answer> = futures_util::future::join_all(copies).await;
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer.status == 200));
        assert_eq!(database.count("select count(*) from calls").await, 1);
        assert_eq!(database.count("select count(*) from call_events").await, 1);
        assert_eq!(database.count("select count(*) from idempotency_keys").await, 1);
        assert_eq!(database.count("select count(*) from events where type = 'call.started'").await, 1);
        one.running.stop().await;
        two.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_webhook_a_step_later_is_another_one() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let welcome = house.post("/twilio/voice", &call(SID)).await;
    let silence = with(call(SID), &[("CallStatus", "in-progress"), ("Digits", "")]);
    let again = house.post(&welcome.target("action"), &silence).await;
    let third = house.post(&again.target("action"), &silence).await;
    assert_ne!(again.body, third.body, "silence twice leads on to the mailbox");
    assert!(third.body.contains("<Record"), "{}", third.body);
    house.running.stop().await;
    assert_eq!(database.count("select count(*) from call_events").await, 3);
    assert_eq!(database.count("select count(*) from voicemails where state = 'expected'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_a_caller_may_do_everything_because_the_spool_keeps_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let blocker = folder.path().join("blocker");
    std::fs::write(&blocker, b"").expect("a file");
    let url = format!("postgres://nobody@localhost/none?host={}", blocker.display());
    let house = House::with(&url, &[], None).await;
    let welcome = house.post("/twilio/voice", &call(SID)).await;
    assert_eq!(welcome.status, 200);
    let pressed = |digit: &'static str| with(call(SID), &[("CallStatus", "in-progress"), ("Digits", digit)]);
    let dialled = house.post(&welcome.target("action"), &pressed("1")).await;
    assert!(dialled.body.contains("<Dial"), "{}", dialled.body);
    let mailbox = house.post(&welcome.target("action"), &pressed("9")).await;
    assert!(mailbox.body.contains("<Record") && mailbox.body.contains("<Transcription"), "{}", mailbox.body);
    let health = house.get("/health").await;
    assert_eq!(health.status, 200);
    assert!(health.body.contains("degraded") && health.body.contains("3 webhooks wait"), "{}", health.body);
    assert_eq!(house.get("/readyz").await.status, 200);
    assert_eq!(house.get("/livez").await.status, 200);
    let metrics = house.get("/metrics").await.body;
    for line in ["switchboard_unstored_total 0", "switchboard_spooled_total 3", "switchboard_breaker_open 1"] {
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_is_verified_and_answered() {
    let house = House::open(&Database::sqlite()).await;
    let target = format!("/twilio/voice?{}", encode(&call(SID)));
    let signature = {
        use switchboard::base::Secret;
        use switchboard::twilio::signature::{Body, sign};
        sign(&Secret::new(crate::house::TOKEN), &format!("{}{target}", crate::house::PUBLIC_URL), Body::Query)
    };
    let client = client();
    let request = client.get(format!("{}{target}", house.base())).header("x-twilio-signature", signature);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.text().await.expect("a body").contains("<Gather"));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_out_of_answers() {
    let house = House::open(&Database::sqlite()).await;
    let body = encode(&call(SID));
    let wrong = signature("another token", "/twilio/voice", &body);
    let answer = house.send("/twilio/voice", body, Some(&wrong)).await;
    for secret in [crate::house::TOKEN, SECOND_TOKEN, ADMIN] {
        assert!(!answer.body.contains(secret));
    }
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_of_a_stream_is_checked_like_everything_else() {
    let house = House::open(&Database::sqlite()).await;
    let handshake = |signature: Option<String>| {
        let request = client().get(format!("{}/twilio/ws/abc", house.base()));
        let request = signature.into_iter().fold(request, |request, s| request.header("x-twilio-signature", s));
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    assert_eq!(handshake(None).await, 401);
    assert_eq!(handshake(Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned())).await, 403);
    let url = "wss://phone.example.com/twilio/ws/abc";
    let signed = switchboard::twilio::signature::sign(
        &switchboard::base::Secret::new(crate::house::TOKEN),
        url,
        switchboard::twilio::signature::Body::Query,
    );
    assert_eq!(handshake(Some(signed)).await, 403, "signed, but its token is none of ours");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_not_understood_counts_as_malformed() {
    let house = House::open(&Database::sqlite()).await;
    let failed = with(call(SID), &[("ErrorCode", "11200"), ("ErrorUrl", "https://phone.example.com/twilio/voice")]);
    house.post("/twilio/fallback", &failed).await;
    let unmade = with(call(SID), &[("RecordingSid", "RE1"), ("RecordingStatus", "failed")]);
    house.post("/twilio/recording?v=1&n=2&vm=vm_1", &unmade).await;
    house.post("/twilio/status", &with(call(SID), &[("CallStatus", "nonsense")])).await;
    let metrics = house.get("/metrics").await.body;
    for (endpoint, result) in [("fallback", "answered"), ("recording", "answered"), ("status", "malformed")] {
        let row = format!("webhook_requests_total{{endpoint=\"{endpoint}\",result=\"{result}\"}} 1");
        assert!(metrics.contains(&row), "{row}");
    }
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_stops_is_not_ready_before_it_closes_the_door() {
    let house = House::open(&Database::sqlite()).await;
    let (base, call) = (house.base(), encode(&call(SID)));
    let signed = signature(crate::house::TOKEN, "/twilio/voice", &call);
    assert_eq!(house.get("/readyz").await.status, 200);
    // Polled once, the stop has begun and waits to close the door; it goes on only when it is polled again.
    let mut stop = std::pin::pin!(house.running.stop());
    assert!(futures_util::poll!(&mut stop).is_pending());
    let ready = client().get(format!("{base}/readyz")).send().await.expect("the door is open");
    assert_eq!(ready.status().as_u16(), 503);
    let request = client().post(format!("{base}/twilio/voice")).body(call).header("x-twilio-signature", signed);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(request.send().await.expect("a caller who still came").status().as_u16(), 200);
    stop.await;
    assert!(client().get(format!("{base}/readyz")).send().await.is_err());
}
