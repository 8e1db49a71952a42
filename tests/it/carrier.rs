//! What the carrier's client does when the carrier misbehaves: repeated or not, and what the caller is told.

use crate::carrier_stand::{ACCOUNT, Act, Stand, TOKEN, client, counted};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::Mutex;
use switchboard::base::E164;
use switchboard::carrier::{
    Blame, CallChange, CallSetup, Carrier, CarrierError, NumberFilter, NumberSettings, OwnedNumber, Processed, Removal,
    Wanted,
};
use switchboard::ops::Exporter;
use tokio::net::TcpSocket;

const CALL: &str = "CA00112233445566778899aabbccddeeff";
const NUMBER: &str = "PN00112233445566778899aabbccddeeff";

fn number_json() -> String {
    format!(r#"{{"sid":"{NUMBER}","phone_number":"+15875550100","friendly_name":"saga 7","new_field":[1]}}"#)
}

fn refusal(code: u32, status: u16) -> Act {
    let body = format!(
        r#"{{"code":{code},"message":"m","more_info":"https://www.twilio.com/docs/errors/{code}","status":{status}}}"#
    );
    Act::Says(status, body)
}

async fn buy(carrier: &Carrier) -> Result<OwnedNumber, CarrierError> {
    let tag = NumberSettings { friendly_name: Some("saga 7".to_owned()), ..NumberSettings::default() };
    carrier.buy_number(&Wanted::Number(E164::parse("+15875550100").expect("a number")), &tag).await
}

#[tokio::test]
async fn who_is_asked_to_slow_down_comes_back() {
    let slow = Act::SaysWith(429, ("Retry-After", "0".to_owned()), r#"{"code":20429,"status":429}"#.to_owned());
    let (stand, base) = Stand::open([slow.clone(), slow, Act::Says(201, number_json())]).await;
    let bought = buy(&client(&base, &[TOKEN])).await.expect("the third time works");
    assert_eq!((bought.sid.as_str(), bought.friendly_name.as_deref()), (NUMBER, Some("saga 7")));
    let asked = stand.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| one.body == asked[0].body && !one.body.is_empty()));
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_waited_for() {
    let (stand, base) = Stand::open([Act::SaysWith(429, ("Retry-After", "3600".to_owned()), String::new())]).await;
    let error = client(&base, &[TOKEN]).number(NUMBER).await.expect_err("an hour");
    assert_eq!(error, CarrierError::SlowDown { retry_after_s: Some(3600) });
    assert_eq!((error.processed(), error.blame(), stand.asked().len()), (Processed::No, Blame::Carrier, 1));
}

#[tokio::test]
async fn even_a_purchase_is_repeated_while_nobody_listens() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let base = format!("http://{}", socket.local_addr().expect("an address"));
    let (exporter, meters) = Exporter::new(&[]).expect("good buckets");
    let carrier = counted(&base, &[TOKEN], Arc::new(meters));
    let refused =
        carrier.clone().with_patience(switchboard::carrier::Patience { attempts: 1, ..crate::carrier_stand::QUICK });
    let error = buy(&refused).await.expect_err("nobody listens");
    assert_eq!((&error, error.processed(), error.may_retry()), (&CarrierError::Unreachable, Processed::No, true));

    let patient =
        carrier.with_patience(switchboard::carrier::Patience { attempts: 10_000, ..crate::carrier_stand::QUICK });
    let purchase = tokio::spawn(async move { buy(&patient).await });
    let unreachable = r#"switchboard_carrier_requests_total{operation="number_buy",result="unreachable"} "#;
    let failures = || {
        let text = exporter.render();
        let line = text.lines().find_map(|line| line.strip_prefix(unreachable)).expect("the series");
        line.parse::<u64>().expect("a count")
    };
    while failures() < 3 {
        tokio::task::yield_now().await;
    }
    let stand = Stand::default();
    stand.then([Act::Says(201, number_json())]);
    stand.clone().listen(socket.listen(16).expect("it listens"));
    purchase.await.expect("no panic").expect("it is bought");
    assert_eq!(stand.asked().len(), 1);
    assert!(exporter.render().contains(r#"carrier_requests_total{operation="number_buy",result="ok"} 1"#));
}

#[tokio::test]
async fn what_may_have_been_created_is_asked_for_once_and_looked_up() {
    for (act, cause, processed) in [
        (Act::Hangs, CarrierError::Timeout, Processed::Unknown),
        (Act::Cuts, CarrierError::Cut, Processed::Unknown),
        (Act::CutsShort(201), CarrierError::Cut, Processed::Unknown),
        (Act::Says(500, String::new()), CarrierError::Broken { status: 500, retry_after_s: None }, Processed::Unknown),
        (Act::Says(201, "<p>".to_owned()), CarrierError::Unreadable("not the JSON of this resource"), Processed::Yes),
    ] {
        let list = format!(r#"{{"incoming_phone_numbers":[{}],"next_page_uri":null}}"#, number_json());
        let (stand, base) = Stand::open([act.clone(), Act::Says(200, list)]).await;
        let carrier = client(&base, &[TOKEN]);
        let error = buy(&carrier).await.expect_err("an unknown outcome");
        assert_eq!((error.processed(), error.may_retry()), (processed, false), "{act:?}");
        assert_eq!(error, CarrierError::Unknown(Box::new(cause)), "{act:?}");
        assert_eq!(stand.asked().len(), 1, "{act:?}");

        let tagged = NumberFilter { friendly_name: Some("saga 7".to_owned()), ..NumberFilter::default() };
        let found = carrier.numbers(&tagged).expect("a list").all().await.expect("it answers");
        assert_eq!(found.len(), 1);
        let line = &stand.asked()[0].line;
        assert_eq!(
            line,
            &format!("GET /2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?FriendlyName=saga+7 HTTP/1.1")
        );
    }
}

#[tokio::test]
async fn what_is_the_same_twice_is_repeated_after_every_fault() {
    for act in
        [Act::Hangs, Act::Cuts, Act::CutsShort(200), Act::Says(500, String::new()), Act::Says(503, "<p>".to_owned())]
    {
        let (stand, base) = Stand::open([act.clone(), Act::Says(200, number_json())]).await;
        let carrier = client(&base, &[TOKEN]);
        assert!(carrier.number(NUMBER).await.expect("the second time works").is_some(), "{act:?}");
        stand.then([act.clone(), Act::Says(200, number_json())]);
        let settings =
            NumberSettings { voice_url: Some("https://a.example/v".to_owned()), ..NumberSettings::default() };
        assert!(carrier.update_number(NUMBER, &settings).await.expect("the second time works").is_some(), "{act:?}");
        // The first deletion had its effect before the answer was lost.
        stand.then([act.clone(), refusal(20404, 404)]);
        assert_eq!(carrier.release_number(NUMBER).await, Ok(Removal::AlreadyGone), "{act:?}");
        assert_eq!(stand.asked().len(), 6, "{act:?}");
    }
}

#[tokio::test]
async fn faults_without_end_end_after_the_agreed_number() {
    let (stand, base) = Stand::open(vec![Act::Says(500, String::new()); 9]).await;
    let error = client(&base, &[TOKEN]).number(NUMBER).await.expect_err("it stays broken");
    assert_eq!(error, CarrierError::Broken { status: 500, retry_after_s: None });
    assert_eq!((error.processed(), stand.asked().len()), (Processed::Unknown, 4));
}

#[tokio::test]
async fn what_is_gone_is_a_value() {
    let (_, base) = Stand::open([
        Act::Says(204, String::new()),
        refusal(20404, 404),
        refusal(20404, 404),
        refusal(21220, 400),
        refusal(20404, 404),
        Act::Says(404, String::new()),
    ])
    .await;
    let carrier = client(&base, &[TOKEN]);
    assert_eq!(carrier.release_number(NUMBER).await, Ok(Removal::Removed));
    assert_eq!(carrier.release_number(NUMBER).await, Ok(Removal::AlreadyGone));
    assert!(carrier.call(CALL).await.expect("an answer").is_none());
    for _ in 0..2 {
        assert!(carrier.change_call(CALL, &CallChange::Complete).await.expect("an answer").is_none());
    }
    assert!(carrier.account(ACCOUNT).await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_refusal_keeps_the_carriers_words_without_numbers() {
    let body = r#"{"code":21422,"message":"+15875550100 is taken","more_info":"https://www.twilio.com/docs/errors/21422","status":400}"#;
    let (stand, base) = Stand::open([Act::Says(400, body.to_owned()), Act::Says(404, "<html>nginx".to_owned())]).await;
    let carrier = client(&base, &[TOKEN]);
    let error = buy(&carrier).await.expect_err("it is taken");
    assert_eq!((error.code(), error.blame(), error.processed()), (Some(21422), Blame::Us, Processed::No));
    assert_eq!(error.to_string(), "the carrier refused the request (HTTP 400, error 21422: +1587•••0100 is taken)");
    let page = carrier.call(CALL).await.expect_err("a web page is not the API");
    assert_eq!((page.blame(), page.may_retry()), (Blame::Settings, false));
    assert_eq!(stand.asked().len(), 2);
}

#[tokio::test]
async fn credentials_go_nowhere_else() {
    let (elsewhere, away) = Stand::open([]).await;
    let redirect = Act::SaysWith(307, ("Location", format!("{away}/x")), String::new());
    let list = format!(r#"{{"incoming_phone_numbers":[],"next_page_uri":"{away}/2010-04-01/next"}}"#);
    let (stand, base) = Stand::open([redirect.clone(), redirect, Act::Says(200, list)]).await;
    let carrier = client(&base, &[TOKEN]);
    assert_eq!(carrier.number(NUMBER).await.err(), Some(CarrierError::Redirect));
    assert_eq!(buy(&carrier).await.err(), Some(CarrierError::Unknown(Box::new(CarrierError::Redirect))));
    let pages = carrier.numbers(&NumberFilter::default()).expect("a list");
    assert_eq!(pages.all().await.err(), Some(CarrierError::Unreadable("a next page on another host")));
    assert_eq!((stand.asked().len(), elsewhere.asked().len()), (3, 0));
}

#[tokio::test]
async fn after_a_rotation_the_second_token_works_and_is_remembered() {
    let created = || Act::Says(201, format!(r#"{{"sid":"{CALL}","status":"queued"}}"#));
    let (stand, base) = Stand::open([refusal(20003, 401), created(), created()]).await;
    let carrier = client(&base, &["the-old-one", TOKEN]);
    for _ in 0..2 {
        carrier.create_call(&CallSetup::default()).await.expect("a call");
    }
    let used: Vec<_> = stand.asked().iter().map(super::carrier_stand::Asked::credentials).collect();
    assert_eq!(used, [format!("{ACCOUNT}:the-old-one"), format!("{ACCOUNT}:{TOKEN}"), format!("{ACCOUNT}:{TOKEN}")]);

    stand.then(vec![refusal(20003, 401); 2]);
    let error = carrier.create_call(&CallSetup::default()).await.expect_err("no token fits");
    assert_eq!(
        (&error, error.blame(), error.processed()),
        (&CarrierError::Unauthorized(401), Blame::Settings, Processed::No)
    );
    assert_eq!(stand.asked().len(), 2);
}

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic before").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secrets_and_numbers_are_in_no_text() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let parrot = format!(r#"{{"code":1,"message":"no {TOKEN} for +15875550100","status":400}}"#);
    let account = r#"{"sid":"AC1","auth_token":"the-token-of-a-sub-account"}"#.to_owned();
    let (_, base) = Stand::open([
        Act::Says(500, parrot.clone()),
        Act::Says(429, parrot.clone()),
        Act::Says(400, parrot),
        Act::Says(201, account),
        Act::Cuts,
    ])
    .await;
    let carrier = client(&base, &[TOKEN]);
    let refused = carrier.number(NUMBER).await.expect_err("it is refused");
    let account = carrier.create_account("tenant").await.expect("an account");
    let unknown = buy(&carrier).await.expect_err("the connection breaks");
    drop(guard);
    assert_eq!(account.auth_token.as_ref().map(|token| token.expose()), Some("the-token-of-a-sub-account"));
    let logged = String::from_utf8_lossy(&log.0.lock().expect("no panic before")).into_owned();
    assert!(logged.contains("asking the carrier again"), "the log was looked at: {logged}");
    let texts = format!("{carrier:?} {refused} {refused:?} {unknown} {unknown:?} {account:?} {logged}");
    for secret in [TOKEN, "the-token-of-a-sub-account", "dGhlLXRva2Vu", "5875550100"] {
        assert!(!texts.contains(secret), "{secret}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an account's or a call's name is, it changes nothing but one segment of the path.
    #[test]
    fn no_sid_leaves_its_place(sid in "\\PC{0,70}") {
        let carrier = client("http://127.0.0.1:1/base", &[TOKEN]);
        let sound = !sid.is_empty() && sid.len() <= 64 && sid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        prop_assert_eq!(carrier.acting_on(&sid).is_ok(), sound);
    }
}
