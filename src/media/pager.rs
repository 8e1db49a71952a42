//! The port to the building: how a caller's sound, or an agent's, becomes a page.

use super::voiced::Voiced;
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

/// Where somebody wants to page, and in which call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWish {
    /// Extension of the zone.
    pub zone: String,
    /// The call.
    pub call: String,
    /// Name of the line.
    pub line: String,
    /// Its caller's number as the carrier writes it.
    pub from: String,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPaged {
    /// In a word, as rows of pages say it: `taken`, `closed`, `disabled`, `not_allowed`, `unknown_zone`, `no_output`, `stopping`;
    /// and `no_voice`, where a text found nobody to say it.
    pub word: &'static str,
    /// In a sentence, for logs and agents.
    pub words: String,
    /// What people call the zone.
    pub zone: String,
}

impl NotPaged {
    /// One that has nothing to do with a zone.
    #[must_use]
    pub fn of(word: &'static str, words: &str) -> Self {
        Self { word, words: words.to_owned(), zone: String::new() }
    }
}

/// Begins pages of callers who speak, or says why not.
pub type Pager = Box<dyn Fn(PageWish) -> Result<Box<dyn Paged>, NotPaged> + Send + Sync>;

/// What an agent wants to be paged.
pub struct Announcement {
    /// Where, and in whose call.
    pub wish: PageWish,
    /// What is heard there.
    pub sound: Voiced,
}

/// An announcement that plays; it goes on to its end, whatever becomes of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Name of the page.
    pub id: String,
    /// Milliseconds of sound.
    pub ms: u64,
}

/// Plays announcements; what it gives is known when the page begins, or is refused. Dropping that takes nothing back.
pub type Announcer = Box<dyn Fn(Announcement) -> Announcing + Send + Sync>;

/// Whether an announcement began.
pub type Announcing = Pin<Box<dyn Future<Output = Result<Announced, NotPaged>> + Send>>;
