//! Mails about messages: which there are, and how far they have come.
//!
//! `news.rs` makes their rows from the outbox, each once; `round.rs` is what whoever sends them writes down; `row.rs` is a
//! row as others see it.

mod news;
mod round;
mod row;

pub use news::{Heard, NewMail, News, news, take};
pub use round::{Ending, claim, due, end, expire, forget, later, sent};
pub use row::{MailRow, mail, mails_of_call, mails_of_voicemail};
