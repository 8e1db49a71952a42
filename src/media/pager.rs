//! The port to the building: how a caller's sound becomes a page.

use crate::audio::FRAME;
use std::pin::Pin;
use std::time::Duration;

/// A page that plays, as the port of the building gives it.
pub trait Paged: Send {
    /// From its beginning to the first word that is heard.
    fn lead(&self) -> Duration;
    /// 20 ms of the caller.
    fn push(&self, frame: &[i16; FRAME]);
    /// How it is.
    fn progress(&self) -> Progress;
    /// Plays out what is buffered, and ends.
    fn end(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It plays.
    Playing,
    /// Ten seconds are left.
    Warning,
    /// It is over, and why, in a word.
    Ended(&'static str),
}

/// What a caller wants to page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWish {
    /// Extension of the zone.
    pub zone: String,
    /// The call.
    pub call: String,
    /// Name of the line.
    pub line: String,
    /// The caller's number as the carrier writes it.
    pub from: String,
}

/// Begins pages, or says why not, for the log.
pub type Pager = Box<dyn Fn(PageWish) -> Result<Box<dyn Paged>, String> + Send + Sync>;
