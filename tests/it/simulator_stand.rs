//! Somebody else's application, for the simulator to call: canned documents, and a note of every request.

use axum::Router;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use switchboard::base::{Clock, Secret, Time};
use switchboard::simulator::{
    Archive, CallPlan, Callee, Carrier, CarrierSettings, Report, Script, Speed, Target, parse_acts,
};
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, Verdict, verify};

pub(crate) const PUBLIC: &str = "https://voice.example.net";
pub(crate) const TOKEN: &str = "2b7e151628aed2a6abf7158809cf4f3c";
pub(crate) const ACCOUNT: &str = "AC5d1f0c2b3a49586776859493a2b1c0de";

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A field of the body, or of the query of a GET.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let text = if self.method == Method::GET { query.as_bytes() } else { &self.body };
        Form::parse(text).get(name).map(str::to_owned)
    }

    /// Only a sound is fetched with a GET and without a signature: no source says that the carrier signs those.
    fn fetches_sound(&self) -> bool {
        self.method == Method::GET && self.header("x-twilio-signature").is_empty() && self.header("upgrade").is_empty()
    }

    fn is_signed(&self) -> bool {
        let url = format!("{PUBLIC}{}", self.target);
        let url = if self.header("upgrade") == "websocket" { url.replacen("https", "wss", 1) } else { url };
        let form = Form::parse(&self.body);
        let body = if self.method == Method::GET { Body::Query } else { Body::Form(&form) };
        let verdict = verify(&[Secret::new(TOKEN)], &url, body, Some(self.header("x-twilio-signature")));
        matches!(verdict, Verdict::Valid { .. })
    }
}

/// What a path answers: status, content type, body; several in turn, the last one for ever.
type Answers = HashMap<String, Vec<(u16, &'static str, String)>>;

/// What the application does with a stream.
type Peer = Arc<dyn Fn(WebSocket) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Clone, Default)]
pub(crate) struct Stand {
    answers: Arc<Mutex<Answers>>,
    peer: Option<Peer>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stand {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `path` answers with these verbs.
    pub(crate) fn twiml(self, path: &str, verbs: &str) -> Self {
        self.answer(
            path,
            200,
            "text/xml",
            &format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>"),
        )
    }

    pub(crate) fn answer(self, path: &str, status: u16, content_type: &'static str, body: &str) -> Self {
        let answer = (status, content_type, body.to_owned());
        self.answers.lock().unwrap().entry(path.to_owned()).or_default().push(answer);
        self
    }

    /// Everything that asks for a WebSocket gets one.
    pub(crate) fn peer<F>(mut self, peer: impl Fn(WebSocket) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.peer = Some(Arc::new(move |socket| Box::pin(peer(socket))));
        self
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests of one path.
    pub(crate) fn seen_at(&self, path: &str) -> Vec<Seen> {
        let here = |seen: &Seen| seen.target.split('?').next() == Some(path);
        self.seen().into_iter().filter(here).collect()
    }

    /// Paths in the order they were asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.target.split('?').next().unwrap_or_default().to_owned()).collect()
    }

    /// Serves on a free port; returns where.
    pub(crate) async fn open(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(respond).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    /// Calls this application, as one behind a proxy, and checks that every request was signed.
    pub(crate) async fn call(&self, script: Script) -> Report {
        let address = self.open().await;
        let report = carrier(&address, |_| {}).place(plan(script), |_| {}).await;
        for seen in self.seen().into_iter().filter(|seen| !seen.fetches_sound()) {
            assert!(seen.is_signed(), "not signed as Twilio signs: {seen:?}");
            assert_eq!((seen.header("host"), seen.header("x-forwarded-proto")), ("voice.example.net", "https"));
        }
        report
    }
}

async fn respond(State(stand): State<Stand>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
    let seen = Seen { method: parts.method.clone(), target, headers: parts.headers.clone(), body: body.to_vec() };
    stand.seen.lock().unwrap().push(seen);
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    if let (Ok(upgrade), Some(peer)) = (upgrade, stand.peer.clone()) {
        return upgrade.on_upgrade(move |socket| peer(socket));
    }
    let mut answers = stand.answers.lock().unwrap();
    let Some(queue) = answers.get_mut(parts.uri.path()) else { return StatusCode::NO_CONTENT.into_response() };
    let (status, kind, body) = if queue.len() > 1 { queue.remove(0) } else { queue[0].clone() };
    let name = if (300..400).contains(&status) { header::LOCATION } else { header::CONTENT_TYPE };
    (StatusCode::from_u16(status).unwrap(), [(name, kind), (header::SET_COOKIE, "call=7; Path=/")], body)
        .into_response()
}

/// A carrier whose number leads to `/twilio/…` at `address`.
pub(crate) fn carrier(address: &str, change: impl FnOnce(&mut CarrierSettings)) -> Carrier {
    let target = Target::new(address, Some(PUBLIC)).unwrap();
    let mut settings = CarrierSettings::new(target, ACCOUNT, Secret::new(TOKEN));
    change(&mut settings);
    Carrier::new(settings, Archive::default()).unwrap()
}

/// A call on a clock that stands still: nothing is waited for, and latencies are zero.
pub(crate) fn plan(script: Script) -> CallPlan {
    CallPlan {
        from: "+15875550111".to_owned(),
        to: "+15875550100".to_owned(),
        script,
        speed: Speed::INSTANT,
        seed: 7,
        clock: Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().unwrap()),
        twice: false,
        chaos: None,
    }
}

/// The steps as text.
pub(crate) fn transcript(report: &Report) -> String {
    use switchboard::simulator::{Style, write_step};
    report.steps.iter().map(|step| write_step(step, Style::PLAIN)).collect()
}

/// A caller who presses `keys`, as `--press` takes them.
pub(crate) fn keys(keys: &str) -> Script {
    Script { acts: parse_acts(keys).unwrap(), ..Script::default() }
}

/// A caller whose callees answer so.
pub(crate) fn dials(callees: &[Callee]) -> Script {
    Script { callees: callees.to_vec(), ..Script::default() }
}

/// The errors of a call.
pub(crate) fn codes(report: &Report) -> Vec<u32> {
    report.errors.iter().map(|error| error.code).collect()
}
