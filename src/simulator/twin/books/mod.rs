//! What the twin knows: accounts, numbers, calls, messages, and what all of it costs.

mod account;
mod bill;
mod market;
mod number;
mod prices;
mod shelf;
mod store;

pub use account::TwinAccount;
pub use bill::{Bill, BillKind, BillLine, Money};
pub(crate) use market::{ForSale, Market, Wanted};
pub(crate) use number::SETTINGS;
pub use number::TwinNumber;
pub(crate) use store::{ApiKey, Books, friendly};
