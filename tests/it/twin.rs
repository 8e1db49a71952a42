//! The pretend carrier's accounts, numbers and bill, as a client sees them.

use crate::twin_client::{ACCOUNT, Client, TOKEN, start, twin};
use chrono::TimeDelta;
use serde_json::{Value, json};
use switchboard::base::{Clock, Secret};
use switchboard::simulator::BillKind;

fn numbers(list: &Value) -> Vec<&str> {
    let name = if list.get("available_phone_numbers").is_some() {
        "available_phone_numbers"
    } else {
        "incoming_phone_numbers"
    };
    list[name].as_array().unwrap().iter().map(|number| number["phone_number"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn strangers_are_turned_away_in_twilios_words() {
    let (_twin, client) = twin().await;
    let (status, body) = client.with(ACCOUNT, "wrong").get(&client.own("IncomingPhoneNumbers.json")).await;
    assert_eq!((status, body["code"].as_u64(), body["status"].as_u64()), (401, Some(20003), Some(401)));
    assert_eq!(body["more_info"], "https://www.twilio.com/docs/errors/20003");
    let (status, body) = client.get(&client.own("IncomingPhoneNumbers/PN00000000000000000000000000000000.json")).await;
    assert_eq!((status, body["code"].as_u64()), (404, Some(20404)));
    let (status, _) = client.get("/2010-04-01/Accounts/AC00000000000000000000000000000009.json").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_api_key_opens_what_its_account_owns() {
    let sid = "SK5d1f0c2b3a49586776859493a2b1c0de";
    let (_twin, client) = start(|options| options.api_keys.push((sid.to_owned(), Secret::new("key")))).await;
    assert_eq!(client.with(sid, "key").get(&client.own("IncomingPhoneNumbers.json")).await.0, 200);
    assert_eq!(client.with(sid, "yek").get(&client.own("IncomingPhoneNumbers.json")).await.0, 401);
}

#[tokio::test]
async fn a_number_is_searched_bought_set_up_and_given_back() {
    let (twin, client) = twin().await;
    let search = client.own("AvailablePhoneNumbers/CA/Local.json");
    let (status, found) = client.find(&search, &[("AreaCode", "587"), ("PageSize", "3")]).await;
    assert_eq!((status, numbers(&found)), (200, vec!["+15875550100", "+15875550101", "+15875550102"]));
    assert_eq!(found["available_phone_numbers"][0]["region"], "AB");
    let all = client.own("IncomingPhoneNumbers.json");
    let bought = client
        .post(&all, &[("PhoneNumber", "+15875550100"), ("FriendlyName", "saga 1"), ("VoiceUrl", "https://a.example/v")])
        .await;
    let (sid, voice_url) = (bought.1["sid"].as_str().unwrap(), &bought.1["voice_url"]);
    assert_eq!((bought.0, voice_url.as_str(), sid.len()), (201, Some("https://a.example/v"), 34));
    assert_eq!(bought.1["date_created"], "Fri, 20 Nov 2026 16:00:00 +0000");
    let (status, again) = client.post(&all, &[("PhoneNumber", "+15875550100")]).await;
    assert_eq!((status, again["code"].as_u64()), (400, Some(21422)));
    let (_, found) = client.find(&search, &[("AreaCode", "587"), ("PageSize", "1")]).await;
    assert_eq!(numbers(&found), ["+15875550101"]);
    let one = client.own(&format!("IncomingPhoneNumbers/{sid}.json"));
    let (status, updated) = client.post(&one, &[("VoiceUrl", ""), ("StatusCallback", "https://a.example/s")]).await;
    assert_eq!((status, &updated["voice_url"], &updated["friendly_name"]), (200, &"".into(), &"saga 1".into()));
    assert_eq!(updated["status_callback"], "https://a.example/s");
    let (_, listed) = client.find(&all, &[("FriendlyName", "saga 1")]).await;
    assert_eq!(numbers(&listed), ["+15875550100"]);
    let (_, listed) = client.find(&all, &[("PhoneNumber", "+15875550109")]).await;
    assert_eq!(numbers(&listed), [""; 0]);
    assert_eq!(twin.bill().numbers_paid_for().len(), 1);
    assert_eq!(client.delete(&one).await, 204);
    assert_eq!(client.delete(&one).await, 404);
    assert_eq!((twin.bill().numbers_paid_for().len(), twin.numbers().len()), (0, 0));
}

#[tokio::test]
async fn a_number_can_be_bought_by_area_code_alone() {
    let (twin, client) = twin().await;
    twin.take("+17805550100");
    let all = client.own("IncomingPhoneNumbers.json");
    let (status, bought) = client.post(&all, &[("AreaCode", "780")]).await;
    assert_eq!((status, &bought["phone_number"]), (201, &"+17805550101".into()));
    assert_eq!(bought["friendly_name"], "(780) 555-0101");
    let code = |answer: (u16, Value)| (answer.0, answer.1["code"].as_u64().unwrap());
    assert_eq!(code(client.post(&all, &[("PhoneNumber", "+17805550100")]).await), (400, 21422));
    assert_eq!(code(client.post(&all, &[("AreaCode", "999")]).await), (400, 21452));
    assert_eq!(code(client.post(&all, &[("AreaCode", "78")]).await), (400, 21451));
    assert_eq!(code(client.post(&all, &[("PhoneNumber", "780 555")]).await), (400, 21421));
    assert_eq!(code(client.post(&all, &[]).await), (400, 21421));
    let url = [("PhoneNumber", "+17805550102"), ("VoiceUrl", "phone.example")];
    assert_eq!(code(client.post(&all, &url).await), (400, 21402));
    assert_eq!(twin.numbers().len(), 1);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let (_twin, client) = twin().await;
    let all = client.own("IncomingPhoneNumbers.json");
    for n in 100..107 {
        let number = format!("+15875550{n}");
        assert_eq!(client.post(&all, &[("PhoneNumber", &number)]).await.0, 201);
    }
    let (mut seen, mut next, mut pages) = (Vec::new(), format!("{all}?PageSize=3"), 0);
    loop {
        let (_, page) = client.get(&next).await;
        seen.extend(numbers(&page).into_iter().map(str::to_owned));
        pages += 1;
        let Some(uri) = page["next_page_uri"].as_str() else { break };
        next = uri.to_owned();
    }
    assert_eq!((pages, seen.len(), seen[0].as_str(), seen[6].as_str()), (3, 7, "+15875550106", "+15875550100"));
}

#[tokio::test]
async fn a_sub_account_has_a_token_of_its_own_and_an_end_that_is_final() {
    let (twin, client) = twin().await;
    let (status, made) = client.post("/2010-04-01/Accounts.json", &[("FriendlyName", "Clinic")]).await;
    let (sid, token) = (made["sid"].as_str().unwrap(), made["auth_token"].as_str().unwrap());
    assert_eq!((status, &made["owner_account_sid"], &made["status"]), (201, &ACCOUNT.into(), &"active".into()));
    let theirs = format!("/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json");
    let sub = client.with(sid, token);
    assert_eq!(sub.post(&theirs, &[("AreaCode", "587")]).await.0, 201);
    assert_eq!(client.get(&theirs).await.1["incoming_phone_numbers"].as_array().unwrap().len(), 1);
    assert_eq!(sub.get(&client.own("IncomingPhoneNumbers.json")).await.0, 404);
    let one = format!("/2010-04-01/Accounts/{sid}.json");
    assert_eq!(client.post(&one, &[("Status", "asleep")]).await.1["code"], 21475);
    assert_eq!(client.post(&one, &[("Status", "suspended")]).await.1["status"], "suspended");
    assert_eq!((sub.get(&theirs).await.0, client.get(&theirs).await.1["code"].as_u64()), (403, Some(10001)));
    assert_eq!(twin.numbers().len(), 1);
    assert_eq!(client.post(&one, &[("Status", "closed")]).await.0, 200);
    assert_eq!(twin.numbers().len(), 0);
    let (status, body) = client.post(&one, &[("Status", "active")]).await;
    assert_eq!((status, body["code"].as_u64()), (400, Some(21479)));
    let (_, list) = client.find("/2010-04-01/Accounts.json", &[("Status", "closed")]).await;
    assert_eq!(list["accounts"][0]["sid"].as_str(), Some(sid));
}

#[tokio::test]
async fn a_number_moves_to_a_sub_account() {
    let (twin, client) = twin().await;
    let (_, bought) = client.post(&client.own("IncomingPhoneNumbers.json"), &[("AreaCode", "587")]).await;
    let (_, made) = client.post("/2010-04-01/Accounts.json", &[]).await;
    let (number, sub) = (bought["sid"].as_str().unwrap(), made["sid"].as_str().unwrap());
    let one = client.own(&format!("IncomingPhoneNumbers/{number}.json"));
    let (status, moved) = client.post(&one, &[("AccountSid", sub)]).await;
    assert_eq!((status, moved["account_sid"].as_str()), (200, Some(sub)));
    assert_eq!(client.get(&one).await.0, 404);
    assert_eq!(twin.bill().numbers_paid_for()["+15875550100"], sub);
}

#[tokio::test]
async fn months_are_on_the_bill_until_a_number_is_given_back() {
    let clock = Clock::manual("2026-01-31T12:00:00Z".parse().unwrap());
    let (twin, client) = start(|options| options.clock = clock.clone()).await;
    let (_, bought) = client.post(&client.own("IncomingPhoneNumbers.json"), &[("AreaCode", "587")]).await;
    clock.advance(TimeDelta::days(65));
    let one = client.own(&format!("IncomingPhoneNumbers/{}.json", bought["sid"].as_str().unwrap()));
    assert_eq!(client.delete(&one).await, 204);
    clock.advance(TimeDelta::days(90));
    let (_, bill) = client.with("", "").get("/twin/bill").await;
    let kinds: Vec<_> = bill["lines"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["number-purchase", "number-month", "number-month", "number-release"]);
    assert_eq!((&bill["total"], bill["numbers_paid_for"].as_object().unwrap().len()), (&"3.45000".into(), 0));
    assert_eq!(twin.bill().lines[1].kind, BillKind::NumberMonth);
    assert!(twin.bill().text().ends_with("4 lines, 3.45000 USD\n"));
    let (_, balance) = client.get(&client.own("Balance.json")).await;
    assert_eq!(balance["balance"], "996.55000");
    let (_, usage) = client.find(&client.own("Usage/Records.json"), &[("Category", "phonenumbers")]).await;
    assert_eq!(usage["usage_records"][0]["price"], "3.45000");
}

#[tokio::test]
async fn a_number_can_be_given_to_an_account_before_a_test_begins() {
    let (twin, client) = twin().await;
    let sid = twin.own(ACCOUNT, "+15875559999", &[("VoiceUrl", "https://a.example/v")]).unwrap();
    let (_, number) = client.get(&client.own(&format!("IncomingPhoneNumbers/{sid}.json"))).await;
    assert_eq!(number["voice_url"], "https://a.example/v");
    assert!(twin.own(ACCOUNT, "+15875559999", &[]).unwrap_err().contains("taken"));
    assert!(twin.own("AC9", "+15875559998", &[]).unwrap_err().contains("AC9"));
    assert!(twin.own(ACCOUNT, "+15875559998", &[("VoiceURL", "x")]).unwrap_err().contains("VoiceURL"));
}

#[tokio::test]
async fn two_twins_of_one_seed_name_things_alike() {
    let sid = async |seed| {
        let (_twin, client) = start(|options| options.seed = seed).await;
        let client = Client::new(&_twin.base_url(), ACCOUNT, TOKEN).with(&client.user, &client.password);
        client.post("/2010-04-01/Accounts.json", &[]).await.1["sid"].as_str().unwrap().to_owned()
    };
    assert_eq!(sid(1).await, sid(1).await);
    assert_ne!(sid(1).await, sid(2).await);
}

#[tokio::test]
async fn a_number_is_ported_in_step_by_step() {
    let (twin, client) = twin().await;
    let portable = async |number: &str| {
        let (status, body) = client.get(&format!("/v1/Porting/Portability/PhoneNumber/{number}")).await;
        (status, body["portable"].as_bool().unwrap())
    };
    assert_eq!((portable("%2B15875550177").await, portable("+18005550177").await), ((200, true), (200, false)));
    let order = json!({
        "account_sid": ACCOUNT, "documents": ["RD1"], "losing_carrier_information": { "customer_name": "Clinic" },
        "phone_numbers": [{ "phone_number": "+15875550177" }],
    });
    let (status, body) = client.post_json("/v1/Porting/PortIn", &order).await;
    let sid = body["port_in_request_sid"].as_str().unwrap();
    assert_eq!((status, &body["port_in_request_status"]), (202, &"In Review".into()));
    let one = format!("/v1/Porting/PortIn/{sid}");
    let step = async |status: &str| {
        client.with("", "").post_json(&format!("/twin/port-ins/{sid}"), &json!({ "status": status })).await.0
    };
    assert_eq!(
        (step("In Progress").await, client.get(&one).await.1["port_in_request_status"].clone()),
        (204, "In Progress".into())
    );
    assert_eq!((twin.numbers().len(), step("Completed").await, twin.numbers().len()), (0, 204, 1));
    assert_eq!(twin.bill().lines[0].kind, BillKind::NumberPort);
    assert_eq!(
        (client.delete(&one).await, step("In Review").await, portable("+15875550177").await.1),
        (400, 404, false)
    );
    let mut second = order.clone();
    second["phone_numbers"][0]["phone_number"] = "+15875550178".into();
    let (_, body) = client.post_json("/v1/Porting/PortIn", &second).await;
    let second = format!("/v1/Porting/PortIn/{}", body["port_in_request_sid"].as_str().unwrap());
    assert_eq!(
        (client.delete(&second).await, client.get(&second).await.1["port_in_request_status"].clone()),
        (204, "Canceled".into())
    );
    assert_eq!(client.post_json("/v1/Porting/PortIn", &json!({})).await.0, 400);
    let (_, listed) = client.get("/v1/Porting/PortIn/PortInRequests").await;
    assert_eq!(listed["port_in_requests"].as_array().unwrap().len(), 2);
}
