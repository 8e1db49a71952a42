//! Floor 6: the operators' side: who may ask, how the house is, what happened to a call, the inbox.
//!
//! `router.rs` is the page to read: every route, and the doors before it. Bodies are in `view`, handlers in
//! `routes`, credentials in `access`, health and metrics in `vitals`, writes that may be sent twice in `writes`.

mod access;
mod finish;
mod guard;
mod guests;
mod problem;
mod router;
mod routes;
mod state;
mod steering;
mod view;
mod vitals;
mod writes;

pub use access::{Claims, Denied, InvalidToken, Keys, Operator, Role, mint};
pub use guests::Guests;
pub use router::{router, router_with};
pub use state::{Ops, Parts, Streams};
pub use steering::{Destination, Look, Steering};
pub use view::StreamCounters;
pub use vitals::{Ask, Check, CheckStatus, Exporter, Probe, Spool, Storage, StorageState};
pub use writes::forget_writes;
