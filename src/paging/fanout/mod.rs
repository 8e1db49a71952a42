//! One clock for all outputs. Deadlines are absolute, sound is encoded once, packets leave in batches.
//!
//! Time is cut into slots of a millisecond, twenty of which are a frame. Each output has a fixed slot, neighbours of a
//! zone next to each other, so that thousands of outputs spread over the frame and those that are heard together sound
//! together. A clock that was held up leaves out what it missed: speakers would play a burst late, and go on late.
//!
//! | file | what |
//! |---|---|
//! | `speakers` | the outputs of the house, as pages see them |
//! | `handle` | a page that plays, as its owner sees it |
//! | `leg` | a leg's own buffer, drawn from by the clock |
//! | `call` | speakers that have to be called, and how they join |
//! | `clock` | the thread |
//! | `run` | a page that plays, as the clock sees it |
//! | `stage` | what is played when: silence, chime, speech, silence |
//! | `shared` | the frames of a page, between its owner and the clock |
//! | `queue` | frames that wait |
//! | `slots` | when an output is due |
//! | `batch` | many packets in one call |
//! | `pacing` | how late packets left |

mod batch;
mod call;
mod clock;
mod handle;
mod leg;
mod pacing;
mod queue;
mod run;
mod shared;
mod slots;
mod speakers;
mod stage;

pub use call::{Join, Seat, SpeakerCaller};
pub use pacing::Pacing;
pub use speakers::Fanout;
