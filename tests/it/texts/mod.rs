//! Texts: those that come in and those that are sent, on both engines.

mod decided;
mod desk;
mod missed;
mod received;
mod sent;
mod stand;
mod whole;
