//! What was played to a caller, as an ear asks for it.

use super::{FRAME, Frame, g711};

/// The frame that played so many frames ago; 0 is the one beside the caller's. An ear looks back 400 ms when a caller becomes
/// audible, and keeps no copy of what its owner has anyway.
pub type Played<'a> = &'a dyn Fn(usize) -> Frame;

/// What played beside frame `at` of a recording, and before it: `frames`, one for one; silence where there is none.
pub fn recorded(frames: &[Frame], at: usize) -> impl Fn(usize) -> Frame {
    move |ago| at.checked_sub(ago).and_then(|at| frames.get(at)).copied().unwrap_or([g711::SILENCE; FRAME])
}
