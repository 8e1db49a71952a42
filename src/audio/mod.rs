//! Floor 1: sound as numbers. Pure: no socket, no clock, no file.
//!
//! | file | what |
//! |---|---|
//! | `g711` | the telephone's two encodings |
//! | `wav` | WAV files, read and written |
//! | `pcm` | samples out of bytes that arrive in pieces |
//! | `resample` | from one rate to another, over the borders of pieces |
//! | `loudness` | voices from different engines, brought to one loudness |
//! | `tone` | tones, made and found again |

pub mod g711;
pub mod loudness;
pub mod pcm;
pub mod resample;
pub mod tone;
pub mod wav;
