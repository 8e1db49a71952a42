//! Floor 7: assembles everything, in one place that production, `demo` and tests share.
//!
//! `start.rs` reads top to bottom: folder, database, ledger, gate, operators' side, workers, listener.

mod audio;
mod front;
mod instance;
mod listener;
mod logs;
mod reload;
mod start;
mod streams;
mod wiring;
mod workers;
mod worlds;

pub use instance::{FolderError, InstanceLock};
pub use logs::{log_findings, start_logging};
pub use start::{Running, StartError, start};
pub use wiring::shelf;
