//! An agent's end of `switchboard-agent/1`.

use super::caller::tone;
use crate::streams::LONG;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use switchboard::audio::g711;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// Everything that agents were told, in order, and when.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<(Instant, Value)>>>);

impl Told {
    /// Of one type.
    pub(crate) fn of(&self, kind: &str) -> Vec<Value> {
        let told = self.0.lock().unwrap();
        told.iter().filter(|(_, word)| word["type"] == kind).map(|(_, word)| word.clone()).collect()
    }

    /// The only one of its type.
    pub(crate) fn only(&self, kind: &str) -> Value {
        let mut all = self.of(kind);
        assert_eq!(all.len(), 1, "{kind}: {all:#?} of {:?}", self.kinds());
        all.remove(0)
    }

    /// The types of all that is no sound.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let told = self.0.lock().unwrap();
        let kinds = told.iter().map(|(_, word)| word["type"].as_str().unwrap_or_default().to_owned());
        kinds.filter(|kind| kind != "audio").collect()
    }

    /// The caller's sound, in mu-law.
    pub(crate) fn sound(&self) -> Vec<u8> {
        let data = |word: &Value| STANDARD.decode(word["data"].as_str().expect("sound")).expect("base64");
        self.of("audio").iter().flat_map(data).collect()
    }

    /// Keeps a word.
    pub(crate) fn note(&self, word: &Value) {
        self.0.lock().unwrap().push((Instant::now(), word.clone()));
    }
}

/// An agent that listens somewhere.
pub(crate) struct Agent {
    pub(crate) url: String,
    pub(crate) told: Told,
}

impl Agent {
    /// Who does this in every conversation.
    pub(crate) async fn who<F>(plays: impl Fn(Conversation) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}/calls", listener.local_addr().expect("an address"));
        let told = Told::default();
        let (agents, plays) = (told.clone(), Arc::new(plays));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (told, plays) = (agents.clone(), Arc::clone(&plays));
                tokio::spawn(async move { plays(Conversation::accept(socket, told).await).await });
            }
        });
        Self { url, told }
    }

    /// The rows of `[lines.agent]` that lead here.
    pub(crate) fn rows(&self) -> String {
        format!(
            "kind = \"websocket\"\nurl = \"{}\"\ntools = [\"transfer\", \"take_message\", \"hangup_after_speech\", \
             \"set_tag\", \"emergency\", \"send_digits\", \"page\"]\n",
            self.url
        )
    }
}

/// One conversation, with its socket.
pub(crate) struct Conversation {
    pub(crate) socket: WebSocketStream<TcpStream>,
    told: Told,
}

impl Conversation {
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    async fn accept(socket: TcpStream, told: Told) -> Self {
        socket.set_nodelay(true).expect("a socket");
        let agree = |request: &Request, mut answer: Response| {
            let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
            told.note(&json!({"type": "upgrade", "authorization": shown}));
            if let Some(offered) = request.headers().get("sec-websocket-protocol") {
                answer.headers_mut().insert("sec-websocket-protocol", offered.clone());
            }
            Ok(answer)
        };
        Self { socket: accept_hdr_async(socket, agree).await.expect("a handshake"), told }
    }

    /// The next word; `None` when the house has closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(LONG, self.socket.next()).await.expect("the house says something")? {
                Ok(Message::Text(text)) => {
                    let word: Value = serde_json::from_str(&text).expect("JSON");
                    self.told.note(&word);
                    return Some(word);
                }
                Ok(Message::Close(frame)) => {
                    let code = frame.map_or(0, |frame| frame.code.into());
                    self.told.note(&json!({"type": "close", "code": code}));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Listens until a word of this type.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let word = self.next().await.unwrap_or_else(|| panic!("the house closed before `{kind}`"));
            if word["type"] == kind {
                return word;
            }
        }
    }

    /// Listens until the caller's whistle has begun and is over.
    pub(crate) async fn until_whistled(&mut self) {
        let (mut loud, mut quiet) = (0, 0);
        while loud < 10 || quiet < 5 {
            let audio = self.until("audio").await;
            let data = STANDARD.decode(audio["data"].as_str().expect("sound")).expect("base64");
            let is_loud = data.iter().any(|byte| g711::decode(*byte).abs() > 1_000);
            (loud, quiet) = if is_loud { (loud + 1, 0) } else { (loud, quiet + 1) };
        }
    }

    /// Listens to the end.
    pub(crate) async fn listen_to_the_end(mut self) {
        while self.next().await.is_some() {}
    }

    /// Waits for the call, and is ready; `with` is added to `ready`.
    pub(crate) async fn begin(&mut self, with: Value) {
        self.until("start").await;
        let mut ready = json!({"type": "ready", "protocol": "switchboard-agent/1", "name": "test"});
        ready.as_object_mut().expect("an object").extend(with.as_object().expect("an object").clone());
        self.say(ready).await;
    }

    pub(crate) async fn say(&mut self, word: Value) {
        // A house that has hung up is noticed when it is read.
        let _ = self.socket.send(Message::text(word.to_string())).await;
    }

    /// A whole utterance.
    pub(crate) async fn tone(&mut self, utt: &str, hz: f64, ms: u32) {
        self.part(utt, hz, ms).await;
        self.say(json!({"type": "audio_end", "utt": utt})).await;
    }

    /// One that goes on.
    pub(crate) async fn part(&mut self, utt: &str, hz: f64, ms: u32) {
        for piece in tone(hz, ms).chunks(4_000) {
            self.say(json!({"type": "audio", "utt": utt, "data": STANDARD.encode(piece)})).await;
        }
    }

    pub(crate) async fn tool(&mut self, id: &str, name: &str, args: Value) {
        self.say(json!({"type": "tool.call", "id": id, "name": name, "args": args})).await;
    }
}
