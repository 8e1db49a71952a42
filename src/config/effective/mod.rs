//! What is in effect, as `print-config` shows it: TOML that reads back to the same lines, or JSON.

mod action;
mod agent;
mod hours;
mod languages;
mod line;
mod paging;
mod rows;
mod speech;
mod whole;

pub use whole::{to_json, to_toml};
