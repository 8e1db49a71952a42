//! Floor 6: messages reach people by mail.
//!
//! | file | what |
//! |---|---|
//! | `post` | what the steps share; from the outbox to rows of mails |
//! | `round` | mails that are due: one mail, from its row to the mail server and back |
//! | `sound` | how a mail lets its reader hear the message: attached, or by a link |
//! | `letter` | what a mail says. Pure |
//! | `courier` | the way to the mail server, step by step, and what each refusal means |
//! | `pace` | when a mail may go, and when it is tried again |
//! | `watch` | how the mail server answered last |
//! | `error` | what can stop a step |
//!
//! A row is made once for each message and recipient, in the transaction that moves the reader of the outbox on. Whoever
//! sends it holds it by a lease. A crash between the mail server's word and ours may send it twice, with the same Message-ID.

mod courier;
mod error;
mod letter;
mod pace;
mod post;
mod round;
mod sound;
mod watch;

pub use courier::{Courier, Stage, Undelivered};
pub use error::MailError;
pub use letter::test_letter;
pub use post::{Parts, Post};
pub use watch::{Standing, Watch};
