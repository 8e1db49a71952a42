//! Who talks to callers on a line: `[lines.agent]` of `switchboard.toml`. Never a secret.

use super::action::{Action, Target};
use super::barge_in::BargeIn;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a `talk` key opens. Without the table: the built-in script.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Which engine, and what only that engine is told.
    pub kind: AgentKind,
    /// What the agent may ask the house to do.
    pub tools: Vec<AgentTool>,
    /// Where `transfer` may lead, by name.
    pub targets: BTreeMap<String, Target>,
    /// Extensions of zones that `page` may page.
    pub page_zones: Vec<String>,
    /// What the caller meets when the agent cannot be had, or fails: a dial, or the mailbox.
    pub on_failure: Action,
    /// What the caller meets when the agent gives the call back.
    pub on_end: Action,
    /// How soon a voice counts.
    pub barge_in: BargeIn,
    /// Playback pauses on suspicion of speech and goes on if it was none.
    pub hold: bool,
    /// The variable with what this agent and we both know; absent: the one of all agents.
    pub secret_env: Option<String>,
    /// How much of the caller's number the agent gets.
    pub caller_number: CallerNumber,
    /// After a broken connection, dial once more and go on.
    pub reconnect: bool,
    /// Said while an answer is late.
    pub one_moment: String,
    /// Longest conversation in seconds. 10 to 14400.
    pub max_s: u32,
    /// How long the agent is waited for.
    pub patience: Patience,
}

impl Default for Agent {
    /// The built-in script, and the mailbox behind it.
    fn default() -> Self {
        Self {
            kind: AgentKind::Script(Arc::new(Script::builtin())),
            tools: vec![AgentTool::TakeMessage, AgentTool::HangUp, AgentTool::SetTag],
            targets: BTreeMap::new(),
            page_zones: Vec::new(),
            on_failure: Action::Voicemail,
            on_end: Action::Voicemail,
            barge_in: BargeIn::default(),
            hold: false,
            secret_env: None,
            caller_number: CallerNumber::default(),
            reconnect: false,
            one_moment: "One moment, please.".to_owned(),
            max_s: 3600,
            patience: Patience::default(),
        }
    }
}

/// Which engine.
#[derive(Clone, Debug, PartialEq)]
pub enum AgentKind {
    /// Prompts and answers from a file, offline.
    Script(Arc<Script>),
    /// `switchboard-agent/1`: docs/AGENT_PROTOCOL.md.
    WebSocket {
        /// `wss://…`; `ws://` on loopback only.
        url: String,
    },
    /// OpenAI's Realtime API, or what speaks it.
    OpenAiRealtime(Realtime),
    /// The carrier hears and speaks; text goes to and from another engine.
    ConversationRelay(Relay),
}

impl AgentKind {
    /// What answers, whoever hears and speaks for it.
    #[must_use]
    pub fn brain(&self) -> &Self {
        match self {
            Self::ConversationRelay(relay) => &relay.text,
            other => other,
        }
    }
}

impl Agent {
    /// Where the carrier hears and speaks: how.
    #[must_use]
    pub const fn relay(&self) -> Option<&Relay> {
        match &self.kind {
            AgentKind::ConversationRelay(relay) => Some(relay),
            _ => None,
        }
    }
}

/// Settings of OpenAI's Realtime API.
#[derive(Clone, Debug, PartialEq)]
pub struct Realtime {
    /// Scheme, host and path up to `/realtime`: `wss://api.openai.com/v1`.
    pub base_url: String,
    /// `gpt-realtime`.
    pub model: String,
    /// `marin`.
    pub voice: String,
    /// Who it is and what it may say.
    pub instructions: String,
    /// What its first words shall be; absent: it waits for the caller.
    pub greeting: Option<String>,
    /// Model that writes down the caller's words; absent: nobody does.
    pub transcription_model: Option<String>,
    /// Its own voice activity decides interruptions.
    pub trust_vendor_vad: bool,
}

/// Settings of the carrier's ConversationRelay; `None` is what the carrier does unasked.
#[derive(Clone, Debug, PartialEq)]
pub struct Relay {
    /// What answers, in text only: a script, or `switchboard-agent/1`.
    pub text: Box<AgentKind>,
    /// Said by the carrier at once, while the agent is still being called.
    pub greeting: Option<String>,
    /// `ElevenLabs`, `Google` or `Amazon`.
    pub tts_provider: Option<String>,
    /// The provider's name of a voice.
    pub voice: Option<String>,
    /// `Deepgram` or `Google`.
    pub transcription_provider: Option<String>,
    /// The provider's name of a recogniser.
    pub speech_model: Option<String>,
    /// What cuts the agent off.
    pub interruptible: Interruptible,
    /// How easily speech does: `low`, `medium`, `high`.
    pub interrupt_sensitivity: Option<String>,
    /// Keys are told.
    pub dtmf: bool,
    /// Words that callers are likely to say.
    pub hints: Vec<String>,
}

