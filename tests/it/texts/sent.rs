//! Texts that an operator writes, and what goes wrong with them.

use super::stand::{OURS, Stand, THEIRS};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use switchboard::ops::Role;
use switchboard::simulator::{Fault, FaultKind};

async fn asked(stand: &Stand, body: &str) -> String {
    let wish = json!({ "to": THEIRS, "body": body });
    let made = stand.desk().put(Method::POST, "/api/messages", Role::Operator, &wish).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.text());
    made.header("location").to_owned()
}

async fn shown(stand: &Stand, path: &str) -> Value {
    stand.desk().get(path, Role::Operator).await.json()
}

fn kind(word: &str) -> FaultKind {
    FaultKind::parse(word).expect("a kind of fault")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_text_is_sent_once_and_shown() {
    for stand in Stand::each().await {
        let path = asked(&stand, "Your bread is ready.").await;
        assert_eq!(shown(&stand, &path).await["state"], "queued");
        let (one, two) = (stand.room("a"), stand.room("b"));
        let done = tokio::join!(stand.work(&one), stand.work(&two));
        assert!(done.0 + done.1 >= 1);
        let sent = stand.twin.messages();
        assert_eq!((sent.len(), sent[0].from.as_str(), sent[0].body.as_str()), (1, OURS, "Your bread is ready."));
        let row = shown(&stand, &path).await;
        assert_eq!(
            (&row["state"], &row["sid"], &row["kind"]),
            (&json!("accepted"), &json!(sent[0].sid), &json!("api"))
        );
        assert_eq!((&row["requested_by"], stand.events("message.sent").await), (&json!("ana@example.com"), 1));

        // The carrier's word comes later, twice, and by its own name of the text.
        let id = row["id"].as_str().expect("an id");
        let query = format!("v=1&n=1&l=desk&id={id}");
        for word in ["delivered", "sent"] {
            let report =
                [("MessageSid", sent[0].sid.as_str()), ("MessageStatus", word), ("From", OURS), ("To", THEIRS)];
            stand.webhook(&stand.ledger, switchboard::gate::Route::Sms, &query, &report).await;
        }
        let row = shown(&stand, &format!("/api/messages/{}", sent[0].sid)).await;
        assert_eq!(
            (&row["state"], &row["id"], stand.events("message.sent").await),
            (&json!("delivered"), &json!(id), 1)
        );

        let viewed = stand.desk().get("/api/messages?direction=outbound&line=desk&limit=1", Role::Viewer).await.json();
        let item = &viewed["items"][0];
        assert_eq!((&item["to"], &item["body"]), (&json!("+1587•••0111"), &Value::Null));
        stand.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_that_cannot_be_are_refused() {
    let stand = Stand::new(crate::support::Database::sqlite()).await;
    let desk = stand.desk();
    for (wish, status) in [
        (json!({ "to": "555", "body": "x" }), 400),
        (json!({ "to": THEIRS, "body": " " }), 400),
        (json!({ "to": THEIRS, "body": "x".repeat(1601) }), 400),
        (json!({ "to": THEIRS, "body": "x", "line": "gone" }), 422),
        (json!({ "to": THEIRS, "body": "x", "from": "+15875550199" }), 422),
        (json!({ "to": THEIRS, "body": "x", "text": "y" }), 400),
    ] {
        desk.put(Method::POST, "/api/messages", Role::Operator, &wish).await.is_problem(status, "/api/messages");
    }
    let wish = json!({ "to": THEIRS, "body": "x" });
    assert_eq!(desk.put(Method::POST, "/api/messages", Role::Viewer, &wish).await.status, StatusCode::FORBIDDEN);
    stand
        .webhook(
            &stand.ledger,
            switchboard::gate::Route::Sms,
            "",
            &[("MessageSid", "SM1"), ("From", THEIRS), ("To", OURS), ("Body", "STOP")],
        )
        .await;
    desk.put(Method::POST, "/api/messages", Role::Operator, &wish).await.is_problem(409, "/api/messages");
    desk.get("/api/messages/msg_0", Role::Viewer).await.is_problem(404, "/api/messages/msg_0");
    desk.get("/api/messages?direction=up", Role::Viewer).await.is_problem(400, "/api/messages");
    assert_eq!(stand.database.rows("messages").await, 1);
    stand.ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_takes_nothing_is_asked_again_and_no_text_is_doubled() {
    for stand in Stand::each().await {
        stand.twin.fail(Fault { retry_after: Some(40), ..Fault::nth("Messages.create", 1, kind("429")) });
        let (path, room) = (asked(&stand, "One.").await, stand.room("a"));
        assert_eq!(stand.work(&room).await, 1);
        let row = shown(&stand, &path).await;
        assert_eq!((&row["state"], stand.twin.messages().len()), (&json!("queued"), 0));
        stand.clock.advance(TimeDelta::seconds(39));
        assert_eq!(stand.work(&room).await, 0, "the carrier asked for more time");
        stand.clock.advance(TimeDelta::seconds(2));
        assert_eq!((stand.work(&room).await, stand.twin.messages().len()), (1, 1));
        stand.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_may_have_taken_is_looked_for_and_never_sent_again() {
    for stand in Stand::each().await {
        // The same words to the same number twice: each answer that is lost belongs to one of them.
        let (first, room) = (asked(&stand, "Same words.").await, stand.room("a"));
        assert_eq!(stand.work(&room).await, 1);
        stand.twin.fail(Fault::nth("Messages.create", 1, kind("500-after")));
        let second = asked(&stand, "Same words.").await;
        assert_eq!(stand.work(&room).await, 1);
        assert_eq!(shown(&stand, &second).await["state"], "unknown");
        stand.clock.advance(TimeDelta::seconds(11));
        assert_eq!(stand.work(&room).await, 1);
        let (a, b) = (shown(&stand, &first).await, shown(&stand, &second).await);
        assert_eq!((&b["state"], stand.twin.messages().len()), (&json!("accepted"), 2));
        assert_ne!(a["sid"], b["sid"]);

        // And one that it never took: nobody knows, and nobody sends it again.
        stand.twin.fail(Fault::nth("Messages.create", 1, kind("500")));
        let third = asked(&stand, "Third.").await;
        stand.work(&room).await;
        for _ in 0..300 {
            stand.clock.advance(TimeDelta::minutes(1));
            stand.work(&room).await;
        }
        assert_eq!((&shown(&stand, &third).await["state"], stand.twin.messages().len()), (&json!("unknown"), 2));
        assert_eq!(stand.events("message.sent").await, 2);
        stand.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_dies_while_it_sends_leaves_one_text_or_none() {
    for stand in Stand::each().await {
        for (fault, state, texts) in [("timeout-after", "accepted", 1), ("timeout-before", "unknown", 1)] {
            stand.twin.fail(Fault::nth("Messages.create", 1, kind(fault)));
            let path = asked(&stand, fault).await;
            let dying = stand.room("dying");
            tokio::select! {
                done = stand.work(&dying) => panic!("it was to be held: {done}"),
                () = stand.twin.until_held(1) => {}
            }
            stand.twin.release_held();
            assert_eq!(shown(&stand, &path).await["state"], "sending");
            let other = stand.room("other");
            assert_eq!(stand.work(&other).await, 0, "it may be alive");
            stand.clock.advance(TimeDelta::seconds(91));
            assert_eq!(stand.work(&other).await, 1);
            assert_eq!(
                (&shown(&stand, &path).await["state"], stand.twin.messages().len()),
                (&json!(state), texts),
                "{fault}"
            );
        }
        stand.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_final_and_says_why() {
    for stand in Stand::each().await {
        let room = stand.room("a");
        for (code, opted_out) in [(21614, 0), (21610, 1)] {
            stand.twin.no_texts(THEIRS, code);
            let path = asked(&stand, "Hello.").await;
            assert_eq!(stand.work(&room).await, 1);
            let row = shown(&stand, &path).await;
            assert_eq!((&row["state"], &row["error_code"]), (&json!("failed"), &json!(code)));
            assert!(!row["error"].as_str().expect("words").contains("5550111"), "{row}");
            assert_eq!(stand.database.rows("message_opt_outs where opted_out").await, opted_out);
        }
        stand.clock.advance(TimeDelta::days(1));
        assert_eq!((stand.work(&room).await, stand.events("message.failed").await), (0, 2));
        stand.ledger.close().await;
    }
}
