//! How the carrier reaches a webhook: signed, behind a proxy, with its limits and its retries (PROTOCOL.md 1 and 2), and with
//! accidents on purpose.

mod answer;
mod client;
mod mishap;
mod patience;
mod socket;
mod sound;
mod target;
mod verdict;

pub(super) use answer::{Answer, Fault};
pub(super) use client::{Client, Exchange, Fields, Webhook};
pub(super) use mishap::Mishap;
pub(super) use socket::{Socket, close_fault, socket_fault, stuck};
pub use target::Target;
pub(super) use verdict::{Reading, read};
