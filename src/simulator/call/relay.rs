//! ConversationRelay: Twilio hears and speaks, the socket carries words (PROTOCOL.md 5). The caller's words are those of
//! the script, so nothing depends on a recogniser; an `s` among the acts speaks over the line, and is a cough if no words are
//! left. It takes real time, because the server has clocks of its own.

use super::run::Run;
use super::stage::HungUp;
use crate::simulator::act::Act;
use crate::simulator::clock::Speed;
use crate::simulator::http::{Fault, Fields, Socket};
use crate::simulator::masked::masked;
use crate::simulator::script::speaking_time;
use crate::simulator::transcript::Actor;
use crate::twiml::{ConversationRelay, Interruption, RelayDebug, RelayDebugs, RelayNoun};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// An answer that takes longer is not waited for, in real time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A server that speaks first, or goes on, does so within this.
const PAUSE: Duration = Duration::from_millis(400);
/// From the caller's last voice until he is taken to have finished.
const ENDPOINT: Duration = Duration::from_millis(500);
/// A caller with nothing left to say stays for so long.
const LAST_MOMENT: Duration = Duration::from_secs(5);
/// What has come already.
const AT_ONCE: Duration = Duration::from_millis(20);
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
    /// A message that was read and not yet taken.
    waiting: Option<String>,
    ways: Ways,
}

/// What the document asks of the session.
#[derive(Clone, Copy)]
struct Ways {
    /// Words are told as they come.
    partial: bool,
    keys: bool,
    /// Speech interrupts the line, and the greeting.
    speech_cuts: bool,
    speech_cuts_greeting: bool,
    /// Who begins and stops speaking is told.
    speakers: bool,
}

impl Ways {
    fn of(relay: &ConversationRelay) -> Self {
        let cuts = |by: Option<Interruption>| !matches!(by, Some(Interruption::None | Interruption::Dtmf));
        let speakers = |debug: &RelayDebugs| debug.as_slice().contains(&RelayDebug::SpeakerEvents);
        Self {
            partial: relay.partial_prompts == Some(true),
            keys: relay.dtmf_detection != Some(false),
            speech_cuts: cuts(relay.interruptible),
            speech_cuts_greeting: cuts(relay.welcome_greeting_interruptible),
            speakers: relay.debug.as_ref().is_some_and(speakers),
        }
    }
}

