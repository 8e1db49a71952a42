//! What a line does with a caller: behind a key, and behind an agent.

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

/// Targets of a dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// Said while connecting; may be empty.
    pub say: Text,
    /// At least one.
    pub targets: Vec<Target>,
    /// In turn (`true`) or all at once.
    pub in_turn: bool,
    /// Seconds each target rings. 5 to 600.
    pub ring_s: u32,
    /// Shown to the called party instead of the caller's number.
    pub caller_id: Option<E164>,
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
