//! ConversationRelay: Twilio hears and speaks, the socket carries words (PROTOCOL.md 5). The caller's words are those of
//! the script, so nothing depends on a recogniser; an `s` among the acts speaks over the line.

use super::run::Run;
use super::stage::HungUp;
use crate::simulator::act::Act;
use crate::simulator::http::{Fault, Fields, Socket};
use crate::simulator::script::speaking_time;
use crate::simulator::transcript::Actor;
use crate::twiml::{ConversationRelay, RelayNoun};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// An answer that takes longer is not waited for, in real time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A server that speaks first does so within this, in real time.
const FIRST_WORD: Duration = Duration::from_millis(300);
/// A caller with nothing left to say stays for so long.
const LAST_MOMENT: Duration = Duration::from_secs(5);
/// So many messages nobody understands end the session.
const MOST_INVALID: u32 = 10;
/// Twilio's codes: no connection, invalid message, too many of those, connection lost.
const NO_CONNECTION: u32 = 64102;
const INVALID: u32 = 64107;
const TOO_MANY: u32 = 64105;
const LOST: u32 = 39001;

/// What the server says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Said {
    Text {
        token: String,
        #[serde(default)]
        last: bool,
    },
    Play {
        source: String,
    },
    SendDigits {
        digits: String,
    },
    Language {
        #[serde(default)]
        tts_language: Option<String>,
        #[serde(default)]
        transcription_language: Option<String>,
    },
    End {
        #[serde(default)]
        handoff_data: Option<String>,
    },
}

/// What came of listening.
enum Heard {
    /// The line has said all of this.
    Words(String),
    Nothing,
    Over(Over),
}

/// How a session ended.
enum Over {
    ByServer { handoff: Option<String> },
    Failed(Fault),
}

/// A session that runs.
struct Session {
    socket: Socket,
    language: String,
    /// Invalid messages in a row.
    invalid: u32,
    /// Tokens of a sentence that is not whole yet.
    tokens: String,
}

impl Run<'_, '_> {
    /// Hands the call to the socket until one side has enough. Returns what the Connect's action is told.
    pub(super) async fn relay(&mut self, relay: &ConversationRelay) -> Fields {
        let sid = self.stage.sids.next("VX");
        let began = self.stage.clock.at();
        let over = match self.open_relay(relay, &sid).await {
            Ok(session) => self.converse(relay, session).await,
            Err(fault) => Ok(Over::Failed(fault)),
        };
        let seconds = (self.stage.clock.at() - began).as_secs();
        let mut told: Fields = vec![("SessionId", sid), ("SessionDuration", seconds.to_string())];
        let status = match over {
            Err(HungUp) => "completed",
            Ok(Over::ByServer { handoff }) => {
                told.extend(handoff.map(|data| ("HandoffData", data)));
                "ended"
            }
            Ok(Over::Failed(Fault { code, why, .. })) => {
                self.stage.fail(code, why.clone());
                told.extend([("ErrorCode", code.to_string()), ("ErrorMessage", why)]);
                "failed"
            }
        };
        self.stage.did(Actor::Carrier, format!("ends the relayed conversation after {seconds} s: {status}"));
        told.push(("SessionStatus", status.to_owned()));
        told
    }

    async fn open_relay(&mut self, relay: &ConversationRelay, sid: &str) -> Result<Session, Fault> {
        let url = relay.url.as_deref().unwrap_or_default().trim();
        let turn = self.stage.turn;
        self.stage.turn = turn.wrapping_add(1);
        self.stage.did(Actor::Carrier, format!("relays the conversation to {url}"));
        let opened = self.stage.carrier.client.open_socket(url, turn).await;
        let socket = opened.map_err(|fault| Fault::new(NO_CONNECTION, fault.why))?;
        let language = relay.language.clone().unwrap_or_else(|| "en-US".to_owned());
        let mut session = Session { socket, language, invalid: 0, tokens: String::new() };
        let custom: Map<String, Value> = relay.nouns.iter().filter_map(parameter).collect();
        let setup = json!({
            "type": "setup", "sessionId": sid, "accountSid": self.stage.carrier.account_sid,
            "parentCallSid": "", "callSid": self.leg.sid, "from": self.leg.from, "to": self.leg.to,
            "forwardedFrom": "", "callType": "PSTN", "callerName": "", "direction": self.leg.direction,
            "callStatus": self.leg.status.to_uppercase(), "customParameters": custom,
        });
        session.send(&setup).await?;
        Ok(session)
    }

    /// Turn by turn: the line has its say, then the caller.
    async fn converse(&mut self, relay: &ConversationRelay, mut session: Session) -> Result<Over, HungUp> {
        let mut patience = FIRST_WORD;
        if let Some(greeting) = relay.welcome_greeting.as_deref() {
            self.line_says(&mut session, greeting).await?;
        }
        loop {
            match self.hear_line(&mut session, patience).await {
                Heard::Over(over) => return Ok(over),
                Heard::Words(words) => self.line_says(&mut session, &words).await?,
                Heard::Nothing if patience == PATIENCE => {
                    self.stage.warn(0, format!("no answer within {} s", PATIENCE.as_secs()));
                }
                Heard::Nothing => {}
            }
            patience = PATIENCE;
            let turn = self.callers_turn(&session.language).await?;
            if let Err(fault) = session.send(&turn).await {
                return Ok(Over::Failed(fault));
            }
        }
    }

