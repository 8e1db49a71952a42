//! Texts in the transaction: several changes of a batch become one row each (`rows.rs`), and senders get the line's reply once in a
//! while (`reply.rs`).

mod reply;
mod rows;
