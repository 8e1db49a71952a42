//! The operators' side without its tables: the door, problem documents, health, documents, metrics.

use crate::ops_desk::{Desk, Wishes, credential, links, noon};
use crate::support::Database;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use switchboard::base::{Outcome, Secret, WebhookResult};
use switchboard::ops::{Check, CheckStatus, Claims, Keys, Probe, Role, Spool, Storage, StorageState, mint};

/// Everything that asks for credentials: built, promised, unknown.
const GUARDED: [(&str, &str); 23] = [
    ("GET", "/api/sessions"),
    ("GET", "/twilio/sessions"),
    ("GET", "/api/views/active_calls"),
    ("GET", "/api/calls"),
    ("GET", "/api/calls/CA1"),
    ("GET", "/api/voicemails"),
    ("GET", "/api/voicemails/vm_1"),
    ("DELETE", "/api/voicemails/vm_1"),
    ("GET", "/api/voicemails/vm_1/audio"),
    ("POST", "/api/voicemails/vm_1/read"),
    ("POST", "/api/voicemails/vm_1/unread"),
    ("GET", "/metrics"),
    ("POST", "/api/calls"),
    ("GET", "/api"),
    ("GET", "/api/no-such-thing"),
    ("POST", "/api/calls/CA1/hold"),
    ("GET", "/api/calls/from-pbx"),
    ("GET", "/api/calls/user/ana@example.com/pending-pbx"),
    ("POST", "/api/webhooks"),
    ("GET", "/status"),
    ("POST", "/trigger/poll"),
    ("POST", "/trigger/alerts"),
    ("GET", "/ws"),
];

fn method(word: &str) -> Method {
    word.parse().expect("a method")
}

#[tokio::test]
async fn strangers_get_the_same_401_everywhere() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    for (word, path) in GUARDED {
        let answer = desk.ask(method(word), path, None, &[]).await;
        let document = answer.is_problem(401, path);
        assert_eq!(document["type"], "urn:switchboard:problem:unauthorized", "{word} {path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{word} {path}");
    }
}

#[tokio::test]
async fn every_broken_credential_is_a_401_that_says_why() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    let expired = Claims { sub: "ana".into(), role: Role::Admin, exp: noon().timestamp(), iat: 0 };
    let forged = mint(&Claims { exp: noon().timestamp() + 60, ..expired.clone() }, &Secret::new("guessed"));
    let expired = mint(&expired, &Secret::new("a-signing-secret-of-tests-4567"));
    let none = "eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4iLCJleHAiOjQwMDAwMDAwMDB9.";
    for (bearer, words) in [
        ("wrong", "not known"),
        ("a.b.c", "not a JSON Web Token"),
        (none, "HS256"),
        (&forged, "signature does not fit"),
        (&expired, "expired"),
    ] {
        let answer = desk.ask(Method::GET, "/api/calls", Some(bearer), &[]).await;
        let document = answer.is_problem(401, "/api/calls");
        assert!(document["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{words}: {document}");
        assert!(answer.header("www-authenticate").contains("invalid_token"));
    }
    let basic = desk.ask(Method::GET, "/api/calls", None, &[("authorization", "Basic YTpi")]).await;
    basic.is_problem(401, "/api/calls");
    let twice = [("authorization", "Bearer x"), ("authorization", "Bearer an-admin-token-of-tests-0123")];
    desk.ask(Method::GET, "/api/calls", None, &twice).await.is_problem(401, "/api/calls");
}

#[tokio::test]
async fn without_secrets_the_401_says_what_to_set() {
    let database = Database::sqlite();
    let desk = Desk::with(&database.db, Wishes { keys: Keys::new(None, None), ..Wishes::default() });
    let document = desk.get("/api/calls", Role::Admin).await.is_problem(401, "/api/calls");
    let detail = document["detail"].as_str().expect("a text");
    assert!(detail.contains("ADMIN_TOKEN") && detail.contains("JWT_SECRET"), "{detail}");
}

#[tokio::test]
async fn promised_routes_are_501_and_unknown_ones_404() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    let admin = credential(Role::Admin);
    for (word, path) in GUARDED.into_iter().skip(15) {
        let answer = desk.ask(method(word), path, Some(&admin), &[]).await;
        let document = answer.is_problem(501, path);
        assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("later version")), "{path}");
    }
    for path in ["/api", "/api/no-such-thing", "/trigger/nothing"] {
        desk.get(path, Role::Admin).await.is_problem(404, path);
    }
    desk.open("/no-such-page").await.is_problem(404, "/no-such-page");
}

