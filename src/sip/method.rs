//! What a request wants.

/// Methods that are known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Opens a call, or changes one.
    Invite,
    /// Ends the repeats of a final answer.
    Ack,
    /// Ends a call.
    Bye,
    /// Gives up before the answer.
    Cancel,
    /// Asks what is possible, or whether anybody is there.
    Options,
    /// Changes or refreshes a call.
    Update,
    /// Known, and not for us.
    Refused(&'static str),
    /// Heard for the first time.
    Unknown,
}

/// What an `Allow` says.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE";

const REFUSED: [&str; 8] = ["REGISTER", "REFER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "INFO", "PRACK", "PUBLISH"];

impl Method {
    /// Methods are case sensitive.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "OPTIONS" => Self::Options,
            "UPDATE" => Self::Update,
            _ => REFUSED.iter().find(|name| **name == text).map_or(Self::Unknown, |name| Self::Refused(name)),
        }
    }

    /// The word on the wire; unknown ones have none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Options => "OPTIONS",
            Self::Update => "UPDATE",
            Self::Refused(name) => name,
            Self::Unknown => "",
        }
    }
}
