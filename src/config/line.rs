//! What a line is: the typed, checked form of one `[[lines]]` table of `switchboard.toml`.
//!
//! A value of these types has passed every check: numbers are E.164, menus exist, keys are keys.

pub use super::action::{Action, Dial, Person, Phone, Target};
pub use super::busy::Busy;
pub use super::queue::{Answering, Queue};

use super::agent::Agent;
use super::callers::Lists;
use super::hours::Hours;
use super::languages::Offer;
use super::limits::Limits;
use super::mail::Mailing;
use super::retention::LineRetention;
use super::speech::Speech;
use super::text::{Sound, Text};
use super::texts::Texts;
use crate::base::E164;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One business line (a tenant), found by the number called.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Short name, unique in the file: `[a-z0-9-]`, 1 to 40 characters. Travels in callback URLs.
    pub name: String,
    /// Numbers that lead here. Unique over all lines.
    pub numbers: Vec<E164>,
    /// Answers numbers that no line lists.
    pub default: bool,
    /// IANA zone, for hours and for what is said about them.
    pub timezone: chrono_tz::Tz,
    /// BCP 47, for `<Say language>` and `<Gather language>`.
    pub language: String,
    /// `<Say voice>`; the carrier's default when absent.
    pub voice: Option<String>,
    /// Where callers choose a language, how; never of a line that is already in one of several.
    pub languages: Option<Arc<Languages>>,
    /// All sounds that the line plays, in whatever language.
    pub sounds: Vec<Arc<Sound>>,
    /// Said once, before the first menu.
    pub greeting: Text,
    /// When the line is open; always, without.
    pub hours: Option<Hours>,
    /// The notice before the first Gather.
    pub consent: Consent,
    /// Name of the menu a caller meets first; always a key of `menus`.
    pub entry: String,
    /// Menus by name: `[a-z0-9_-]`, 1 to 40 characters.
    pub menus: BTreeMap<String, Menu>,
    /// People by name: `[a-z0-9_-]` beginning with a letter, 1 to 40 characters. A dial holds their phones already.
    pub people: BTreeMap<String, Person>,
    /// The mailbox.
    pub voicemail: Voicemail,
    /// Words that go straight to a person.
    pub emergency: Emergency,
    /// Voices and ears of its own.
    pub speech: Speech,
    /// Whether dialled conversations are recorded (with consent only).
    pub recording: Recording,
    /// What a caller over a limit, or met by a full house, hears.
    pub busy: Busy,
    /// How many calls come in.
    pub limits: Limits,
    /// Who is not let in, and who is led past the menu.
    pub callers: Lists,
    /// What it writes by itself.
    pub texts: Texts,
    /// What it keeps longer or shorter than the house.
    pub retention: LineRetention,
    /// Who talks to callers who choose `talk`.
    pub agent: Arc<Agent>,
}

impl Line {
    /// The line in a language that its caller chose; in its own when it does not speak that one (any more).
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &Self {
        let found = self.languages.as_ref().and_then(|languages| languages.others.get(tag));
        found.map_or(self, AsRef::as_ref)
    }
}

/// The languages of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Languages {
    /// Said instead of the offers; empty: the offers are said.
    pub ask: Text,
    /// What callers choose from, in the order in which they hear it; the line's own language is one of them.
    pub offers: Vec<Offer>,
    /// The whole line in each language but its own, by tag. Nothing is looked up or translated during a call.
    pub others: BTreeMap<String, Arc<Line>>,
}

/// The consent notice (CONTRACT.md 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Said before the first Gather. Empty: no notice is given and nothing but voicemail is ever recorded.
    pub notice: Text,
    /// Changes when the words change; stored with each consent row.
    pub version: String,
    /// The key that refuses, in the entry menu, which has no action on it; other menus may use the key.
    pub refuse_key: Option<char>,
    /// Said when it was refused.
    pub refused: Text,
}

/// A menu: a prompt and what each key does.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    /// Said inside the Gather.
    pub prompt: Text,
    /// Key (`0-9`, `*`, `#`) to action.
    pub keys: BTreeMap<char, Action>,
    /// Also listen to speech, and look for emergency words and `phrases` in it.
    pub speech: bool,
    /// Spoken words, folded by [`crate::base::folded`], to key.
    pub phrases: BTreeMap<String, char>,
    /// Seconds of silence before the caller counts as silent. 1 to 60.
    pub timeout_s: u32,
    /// How often the menu is played again after a wrong key or silence. 0 to 5.
    pub retries: u32,
    /// Said before the menu is played again.
    pub invalid: Text,
    /// Where the caller goes when the retries are used up.
    pub otherwise: Action,
}

/// The mailbox of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voicemail {
    /// Name of the box in the inbox API; the line's name by default.
    pub mailbox: String,
    /// Said before the beep; says that a message left is recorded.
    pub greeting: Text,
    /// Longest message in seconds. 5 to 3600 (the built-in line: 180).
    pub max_s: u32,
    /// Seconds of silence that end a message. 1 to 60.
    pub silence_s: u32,
    /// How the caller's words become text.
    pub transcript: Transcript,
    /// Said after the message.
    pub thanks: Text,
    /// Said when nothing can be recorded (storage away): when to call instead.
    pub unavailable: Text,
    /// Who gets its messages by mail; the other lines of the same box say so when it does not.
    pub mail: Option<Mailing>,
}

/// How a message becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transcript {
    /// It does not.
    Off,
    /// The carrier's `transcribe`, for messages of at most 120 s.
    Carrier,
    /// Real-time transcription (`<Start><Transcription>`), for any length.
    RealTime,
}

/// Emergency words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// The line's own words or phrases, folded by [`crate::base::folded`]; matched as whole words.
    pub keywords: Vec<String>,
    /// Whether the words of the room `words` are heard too.
    pub built_in: bool,
    /// Groups and phrases of these that the line does not want, folded.
    pub ignore: Vec<String>,
    /// Who is dialled at once. Without it the words are an event only.
    pub number: Option<Target>,
    /// Said before dialling.
    pub say: Text,
    /// Leave to dial public emergency numbers (911, 112 and the like).
    pub dial_public: bool,
}

impl Default for Emergency {
    fn default() -> Self {
        Self {
            keywords: Vec::new(),
            built_in: true,
            ignore: Vec::new(),
            number: None,
            say: Text::default(),
            dial_public: false,
        }
    }
}

impl Emergency {
    /// Whether a menu should listen for calls for help: there is somebody to ring, or somebody wants to know.
    #[must_use]
    pub const fn listens(&self) -> bool {
        !self.keywords.is_empty() || self.number.is_some()
    }
}

/// Recording of dialled conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// Never.
    #[default]
    Off,
    /// From the answer on, if consent was given.
    Dial(Taping),
}

/// How a conversation is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taping {
    /// Caller and called on a channel each; otherwise both on one.
    pub dual: bool,
    /// What the person called hears of it.
    pub tell_called: TellCalled,
}

/// What the person called hears of being recorded, before being connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TellCalled {
    /// Nothing.
    No,
    /// A sentence of ours, in the language of the line.
    #[default]
    Usual,
    /// The line's own words.
    Words(Text),
}
