//! A server that plays a script: what it says, when it dies, and what it was told.

use super::caller::tone;
use crate::streams::LONG;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::audio::tone as tones;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// What a script's time limits, which are for a clock of its own, are stretched by: a real machine is busy.
const SLACK_MS: u64 = 400;

/// Everything that a server heard: on which connection, milliseconds of the script, and what.
type Heard = Arc<Mutex<Vec<(usize, u64, Value)>>>;

/// A server, and the script that it plays.
pub(crate) struct Vendor {
    /// `ws://127.0.0.1:…/v1`
    pub(crate) url: String,
    lines: Vec<Value>,
    heard: Heard,
    /// Headers of the first upgrade.
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Vendor {
    /// Plays this script, to everybody who connects; the second connection gets what follows the script's second `open`.
    pub(crate) async fn plays(script: &str, variant: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}/v1", listener.local_addr().expect("an address"));
        let lines = load(script, variant);
        let (heard, asked) = (Heard::default(), Arc::default());
        let (all, log, headers) = (lines.clone(), Arc::clone(&heard), Arc::clone(&asked));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((socket, _)) = listener.accept().await else { return };
                let open = |line: &Value| line["op"] == "open";
                let parts: Vec<&[Value]> = all.split_inclusive(|line| open(line)).collect();
                // Everything behind this connection's `open`, up to the next one.
                let opened = all.iter().filter(|line| open(line)).nth(connection).and_then(|line| line["ms"].as_u64());
                let part = parts.get(connection + 1).map_or(Vec::new(), |part| part.to_vec());
                let playing = Playing::accept(socket, connection, opened.unwrap_or(0), &headers).await;
                tokio::spawn(playing.run(part, Arc::clone(&log)));
            }
        });
        Self { url, lines, heard, asked }
    }

    /// The rows of `[lines.agent]` that lead here.
    pub(crate) fn rows(&self) -> String {
        format!(
            "kind = \"openai-realtime\"\nbase_url = \"{}\"\ninstructions = \"You answer the telephone of a made-up \
             bakery. Be brief.\"\n",
            self.url
        )
    }

    /// What it was told of one type, on any connection.
    pub(crate) fn of(&self, kind: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|(_, _, event)| event["type"] == kind).map(|(_, _, event)| event.clone()).collect()
    }

    /// All sound of the caller that it was sent.
    pub(crate) fn sound(&self) -> Vec<u8> {
        let sound = |event: &Value| STANDARD.decode(event["audio"].as_str().expect("sound")).expect("base64");
        self.of("input_audio_buffer.append").iter().flat_map(sound).collect()
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(connection, ..)| connection + 1).max().unwrap_or(0)
    }

    /// Everything that the script itself demands of a client.
    pub(crate) fn check(&self) {
        let asked = self.asked.lock().unwrap();
        assert!(asked.contains(&("authorization".to_owned(), "Bearer test-key".to_owned())), "{asked:?}");
        assert!(!asked.iter().any(|(name, _)| name == "openai-beta"), "the old protocol is not asked for");
        let heard = self.heard.lock().unwrap();
        let mut used = vec![false; heard.len()];
        for line in self.lines.iter().filter(|line| line["dir"] == "c>s") {
            let (by, least) =
                (line["by_ms"].as_u64().expect("a time") + SLACK_MS, line["min_count"].as_u64().unwrap_or(1));
            for _ in 0..least {
                let fit = |n: &usize| !used[*n] && heard[*n].1 <= by && fits(&heard[*n].2, &line["expect"]);
                let found = (0..heard.len()).find(fit);
                used[found.unwrap_or_else(|| panic!("not told by {by}: {}", line["expect"]))] = true;
            }
        }
        for line in self.lines.iter().filter(|line| line["dir"] == "forbid" && line["expect"]["carrier"].is_null()) {
            let window = line["from_ms"].as_u64().expect("a time")..=line["to_ms"].as_u64().expect("a time");
            let told = heard.iter().find(|(_, at, event)| window.contains(at) && fits(event, &line["expect"]));
            assert!(told.is_none(), "forbidden: {told:?}");
        }
    }
}

/// One connection.
struct Playing {
    socket: WebSocketStream<TcpStream>,
    connection: usize,
    /// When it opened, and what the script's clock said then.
    began: (Instant, u64),
}