#[tokio::test]
async fn a_wrong_method_is_a_405_with_allow() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    let answer = desk.ask(Method::POST, "/api/calls", Some(&credential(Role::Admin)), &[]).await;
    answer.is_problem(405, "/api/calls");
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
    let answer = desk.ask(Method::POST, "/health", None, &[]).await;
    answer.is_problem(405, "/health");
}

#[tokio::test]
async fn roles_reach_as_far_as_they_say() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("a schema");
    let desk = Desk::new(&database.db);
    for (word, path) in [
        ("GET", "/api/voicemails/vm_1/audio"),
        ("POST", "/api/voicemails/vm_1/read"),
        ("POST", "/api/voicemails/vm_1/unread"),
        ("DELETE", "/api/voicemails/vm_1"),
    ] {
        let viewer = desk.ask(method(word), path, Some(&credential(Role::Viewer)), &[]).await;
        viewer.is_problem(403, path);
        for who in [Role::Operator, Role::Admin] {
            desk.ask(method(word), path, Some(&credential(who)), &[]).await.is_problem(404, path);
        }
    }
    let by_number = desk.get("/api/calls?from=%2B14035550111", Role::Viewer).await;
    by_number.is_problem(403, "/api/calls");
    assert_eq!(desk.get("/api/calls", Role::Viewer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_credential_may_ask_600_times_and_health_never_minds() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    for _ in 0..600 {
        assert_eq!(desk.get("/api/extensions", Role::Admin).await.status, StatusCode::NOT_IMPLEMENTED);
    }
    let over = desk.get("/api/extensions", Role::Admin).await;
    over.is_problem(429, "/api/extensions");
    assert_eq!(over.header("retry-after"), "1");
    assert_eq!(desk.get("/api/extensions", Role::Viewer).await.status, StatusCode::NOT_IMPLEMENTED);
    for path in ["/livez", "/readyz", "/health"] {
        assert_eq!(desk.get(path, Role::Admin).await.status, StatusCode::OK, "{path}");
    }
    desk.clock.advance(TimeDelta::seconds(1));
    assert_eq!(desk.get("/api/extensions", Role::Admin).await.status, StatusCode::NOT_IMPLEMENTED);
    let metrics = desk.get("/metrics", Role::Viewer).await.text();
    assert!(metrics.contains(r#"switchboard_rate_limited_total{rule="api_client"} 1"#), "{metrics}");
}

fn storage(state: StorageState, spool: Spool) -> Probe {
    let storage = Storage { state, spool, unstored: 3, ..Storage::WELL };
    Probe { storage: Box::new(move || storage), ..Wishes::default().probe }
}

#[tokio::test]
async fn health_tells_people_and_only_unhealthy_is_503() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("a schema");
    let desk = Desk::new(&database.db);
    for path in ["/health", "/healthz", "/api/health", "/twilio/health"] {
        let answer = desk.open(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let report = answer.json();
        assert_eq!(report["status"], "healthy", "{report}");
        assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(report["uptime_s"], 90);
        assert_eq!(report["active_sessions"], 0);
        assert_eq!(report["checks"]["storage"]["status"], "healthy");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for (probe, code, status) in [
        (storage(StorageState::Up, Spool::InPlace), 200, "degraded"),
        (storage(StorageState::Starting, Spool::Nowhere), 503, "unhealthy"),
        (storage(StorageState::Down { since: noon() }, Spool::InPlace), 200, "degraded"),
        (storage(StorageState::Down { since: noon() }, Spool::Nowhere), 503, "unhealthy"),
    ] {
        let desk = Desk::with(&database.db, Wishes { probe, ..Wishes::default() });
        let answer = desk.open("/health").await;
        assert_eq!(answer.status.as_u16(), code);
        assert_eq!(answer.json()["status"], status);
        assert_eq!(desk.open("/readyz").await.status, StatusCode::OK, "calls are answered without storage");
        assert_eq!(desk.open("/livez").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_a_call_does_not_need_never_makes_it_unhealthy() {
    let database = Database::sqlite();
    let mail = || Check {
        name: "mail",
        status: CheckStatus::Unhealthy,
        detail: "the mail server does not answer".to_owned(),
        needed: false,
    };
    let probe = Probe { more: vec![Box::new(mail)], ..Wishes::default().probe };
    let desk = Desk::with(&database.db, Wishes { probe, ..Wishes::default() });
    let answer = desk.open("/health").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["checks"]["mail"]["status"], "unhealthy");
    assert_eq!(answer.json()["checks"]["carrier"]["status"], "degraded", "no account is set");
}

#[tokio::test]
async fn readiness_waits_for_lines_and_ends_with_the_stop_signal() {
    let database = Database::sqlite();
    let empty = Probe { world_loaded: Box::new(|| false), ..Wishes::default().probe };
    let stopping = Probe { draining: Box::new(|| true), ..Wishes::default().probe };
    for probe in [empty, stopping] {
        let desk = Desk::with(&database.db, Wishes { probe, ..Wishes::default() });
        assert_eq!(desk.open("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(desk.open("/livez").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn every_documented_route_exists_and_only_built_ones_are_documented() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    let document = desk.open("/openapi.json").await.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    let mut documented: Vec<(String, String)> = Vec::new();
    let token = links().url("vm_1", desk.clock.now() + TimeDelta::days(1)).expect("a link");
    let token = token.rsplit('/').next().expect("a token");
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (word, operation) in operations.as_object().expect("operations") {
            assert!(operation["summary"].is_string() && operation["responses"]["default"].is_object(), "{word} {path}");
            documented.push((
                word.to_uppercase(),
                path.replace("{sid}", "CA1")
                    .replace("{id}", "vm_1")
                    .replace("{name}", "active_calls")
                    .replace("{token}", token),
            ));
        }
    }
    for (word, path) in &documented {
        let answer = desk.ask(method(word), path, None, &[]).await;
        assert!(![404, 405, 501].contains(&answer.status.as_u16()), "{word} {path}: {}", answer.status);
    }
    let has = |word: &str, path: &str| documented.contains(&(word.to_owned(), path.to_owned()));
    let twin = ["/twilio/sessions"];
    for (word, path) in GUARDED.into_iter().take(12).filter(|(_, path)| !twin.contains(path)) {
        assert!(has(word, path), "{word} {path} is not documented");
    }
    for (word, path) in GUARDED.into_iter().skip(12) {
        assert!(!has(word, path), "{word} {path} is documented");
    }
}

#[tokio::test]
async fn the_docs_need_no_internet() {
    let database = Database::sqlite();
    let desk = Desk::new(&database.db);
    let start = desk.open("/").await;
    assert_eq!((start.status, start.header("location")), (StatusCode::TEMPORARY_REDIRECT, "/docs/"));
    for path in ["/docs/", "/docs/swagger-initializer.js"] {
        let answer = desk.open(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text().contains("https://") && !answer.text().contains("http://"), "{}", answer.text());
    }
    let page = desk.open("/docs/swagger-initializer.js").await.text();
    assert!(page.contains(r#""validatorUrl": "none""#) && !page.contains(r#""persistAuthorization": true"#), "{page}");
    let document = desk.open("/openapi.json").await.json();
    assert_eq!(document["info"]["title"], "switchboard API");
    let copies = &document["components"]["schemas"]["TimelineEntry"]["properties"]["copies"]["description"];
    assert!(copies.as_str().is_some_and(|text| text.contains("reached the database")), "{copies}");
    assert_eq!(desk.open("/docs/swagger-ui-bundle.js").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_want_a_viewer_unless_they_are_public() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("a schema");
    let desk = Desk::new(&database.db);
    desk.open("/metrics").await.is_problem(401, "/metrics");
    desk.meters.call_ended(Outcome::Voicemail, Some(47));
    if let Some(voice) = desk.meters.webhook(0) {
        voice.done(WebhookResult::Answered, std::time::Duration::from_millis(3));
    }
    let answer = desk.get("/metrics", Role::Viewer).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    for series in [
        "switchboard_calls_active 0",
        r#"switchboard_calls_total{result="voicemail"} 1"#,
        r#"switchboard_webhook_requests_total{endpoint="voice",result="answered"} 1"#,
        r#"switchboard_webhook_requests_total{endpoint="dtmf",result="answered"} 0"#,
        "switchboard_voicemail_oldest_seconds 0",
        "switchboard_storage_up 1",
        "switchboard_draining 0",
    ] {
        assert!(text.lines().any(|line| line == series), "{series} is missing from\n{text}");
    }
    let public = Desk::with(&database.db, Wishes { metrics_public: true, ..Wishes::default() });
    assert_eq!(public.open("/metrics").await.status, StatusCode::OK);
}
