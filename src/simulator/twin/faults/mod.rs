//! Faults: the ways in which a carrier's API fails, on request or by chance.

mod desk;
mod fault;
mod kind;

pub(crate) use desk::{Desk, Pending};
pub use fault::Fault;
pub use kind::FaultKind;
