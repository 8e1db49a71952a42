//! What the twin knows: accounts, numbers, calls, messages, and what all of it costs.

mod account;
mod bill;
mod job;
mod market;
mod message;
mod number;
mod phone;
mod port;
mod prices;
mod store;

pub use account::TwinAccount;
pub use bill::{Bill, BillKind, BillLine, Money};
pub(crate) use job::{Job, Way};
pub(crate) use market::{ForSale, Market, Wanted};
pub use message::TwinMessage;
pub(crate) use number::SETTINGS;
pub use number::TwinNumber;
pub use phone::Phone;
pub use port::PortOrder;
pub(crate) use store::{Books, friendly};
