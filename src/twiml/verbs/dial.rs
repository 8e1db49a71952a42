//! Dial: other people on the line (PROTOCOL.md 3.5).

use super::{Conference, DialRecording, Leg, Method, Number, Queue, RecordingEvents, RecordingTrack, Trim};
use crate::twiml::xml::{Body, Child, Choice, Element, Node, Notes, Xml, element, write_all};

element! {
    /// Connects the caller. With `action` the verbs after it are not reached.
    #[derive(Default)]
    Dial "Dial" [
        /// Whom.
        callee: Callee
    ] {
        /// Where the call goes on afterwards (the next verb).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
        /// Seconds it rings (30).
        timeout: u32 = "timeout",
        /// Longest conversation, seconds (14400).
        time_limit: u32 = "timeLimit",
        /// What the callee sees (the caller's number); owned, verified, or To or From of the call.
        caller_id: String = "callerId",
        /// `*` of the caller ends the callee's leg (false).
        hangup_on_star: bool = "hangupOnStar",
        /// The caller hears ringing, unanswered, until the callee answers (false).
        answer_on_bridge: bool = "answerOnBridge",
        /// Recording, with leave (none).
        record: DialRecording = "record",
        /// Whether silence is cut off the recording.
        trim: Trim = "trim",
        /// Told what becomes of the recording.
        recording_status_callback: String = "recordingStatusCallback",
        /// How it is requested (POST).
        recording_status_callback_method: Method = "recordingStatusCallbackMethod",
        /// What it is told (completed).
        recording_status_callback_event: RecordingEvents = "recordingStatusCallbackEvent",
        /// Which side is recorded (both).
        recording_track: RecordingTrack = "recordingTrack",
        /// A stored configuration.
        recording_configuration_id: String = "recordingConfigurationId",
        /// Country of the ringback tone, ISO 3166-1 alpha-2.
        ring_tone: String = "ringTone",
        /// Legs one after the other instead of all at once (false).
        sequential: bool = "sequential",
        /// Asked when a SIP callee refers the call elsewhere.
        refer_url: String = "referUrl",
        /// How it is requested (POST).
        refer_method: Method = "referMethod",
        /// Shown to the callee: 50 characters.
        call_reason: String = "callReason",
    }
}

/// Whom a Dial connects to.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A number as plain text.
    Bare(String),
    /// One to ten phones.
    Legs(Legs),
    /// A room.
    Conference(Box<Conference>),
    /// Who waits longest in a queue.
    Queue(Queue),
}

/// One to ten phones, dialled at once or in turn; who answers first gets the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Legs(Vec<Leg>);

/// A Dial takes one to ten legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Dial takes 1 to 10 legs, not {0}")]
pub struct WrongNumberOfLegs(pub usize);

impl Legs {
    /// Twilio's limit.
    pub const MOST: usize = 10;

    /// One leg.
    #[must_use]
    pub fn one(leg: impl Into<Leg>) -> Self {
        Self(vec![leg.into()])
    }

    /// Several legs.
    ///
    /// # Errors
    /// None, or more than [`Legs::MOST`].
    pub fn new(legs: Vec<Leg>) -> Result<Self, WrongNumberOfLegs> {
        if (1..=Self::MOST).contains(&legs.len()) { Ok(Self(legs)) } else { Err(WrongNumberOfLegs(legs.len())) }
    }

    /// The legs, in the order they stand.
    #[must_use]
    pub fn as_slice(&self) -> &[Leg] {
        &self.0
    }
}

impl Default for Callee {
    fn default() -> Self {
        Self::Bare(String::new())
    }
}

impl From<Legs> for Callee {
    fn from(legs: Legs) -> Self {
        Self::Legs(legs)
    }
}

impl From<Number> for Callee {
    fn from(number: Number) -> Self {
        Self::Legs(Legs::one(number))
    }
}

impl From<Leg> for Callee {
    fn from(leg: Leg) -> Self {
        Self::Legs(Legs::one(leg))
    }
}

impl From<Conference> for Callee {
    fn from(conference: Conference) -> Self {
        Self::Conference(Box::new(conference))
    }
}

impl From<Queue> for Callee {
    fn from(queue: Queue) -> Self {
        Self::Queue(queue)
    }
}

impl Dial {
    /// Connects to `callee`: a [`Number`], a [`Conference`], a [`Queue`], one [`Leg`] or [`Legs`].
    #[must_use]
    pub fn new(callee: impl Into<Callee>) -> Self {
        Self { callee: callee.into(), ..Self::default() }
    }

    /// Connects to a number.
    #[must_use]
    pub fn number(number: impl Into<String>) -> Self {
        Self::new(Number::new(number))
    }
}

impl Body for Callee {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Bare(number) if number.is_empty())
    }

    fn write_inside(&self, xml: &mut Xml) {
        match self {
            Self::Bare(number) => xml.text(number),
            Self::Legs(Legs(legs)) => write_all(legs, xml),
            Self::Conference(conference) => conference.write(xml),
            Self::Queue(queue) => queue.write(xml),
        }
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut text = String::new();
        let mut legs = Vec::new();
        let mut room = None;
        for child in node.take_children() {
            match child {
                Child::Text(part) => text.push_str(&part),
                Child::Node(inner) if room.is_some() || (is_room(&inner) && !legs.is_empty()) => {
                    notes.note(inner.at, format!("<{}> cannot stand beside another noun, ignored", inner.name));
                }
                Child::Node(inner) if is_room(&inner) => room = read_room(inner, notes),
                phone => match Leg::read_one(phone, notes) {
                    Ok(leg) => legs.extend(leg),
                    Err(stranger) => notes.not_in(node, &stranger),
                },
            }
        }
        let nouns = room.or_else(|| up_to_ten(node, legs, notes));
        if nouns.is_some() && !text.trim().is_empty() {
            notes.note(node.at, "a number as text beside a noun in <Dial>, ignored".to_owned());
        }
        Some(nouns.unwrap_or_else(|| Self::Bare(text.trim().to_owned())))
    }
}

fn is_room(node: &Node) -> bool {
    Conference::claims(node) || Queue::claims(node)
}

fn read_room(mut node: Node, notes: &mut Notes) -> Option<Callee> {
    if Queue::claims(&node) {
        Queue::read(&mut node, notes).map(Callee::from)
    } else {
        Conference::read(&mut node, notes).map(Callee::from)
    }
}

fn up_to_ten(dial: &Node, mut legs: Vec<Leg>, notes: &mut Notes) -> Option<Callee> {
    if legs.len() > Legs::MOST {
        notes.note(dial.at, format!("{}: the others are ignored", WrongNumberOfLegs(legs.len())));
        legs.truncate(Legs::MOST);
    }
    Legs::new(legs).ok().map(Callee::Legs)
}
