//! What the clerk writes down.

use super::live::{Facts, Remains};
use crate::base::Time;
use tokio::sync::oneshot;

/// Something that happened to a page.
pub(super) enum Note {
    /// Nobody heard it, and why.
    Refused(Box<Facts>, &'static str),
    /// It has its outputs.
    Begun(Box<Facts>),
    /// The first word was heard.
    Started(Box<Facts>, Time),
    /// It is over.
    Ended(Box<Facts>, Box<Remains>, Time),
    /// Somebody wants to know when everything before this is written.
    Written(oneshot::Sender<()>),
}
