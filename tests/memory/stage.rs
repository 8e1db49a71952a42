//! Many callers on real sockets, against the whole house in this process.

use super::counter::step_outside;
use crate::house::{House, PUBLIC_URL, TOKEN, call, with};
use crate::support::Database;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use switchboard::base::Secret;
use switchboard::twilio::signature::{Body, sign};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// A house, and callers who are in conversation with it.
pub(crate) struct Stage {
    house: House,
    callers: Vec<Caller>,
    /// Everybody outside the house runs here, on this thread.
    outside: Runtime,
    _inside: Runtime,
    _database: Database,
}

struct Caller {
    socket: WebSocketStream<TcpStream>,
    stream: String,
    frames: u64,
}

impl Stage {
    /// A house without callers. This thread is outside from now on.
    pub(crate) fn open() -> Self {
        let inside = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let (house, database) = inside.block_on(async {
            let database = Database::sqlite();
            (House::open(&database).await, database)
        });
        step_outside();
        let outside = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { house, callers: Vec::new(), outside, _inside: inside, _database: database }
    }

    /// So many callers more, who hear the prompt.
    pub(crate) fn join(&mut self, count: usize) {
        let first = self.callers.len();
        let (house, outside) = (&self.house, &self.outside);
        let joined = outside.block_on(async {
            let mut announced = Vec::new();
            for number in first..first + count {
                announced.push(announce(house, number).await);
            }
            let mut callers = Vec::new();
            for (number, path) in announced.iter().enumerate() {
                callers.push(Caller::join(house, first + number, path).await);
            }
            callers
        });
        self.callers.extend(joined);
    }

    /// Each caller sends these frames, as fast as they go; marks are given back. Returns when the house has heard all.
    pub(crate) fn send(&mut self, frames: &[[u8; 160]]) {
        let Self { house, callers, outside, .. } = self;
        outside.block_on(async {
            for frame in frames {
                for caller in callers.iter_mut() {
                    caller.frame(frame).await;
                }
            }
            for caller in callers.iter_mut() {
                caller.give_back().await;
            }
            let sent: u64 = callers.iter().map(|caller| caller.frames).sum();
            // Counters leave a stream once a second.
            while house.running.streams().iter().map(|stream| stream.frames_in).sum::<u64>() < sent {
                tokio::task::yield_now().await;
            }
        });
    }

    /// Each caller presses a key.
    pub(crate) fn press(&mut self, key: char) {
        let Self { callers, outside, .. } = self;
        outside.block_on(async {
            for caller in callers {
                let stream = caller.stream.clone();
                let dtmf = json!({"event": "dtmf", "streamSid": stream, "dtmf": {"digit": key.to_string()}});
                caller.say(&dtmf).await;
            }
        });
    }

    /// How many callers are being played to.
    pub(crate) fn playing(&self) -> usize {
        self.house.running.streams().iter().filter(|stream| stream.playing).count()
    }
}

fn sid(number: usize) -> String {
    format!("CA{number:032x}")
}

/// A call that has pressed 3: the path of its stream.
async fn announce(house: &House, number: usize) -> String {
    let (sid, from) = (sid(number), format!("+1403555{number:04}"));
    let fields = with(call(&sid), &[("From", &from)]);
    let menu = house.post("/twilio/voice", &fields).await;
    let keys = with(fields, &[("CallStatus", "in-progress"), ("Digits", "3")]);
    let body = house.post(&menu.target("action"), &keys).await.body;
    let (_, url) = body.split_once("<Stream url=\"").unwrap_or_else(|| panic!("no stream in {body}"));
    let (url, _) = url.split_once('"').expect("its end");
    url.strip_prefix(&PUBLIC_URL.replacen("https", "wss", 1)).expect("our host").to_owned()
}

impl Caller {
    async fn join(house: &House, number: usize, path: &str) -> Self {
        let address = house.running.address();
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
        let url = format!("{}{path}", PUBLIC_URL.replacen("https", "wss", 1));
        let signature = sign(&Secret::new(TOKEN), &url, Body::Query);
        request.headers_mut().insert("x-twilio-signature", signature.parse().expect("a header"));
        let socket = TcpStream::connect(address).await.expect("it listens");
        let (socket, _) = client_async(request, socket).await.expect("it lets us in");
        let stream = format!("MZ{number:032x}");
        let mut caller = Self { socket, stream, frames: 0 };
        caller.say(&json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})).await;
        let start = json!({"accountSid": "AC00000000000000000000000000000001", "callSid": sid(number),
            "streamSid": caller.stream, "tracks": ["inbound"]});
        caller.say(&json!({"event": "start", "sequenceNumber": "1", "streamSid": caller.stream, "start": start})).await;
        // Its first word: the conversation has begun.
        caller.socket.next().await.expect("it speaks").expect("a message");
        caller
    }

    async fn say(&mut self, message: &serde_json::Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("it listens");
    }

    async fn frame(&mut self, sound: &[u8; 160]) {
        self.frames += 1;
        let (number, timestamp) = (self.frames.to_string(), (self.frames * 20).to_string());
        let media =
            json!({"track": "inbound", "chunk": number, "timestamp": timestamp, "payload": STANDARD.encode(sound)});
        let stream = self.stream.clone();
        self.say(&json!({"event": "media", "sequenceNumber": number, "streamSid": stream, "media": media})).await;
        self.give_back().await;
    }

    /// Reads what has come, and gives marks back.
    async fn give_back(&mut self) {
        while let Some(Some(Ok(message))) = self.socket.next().now_or_never() {
            let Ok(text) = message.into_text() else { continue };
            let message: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            if message["event"] == "mark" {
                self.say(&message).await;
            }
        }
    }
}
