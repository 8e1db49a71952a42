//! Media Streams, from the carrier's side (PROTOCOL.md 4): a caller's mouth and ears on a WebSocket.
//!
//! Written from the protocol's description, not from our server: it would agree with its mistakes.
//!
//! | file | what |
//! |---|---|
//! | `wire` | the messages, read as strictly as Twilio does |
//! | `playout` | what the carrier plays of what came, its marks, `clear` |
//! | `clip`, `mouth` | what the caller says, and when |
//! | `acoustics` | noise and echo of his line |
//! | `gauge`, `report` | what is measured on the way, and what is left of it |
//! | `session` | all of it for one stream: messages and time in, messages out. No I/O |
//! | `line` | one stream on its socket, in real time |
//! | `cut` | what breaks a socket on purpose |
//! | `aside` | a one-way stream, on the call's own time |

mod acoustics;
mod aside;
mod clip;
mod cut;
mod gauge;
mod line;
mod mouth;
mod note;
mod playout;
mod report;
mod session;
mod wire;

pub use acoustics::Acoustics;
pub(super) use aside::Aside;
pub use clip::{Clip, ClipError};
pub(super) use cut::{Cut, How};
pub(super) use line::{End, Ended, Line};
pub(super) use note::{Event, Note};
pub use report::{Answered, Interruption, Sound, StreamReport};
pub(super) use session::{Session, Setting};
pub(super) use wire::Names;

use std::time::Duration;

/// Bytes of mu-law in one media message.
const FRAME: usize = 160;
/// How long they sound.
const FRAME_TIME: Duration = Duration::from_millis(20);
/// Twenty milliseconds of sound.
type Frame = [u8; FRAME];
/// The same of silence.
const SILENT: Frame = [playout::SILENCE; FRAME];
