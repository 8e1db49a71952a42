//! A number from another carrier: asked for once, followed for days, never lost once it has arrived.

use crate::numbers_stand::{PUBLIC_URL, ana};
use crate::support::Database;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Json, response::IntoResponse};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::base::{Clock, Meters, Seal, Secret};
use switchboard::carrier::{Account, Carrier, LosingCarrier, Patience};
use switchboard::config::read_line;
use switchboard::numbers::{Journal, Numbers, Parts, PortWish, Reach, State, Worked};
use switchboard::simulator::{RunningTwin, Twin, TwinOptions};
use switchboard::world::{World, Worlds};
use tokio::net::TcpListener;

const NUMBER: &str = "+12125550142";

/// The porting API in front of the pretend carrier, which has everything else.
#[derive(Clone)]
struct Porting(Arc<Mutex<Order>>);

#[derive(Default)]
struct Order {
    twin: String,
    placed: u32,
    status: Option<&'static str>,
    /// The order is placed and the answer lost.
    loses_the_answer: bool,
    pin: Option<String>,
}

impl Porting {
    fn set(&self, change: impl FnOnce(&mut Order)) {
        change(&mut self.0.lock().expect("a lock"));
    }

    fn document(&self) -> Option<Value> {
        let order = self.0.lock().expect("a lock");
        let status = order.status?;
        Some(json!({ "port_in_request_sid": "KW1", "port_in_request_status": status,
            "phone_numbers": [{ "phone_number": NUMBER }] }))
    }
}

async fn place(Held(porting): Held<Porting>, Json(body): Json<Value>) -> impl IntoResponse {
    let lost = {
        let mut order = porting.0.lock().expect("a lock");
        order.placed += 1;
        order.status = Some("In Review");
        order.pin = body["phone_numbers"][0]["pin"].as_str().map(str::to_owned);
        std::mem::take(&mut order.loses_the_answer)
    };
    match lost {
        true => (StatusCode::BAD_GATEWAY, Json(json!({}))),
        false => (StatusCode::ACCEPTED, Json(porting.document().unwrap_or_default())),
    }
}

async fn one(Held(porting): Held<Porting>, Path(_): Path<String>) -> impl IntoResponse {
    porting
        .document()
        .map_or((StatusCode::NOT_FOUND, Json(json!({ "code": 20404 }))), |order| (StatusCode::OK, Json(order)))
}

async fn cancel(Held(porting): Held<Porting>, Path(_): Path<String>) -> StatusCode {
    porting.set(|order| order.status = Some("Canceled"));
    StatusCode::NO_CONTENT
}

async fn all(Held(porting): Held<Porting>) -> Json<Value> {
    Json(json!({ "port_in_requests": porting.document().into_iter().collect::<Vec<_>>() }))
}

async fn rest(
    Held(porting): Held<Porting>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let twin = porting.0.lock().expect("a lock").twin.clone();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let mut request = client.request(method, format!("{twin}{uri}")).body(body);
    for name in ["authorization", "content-type"] {
        request = headers.get(name).into_iter().fold(request, |request, value| request.header(name, value));
    }
    let answer = request.send().await.expect("the twin answers");
    (answer.status(), answer.bytes().await.expect("a body"))
}

struct Stand {
    database: Database,
    twin: RunningTwin,
    porting: Porting,
    clock: Clock,
    room: Numbers,
}

impl Stand {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = Database::sqlite();
        database.db.migrate().await.expect("a schema");
        let clock = Clock::manual("2026-11-20T12:00:00Z".parse().expect("an instant"));
        let twin = Twin::start(TwinOptions::default()).await.expect("a twin");
        let porting = Porting(Arc::new(Mutex::new(Order { twin: twin.base_url(), ..Order::default() })));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let portable = || async { Json(json!({ "portable": true, "pin_and_account_number_required": true })) };
        let router = Router::new()
            .route("/v1/Porting/Portability/PhoneNumber/{number}", get(portable))
            .route("/v1/Porting/PortIn", post(place))
            .route("/v1/Porting/PortIn/PortInRequests", get(all))
            .route("/v1/Porting/PortIn/{sid}", get(one).delete(cancel))
            .fallback(rest)
            .with_state(porting.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let account = Account { sid: twin.account_sid(), tokens: vec![twin.token()] };
        let carrier = Carrier::new(&base, account).expect("a client");
        let carrier = carrier.with_patience(Patience { attempts: 1, ..Patience::USUAL });
        let line = read_line("main", "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550199\"]\n").expect("a line");
        let room = Numbers::new(Parts {
            db: database.db.clone(),
            carrier: Some(carrier),
            clock: clock.clone(),
            seal: Seal::new(Some(&Secret::new("a-data-key-of-tests-0123456789ab"))).expect("a key"),
            worlds: Worlds::new(World::new(PUBLIC_URL, vec![line])),
            reach: Reach::new(PUBLIC_URL, None, &base),
            holder: "one".into(),
            meters: Arc::new(Meters::silent()),
        });
        Self { database, twin, porting, clock, room }
    }

