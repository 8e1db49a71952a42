//! Floor 1: what callers say, as a recogniser wrote it: calls for help found, numbers that must not be kept hidden. Pure.
//!
//! A room of its own because a menu, a message, a live stream and an agent all hear callers, and all must hear the same.
//! Only what the caller said belongs here: our own prompts say "if this is an emergency, dial 911" too.
//!
//! | file | what |
//! |---|---|
//! | `token` | a text as words, each with its place |
//! | `number` | spoken numbers as digits, in the languages we know |
//! | `emergency` | whether a sentence calls for help, and how surely |
//! | `urgency` | ask first, or go to a person at once |
//! | `phrases` | the words of `emergency`, by language |
//! | `phrase` | how these words are written and matched |
//! | `guards` | negation, idioms, and what was long ago |
//! | `digits` | cards and other numbers, hidden |

mod digits;
mod emergency;
mod guards;
mod number;
mod phrase;
mod phrases;
mod token;
mod urgency;

pub use digits::{Earlier, masked, masked_after};
pub use emergency::{Alarm, Listening, heard};
pub use urgency::Urgency;