impl Run<'_, '_> {
    /// Hands the call to the socket until one side has enough. Returns what the Connect's action is told.
    pub(super) async fn relay(&mut self, relay: &ConversationRelay) -> Fields {
        let sid = self.stage.sids.next("VX");
        let began = self.stage.clock.at();
        let over = match self.open_relay(relay, &sid).await {
            Ok(session) => {
                let speed = self.stage.clock.change_speed(Speed::REAL);
                let over = self.converse(relay, session).await;
                self.stage.clock.change_speed(speed);
                over
            }
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
        self.stage.did(Actor::Carrier, format!("relays the conversation to {}", masked(url)));
        let opened = self.stage.carrier.client.open_socket(url, turn).await;
        let socket = opened.map_err(|fault| Fault::new(NO_CONNECTION, fault.why))?;
        let language = relay.language.clone().unwrap_or_else(|| "en-US".to_owned());
        let mut session =
            Session { socket, language, invalid: 0, tokens: String::new(), waiting: None, ways: Ways::of(relay) };
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

    /// Turn by turn: the line has its say, then the caller. Whoever hangs up does so with a word.
    async fn converse(&mut self, relay: &ConversationRelay, mut session: Session) -> Result<Over, HungUp> {
        let over = self.turns(relay, &mut session).await;
        if over.is_err() {
            let goodbye = CloseFrame { code: 1000.into(), reason: "".into() };
            let _ = timeout(PATIENCE, session.socket.close(Some(goodbye))).await;
        }
        over
    }

    async fn turns(&mut self, relay: &ConversationRelay, session: &mut Session) -> Result<Over, HungUp> {
        let mut patience = PAUSE;
        if let Some(greeting) = relay.welcome_greeting.as_deref() {
            let cuts = session.ways.speech_cuts_greeting;
            patience = self.line_says(session, greeting, cuts).await?;
        }
        loop {
            match self.hear_line(session, patience).await {
                Heard::Over(over) => return Ok(over),
                Heard::Words(words) => {
                    let cuts = session.ways.speech_cuts;
                    patience = self.line_says(session, &words, cuts).await?;
                    continue;
                }
                Heard::Nothing if patience == LAST_MOMENT => return Err(self.stage.hang_up()),
                Heard::Nothing if patience == PATIENCE => {
                    self.stage.warn(0, format!("no answer within {} s", PATIENCE.as_secs()));
                }
                Heard::Nothing => {}
            }
            patience = if self.callers_turn(session).await? { PATIENCE } else { LAST_MOMENT };
        }
    }

    /// The line speaks, unless the caller's script says to interrupt it half-way. How long it is listened to then.
    async fn line_says(&mut self, session: &mut Session, words: &str, may_be_cut: bool) -> Result<Duration, HungUp> {
        session.tell_speaker("agentSpeaking", true).await;
        let interrupts = self.person.acts().pop_front_if(|act| *act == Act::Speak).is_some();
        if !(interrupts && may_be_cut) {
            if interrupts {
                self.stage.did(self.actor(), "speaks over the line, which does not listen");
            }
            self.speak(words, 1).await?;
            session.tell_speaker("agentSpeaking", false).await;
            return Ok(PAUSE);
        }
        let half = words.chars().count().div_ceil(2);
        let heard: String = words.chars().take(half).collect();
        let time = speaking_time(&heard);
        self.speak(&heard, 1).await?;
        self.stage.did(self.actor(), "interrupts");
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let interrupt =
            json!({ "type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": ms });
        session.tell_speaker("clientSpeaking", true).await;
        // A socket that is gone is found out by whoever listens next.
        let _ = session.send(&interrupt).await;
        session.tell_speaker("agentSpeaking", false).await;
        // What the line had been given beyond that is not said.
        while session.tokens.is_empty() && session.forget_text().await {}
        session.tokens.clear();
        if self.person.has_words() {
            self.callers_turn(session).await?;
        } else {
            session.tell_speaker("clientSpeaking", false).await;
        }
        Ok(PATIENCE)
    }

    /// What the caller says or presses next. `false`: nothing is left; a little later the phone goes down.
    async fn callers_turn(&mut self, session: &mut Session) -> Result<bool, HungUp> {
        if let Some((thought, words)) = self.person.sentence() {
            self.stage.pass(thought).await?;
            self.caller_speaks(session, &words).await?;
            return Ok(true);
        }
        if let Some(after) = self.person.hangs_up_within(Duration::MAX) {
            self.stage.pass(after).await?;
            return Err(self.stage.hang_up());
        }
        if let Some((after, key)) = self.person.key_within(Duration::MAX) {
            self.stage.pass(after).await?;
            self.stage.did(self.actor(), format!("presses {key}"));
            if session.ways.keys {
                let _ = session.send(&json!({ "type": "dtmf", "digit": key })).await;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// The caller speaks; the words are told when he has finished, and half of them before where that is asked for.
    async fn caller_speaks(&mut self, session: &mut Session, words: &str) -> Result<(), HungUp> {
        session.tell_speaker("clientSpeaking", true).await;
        if session.ways.partial {
            let some: Vec<&str> = words.split_whitespace().collect();
            let half = some.get(..some.len().div_ceil(2)).unwrap_or_default().join(" ");
            let _ = session.prompt(&half, false).await;
        }
        self.caller_says(words).await?;
        session.tell_speaker("clientSpeaking", false).await;
        self.stage.pass(ENDPOINT).await?;
        // A socket that is gone is found out by whoever listens next.
        let _ = session.prompt(words, true).await;
        Ok(())
    }

    /// Listens until the line has finished a sentence.
    async fn hear_line(&mut self, session: &mut Session, patience: Duration) -> Heard {
        let began = self.stage.clock.wall().now();
        let heard = self.hear_socket(session, patience).await;
        let took = self.stage.clock.wall().now() - began;
        self.stage.clock.charge(took.to_std().unwrap_or_default());
        heard
    }

    async fn hear_socket(&mut self, session: &mut Session, patience: Duration) -> Heard {
        loop {
            let lost = || Fault::new(LOST, "Network connection to WebSocket server failed.");
            let next = match session.waiting.take() {
                Some(text) => Ok(Some(Ok(Message::text(text)))),
                None => timeout(patience, session.socket.next()).await,
            };
            let text = match next {
                Err(_) if session.tokens.is_empty() => return Heard::Nothing,
                Err(_) => return Heard::Words(std::mem::take(&mut session.tokens)),
                Ok(Some(Ok(Message::Text(text)))) => text,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
                Ok(Some(Ok(Message::Binary(_)))) => String::new().into(),
                Ok(_) => return Heard::Over(Over::Failed(lost())),
            };
            match serde_json::from_str(&text) {
                Ok(said) => {
                    session.invalid = 0;
                    if let Some(heard) = self.obey_line(session, said).await {
                        return heard;
                    }
                }
                Err(why) => {
                    if let Some(over) = self.complain(session, &text, &why.to_string()).await {
                        return Heard::Over(over);
                    }
                }
            }
        }
    }

    /// Does what the server says; what can be heard of it once a sentence is whole.
    async fn obey_line(&mut self, session: &mut Session, said: Said) -> Option<Heard> {
        match said {
            Said::Text { token, last } => {
                session.tokens += &token;
                let whole = last && !session.tokens.trim().is_empty();
                return whole.then(|| Heard::Words(std::mem::take(&mut session.tokens)));
            }
            Said::Play { source } => self.stage.did(Actor::Line, format!("plays {source} (not fetched)")),
            Said::SendDigits { digits } => self.stage.did(Actor::Line, format!("plays the keys {digits}")),
            Said::Language { tts_language, transcription_language } => {
                session.language = transcription_language.or(tts_language).unwrap_or_default();
                self.stage.did(Actor::Carrier, format!("goes on in {}", session.language));
            }
            Said::End { handoff_data } => {
                let _ = timeout(PATIENCE, session.socket.close(None)).await;
                return Some(Heard::Over(Over::ByServer { handoff: handoff_data }));
            }
        }
        None
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
    async fn prompt(&mut self, words: &str, last: bool) -> Result<(), Fault> {
        let prompt = json!({ "type": "prompt", "voicePrompt": words, "lang": self.language, "last": last });
        self.send(&prompt).await
    }

    /// Who begins or stops speaking. Not documented; as others have seen it on real calls.
    async fn tell_speaker(&mut self, who: &str, on: bool) {
        if self.ways.speakers {
            let value = if on { "on" } else { "off" };
            let _ = self.send(&json!({ "type": "info", "name": who, "value": value })).await;
        }
    }

    /// Drops a text that is here already. `false`: there is none, or it is something else, which waits.
    async fn forget_text(&mut self) -> bool {
        let Ok(Some(Ok(Message::Text(text)))) = timeout(AT_ONCE, self.socket.next()).await else { return false };
        match serde_json::from_str(&text) {
            Ok(Said::Text { .. }) => true,
            _ => {
                self.waiting = Some(text.as_str().to_owned());
                false
            }
        }
    }

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
