//! What a carrier remembers of its calls: shared by the calls themselves, which write it, and the REST API, which shows
//! it.

mod call;
mod order;
mod recording;
mod store;
mod tone;

pub use call::CallRecord;
pub(super) use order::Order;
pub use recording::{Recording, Transcript};
pub use store::Archive;
pub(super) use store::{Charge, Used};
pub(super) use tone::wav;
