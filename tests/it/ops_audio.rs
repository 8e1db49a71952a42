//! Audio of messages, passed through from a carrier that listens on a port of its own.

use crate::ops_desk::{Answer, Desk, Wishes, credential};
use crate::ops_story::{ACCOUNT, RECORDING, Story};
use crate::support::Database;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::{Arc, Mutex};
use switchboard::base::Secret;
use switchboard::carrier::{Account, Blame, Carrier, CarrierError};
use switchboard::ops::Role;

/// How the carrier behaves, and what it was asked.
#[derive(Clone, Debug, Default)]
struct Pretend {
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug, Default)]
enum Mood {
    #[default]
    Plays,
    Says(u16),
    RedirectsTo(String),
}

#[derive(Clone, Debug)]
struct Asked {
    path: String,
    headers: HeaderMap,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Pretend {
    /// Listens, and says where.
    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}")
    }

    fn mood(&self, mood: Mood) {
        *self.mood.lock().expect("no panic before") = mood;
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("no panic before"))
    }
}

async fn answer(State(pretend): State<Pretend>, request: Request) -> Response {
    let asked = Asked { path: request.uri().path().to_owned(), headers: request.headers().clone() };
    let (part, range) = (request.headers().get("range").is_some(), asked.header("range").to_owned());
    pretend.asked.lock().expect("no panic before").push(asked);
    let mood = pretend.mood.lock().expect("no panic before").clone();
    match mood {
        Mood::Says(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Mood::RedirectsTo(target) => (StatusCode::TEMPORARY_REDIRECT, [("location", target)]).into_response(),
        Mood::Plays if range == "bytes=100-" => (StatusCode::RANGE_NOT_SATISFIABLE, "").into_response(),
        Mood::Plays if part => {
            let headers = [("content-type", "audio/x-wav"), ("content-range", "bytes 0-3/10")];
            (StatusCode::PARTIAL_CONTENT, headers, "RIFF").into_response()
        }
        Mood::Plays => ([("content-type", "audio/x-wav"), ("accept-ranges", "bytes")], "RIFF012345").into_response(),
    }
}

/// The process's TLS provider, which app installs in the service.
fn with_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn carrier(base: &str, tokens: &[&str]) -> Carrier {
    with_tls();
    let tokens = tokens.iter().map(|token| Secret::new(*token)).collect();
    Carrier::new(base, Account { sid: ACCOUNT.to_owned(), tokens }).expect("a client")
}

async fn play(desk: &Desk, method: Method, range: Option<&str>) -> Answer {
    let range: Vec<(&str, &str)> = range.into_iter().map(|range| ("range", range)).collect();
    desk.ask(method, PATH, Some(&credential(Role::Operator)), &range).await
}

const PATH: &str = "/api/voicemails/vm_1/audio";

/// A desk with one message, and the carrier that has its audio.
async fn scene(database: &Database) -> (Desk, Pretend) {
    let story = Story::begin(database).await;
    story.leaves_a_message(1, 0).await;
    story.expects_a_message(2, 100).await;
    story.leaves_a_riddle(3, 200).await;
    story.end().await;
    let pretend = Pretend::default();
    let carrier = Some(carrier(&pretend.listen().await, &["right"]));
    (Desk::with(&database.db, Wishes { carrier, ..Wishes::default() }), pretend)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_carriers_audio_is_played_and_the_message_marked() {
    for database in Database::each().await {
        let (desk, pretend) = scene(&database).await;
        let head = play(&desk, Method::HEAD, None).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
        let later = play(&desk, Method::GET, Some("bytes=100-")).await;
        assert_eq!(later.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(database.count("select count(*) from voicemails where read_at is not null").await, 0);
        pretend.asked();
        let answer = play(&desk, Method::GET, None).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "RIFF012345"));
        assert_eq!(answer.header("content-type"), "audio/x-wav");
        assert_eq!(answer.header("content-length"), "10");
        assert_eq!(answer.header("content-disposition"), "inline; filename=\"vm_1.wav\"");
        let asked = pretend.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].path, format!("/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}.wav"));
        assert!(asked[0].header("authorization").starts_with("Basic "));
        assert!(asked[0].header("user-agent").starts_with("switchboard/"));
        assert_eq!(database.count("select count(*) from voicemails where read_at is not null").await, 1);
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.read'").await, 1);
        let part = play(&desk, Method::GET, Some("bytes=0-3")).await;
        assert_eq!((part.status, part.text().as_str()), (StatusCode::PARTIAL_CONTENT, "RIFF"));
        assert_eq!(part.header("content-range"), "bytes 0-3/10");
        assert_eq!(pretend.asked()[0].header("range"), "bytes=0-3");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_does_not_deliver_is_a_problem() {
    let database = Database::sqlite();
    let (desk, pretend) = scene(&database).await;
    for (mood, status) in [
        (Mood::Says(404), 404),
        (Mood::Says(401), 502),
        (Mood::Says(500), 502),
        (Mood::Says(429), 502),
        (Mood::RedirectsTo("ftp://example.com/x".to_owned()), 502),
    ] {
        pretend.mood(mood.clone());
        let answer = play(&desk, Method::GET, None).await;
        answer.is_problem(status, PATH);
        assert!(!answer.text().contains("127.0.0.1") && !answer.text().contains("right"), "{mood:?}");
    }
    let health = desk.open("/health").await.json();
    assert_eq!((&health["status"], &health["checks"]["carrier"]["status"]), (&json!("healthy"), &json!("unhealthy")));
    let early = "/api/voicemails/vm_2/audio";
    let document = desk.get(early, Role::Operator).await.is_problem(404, early);
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("expected")));
    assert_eq!(database.count("select count(*) from voicemails where read_at is not null").await, 0);
    let riddle = "/api/voicemails/vm_3/audio";
    let document = desk.get(riddle, Role::Operator).await.is_problem(404, riddle);
    assert!(document["detail"].as_str().is_some_and(|detail| detail.starts_with("there is no audio")));
    let alone = Desk::new(&database.db);
    let document = play(&alone, Method::GET, None).await.is_problem(503, PATH);
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("TWILIO_AUTH_TOKEN")));
}