    async fn begin(&self) -> Journal {
        let losing_carrier = LosingCarrier {
            customer_name: "Example Clinic".to_owned(),
            customer_type: "Business".to_owned(),
            authorized_representative: "Ana Example".to_owned(),
            authorized_representative_email: "ana@example.com".to_owned(),
            ..LosingCarrier::default()
        };
        let wish = PortWish {
            number: NUMBER.to_owned(),
            line: "main".to_owned(),
            losing_carrier,
            documents: vec!["RD1".to_owned()],
            notification_emails: Vec::new(),
            target_date: None,
            pin: Some(Secret::new("4711")),
        };
        self.room.port(wish, &ana()).await.expect("taken up")
    }

    /// Works for some hours.
    async fn hours(&self, hours: i64) {
        for _ in 0..hours * 4 {
            while self.room.step().await.expect("the database is there") == Worked::One {}
            self.clock.advance(TimeDelta::minutes(15));
        }
    }

    async fn state(&self, id: &str) -> State {
        self.room.transaction(id).await.expect("there").transaction.state
    }

    fn arrives(&self) {
        self.twin.own(&self.twin.account_sid(), NUMBER, &[]).expect("it arrives");
        self.porting.set(|order| order.status = Some("Completed"));
    }
}

#[tokio::test]
async fn an_order_is_followed_for_days_and_the_number_configured() {
    let stand = Stand::new().await;
    stand.porting.set(|order| order.loses_the_answer = true);
    let id = stand.begin().await.transaction.id;
    stand.hours(48).await;
    assert_eq!(stand.state(&id).await, State::Running);
    let (placed, pin) = {
        let order = stand.porting.0.lock().expect("a lock");
        (order.placed, order.pin.clone())
    };
    assert_eq!((placed, pin.as_deref()), (1, Some("4711")), "the answer was lost, the order was not placed twice");
    let input = stand.database.text("select input from transactions").await.expect("an input");
    assert!(!input.contains("4711"), "a PIN is stored only sealed: {input}");
    stand.arrives();
    stand.hours(1).await;
    assert_eq!(stand.state(&id).await, State::Done);
    let number = stand.twin.numbers().remove(0);
    assert!(number.setting("VoiceUrl").starts_with(&format!("{PUBLIC_URL}/twilio/voice")));
    assert_eq!(stand.database.count("select count(*) from numbers where state = 'active' and line = 'main'").await, 1);
}

#[tokio::test]
async fn taking_it_back_cancels_the_order() {
    let stand = Stand::new().await;
    let id = stand.begin().await.transaction.id;
    stand.hours(1).await;
    stand.room.rollback(&id, "ana").await.expect("turned around");
    stand.hours(1).await;
    assert_eq!(stand.state(&id).await, State::RolledBack);
    assert_eq!(stand.porting.0.lock().expect("a lock").status, Some("Canceled"));
}

#[tokio::test]
async fn a_rejected_order_ends_and_says_so() {
    let stand = Stand::new().await;
    let id = stand.begin().await.transaction.id;
    stand.hours(1).await;
    stand.porting.set(|order| order.status = Some("Rejected"));
    stand.hours(1).await;
    let end = stand.room.transaction(&id).await.expect("there").transaction;
    assert_eq!((end.state, end.failed_step.as_deref()), (State::RolledBack, Some("arrive")));
    assert_eq!(stand.database.count("select count(*) from events where type = 'transaction.failed'").await, 1);
}

#[tokio::test]
async fn a_number_that_arrives_while_it_is_taken_back_stays_and_leads_to_its_line() {
    let stand = Stand::new().await;
    let id = stand.begin().await.transaction.id;
    stand.hours(1).await;
    stand.room.rollback(&id, "ana").await.expect("turned around");
    stand.arrives();
    stand.hours(1).await;
    assert_eq!(stand.state(&id).await, State::RolledBack);
    assert_eq!(stand.twin.numbers().len(), 1, "it would be lost for good");
    assert!(stand.twin.numbers()[0].setting("VoiceUrl").starts_with(PUBLIC_URL), "it rings here");
    assert_eq!(stand.database.count("select count(*) from numbers where state = 'active' and line = 'main'").await, 1);
}
