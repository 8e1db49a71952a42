//! The echo of a prompt, taken out of what the caller sends.
//!
//! [`Canceller`] learns the path from what was played to what comes back, up to 400 ms of it, and subtracts. It is a
//! partitioned-block frequency-domain Kalman filter (G. Enzner, P. Vary: "Frequency-domain adaptive Kalman filter for
//! acoustic echo control in hands-free telephones", 2006): each bin of each partition knows how unsure it is, so it
//! learns fast from a prompt alone and holds still while the caller speaks.

mod canceller;
mod path;

pub(super) use canceller::{Canceller, Split};
pub(super) use path::PIECES;
