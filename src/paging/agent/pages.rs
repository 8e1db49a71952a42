//! What the agent needs of the rest of the room: pages to begin, and to speak into.

use super::super::pbx::TrunkState;
use super::super::seam::Draw;
use crate::config::paging::{Caller, Paging};
use crate::rtp::Counts;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

/// Whom the agent let in.
#[derive(Clone, Debug)]
pub(super) enum Admitted {
    /// Somebody on this machine.
    House,
    /// A caller of the file.
    Caller(Arc<Caller>),
}

/// A call that wants to page.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Extension that was called.
    pub extension: String,
    /// Whose rights count.
    pub admitted: Admitted,
    /// User part of From.
    pub from: Option<String>,
    /// User that proved to know a password.
    pub user: Option<String>,
    /// Where the call came from.
    pub address: IpAddr,
    /// Call-ID.
    pub sip_call_id: String,
    /// The carrier's call, where it is one of its.
    pub call_sid: Option<String>,
    /// Encoding of the sound; unknown before the answer to an offer of ours.
    pub codec: Option<&'static str>,
}

/// Begins pages.
pub(super) trait Pages: Send + Sync {
    /// Zones and callers, as they are in force: the same pointer until they change.
    fn config(&self) -> Arc<Paging>;
    /// Takes the outputs, and opens none yet.
    ///
    /// # Errors
    /// The code of a SIP answer: 403, 404, 480, 486, 503 or 603.
    fn reserve(&self, wish: Wish) -> Result<Box<dyn Reserved>, u16>;
    /// How it stands with the PBXes.
    fn trunks(&self, states: Vec<TrunkState>);
}

/// A page that has its outputs, and has not begun. Dropped, it gives them back.
pub(super) trait Reserved: Send {
    /// Whether nothing is more urgent.
    fn is_emergency(&self) -> bool;
    /// Opens the outputs.
    ///
    /// # Errors
    /// The code of a SIP answer: 480, 486 or 503.
    fn begin(self: Box<Self>) -> Result<Box<dyn Held>, u16>;
}

/// A page in the hand of a call. Dropped, it is over.
pub(super) trait Held: Send + Sync {
    /// Its name.
    fn id(&self) -> String;
    /// Where its sound comes from: drawn from, when a frame is due.
    fn draw_from(&self, source: Box<dyn Draw>);
    /// What was counted of the caller's packets.
    fn received(&self, counts: Counts);
    /// Whether it ended by itself.
    fn over(&self) -> Option<Over>;
    /// The call is over: what is buffered is played out.
    fn end(self: Box<Self>, ending: Ending) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How a page ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Another one was more urgent.
    Preempted,
    /// Its time was over, its outputs failed, an operator ended it.
    Otherwise,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The caller hung up.
    Hangup,
    /// The caller never acknowledged the answer, or acknowledged it with nothing that can be agreed to.
    NoAck,
    /// No sound came any more, or no refresh.
    MediaTimeout,
    /// The process stops.
    Shutdown,
}
