//! Floor 6: texts that we send, and all texts for operators to read.
//!
//! A text that is wanted is a row first, whoever wants it: an operator, or a call that was missed. The worker of any instance
//! hands it to the carrier under a lease. The carrier has no way to ask for the same text twice and get one: so what may have
//! been taken is looked for, and never sent again.
//!
//! | file | what |
//! |---|---|
//! | `desk` | the room as others hold it |
//! | `sending` | one text at a time, to the carrier |
//! | `looking` | what became of one whose answer never came |
//! | `news` | what others are told |
//! | `queries` | the tables |
//! | `http`, `bodies` | the room over HTTP |

mod bodies;
mod desk;
mod http;
mod looking;
mod news;
mod queries;
mod sending;

pub use desk::{Parts, Texts};
pub use sending::Worked;
