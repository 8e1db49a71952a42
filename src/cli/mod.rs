//! The command line, one file a command. Exit codes: 0 done, 1 not, 2 wrong usage.

mod admin;
pub mod call;
pub mod callers;
mod carrier_token;
pub mod check;
mod command;
pub mod completions;
pub mod consent;
pub mod contact_keeper;
pub mod demo;
pub mod flood;
pub mod hours;
pub mod init;
pub mod legal_hold;
pub mod lines;
pub mod load;
pub mod mail;
pub mod migrate;
pub mod numbers;
mod numbers_port;
pub mod page;
mod page_ears;
pub mod print_config;
pub mod route_test;
pub mod say;
pub mod serve;
pub mod sign;
mod signed_request;
mod simulated_number;
pub mod tenants;
pub mod text;
pub mod token;
mod told;
mod transaction_bar;
pub mod twin;
pub mod vad;
pub mod verify;

pub use command::{Cli, main};

/// The runtime that commands share.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
