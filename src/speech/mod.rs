//! Floor 3: text to speech and speech to text, by engines that a line names. All of it is optional: who has no engine hears
//! the carrier's voice, and the carrier's words for a message.
//!
//! | file | what |
//! |---|---|
//! | `speaker` | a text as sound: cached, asked for once however many want it, bounded in time and number |
//! | `elevenlabs`, `openai`, `command` | who makes the sound |
//! | `wish` | what they are asked for |
//! | `sound` | what they send, as the telephone's mu-law |
//! | `cache` | sound on disk, whole or not there, oldest out |
//! | `listener` | a recording as words; what a recogniser hears in silence is refused |
//! | `form` | the form that a recording is sent in |
//! | `breaker` | an engine that fails is left alone for a while |
//! | `http` | requests, bounded answers, and what vendors say when they refuse |
//! | `error` | what can go wrong |

mod breaker;
mod cache;
mod command;
mod elevenlabs;
mod error;
mod form;
mod http;
mod listener;
mod openai;
mod sound;
mod speaker;
mod wish;

pub use error::SpeechError;
pub use listener::Heard;
pub use speaker::{Parts, Speech};
