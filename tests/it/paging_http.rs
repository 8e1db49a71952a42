//! Paging over HTTP, on the whole service: zones as they are, pages begun, listed and ended, and who may.

use crate::house::{ADMIN, House, client};
use crate::paging_place::{JWT_SECRET, LONG, Place, until};
use crate::support::Database;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use switchboard::audio::{tone, wav};
use switchboard::base::{Clock, Secret, Time};
use switchboard::db::Db;
use switchboard::ops::{Claims, Role, mint};
use switchboard::simulator::heard_streams;

const PAGES: &str = "/api/pages";

/// Somebody with a credential.
struct Client<'h> {
    house: &'h House,
    token: String,
}

struct Got {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn id(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

impl<'h> Client<'h> {
    fn admin(house: &'h House) -> Self {
        Self { house, token: ADMIN.to_owned() }
    }

    fn of_role(house: &'h House, role: Role) -> Self {
        let (iat, exp) = (Clock::System.now().timestamp(), Clock::System.now().timestamp() + 3_600);
        let claims = Claims { sub: "ana@example.com".to_owned(), role, exp, iat };
        Self { house, token: mint(&claims, &Secret::new(JWT_SECRET)) }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Got {
        let request = client().request(method, format!("{}{path}", self.house.base())).bearer_auth(&self.token);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.body(body).send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        Got { status, headers, body }
    }

    async fn get(&self, path: &str) -> Value {
        let got = self.ask(Method::GET, path, &[], Vec::new()).await;
        assert_eq!(got.status, 200, "{}", got.body);
        got.body
    }

    async fn wish(&self, wish: &Value, headers: &[(&str, &str)]) -> Got {
        let headers: Vec<_> = [("content-type", "application/json")].iter().chain(headers).copied().collect();
        self.ask(Method::POST, PAGES, &headers, wish.to_string().into()).await
    }

    async fn ends(&self, id: &str) -> Got {
        self.ask(Method::DELETE, &format!("{PAGES}/{id}"), &[], Vec::new()).await
    }
}

fn tone_file(ms: u32) -> Vec<u8> {
    wav::pcm16(&wav::Sound::mono(16_000, tone::sine(440.0, ms, 0.3, 16_000)))
}

/// State of each zone, and the page in it.
fn zones(body: &Value) -> Vec<(&str, Option<&str>)> {
    let zone = |zone: &'static str, item: &Value| -> bool { item["extension"] == zone };
    let items = body["items"].as_array().expect("items");
    ["700", "701", "702"]
        .map(|name| items.iter().find(|item| zone(name, item)).expect("a zone"))
        .map(|item| (item["state"].as_str().expect("a state"), item["page"]["id"].as_str()))
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_pages_a_zone_until_an_operator_ends_it() {
    for database in Database::each().await {
        let place = Place::new();
        let house = place.house(&database, Clock::System, "").await;
        let (admin, hall) = (Client::admin(&house), place.hall());
        assert_eq!(zones(&admin.get("/api/zones").await), [("idle", None); 3]);

        let file = |zone: &str| format!("{PAGES}?zone={zone}");
        let post = async |zone: &str| {
            admin.ask(Method::POST, &file(zone), &[("content-type", "audio/wav")], tone_file(5_000)).await
        };
        let begun = post("701").await;
        let id = begun.id();
        assert_eq!(begun.header("location"), format!("{PAGES}/{id}"));
        assert_eq!((&begun.body["state"], &begun.body["length_ms"]), (&json!("playing"), &json!(5_000)));
        let all = admin.get("/api/zones").await;
        assert_eq!(zones(&all), [("partly", Some(&*id)), ("paging", Some(&*id)), ("idle", None)]);

        for zone in ["701", "701&priority=5"] {
            let busy = post(zone).await;
            assert_eq!((busy.status, busy.header("retry-after")), (409, "5"), "{}", busy.body);
            assert_eq!(busy.header("content-type"), "application/problem+json");
        }
        assert_eq!(post("799").await.status, 404);
        let urgent = post("701&priority=6").await.id();
        // Its row is written beside the answer.
        let first = async || admin.get(&format!("{PAGES}/{id}")).await;
        until("the first page is over", async || first().await["state"] == "ended").await;
        assert_eq!(first().await["reason"], "preempted");

        let last = || heard_streams(&hall.heard()).pop().filter(|stream| stream.packets >= 25);
        until("the second page is heard", async || heard_streams(&hall.heard()).len() == 2 && last().is_some()).await;
        let ended = admin.ends(&urgent).await;
        assert_eq!((ended.status, &ended.body["reason"]), (200, &json!("operator")));
        let again = admin.ends(&urgent).await;
        assert_eq!((again.status, &again.body), (200, &ended.body), "it stays as it is");
        assert_eq!(admin.ends("pg_nobody").await.status, 404);
        assert_eq!(zones(&admin.get("/api/zones").await), [("idle", None); 3]);
        let samples = last().expect("a stream").samples();
        assert!(tone::share(&samples[10 * 160..20 * 160], 440.0, 8_000) > 0.95, "tone in, tone out");

        let list = admin.get(&format!("{PAGES}?limit=2")).await;
        assert_eq!(list["items"][0]["id"], json!(urgent));
        let next = list["next_cursor"].as_str().expect("more");
        let rest = admin.get(&format!("{PAGES}?limit=3&cursor={next}")).await;
        assert_eq!((rest["items"].as_array().map(Vec::len), &rest["items"][2]["id"]), (Some(3), &json!(id)));
        let refused = admin.get(&format!("{PAGES}?state=refused")).await;
        let mut why: Vec<&str> =
            refused["items"].as_array().expect("items").iter().filter_map(|page| page["reason"].as_str()).collect();
        why.sort_unstable();
        assert_eq!(why, ["taken", "taken", "unknown_zone"]);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paged_is_refused_in_words_and_opens_nothing() {
    let (database, place) = (Database::sqlite(), Place::new());
    let house = place.house(&database, Clock::System, "").await;
    let (admin, hall) = (Client::admin(&house), place.hall());
    let sound = STANDARD.encode(tone_file(100));
    for (wish, status) in [
        (json!({}), 400),
        (json!({"zone": "701", "audio": sound, "color": 7}), 400),
        (json!({"zone": "701", "audio": sound, "priority": 10}), 400),
        (json!({"zone": "701", "audio": "not base64"}), 400),
        (json!({"zone": 701, "audio": sound}), 400),
        (json!({"zone": "701"}), 422),
        (json!({"zone": "701", "audio": STANDARD.encode("RIFF")}), 422),
        (json!({"zone": "701", "announcement": "nobody"}), 422),
        (json!({"zone": "701", "announcement": "nobody", "audio": sound}), 422),
        (json!({"zones": ["701", "708"], "audio": sound}), 404),
    ] {
        let got = admin.wish(&wish, &[]).await;
        assert_eq!(got.status, status, "{wish}: {}", got.body);
        assert!(got.body["detail"].as_str().is_some_and(|detail| detail.len() > 8), "{}", got.body);
    }
    let broken = admin.ask(Method::POST, PAGES, &[("content-type", "application/json")], b"{".to_vec()).await;
    let form = [("content-type", "multipart/form-data; boundary=x")];
    let form = admin.ask(Method::POST, PAGES, &form, b"--x--".to_vec()).await;
    assert_eq!((broken.status, form.status), (400, 400));
    for query in ["state=loud", "limit=0", "cursor=x", "zone=a", "colour=1"] {
        assert_eq!(admin.ask(Method::GET, &format!("{PAGES}?{query}"), &[], Vec::new()).await.status, 400, "{query}");
    }
    assert_eq!(hall.heard(), []);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_look_and_operators_page() {
    let (database, place) = (Database::sqlite(), Place::new());
    let house = place.house(&database, Clock::System, "").await;
    let (viewer, operator) = (Client::of_role(&house, Role::Viewer), Client::of_role(&house, Role::Operator));
    let stranger = Client { house: &house, token: "nobody".to_owned() };
    let wish = json!({"zone": "701", "audio": STANDARD.encode(tone_file(5_000))});
    for (who, status) in [(&viewer, 403), (&stranger, 401)] {
        assert_eq!(who.wish(&wish, &[]).await.status, status);
    }
    let id = operator.wish(&wish, &[]).await.id();
    assert_eq!(viewer.get(&format!("{PAGES}/{id}")).await["asked_by"], json!("ana@example.com"));
    assert_eq!(zones(&viewer.get("/api/zones").await)[1], ("paging", Some(&*id)));
    assert_eq!(viewer.ends(&id).await.status, 403);
    assert_eq!(stranger.ask(Method::GET, "/api/zones", &[], Vec::new()).await.status, 401);
    assert_eq!(operator.ends(&id).await.status, 200);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_sent_twice_with_its_key_pages_once() {
    for database in Database::each().await {
        let (place, folder) = (Place::new(), tempfile::tempdir().expect("a folder"));
        let file = folder.path().join("closing.wav");
        std::fs::write(&file, tone_file(60)).expect("written");
        let more = format!("[paging.announcements]\nclosing = \"{}\"\n", file.display());
        let house = place.house(&database, Clock::System, &more).await;
        let admin = Client::admin(&house);
        let (wish, key) = (json!({"zone": "701", "announcement": "closing"}), [("idempotency-key", "monday")]);
        let first = admin.wish(&wish, &key).await;
        let id = first.id();
        let again = admin.wish(&wish, &key).await;
        assert_eq!((again.header("idempotent-replayed"), again.id()), ("true", id.clone()));
        let other = admin.wish(&json!({"zone": "702", "announcement": "closing"}), &key).await;
        assert_eq!(other.status, 422, "{}", other.body);
        // As if the process had died between the page and its answer.
        let sql =
            "update api_writes set state = 'running', status = null, lease_until = '2026-01-01T00:00:00.000000+00:00'";
        match &database.db {
            Db::Sqlite(engine) => drop(sqlx::query(AssertSqlSafe(sql)).execute(&engine.write).await.expect("done")),
            Db::Postgres(engine) => drop(sqlx::query(AssertSqlSafe(sql)).execute(&engine.rest).await.expect("done")),
        }
        let redone = admin.wish(&wish, &key).await;
        assert_eq!((redone.header("idempotent-replayed"), redone.id()), ("", id));
        assert_eq!(database.rows("pages").await, 1);
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bell_rings_on_the_service_when_its_time_has_come() {
    let (database, place) = (Database::sqlite(), Place::new());
    let clock = Clock::manual("2026-11-20T14:59:58Z".parse::<Time>().expect("a time"));
    // Eight in the morning at the place.
    let more = "[paging]\ntimezone = \"America/Edmonton\"\n[[paging.bells]]\nzone = \"702\"\nat = [\"08:00\"]\n";
    let house = place.house(&database, clock.clone(), more).await;
    let yard = place.yard();
    clock.advance(chrono::TimeDelta::seconds(4));
    assert!(yard.hears(30, LONG), "it rings");
    let list = Client::admin(&house).get(PAGES).await;
    let page = &list["items"][0];
    assert_eq!((&page["source"], &page["zones"], &page["priority"]), (&json!("bell"), &json!(["702"]), &json!(3)));
    house.running.stop().await;
}
