//! The tables of this room: the journal is written by `queries.rs`, the rest by `changes`, everything is read by
//! `read.rs`.

mod changes;
mod queries;
mod read;
mod rows;

pub(super) use queries::{Begin, Pen, Request, Taken, ask, claim, hurry, reopen, see, sweep, turn_back, want};
pub(super) use read::{
    NumberFilter, Tenancy, TransactionFilter, account, accounts, journal, line, lines, number, numbers, others_in,
    transactions, unfinished_of,
};
pub(super) use rows::{LineRow, NumberRow};
