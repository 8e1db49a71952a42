//! A carrier with recordings, that behaves as a test wishes.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// How one request for audio is answered; when none is left, all of it.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// Another status.
    Says(u16),
    /// Announces all of it and breaks off after this many bytes.
    Breaks(usize),
    /// The first bytes, announced as if that were all.
    Cuts(usize),
    /// Something that is no audio, with status 200.
    Chats,
    /// Audio without a length.
    Streams,
    /// Elsewhere.
    RedirectsTo(String),
    /// The first bytes, and then nothing more for ever.
    Stalls(usize),
}

/// A recording as the list tells it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) call_sid: String,
    pub(crate) status: &'static str,
    pub(crate) source: &'static str,
    pub(crate) audio: Bytes,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) path: String,
    pub(crate) authorization: bool,
}

#[derive(Debug, Default)]
struct Inner {
    kept: BTreeMap<String, Kept>,
    moods: VecDeque<Mood>,
    questions: Vec<Question>,
}

/// The carrier.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pretend {
    inner: Arc<Mutex<Inner>>,
    /// Rings when a request begins to stall.
    pub(crate) stalled: Arc<Notify>,
}

impl Pretend {
    /// Listens, and says where.
    pub(crate) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}")
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic before")
    }

    pub(crate) fn keep(&self, sid: &str, kept: Kept) {
        self.inner().kept.insert(sid.to_owned(), kept);
    }

    pub(crate) fn moods(&self, moods: impl IntoIterator<Item = Mood>) {
        self.inner().moods.extend(moods);
    }

    /// Moods that are still to come.
    pub(crate) fn trouble(&self) -> usize {
        self.inner().moods.len()
    }

    pub(crate) fn has(&self, sid: &str) -> bool {
        self.inner().kept.contains_key(sid)
    }

    pub(crate) fn count(&self) -> usize {
        self.inner().kept.len()
    }

    pub(crate) fn questions(&self) -> Vec<Question> {
        std::mem::take(&mut self.inner().questions)
    }
}

async fn answer(State(pretend): State<Pretend>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().contains_key("authorization");
    let method = request.method().clone();
    pretend.inner().questions.push(Question { path: path.clone(), authorization });
    let name = path.rsplit('/').next().unwrap_or_default();
    if name == "Recordings.json" {
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        return list(&pretend, query.get("CallSid").map(String::as_str));
    }
    let sid = name.split('.').next().unwrap_or_default();
    if method == Method::DELETE {
        let gone = pretend.inner().kept.remove(sid).is_some();
        return if gone { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }.into_response();
    }
    // Moods are about audio; whatever else a whole service asks is not there.
    let mood = if name.ends_with(".wav") { pretend.inner().moods.pop_front() } else { None };
    let audio = pretend.inner().kept.get(sid).map(|kept| kept.audio.clone());
    match (audio, mood) {
        (_, Some(Mood::Says(status))) => StatusCode::from_u16(status).expect("a status").into_response(),
        (_, Some(Mood::RedirectsTo(to))) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
        (_, Some(Mood::Chats)) => "<html>try again later</html>".into_response(),
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (Some(audio), Some(Mood::Breaks(after))) => pieces(&audio, Some(audio.len()), after, Some(())),
        (Some(audio), Some(Mood::Cuts(after))) => pieces(&audio, Some(after), after, None),
        (Some(audio), Some(Mood::Streams)) => pieces(&audio, None, audio.len(), None),
        (Some(audio), Some(Mood::Stalls(after))) => stall(&pretend, &audio, after),
        (Some(audio), None) => pieces(&audio, Some(audio.len()), audio.len(), None),
    }
}

/// `sent` bytes in small pieces, then an end or an error.
fn pieces(audio: &Bytes, announced: Option<usize>, sent: usize, error: Option<()>) -> Response {
    let chunks = audio[..sent].chunks(2000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>();
    let end = error.map(|()| Err(io::Error::other("the carrier breaks off")));
    let body = Body::from_stream(stream::iter(chunks.into_iter().chain(end)));
    let mut response = ([("content-type", "audio/x-wav")], body).into_response();
    if let Some(length) = announced {
        response.headers_mut().insert("content-length", length.into());
    }
    response
}

fn stall(pretend: &Pretend, audio: &Bytes, after: usize) -> Response {
    let (first, stalled) = (audio.slice(..after), Arc::clone(&pretend.stalled));
    let rest = stream::once(async move {
        stalled.notify_one();
        std::future::pending::<io::Result<Bytes>>().await
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest));
    ([("content-type", "audio/x-wav"), ("content-length", audio.len().to_string().as_str())], body).into_response()
}

fn list(pretend: &Pretend, call: Option<&str>) -> Response {
    let inner = pretend.inner();
    let of_call = inner.kept.iter().filter(|(_, kept)| call.is_none_or(|call| kept.call_sid == call));
    let items: Vec<Value> = of_call
        .map(|(sid, kept)| {
            json!({
                "sid": sid, "call_sid": kept.call_sid, "status": kept.status, "source": kept.source, "duration": "2",
                "start_time": null, "date_created": null, "channels": 1, "error_code": null,
            })
        })
        .collect();
    axum::Json(json!({ "recordings": items, "next_page_uri": null, "page": 0 })).into_response()
}

/// `seconds` of a WAV file that nobody would like to hear: 16 bit, 8 kHz, one channel. `seed` makes it its own.
pub(crate) fn wav(seconds: u32, seed: u8) -> Bytes {
    let length = seconds * 16_000;
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000u32.to_le_bytes());
    file.extend(16_000u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend((0..length).map(|n| (n % 251) as u8 ^ seed));
    file.into()
}