impl Playing {
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    async fn accept(socket: TcpStream, connection: usize, at: u64, asked: &Mutex<Vec<(String, String)>>) -> Self {
        socket.set_nodelay(true).expect("a socket");
        let note = |request: &Request, answer: Response| {
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
            asked.lock().unwrap().extend(headers);
            Ok(answer)
        };
        let socket = accept_hdr_async(socket, note).await.expect("a handshake");
        Self { socket, connection, began: (Instant::now(), at) }
    }

    fn ms(&self) -> u64 {
        u64::try_from(self.began.0.elapsed().as_millis()).expect("it fits") + self.began.1
    }

    async fn run(mut self, mut part: Vec<Value>, heard: Heard) {
        part.retain(|line| line["dir"] == "s>c" || line["dir"] == "net");
        part.sort_by_key(|line| line["ms"].as_u64());
        for line in part {
            let due = line["ms"].as_u64().expect("a time").saturating_sub(self.began.1);
            let due = self.began.0 + Duration::from_millis(due);
            if !self.listen(Some(due), &heard).await {
                return;
            }
            match line["op"].as_str() {
                Some("drop") => return,
                // Nobody reads and nobody answers, not even pings.
                Some("freeze") => return tokio::time::sleep(LONG).await,
                Some("close") => {
                    let _ = self.socket.close(None).await;
                    return;
                }
                Some(_) => {}
                None if self.is_wanted(&line, &heard) => {
                    let _ = self.socket.send(Message::text(line["event"].to_string())).await;
                }
                None => {}
            }
        }
        self.listen(None, &heard).await;
    }

    /// `only_if`: only after the client has sent such an event.
    fn is_wanted(&self, line: &Value, heard: &Heard) -> bool {
        let heard = heard.lock().unwrap();
        line["only_if"].is_null() || heard.iter().any(|(_, _, event)| fits(event, &line["only_if"]))
    }

    /// Notes what comes until then; `false`: the client is gone.
    async fn listen(&mut self, until: Option<Instant>, heard: &Heard) -> bool {
        let until = until.unwrap_or_else(|| Instant::now() + LONG);
        loop {
            let message = tokio::select! {
                biased;
                message = self.socket.next() => message,
                () = sleep_until(until) => return true,
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let event = serde_json::from_str(&text).expect("JSON");
                    heard.lock().unwrap().push((self.connection, self.ms(), event));
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(0, |frame| frame.code.into());
                    let event = json!({"type": "close", "code": code});
                    heard.lock().unwrap().push((self.connection, self.ms(), event));
                    let _ = timeout(LONG, self.socket.next()).await;
                    return false;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }
}

/// The lines of a script, without those of other variants, with sound in place of its description.
fn load(name: &str, variant: Option<&str>) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/agents/openai-realtime/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the script");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["variant"].is_null() || line["variant"].as_str() == variant).map(expand).collect()
}

fn expand(mut line: Value) -> Value {
    let delta = &line["event"]["delta"];
    let of = |what: &Value| {
        let ms = u32::try_from(what["ms"].as_u64().expect("a length")).expect("it fits");
        (what["tone_hz"].as_f64().expect("a tone"), ms)
    };
    let bytes = if delta["$ulaw"].is_object() {
        let (hz, ms) = of(&delta["$ulaw"]);
        tone(hz, ms)
    } else if delta["$pcm24k"].is_object() {
        let (hz, ms) = of(&delta["$pcm24k"]);
        tones::sine(hz, ms, 0.3, 24_000).into_iter().flat_map(i16::to_le_bytes).collect()
    } else {
        return line;
    };
    line["event"]["delta"] = json!(STANDARD.encode(bytes));
    line
}

/// Whether `told` holds all of `expect`. Ranges of what was heard are for the script's own clock: any number will do.
fn fits(told: &Value, expect: &Value) -> bool {
    match expect {
        Value::String(any) if any == "$any" => !told.is_null(),
        Value::Object(expected) if expected.contains_key("$range") => told.is_number(),
        Value::Object(expected) => expected.iter().all(|(key, expect)| fits(&told[key], expect)),
        Value::Array(expected) => told.as_array().is_some_and(|told| {
            told.len() == expected.len() && told.iter().zip(expected).all(|(told, expect)| fits(told, expect))
        }),
        other => told == other,
    }
}
