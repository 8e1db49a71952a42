//! What happened on a call: the steps as data, and as text people can follow.

mod report;
mod step;
mod text;

pub use report::{Dialled, Recorded, Report};
pub(super) use step::Transcript;
pub use step::{Actor, Kind, RequestLine, Step};
pub use text::{Style, remark, summary, write_step};
