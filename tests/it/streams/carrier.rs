//! The carrier's side of a stream, small and under the test's control.

use crate::house::{Answer, House, PUBLIC_URL, TOKEN, call, with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard::audio::prompts;
use switchboard::base::Secret;
use switchboard::twilio::signature::{Body, sign};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// The stream's name.
pub(crate) const STREAM: &str = "MZ18e4f2a6c0b84d5e9f3a7c1b2d6e8f90";
/// The account of the test's calls.
pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// What TwiML says of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    pub(crate) call: String,
    /// `/twilio/ws/…`
    pub(crate) path: String,
    pub(crate) parameters: BTreeMap<String, String>,
    /// Where the call goes on.
    pub(crate) action: String,
}

/// A call that has pressed 3.
pub(crate) async fn announced(house: &House, sid: &str) -> Announced {
    announced_to(house, sid, "+15875550100").await
}

/// The same, to another number.
pub(crate) async fn announced_to(house: &House, sid: &str, number: &str) -> Announced {
    let menu = house.post("/twilio/voice", &with(call(sid), &[("To", number)])).await;
    let keys = with(call(sid), &[("To", number), ("CallStatus", "in-progress"), ("Digits", "3")]);
    of_answer(sid, &house.post(&menu.target("action"), &keys).await)
}

/// The stream in an answer.
pub(crate) fn of_answer(sid: &str, answer: &Answer) -> Announced {
    let (_, url) = answer.body.split_once("<Stream url=\"").expect("a stream");
    let (url, _) = url.split_once('"').expect("its end");
    let parameters = answer.body.split("<Parameter ").skip(1).map(|parameter| {
        let value = |name: &str| {
            let (_, value) = parameter.split_once(&format!("{name}=\"")).expect("a member");
            value.split_once('"').expect("its end").0.to_owned()
        };
        (value("name"), value("value"))
    });
    Announced {
        call: sid.to_owned(),
        path: url.strip_prefix(&PUBLIC_URL.replacen("https", "wss", 1)).expect("our host").to_owned(),
        parameters: parameters.collect(),
        action: answer.target("action"),
    }
}

/// The carrier's end of a stream.
pub(crate) struct Carrier {
    socket: WebSocketStream<TcpStream>,
    sequence: u64,
}

impl Carrier {
    /// A signed handshake; `Err`: the status of the refusal.
    pub(crate) async fn knock(house: &House, path: &str) -> Result<Self, u16> {
        let url = format!("{}{path}", PUBLIC_URL.replacen("https", "wss", 1));
        Self::knock_signed(house, path, &sign(&Secret::new(TOKEN), &url, Body::Query)).await
    }

    /// The same with any signature.
    pub(crate) async fn knock_signed(house: &House, path: &str, signature: &str) -> Result<Self, u16> {
        let address = house.running.address();
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
        request.headers_mut().insert("x-twilio-signature", signature.parse().expect("a header"));
        let socket = TcpStream::connect(address).await.expect("it listens");
        match client_async(request, socket).await {
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            opened => Ok(Self { socket: opened.expect("a socket, or a refusal").0, sequence: 0 }),
        }
    }

    /// A stream that has begun.
    pub(crate) async fn open(house: &House, announced: &Announced) -> Self {
        let mut carrier = Self::knock(house, &announced.path).await.expect("it is let in");
        carrier.begin(&announced.call, &announced.parameters).await;
        carrier
    }

    pub(crate) async fn begin(&mut self, call: &str, parameters: &BTreeMap<String, String>) {
        self.say(&json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})).await;
        self.sequence = 1;
        self.say(&json!({"event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": {
            "accountSid": ACCOUNT, "callSid": call, "streamSid": STREAM, "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters}}))
            .await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        // A house that has hung up is noticed when it is read.
        let _ = self.socket.send(Message::text(text)).await;
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.text(&message.to_string()).await;
    }

    /// Frames of the caller, as fast as they go.
    pub(crate) async fn frames(&mut self, byte: u8, count: usize) {
        for _ in 0..count {
            self.frame(&[byte; 160]).await;
        }
    }

    pub(crate) async fn frame(&mut self, sound: &[u8]) {
        self.sequence += 1;
        let number = self.sequence.to_string();
        let timestamp = (self.sequence * 20).to_string();
        let media =
            json!({"track": "inbound", "chunk": number, "timestamp": timestamp, "payload": STANDARD.encode(sound)});
        self.say(&json!({"event": "media", "sequenceNumber": number, "streamSid": STREAM, "media": media})).await;
    }

    /// A caller who speaks, for so many frames, as fast as they go.
    pub(crate) async fn speak(&mut self, count: usize) {
        for frame in prompts::CALLER.sound.chunks_exact(160).cycle().take(count) {
            self.frame(frame).await;
        }
    }

    pub(crate) async fn key(&mut self, digit: &str) {
        self.say(&json!({"event": "dtmf", "streamSid": STREAM, "dtmf": {"track": "inbound_track", "digit": digit}}))
            .await;
    }

    pub(crate) async fn mark(&mut self, name: &str) {
        self.say(&json!({"event": "mark", "streamSid": STREAM, "mark": {"name": name}})).await;
    }

    pub(crate) async fn stop(&mut self, call: &str) {
        self.say(&json!({"event": "stop", "streamSid": STREAM, "stop": {"accountSid": ACCOUNT, "callSid": call}}))
            .await;
    }

    /// The next message of the house; `Err`: its close code.
    pub(crate) async fn hear(&mut self) -> Result<Value, u16> {
        loop {
            let message = timeout(LONG, self.socket.next()).await.expect("the house says something");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(0),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Messages until one of this event; marks are given back at once.
    pub(crate) async fn until(&mut self, event: &str) -> Value {
        loop {
            let message = self.hear().await.expect("the stream goes on");
            if message["event"] == event {
                return message;
            }
            if let Some(name) = message["mark"]["name"].as_str() {
                let name = name.to_owned();
                self.mark(&name).await;
            }
        }
    }

    /// Hangs up with a word, and waits for the house to agree.
    pub(crate) async fn close(&mut self) {
        let _ = self.socket.close(None).await;
        while let Some(Ok(_)) = timeout(LONG, self.socket.next()).await.expect("the house agrees") {}
    }

    /// Closes with this code, and waits for the house to agree.
    pub(crate) async fn close_with(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        let _ = self.socket.close(Some(frame)).await;
        while let Some(Ok(_)) = timeout(LONG, self.socket.next()).await.expect("the house agrees") {}
    }

    /// Everything until the house closes, and its code.
    pub(crate) async fn rest(&mut self) -> (Vec<Value>, u16) {
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                Ok(message) => heard.push(message),
                Err(code) => return (heard, code),
            }
        }
    }
}

/// Bytes of sound in a message.
pub(crate) fn sound(message: &Value) -> Vec<u8> {
    STANDARD.decode(message["media"]["payload"].as_str().expect("a payload")).expect("base64")
}
