//! Where pages and outputs meet: a page decides who may play on which outputs, the outputs play what they are given.

use crate::audio::FRAME;
use crate::config::paging::{Output, Paging};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// 20 ms of sound: samples at 8 kHz.
pub type Frame = [i16; FRAME];

/// Name of a page: `pg_…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageId(Arc<str>);

impl PageId {
    /// A name that somebody made.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happens before and behind the words of a page.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 0 to 9, translated for each device that knows priorities.
    pub priority: u8,
    /// Between closing the contacts and the first sound.
    pub settle: Duration,
    /// Samples at 8 kHz that are played first; may be empty.
    pub chime: Arc<[i16]>,
    /// How long the contacts stay closed behind the last sound.
    pub tail: Duration,
}

/// The outputs of the house. Locks are not theirs: nobody opens an output that another page holds.
pub trait Speakers: Send + Sync {
    /// What the file says was read, or read anew.
    fn arrange(&self, config: &Paging);

    /// Begins: contacts close, sockets open, the chime plays. An output that cannot be opened is a failed one in
    /// [`Played`]; a fault means that there is not one that can.
    ///
    /// # Errors
    /// [`OutputFault`].
    fn open(&self, page: &PageId, outputs: &[Arc<Output>], options: Options) -> Result<Box<dyn Playing>, OutputFault>;
}

/// A page that plays. Dropped without [`Playing::drain`] it is cut.
pub trait Playing: Send + Sync {
    /// From the opening to the first frame that can be heard: contacts, chime and the alerts of devices that need some.
    /// Frames pushed before that are dropped.
    fn lead(&self) -> Duration;

    /// One frame. Never blocks: a small buffer evens out who comes in bursts, and drops the oldest when it is full.
    fn push(&self, frame: &Frame);

    /// From now on the outputs' clock takes the frames from here, at the moment they are due, and none that are pushed. For
    /// a leg whose own buffer keeps time: no second one delays it.
    fn draw_from(&self, source: Box<dyn Draw>);

    /// Whether any output still plays.
    fn alive(&self) -> bool;

    /// Closes one of its outputs at once, because a page of higher priority takes it; the others play on. When it returns,
    /// that output is free.
    fn leave(&self, output: &str);

    /// Plays what is buffered (200 ms at most), says goodbye to devices that want it, and closes. The outputs are free for
    /// another page when it returns; contacts open after the tail, unless somebody closes them anew. A future that is dropped
    /// cuts.
    fn drain(self: Box<Self>) -> Pin<Box<dyn Future<Output = Played> + Send>>;

    /// Closes at once: another page takes the outputs, or the process ends.
    fn cut(self: Box<Self>) -> Played;
}

/// Where the clock takes frames itself.
pub trait Draw: Send {
    /// The frame that is due; none while nothing is said. Must not wait.
    fn draw(&mut self, now: Instant) -> Option<Frame>;

    /// One of the frames that are left when the page ends; none when there are none.
    fn rest(&mut self, now: Instant) -> Option<Frame>;
}

/// What was played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// In the order in which they were opened.
    pub outputs: Vec<PlayedOutput>,
}

/// What one output played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayedOutput {
    /// Its name.
    pub output: String,
    /// Packets, or frames written into a pipe.
    pub packets: u64,
    /// Why it failed, if it did.
    pub fault: Option<String>,
}

/// Why no output of a page could be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no output can be opened: {0}")]
pub struct OutputFault(pub String);

/// Where the frames of a page come from, when they are all there already: a file, an announcement.
pub trait Source: Send {
    /// The next frame; `None` when it is over.
    fn next(&mut self) -> Option<Frame>;
}
