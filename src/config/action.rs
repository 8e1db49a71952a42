//! What a line does with a caller: behind a key, and behind an agent.

use super::pattern::Pattern;
use super::queue::{Answering, Queue};
use super::text::Text;
use crate::base::E164;

/// What a key does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ring one target, several in turn, or all at once; then voicemail if nobody was reached.
    Dial(Dial),
    /// Leave a message.
    Voicemail,
    /// Go to another menu.
    Menu(String),
    /// Play this menu again; does not count as a retry.
    Repeat,
    /// Say something, then go on.
    Say {
        /// The words.
        text: Text,
        /// What follows; never another `Say` chain without end.
        then: Box<Action>,
    },
    /// Live stream.
    Talk,
    /// Page a zone (7xx, or 700 for all).
    Page {
        /// The zone's extension.
        zone: String,
        /// Numbers that need no PIN there: whole, or the beginning of numbers with `*` behind it.
        listed: Vec<String>,
    },
    /// Open or close the line for a while, for whoever enters the PIN.
    Hours {
        /// Who needs no PIN.
        callers: Vec<Pattern>,
    },
    /// Wait until somebody takes the call.
    Queue(Queue),
    /// Take the calls of a queue.
    Answer(Answering),
    /// End the call, after a word of farewell.
    Hangup {
        /// Said first; may be empty.
        text: Text,
    },
}

impl Action {
    /// What follows all that is said.
    #[must_use]
    pub fn last(&self) -> &Self {
        let mut action = self;
        while let Self::Say { then, .. } = action {
            action = then;
        }
        action
    }
}

/// Whom a dial rings, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// Said while connecting; may be empty.
    pub say: Text,
    /// One to ten.
    pub phones: Vec<Phone>,
    /// In turn (`true`) or all at once.
    pub in_turn: bool,
    /// Seconds each phone rings. 5 to 600.
    pub ring_s: u32,
    /// Shown to the called party instead of the caller's number.
    pub caller_id: Option<E164>,
    /// Whether who picks up is asked for a key; `None`: outside telephones are, since a mailbox may pick up there.
    pub screen: Option<bool>,
}

/// A phone that a dial rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Where it is.
    pub target: Target,
    /// Whose it is, if he is one of the line's people.
    pub person: Option<String>,
    /// Seconds this one rings; the dial's when absent.
    pub ring_s: Option<u32>,
    /// Whether who picks up here is asked for a key; the dial's when absent.
    pub screen: Option<bool>,
}

impl From<Target> for Phone {
    /// A phone that is nobody's in particular.
    fn from(target: Target) -> Self {
        Self { target, person: None, ring_s: None, screen: None }
    }
}

/// Somebody of a line, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Where he is rung.
    pub target: Target,
    /// What he can do: labels that a key may ask for.
    pub skills: Vec<String>,
    /// Seconds his phone rings; the dial's when absent.
    pub ring_s: Option<u32>,
    /// Whether who picks up there is asked for a key; the dial's when absent.
    pub screen: Option<bool>,
}

impl Person {
    /// His phone.
    #[must_use]
    pub fn phone(&self, name: &str) -> Phone {
        let Self { target, ring_s, screen, .. } = self.clone();
        Phone { target, person: Some(name.to_owned()), ring_s, screen }
    }
}

/// A place to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A telephone number.
    Number(E164),
    /// `sip:user@host[;transport=…]`, under 255 characters.
    Sip(String),
    /// A public emergency number as it is dialled (`911`); only with [`super::line::Emergency::dial_public`].
    Public(String),
}
