//! Floor 6: recordings are ours. Each is fetched from the carrier, checked, and kept as long as was promised.
//!
//! | file | what |
//! |---|---|
//! | `recorder` | what the steps share |
//! | `copying` | one recording: fetched to a draft, checked, put on the shelf, written down |
//! | `pace` | when a copy that failed is tried again, and when it is given up |
//! | `wav` | what a file says of its own length |
//! | `settling` | the carrier's copy, and who is told |
//! | `sweeping` | recordings whose report never came, found in the carrier's list |
//! | `transcribing` | words of messages, from our own copy of the audio |
//! | `removing` | audio whose time is over |
//! | `error` | what can go wrong |
//!
//! Every step does a bounded piece of work and may be cut anywhere: what it had not written down, the next one does
//! again. The loops are in `app`.

mod copying;
mod error;
mod finding;
mod pace;
mod recorder;
mod removing;
mod settling;
mod sweeping;
mod transcribing;
mod wav;

pub use error::RecorderError;
pub use recorder::{Parts, Recorder};
