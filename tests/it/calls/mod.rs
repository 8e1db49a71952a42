//! Calls: the pure flow, conversation by conversation, and the prover.

mod bodies;
mod conversations;
mod desk;
mod dials;
mod failures;
mod hours;
mod lists;
mod mutations;
mod pages;
pub(crate) mod phone;
mod prover;
mod queues;
mod random;
mod reports;
mod screens;
mod taping;
mod tongues;
