//! Numbers, tenants and transactions over HTTP, behind the operators' door.

use crate::numbers_stand::{PATIENT, Stand};
use crate::ops_desk::{Answer, Desk, Wishes, credential};
use crate::support::Database;
use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use switchboard::numbers::{Numbers, State};
use switchboard::ops::{Guests, Role};

struct House {
    stand: Stand,
    room: Numbers,
    desk: Desk,
}

async fn house() -> House {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    let guests = Guests { operator: room.routes(), admin: room.admin_routes(), ..Guests::default() };
    let desk = Desk::with(&stand.database.db, Wishes { guests, ..Wishes::default() });
    House { stand, room, desk }
}

impl House {
    async fn post(&self, path: &str, who: Role, body: Value) -> Answer {
        self.desk.put(Method::POST, path, who, &body).await
    }

    async fn done(&self, begun: &Answer) -> Value {
        let body = json_of(begun);
        let id = body["id"].as_str().expect("an id").to_owned();
        assert_eq!((begun.status.as_u16(), begun.header("location")), (202, &*format!("/api/transactions/{id}")));
        self.stand.until(&self.room, &id, State::Done).await;
        json_of(&self.desk.get(&format!("/api/transactions/{id}"), Role::Operator).await)
    }
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

#[tokio::test]
async fn a_number_is_searched_planned_bought_listed_and_released() {
    let house = house().await;
    let found = house.desk.get("/api/numbers/available?country=CA&area_code=587&contains=0142", Role::Operator).await;
    assert_eq!(json_of(&found)["items"][0]["number"], "+15875550142");
    let wish = json!({ "line": "main", "number": "+15875550142" });
    let plan = json_of(&house.post("/api/numbers/plan", Role::Operator, wish.clone()).await);
    assert_eq!((&plan["number"], &plan["monthly_price"]["amount"]), (&"+15875550142".into(), &"1.15".into()));
    assert_eq!(plan["steps"], json!(["search", "buy", "configure", "bind", "verify"]));
    assert!(plan["urls"]["voice_url"].as_str().is_some_and(|url| url.contains("/twilio/voice#")), "{plan}");
    assert!(house.stand.twin.numbers().is_empty(), "a plan buys nothing");
    let done = house.done(&house.post("/api/numbers", Role::Admin, wish).await).await;
    assert_eq!((&done["state"], &done["number"]), (&"done".into(), &"+15875550142".into()));
    assert_eq!(done["steps"].as_array().map(Vec::len), Some(5));
    let list = json_of(&house.desk.get("/api/numbers?line=main&state=active", Role::Operator).await);
    assert_eq!((&list["items"][0]["number"], &list["next_cursor"]), (&"+15875550142".into(), &Value::Null));
    assert_eq!(list["items"][0]["wanted"], list["items"][0]["actual"]);
    house.stand.equals_the_bill().await;
    house.stand.clock.advance(TimeDelta::minutes(1));
    let gone = house.desk.ask(Method::DELETE, "/api/numbers/+15875550142", Some(&credential(Role::Admin)), &[]).await;
    house.done(&gone).await;
    let again = house.desk.ask(Method::DELETE, "/api/numbers/+15875550142", Some(&credential(Role::Admin)), &[]).await;
    assert_eq!(json_of(&again)["id"], json_of(&gone)["id"], "the same wish twice is one");
    house.stand.equals_the_bill().await;
    let all = json_of(&house.desk.get("/api/transactions?limit=1", Role::Operator).await);
    assert_eq!(all["items"][0]["kind"], "release_number");
    let next = format!("/api/transactions?limit=1&cursor={}", all["next_cursor"].as_str().expect("more"));
    let rest = json_of(&house.desk.get(&next, Role::Operator).await);
    assert_eq!((&rest["items"][0]["kind"], &rest["next_cursor"]), (&"provision_number".into(), &Value::Null));
}

#[tokio::test]
async fn a_tenant_is_set_up_and_taken_away() {
    let house = house().await;
    let wish = json!({ "name": "clinic", "number": { "country": "CA", "area_code": "780" } });
    let done = house.done(&house.post("/api/tenants", Role::Admin, wish.clone()).await).await;
    let account = done["account_sid"].as_str().expect("an account of its own").to_owned();
    assert_eq!(house.stand.twin.numbers()[0].account_sid, account);
    house.stand.equals_the_bill().await;
    let twice = house.post("/api/tenants", Role::Admin, wish).await;
    assert_eq!(twice.status, 409, "{twice:?}");
    house.stand.clock.advance(TimeDelta::minutes(1));
    let wish = json!({ "name": "branch", "own_account": false, "number": { "country": "CA", "area_code": "780" } });
    house.done(&house.post("/api/tenants", Role::Admin, wish).await).await;
    let page =
        async |query: &str| json_of(&house.desk.get(&format!("/api/tenants?limit=1{query}"), Role::Operator).await);
    let newest = page("").await;
    assert_eq!(newest["items"][0]["name"], "branch");
    let oldest = page(&format!("&cursor={}", newest["next_cursor"].as_str().expect("more"))).await;
    assert_eq!((&oldest["items"][0]["name"], &oldest["next_cursor"]), (&"clinic".into(), &Value::Null));
    assert_eq!(house.desk.get("/api/tenants?limit=0", Role::Operator).await.status, 400);
    assert_eq!(house.desk.get("/api/tenants?after=x", Role::Operator).await.status, 400);
    let body = house.desk.ask(Method::DELETE, "/api/tenants/branch", Some(&credential(Role::Admin)), &[]).await;
    let id = json_of(&body)["id"].as_str().expect("an id").to_owned();
    house.stand.until(&house.room, &id, State::RolledBack).await;
    let body = house.desk.ask(Method::DELETE, "/api/tenants/clinic", Some(&credential(Role::Admin)), &[]).await;
    assert_eq!(body.status, 202);
    let id = json_of(&body)["id"].as_str().expect("an id").to_owned();
    house.stand.until(&house.room, &id, State::RolledBack).await;
    house.stand.equals_the_bill().await;
    assert!(house.stand.twin.numbers().is_empty());
}

#[tokio::test]
async fn roles_and_mistakes_are_told() {
    let house = house().await;
    let wish = json!({ "line": "main", "number": "+15875550142" });
    for (method, path) in [
        (Method::POST, "/api/numbers"),
        (Method::DELETE, "/api/numbers/+15875550142"),
        (Method::POST, "/api/numbers/sync"),
        (Method::POST, "/api/tenants"),
        (Method::POST, "/api/transactions/txn_1/rollback"),
    ] {
        let refused = house.desk.put(method.clone(), path, Role::Operator, &wish).await;
        assert_eq!(refused.status, 403, "{method} {path}");
        let stranger = house.desk.ask(method, path, None, &[]).await;
        assert_eq!(stranger.status, 401, "{path}");
    }
    for path in ["/api/numbers", "/api/transactions", "/api/tenants"] {
        assert_eq!(house.desk.get(path, Role::Viewer).await.status, 403, "{path}");
    }
    for (path, body, status, words) in [
        ("/api/numbers", json!({ "line": "mian" }), 422, "line: no line of this name; there are main"),
        ("/api/numbers", json!({ "line": "main", "number": "5875550142" }), 422, "number: "),
        ("/api/numbers", json!({ "lien": "main" }), 400, "unknown field"),
        ("/api/numbers", json!({ "line": "main", "account_sid": "AC1" }), 422, "account_sid: "),
        ("/api/tenants", json!({ "name": "Not A Name" }), 422, "definition: "),
        ("/api/numbers/port", json!({ "number": "+1" }), 400, "the body: "),
        ("/api/transactions/txn_1/retry", json!({}), 404, "no transaction"),
    ] {
        let told = house.post(path, Role::Admin, body).await;
        let detail = json_of(&told)["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!(told.status.as_u16(), status, "{path}: {detail}");
        assert!(detail.contains(words), "{path}: {detail}");
    }
    for list in ["transactions", "numbers"] {
        let told = house.desk.get(&format!("/api/{list}?state=lost"), Role::Operator).await;
        assert_eq!(told.status, 400, "{list}");
    }
    let unknown =
        house.desk.ask(Method::DELETE, "/api/numbers/+15875550199", Some(&credential(Role::Admin)), &[]).await;
    assert_eq!(unknown.status, 404, "a number of the file is not ours to release");
    assert_eq!(house.stand.database.rows("transactions").await, 0);
}

#[tokio::test]
async fn the_same_key_is_the_same_purchase() {
    let house = house().await;
    let key = [("idempotency-key", "order-7")];
    let mut ids = Vec::new();
    for _ in 0..2 {
        let bearer = credential(Role::Admin);
        let body = json!({ "line": "main", "country": "CA", "area_code": "587" }).to_string();
        let request = axum::http::Request::post("/api/numbers").header("authorization", format!("Bearer {bearer}"));
        let request = key.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(axum::body::Body::from(body)).expect("a request");
        let answer = tower::ServiceExt::oneshot(house.desk.router.clone(), request).await.expect("an answer");
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        ids.push(body["id"].as_str().expect("an id").to_owned());
        house.stand.settle(&house.room).await;
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(house.stand.twin.numbers().len(), 1);
}

#[tokio::test]
async fn the_document_describes_the_routes() {
    let house = house().await;
    let document = json_of(&house.desk.open("/openapi.json").await);
    for path in ["/api/numbers", "/api/numbers/{number}", "/api/transactions/{id}/rollback", "/api/tenants"] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
}
