//! A telephone on the network that pages: it calls a zone, speaks, and hangs up.
//!
//! It writes and reads SIP and RTP by itself, without the rooms that answer it.
//!
//! | file | what |
//! |---|---|
//! | `phone` | a call, from its INVITE to its BYE |
//! | `letter` | the messages of a call as text |
//! | `mouth` | packets of sound, at their pace |

mod letter;
mod mouth;
mod phone;

pub use mouth::Mouth;
pub use phone::{Handset, HandsetError};
