//! What a frame sounds like, in the numbers that the network judges by.
//!
//! | file | what |
//! |---|---|
//! | `picture` | the spectrum of a moment: window, bands, decibels |
//! | `floors` | how loud each band is when nobody speaks |
//! | `loudness` | how loud it is against the seconds before |
//! | `past` | likeness to moments ago: tones and music stay, speech moves |
//! | `pitch` | whether it is voiced, and how high |
//! | `shape` | peaks and steps inside the frame |
//! | `prompt` | what is left, against what was played and the echo that was expected |
//! | `sense` | all of them, one frame at a time |

mod floors;
mod loudness;
mod past;
mod picture;
mod pitch;
mod prompt;
mod sense;
mod shape;

pub(super) use sense::Sense;

/// How many numbers describe a frame.
pub(super) const FEATURES: usize = 72;

/// The numbers of one frame.
pub(super) type Features = [f32; FEATURES];
