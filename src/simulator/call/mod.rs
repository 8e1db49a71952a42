//! One call, from the first webhook to the last status callback, verb by verb as Twilio does (PROTOCOL.md 2 and 3).
//!
//! | file | what |
//! |---|---|
//! | `place` | the whole call; its end and its report |
//! | `stage` | what all legs of the call share: its time, its transcript |
//! | `due`, `post` | what is sent, now and later, and what goes wrong with it on purpose |
//! | `leg` | one leg's SID, status, and the fields that name it |
//! | `run` | fetch a document, execute it, fetch the next; the fallback URL |
//! | `control` | what the REST API asks of a call that runs |
//! | `outbound` | a call that the REST API asked for |
//! | `verbs` | which verb does what |
//! | `speak`, `gather`, `record`, `dial`, `ring`, `connect` | the verbs |
//! | `enqueue` | waiting in a queue, and taking somebody out of one |
//! | `tape` | recordings, and those who are told of them |
//! | `transcription` | real-time transcription, beside the verbs |

mod aside;
mod connect;
mod control;
mod dial;
mod due;
mod enqueue;
mod gather;
mod hook;
mod leg;
mod live;
mod outbound;
mod place;
mod post;
mod record;
mod relay;
mod ring;
mod run;
mod speak;
mod stage;
mod stream_status;
mod streaming;
mod tape;
mod transcription;
mod verbs;

pub(super) use outbound::{Outbound, Reports};
pub use place::CallPlan;
