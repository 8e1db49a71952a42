//! What a caller does, one thing at a time.

use std::time::Duration;

/// From being asked to the key going down, and from one key to the next.
pub(super) const REACTION: Duration = Duration::from_millis(400);

/// One thing a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A key goes down.
    Key(char),
    /// Nothing, for a while; counts while a verb listens, and in a stream from the moment the line is heard.
    Wait(Duration),
    /// Says the next of the script's voices; only a stream hears it, and until then the caller does nothing.
    Speak,
    /// Puts the phone down.
    HangUp,
}
