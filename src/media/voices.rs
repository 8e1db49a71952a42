//! Ports to those who make text into sound, who know words that call for help, and who page the building.

use super::pager::Announcer;
use super::utterance::Source;
use super::voiced::Voiced;
use crate::agents::port::Say;
use crate::config::line::Line;
use bytes::Bytes;
use std::fmt;
use std::pin::Pin;

/// Makes a text into sound.
pub type Mouth = Box<dyn Fn(&Line, &Say) -> Voiced + Send + Sync>;

/// Whether words of a caller lead straight to a person on this line.
pub type Alarm = Box<dyn Fn(&Line, &str) -> bool + Send + Sync>;

/// What a caller is greeted with where nobody else does, and its language, if it is not the line's.
pub type Greeter = Box<dyn Fn(&Line) -> (&'static str, Option<&'static str>) + Send + Sync>;

/// What a stream asks of other rooms.
pub struct Voices {
    /// Says texts.
    pub say: Mouth,
    /// Listens for emergency words.
    pub calls_for_help: Alarm,
    /// Greets callers whose agent waits for them.
    pub hello: Greeter,
    /// Pages the building for agents.
    pub announce: Announcer,
}

impl fmt::Debug for Voices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voices").finish_non_exhaustive()
    }
}

/// A text that is being made into sound.
pub(super) struct Saying {
    pub source: Source,
    pub sound: Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>,
}
