//! Texts: those that come in and those that are sent, on both engines.

mod decided;
mod desk;
mod received;
