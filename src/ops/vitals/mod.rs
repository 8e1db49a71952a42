//! How the house is: what other rooms say of themselves, what the tables count, what the meters show.

mod carrier;
mod copies;
mod counts;
mod exporter;
mod probe;

pub(super) use carrier::CarrierWatch;
pub(super) use copies::copies;
pub(super) use counts::CountCache;
pub use exporter::Exporter;
pub(super) use probe::overall;
pub use probe::{Ask, Check, CheckStatus, Probe, Spool, Storage, StorageState};
