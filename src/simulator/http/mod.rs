//! How the carrier reaches a webhook: signed, behind a proxy, with its limits and its retries (PROTOCOL.md 1 and 2).

mod answer;
mod client;
mod target;
mod verdict;

pub(super) use answer::Fault;
pub(super) use client::{Client, Exchange, Fields, Webhook};
pub use target::Target;
pub(super) use verdict::{Reading, read};
