//! Events that several rooms tell alike, as facts of a unit: what was heard on a call, how a transfer goes, what a text is.

mod heard;
mod text;
mod transfer;

pub use heard::{CallForHelp, Sentence};
pub use text::TextObject;
pub use transfer::TransferStep;
