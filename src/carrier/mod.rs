//! Floor 3: the carrier's REST API, as far as answering a call needs it, with a verdict on every fault.

mod client;
mod error;

pub use client::{Account, Carrier, Media};
pub use error::{Blame, CarrierError};
