//! A line that is opened and closed by telephone: the whole service, on both engines.

use crate::house::{Answer, House, call, with};
use crate::support::Database;
use serde_json::Value;

const FILE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n\
    [lines.menus.main]\nprompt = \"Press 1.\"\n[lines.menus.main.keys]\n1 = { dial = \"+15875550101\" }\n8 = \"hours\"\n";

async fn key(house: &House, before: &Answer, digits: &str) -> Answer {
    let fields = [("Digits", digits), ("CallStatus", "in-progress")];
    house.post(&before.target("action"), &with(call("CA00112233445566778899aabbccddeeff"), &fields)).await
}

async fn overrides(house: &House) -> Vec<Value> {
    let list: Value = serde_json::from_str(&house.get("/api/overrides").await.body).expect("JSON");
    list["items"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_closed_by_telephone_is_closed_for_everybody() {
    for database in Database::each().await {
        let house = House::with(&database.url, &[("HOURS_PIN", "4711")], Some(FILE)).await;
        let menu = house.post("/twilio/voice", &call("CA00112233445566778899aabbccddeeff")).await;
        let pin = key(&house, &menu, "8").await;
        let desk = key(&house, &pin, "4711").await;
        assert!(desk.body.contains("The line is open."), "{}", desk.body);
        let done = key(&house, &desk, "1").await;
        assert!(done.body.contains("The line is closed."), "{}", done.body);
        // A copy of the webhook changes nothing.
        assert_eq!(key(&house, &desk, "1").await, done);
        let said = overrides(&house).await;
        assert_eq!(
            (said.len(), &said[0]["state"], &said[0]["source"]),
            (1, &"closed".into(), &"call".into()),
            "{said:?}"
        );
        assert_eq!((&said[0]["made_by"], &said[0]["until"]), (&"+14035550111".into(), &Value::Null));
        let mut heard = false;
        for ask in 1..200 {
            let body = house.post("/twilio/voice", &call(&format!("CA{ask}"))).await.body;
            heard = body.contains("<Record") && !body.contains("<Gather");
            if heard {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(heard, "within ten seconds");
        let open = key(&house, &done, "3").await;
        assert!(open.body.contains("The line is open."), "{}", open.body);
        let said = overrides(&house).await;
        assert_eq!((said.len(), &said[0]["over"]), (1, &true.into()), "{said:?}");
        let stored = database.text("select input from call_events where step = 2 and kind = 'dtmf'").await;
        assert!(stored.is_some_and(|input| !input.contains("4711")));
        house.running.stop().await;
    }
}