/// What cuts an agent off that the carrier speaks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interruptible {
    /// Nothing.
    None,
    /// Keys.
    Dtmf,
    /// Speech.
    Speech,
    /// Both.
    #[default]
    Any,
}

impl Interruptible {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Any, Self::Speech, Self::Dtmf, Self::None];

    /// As the file writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Dtmf => "dtmf",
            Self::Speech => "speech",
            Self::Any => "any",
        }
    }
}

/// Tools of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgentTool {
    /// Put the caller through to one of `targets`.
    Transfer,
    /// On to the mailbox.
    TakeMessage,
    /// Page a zone.
    Page,
    /// End the call after the last word.
    HangUp,
    /// A note on the call.
    SetTag,
    /// A person, at once.
    Emergency,
    /// Keys, to the other side.
    SendDigits,
}

impl AgentTool {
    /// All of them, with their names on every wire.
    pub const ALL: [(&'static str, Self); 7] = [
        ("transfer", Self::Transfer),
        ("take_message", Self::TakeMessage),
        ("page", Self::Page),
        ("hangup_after_speech", Self::HangUp),
        ("set_tag", Self::SetTag),
        ("emergency", Self::Emergency),
        ("send_digits", Self::SendDigits),
    ];

    /// The tool of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, tool)| *tool == self).map_or("", |(name, _)| name)
    }
}

/// How much of the caller's number an agent gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerNumber {
    /// All of it.
    Full,
    /// Its last four digits.
    #[default]
    Last4,
    /// Nothing.
    None,
}

impl CallerNumber {
    /// As the file writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Last4 => "last4",
            Self::None => "none",
        }
    }
}

/// How long an agent is waited for, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Connection, TLS included.
    pub connect_ms: u32,
    /// From `start` to `ready`.
    pub ready_ms: u32,
    /// Its first sound, if it speaks first, and every answer: then "one moment" is said.
    pub answer_ms: u32,
    /// Its first sound: then it has failed.
    pub first_fail_ms: u32,
    /// An answer: then it has failed.
    pub answer_fail_ms: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect_ms: 800, ready_ms: 700, answer_ms: 1_800, first_fail_ms: 5_000, answer_fail_ms: 8_000 }
    }
}

/// A conversation that is written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The file, as the line names it; `None`: built in.
    pub file: Option<String>,
    /// Said first, and again: see [`Script::again_ms`].
    pub prompt: Prompt,
    /// What the caller does, and what is done about it; the first rule that fits counts.
    pub rules: Vec<Rule>,
    /// The prompt is said again so long after it was heard. `None`: it is said once.
    pub again_ms: Option<u32>,
    /// The prompt is said again after a turn of the caller that no rule answers, so long after the last voice.
    pub quiet_ms: u32,
    /// Silence of the caller, in seconds, until a rule for it applies, or the call goes on without us.
    pub silence_s: u32,
}

impl Script {
    /// About ten seconds of prompt, again after a second of silence or after what the caller says; `#` or a long silence
    /// leads to the mailbox.
    #[must_use]
    pub fn builtin() -> Self {
        let prompt = Prompt { text: BUILTIN_PROMPT.to_owned(), file: None, interruptible: true };
        let to_mailbox = |on| Rule { on, say: None, then: Then::Voicemail };
        let rules = vec![to_mailbox(On::Key('#')), to_mailbox(On::Silence)];
        Self { file: None, prompt, rules, again_ms: Some(1_000), quiet_ms: 500, silence_s: 60 }
    }
}

/// What the built-in script says.
pub const BUILTIN_PROMPT: &str = "Hello, you are talking with the automatic assistant. Tell me what I can do for you; \
    you can speak at any time, also while I am talking. To leave a message for us instead, press the pound key.";

/// Something to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The words; said by the speech engine where there is no sound.
    pub text: String,
    /// A WAV or mu-law file.
    pub file: Option<String>,
    /// The caller may cut it.
    pub interruptible: bool,
}

/// One answer of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What happened.
    pub on: On,
    /// Said then.
    pub say: Option<Prompt>,
    /// Done when it was heard.
    pub then: Then,
}

/// What a rule answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// A key.
    Key(char),
    /// The caller has stopped speaking.
    Speech,
    /// These words, folded by [`crate::base::folded`], in what the caller said; needs a speech engine.
    Words(Vec<String>),
    /// Nothing was heard of the caller for [`Script::silence_s`].
    Silence,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Listen.
    Listen,
    /// Say the prompt again.
    Repeat,
    /// The line's next step.
    Line,
    /// The mailbox.
    Voicemail,
    /// Put through to one of `targets`.
    Transfer(String),
    /// Page one of `page_zones`, and listen.
    Page {
        /// The zone's extension.
        zone: String,
        /// What is said there.
        text: String,
        /// Said to the caller where the page was refused.
        refused: Option<Prompt>,
    },
    /// The end of the call.
    Hangup,
}
