//! What becomes of numbers, accounts and lines when a step is done.

mod queries;

pub(super) use queries::Tables;
