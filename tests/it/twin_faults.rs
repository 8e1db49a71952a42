//! The ways in which the pretend carrier fails.

use crate::twin_client::{start, twin};
use serde_json::json;
use switchboard::simulator::{Fault, FaultKind};

const BUY: &str = "IncomingPhoneNumbers.create";
const NUMBER: &[(&str, &str)] = &[("PhoneNumber", "+15875550100")];

#[tokio::test]
async fn a_status_has_no_effect_unless_it_comes_after() {
    let (twin, client) = twin().await;
    let all = client.own("IncomingPhoneNumbers.json");
    twin.fail(Fault { retry_after: Some(2), ..Fault::next(BUY, FaultKind::Status(429)) });
    let (status, body) = client.post(&all, NUMBER).await;
    assert_eq!((status, body["code"].as_u64(), twin.numbers().len()), (429, Some(20429), 0));
    twin.fail(Fault::nth(BUY, 2, FaultKind::StatusAfter(503)));
    assert_eq!(client.post(&all, &[("PhoneNumber", "+15875550101")]).await.0, 201);
    assert_eq!((client.post(&all, NUMBER).await.0, twin.numbers().len()), (503, 2));
    assert_eq!(client.get(&all).await.0, 200);
    let statuses: Vec<_> = twin.requests().iter().filter_map(|request| request.status).collect();
    assert_eq!(statuses, [429, 201, 503, 200]);
}

#[tokio::test]
async fn a_cut_before_does_nothing_and_a_cut_after_has_done_it() {
    let (twin, client) = twin().await;
    let all = client.own("IncomingPhoneNumbers.json");
    twin.fail(Fault::next(BUY, FaultKind::CutBefore));
    let why = client.broken(&all, NUMBER).await;
    assert!(why.is_request() && !why.is_timeout() && twin.numbers().is_empty(), "{why:?}");
    twin.fail(Fault::next(BUY, FaultKind::CutAfter));
    client.broken(&all, NUMBER).await;
    assert_eq!(twin.numbers().len(), 1);
    assert_eq!(twin.requests().iter().filter_map(|request| request.status).count(), 0);
}

#[tokio::test]
async fn a_timeout_is_held_until_it_is_released() {
    let (twin, client) = twin().await;
    let all = client.own("IncomingPhoneNumbers.json");
    twin.fail(Fault::next(BUY, FaultKind::TimeoutAfter));
    let waiting = tokio::spawn({
        let (client, all) = (client.clone(), all.clone());
        async move { client.post(&all, NUMBER).await.0 }
    });
    twin.until_held(1).await;
    assert!(!waiting.is_finished() && twin.numbers().len() == 1);
    twin.release_held();
    assert_eq!(waiting.await.unwrap(), 201);
}

#[tokio::test]
async fn a_timeout_before_the_effect_ends_when_the_client_gives_up() {
    let (twin, client) = twin().await;
    let all = client.own("IncomingPhoneNumbers.json");
    twin.fail(Fault::next(BUY, FaultKind::TimeoutBefore));
    tokio::select! {
        _ = client.post(&all, NUMBER) => panic!("an answer came"),
        () = twin.until_held(1) => {}
    }
    assert!(twin.numbers().is_empty());
    assert_eq!(client.post(&all, NUMBER).await.0, 201);
}

#[tokio::test]
async fn a_slow_answer_begins_at_once_and_takes_its_time() {
    let (twin, client) = twin().await;
    twin.fail(Fault::next("*.list", FaultKind::Slow));
    let mut slow = client.raw(&client.own("IncomingPhoneNumbers.json")).await;
    let first = slow.chunk().await.unwrap().unwrap();
    assert!(slow.status() == 200 && first.len() < 40, "{first:?}");
}

#[tokio::test]
async fn a_torn_answer_says_how_long_it_would_have_been() {
    let (twin, client) = twin().await;
    twin.fail(Fault::next("*.list", FaultKind::CutMidway));
    let torn = client.raw(&client.own("IncomingPhoneNumbers.json")).await;
    assert!(torn.status() == 200 && torn.content_length() > Some(100));
    assert!(torn.bytes().await.is_err());
}

#[tokio::test]
async fn faults_are_asked_for_over_http_too() {
    let (twin, client) = twin().await;
    let outsider = client.with("", "");
    let asked = json!({ "on": "/2010-04-01/Accounts/*/IncomingPhoneNumbers.json", "kind": 500, "nth": 2 });
    assert_eq!(outsider.post_json("/twin/faults", &asked).await, (201, json!({ "id": 1 })));
    assert_eq!(outsider.post_json("/twin/faults", &json!({ "kind": "sometimes" })).await.0, 400);
    let all = client.own("IncomingPhoneNumbers.json");
    let statuses = [client.get(&all).await.0, client.get(&all).await.0, client.get(&all).await.0];
    assert_eq!(statuses, [200, 500, 200]);
    let (_, listed) = outsider.get("/twin/faults").await;
    assert_eq!((&listed["faults"][0]["met"], &listed["faults"][0]["struck"]), (&3.into(), &1.into()));
    assert_eq!((outsider.delete("/twin/faults/1").await, outsider.delete("/twin/faults/1").await), (204, 404));
    let (_, log) = outsider.get("/twin/requests").await;
    assert_eq!(
        (&log["requests"][1]["fault"], &log["requests"][1]["operation"]),
        (&"500".into(), &"IncomingPhoneNumbers.list".into())
    );
    twin.fail(Fault::always("*", FaultKind::Status(503)));
    assert_eq!((client.get(&all).await.0, outsider.delete("/twin/faults").await), (503, 204));
    assert_eq!(client.get(&all).await.0, 200);
}

#[tokio::test]
async fn chance_strikes_as_often_as_it_is_told_to() {
    let (twin, client) = start(|options| options.faults = 1.0).await;
    twin.fail(Fault::always("*", FaultKind::Status(429)));
    assert_eq!(client.get(&client.own("IncomingPhoneNumbers.json")).await.0, 429);
    twin.mend_all();
    assert_eq!(client.get(&client.own("IncomingPhoneNumbers.json")).await.0, 200);
}
