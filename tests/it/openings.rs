//! When lines are open, asked for and overruled, on both engines.

use crate::house::{House, call};
use crate::ops_desk::{Desk, Wishes, noon};
use crate::support::Database;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use switchboard::base::Clock;
use switchboard::config::{FixedSource, load};
use switchboard::openings::{Openings, forget_overrides};
use switchboard::ops::{Guests, Role};
use switchboard::world::{World, Worlds, stored};

/// 2026-11-20 is a Friday; noon UTC is five in the morning in Edmonton.
const FILE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\ntimezone = \"America/Edmonton\"\n\
    hours = { weekdays = \"09:00-17:00\" }\n";

async fn desk(database: &Database) -> (Desk, Clock) {
    database.db.migrate().await.expect("a schema");
    let lines = load(&FixedSource::default(), Some(("s.toml", FILE))).expect("a good file").lines;
    let clock = Clock::manual(noon());
    let room = Openings::new(database.db.clone(), Worlds::new(World::new("https://x.example", lines)), clock.clone());
    let guests = Guests { viewer: room.open_routes(), operator: room.routes(), ..Guests::default() };
    (Desk::with(&database.db, Wishes { guests, ..Wishes::default() }), clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_that_wins_is_told() {
    for database in Database::each().await {
        let (desk, _) = desk(&database).await;
        let now = desk.get("/api/lines/desk/hours", Role::Viewer).await.json();
        assert_eq!((&now["open"], &now["rule"]), (&json!(false), &json!("Fri, no range holds this time")));
        assert_eq!(
            (&now["at"], &now["opens"]),
            (&json!("2026-11-20T05:00:00-07:00"), &json!("2026-11-20T09:00:00-07:00"))
        );
        let later = desk.get("/api/lines/desk/hours?at=2026-11-20T16:00:00Z", Role::Viewer).await.json();
        assert_eq!(
            (&later["open"], &later["rule"], &later["opens"]),
            (&json!(true), &json!("Fri, 09:00-17:00"), &Value::Null)
        );
        desk.get("/api/lines/gone/hours", Role::Viewer).await.is_problem(404, "/api/lines/gone/hours");
        desk.get("/api/lines/desk/hours?at=soon", Role::Viewer).await.is_problem(400, "/api/lines/desk/hours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_said_listed_and_taken_back() {
    for database in Database::each().await {
        let (desk, clock) = desk(&database).await;
        let wish = json!({ "line": "desk", "state": "closed", "minutes": 90, "say": "Snow." });
        assert_eq!(desk.put(Method::POST, "/api/overrides", Role::Viewer, &wish).await.status, StatusCode::FORBIDDEN);
        let made = desk.put(Method::POST, "/api/overrides", Role::Operator, &wish).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let made = made.json();
        assert_eq!(
            (&made["active"], &made["until"], &made["made_by"]),
            (&json!(true), &json!("2026-11-20T13:30:00.000Z"), &json!("ana@example.com"))
        );
        let path = format!("/api/overrides/{}", made["id"].as_str().expect("an id"));
        let world = stored(&database.db).await.expect("rows");
        assert_eq!(
            (world.overrides.len(), world.overrides[0].open, world.overrides[0].say.as_str()),
            (1, false, "Snow.")
        );
        clock.advance(TimeDelta::minutes(90));
        let over = desk.get(&path, Role::Viewer).await.json();
        assert_eq!((&over["active"], &over["over"]), (&json!(false), &json!(true)));
        clock.advance(TimeDelta::seconds(1));
        let open = json!({ "line": "desk", "state": "open" });
        let open = desk.put(Method::POST, "/api/overrides", Role::Operator, &open).await.json();
        let list = desk.get("/api/overrides?line=desk&limit=1", Role::Viewer).await.json();
        assert_eq!(list["items"][0]["id"], open["id"]);
        let next = format!("/api/overrides?cursor={}", list["next_cursor"].as_str().expect("more"));
        assert_eq!(desk.get(&next, Role::Viewer).await.json()["items"][0]["id"], made["id"]);
        let open_path = format!("/api/overrides/{}", open["id"].as_str().expect("an id"));
        for _ in 0..2 {
            let back = desk.put(Method::DELETE, &open_path, Role::Operator, &json!({})).await.json();
            assert_eq!((&back["over"], &back["cancelled_at"]), (&json!(true), &json!("2026-11-20T13:30:01.000Z")));
        }
        assert_eq!(stored(&database.db).await.expect("rows").overrides.len(), 1);
        assert_eq!(forget_overrides(&database.db, noon() + TimeDelta::days(1)).await.expect("done"), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_wishes_are_refused_in_words() {
    let database = Database::sqlite();
    let (desk, _) = desk(&database).await;
    for (wish, status, what) in [
        (json!({ "line": "gone", "state": "open" }), 404, "no line of this name"),
        (json!({ "line": "desk", "state": "ajar" }), 400, "ajar"),
        (json!({ "line": "desk" }), 400, "state"),
        (json!({ "line": "desk", "state": "open", "minutes": 0 }), 400, "minutes: write 1 to"),
        (
            json!({ "line": "desk", "state": "open", "minutes": 5, "until": "2026-11-21T00:00:00Z" }),
            400,
            "write one of them",
        ),
        (json!({ "line": "desk", "state": "open", "until": "2026-11-20T11:00:00Z" }), 400, "over before it begins"),
        (json!({ "line": "desk", "state": "open", "say": "x".repeat(1001) }), 400, "at most 1000"),
    ] {
        let problem = desk.put(Method::POST, "/api/overrides", Role::Operator, &wish).await;
        let problem = problem.is_problem(status, "/api/overrides");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(what)), "{wish}: {problem}");
    }
    assert_eq!(database.count("select count(*) from overrides").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_hear_it_within_seconds_on_a_running_service() {
    for database in Database::each().await {
        let house = House::open(&database).await;
        assert!(house.post("/twilio/voice", &call("CA0")).await.body.contains("<Gather"));
        let client = crate::house::client();
        let wish =
            json!({ "line": "front-desk", "state": "closed", "minutes": 60, "say": "Closed for the afternoon." });
        let url = format!("{}/api/overrides", house.base());
        let made = client.post(&url).bearer_auth(crate::house::ADMIN).json(&wish).send().await.expect("an answer");
        assert_eq!(made.status(), 201);
        let mut heard = false;
        for ask in 1..200 {
            let said = house.post("/twilio/voice", &call(&format!("CA{ask}"))).await.body;
            heard = said.contains("Closed for the afternoon.") && said.contains("<Record");
            if heard {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(heard, "within ten seconds");
        house.running.stop().await;
    }
}