#[tokio::test]
async fn a_redirect_is_followed_once_and_credentials_stay_home() {
    let (home, storage) = (Pretend::default(), Pretend::default());
    let (base, elsewhere) = (home.listen().await, storage.listen().await);
    let carrier = carrier(&base, &["right"]);
    home.mood(Mood::RedirectsTo(format!("{elsewhere}/signed?x=1")));
    let media = carrier.media(None, RECORDING, None).await.expect("audio");
    assert_eq!(media.status(), 200);
    assert_eq!(home.asked().len(), 1);
    let asked = storage.asked();
    assert_eq!((asked.len(), asked[0].path.as_str(), asked[0].header("authorization")), (1, "/signed", ""));
    storage.mood(Mood::RedirectsTo(format!("{base}/again")));
    assert_eq!(carrier.media(None, RECORDING, None).await.err(), Some(CarrierError::Redirect));
}

#[tokio::test]
async fn the_second_token_is_tried_while_one_is_rotated() {
    let pretend = Pretend::default();
    pretend.mood(Mood::Says(401));
    let carrier = carrier(&pretend.listen().await, &["old", "new"]);
    let error = carrier.media(None, RECORDING, None).await.err();
    assert_eq!(error, Some(CarrierError::Unauthorized(401)));
    let asked = pretend.asked();
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].header("authorization"), asked[1].header("authorization"));
}

#[tokio::test]
async fn urls_are_built_from_sids_only() {
    let pretend = Pretend::default();
    let base = format!("{}/twin/", pretend.listen().await);
    let carrier = carrier(&base, &["right"]);
    for sid in ["", "../x", "RE1/../..", "RE1?x", "RE 1", &"R".repeat(65)] {
        assert_eq!(carrier.media(None, sid, None).await.err(), Some(CarrierError::BadSid), "{sid}");
    }
    let sub = "AC99999999999999999999999999999999";
    carrier.media(Some(sub), "RE1", None).await.expect("audio");
    carrier.media(Some("../../etc"), "RE1", None).await.expect("audio");
    let paths: Vec<String> = pretend.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        paths,
        [
            format!("/twin/2010-04-01/Accounts/{sub}/Recordings/RE1.wav"),
            format!("/twin/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1.wav")
        ]
    );
}

#[tokio::test]
async fn a_carrier_that_is_not_there_is_the_networks_fault() {
    with_tls();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = carrier(&base, &["right"]).media(None, RECORDING, None).await.expect_err("nobody listens");
    assert_eq!((error.blame(), error.may_retry()), (Blame::Network, true));
    let account = Account { sid: ACCOUNT.to_owned(), tokens: vec![] };
    assert!(Carrier::new("file:///etc", account.clone()).is_err());
    assert!(Carrier::new("not a url", account).is_err());
}
