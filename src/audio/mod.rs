//! Floor 1: sound as numbers. Pure: no socket, no clock, no file.
//!
//! | file | what |
//! |---|---|
//! | `g711` | the telephone's two encodings |
//! | `wav` | WAV files, read and written |
//! | `pcm` | samples out of bytes that arrive in pieces |
//! | `resample` | from one rate to another, over the borders of pieces |
//! | `loudness` | voices from different engines, brought to one loudness |
//! | `prompts` | spoken prompts that are compiled in |
//! | `tone`, `keys` | tones, made and found again; a telephone's keys |
//! | `ear` | a caller's frames in; whether he speaks, and where he interrupts a prompt, out |
//! | `played` | what was played to a caller, as an ear asks for it |
//! | `activity` | the four states of a caller's voice |
//! | `level` | how loud a frame is, and a line on which nobody speaks |
//! | `tuning` | how eager an ear is, by name |

mod activity;
mod attention;
mod ear;
mod echo;
mod evidence;
mod features;
pub mod g711;
pub mod keys;
mod level;
pub mod loudness;
mod network;
pub mod pcm;
mod played;
pub mod prompts;
pub mod resample;
mod spectrum;
mod study;
mod sums;
pub mod tone;
mod tuning;
pub mod wav;

pub use activity::Voice;
pub use ear::{Ear, Heard};
pub use level::{SILENCE_DB, level_db};
pub use played::{Played, recorded};
pub use study::Study;
pub use tuning::{Preset, Tuning, UnknownPreset};

/// Samples in a frame of 20 ms at 8 kHz, and bytes of it in G.711.
pub const FRAME: usize = 160;

/// One frame as the carrier sends it: mu-law.
pub type Frame = [u8; FRAME];