    /// The line speaks, unless the caller's script says to interrupt it half-way.
    async fn line_says(&mut self, session: &mut Session, words: &str) -> Result<(), HungUp> {
        let interrupts = self.person.acts().front() == Some(&Act::Speak);
        if !interrupts {
            return self.speak(words, 1).await;
        }
        self.person.acts().pop_front();
        let half = words.chars().count().div_ceil(2);
        let heard: String = words.chars().take(half).collect();
        let time = speaking_time(&heard);
        self.speak(&heard, 1).await?;
        self.stage.did(self.actor(), "interrupts");
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let interrupt =
            json!({ "type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": ms });
        // A socket that is gone is found out by whoever listens next.
        let _ = session.send(&interrupt).await;
        Ok(())
    }

    /// What the caller says or presses next; with nothing left, the phone goes down.
    async fn callers_turn(&mut self, language: &str) -> Result<Value, HungUp> {
        if let Some((thought, words)) = self.person.sentence() {
            self.stage.pass(thought).await?;
            self.caller_says(&words).await?;
            return Ok(json!({ "type": "prompt", "voicePrompt": words, "lang": language, "last": true }));
        }
        if let Some((after, key)) = self.person.key_within(Duration::MAX) {
            self.stage.pass(after).await?;
            self.stage.did(self.actor(), format!("presses {key}"));
            return Ok(json!({ "type": "dtmf", "digit": key }));
        }
        self.stage.pass(LAST_MOMENT).await?;
        Err(self.stage.hang_up())
    }

    /// Listens until the line has finished a sentence.
    async fn hear_line(&mut self, session: &mut Session, patience: Duration) -> Heard {
        loop {
            let lost = || Fault::new(LOST, "Network connection to WebSocket server failed.");
            let text = match timeout(patience, session.socket.next()).await {
                Err(_) if session.tokens.is_empty() => return Heard::Nothing,
                Err(_) => return Heard::Words(std::mem::take(&mut session.tokens)),
                Ok(Some(Ok(Message::Text(text)))) => text,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
                Ok(Some(Ok(Message::Binary(_)))) => String::new().into(),
                Ok(_) => return Heard::Over(Over::Failed(lost())),
            };
            let said = match serde_json::from_str(&text) {
                Ok(said) => said,
                Err(why) => {
                    if let Some(over) = self.complain(session, &text, &why.to_string()).await {
                        return Heard::Over(over);
                    }
                    continue;
                }
            };
            session.invalid = 0;
            match said {
                Said::Text { token, last } => {
                    session.tokens += &token;
                    if last {
                        return Heard::Words(std::mem::take(&mut session.tokens));
                    }
                }
                Said::Play { source } => self.stage.did(Actor::Line, format!("plays {source} (not fetched)")),
                Said::SendDigits { digits } => self.stage.did(Actor::Line, format!("plays the keys {digits}")),
                Said::Language { tts_language, transcription_language } => {
                    session.language = transcription_language.or(tts_language).unwrap_or_default();
                    self.stage.did(Actor::Carrier, format!("goes on in {}", session.language));
                }
                Said::End { handoff_data } => {
                    let _ = timeout(PATIENCE, session.socket.close(None)).await;
                    return Heard::Over(Over::ByServer { handoff: handoff_data });
                }
            }
        }
    }

    /// A message nobody understands: the server is told; after ten of them the session is over.
    async fn complain(&mut self, session: &mut Session, text: &str, why: &str) -> Option<Over> {
        session.invalid += 1;
        self.stage.warn(INVALID, format!("ConversationRelay - invalid message: {why}"));
        if session.invalid >= MOST_INVALID {
            let close = CloseFrame { code: 1007.into(), reason: "".into() };
            let _ = timeout(PATIENCE, session.socket.close(Some(close))).await;
            let words = "ConversationRelay - ten messages in a row were invalid";
            return Some(Over::Failed(Fault::new(TOO_MANY, words)));
        }
        let error = json!({ "type": "error", "description": format!("Invalid message received: {text}") });
        session.send(&error).await.err().map(Over::Failed)
    }
}

impl Session {
    async fn send(&mut self, message: &Value) -> Result<(), Fault> {
        let lost = || Fault::new(LOST, "Network connection to WebSocket server failed.");
        let sent = timeout(PATIENCE, self.socket.send(Message::text(message.to_string()))).await;
        sent.map_err(|_| lost())?.map_err(|_| lost())
    }
}

fn parameter(noun: &RelayNoun) -> Option<(String, Value)> {
    match noun {
        RelayNoun::Parameter(parameter) => Some((parameter.name.clone(), parameter.value.as_str().into())),
        RelayNoun::Language(_) => None,
    }
}
