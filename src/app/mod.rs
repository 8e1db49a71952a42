//! Floor 7: assembles everything, in one place that production, `demo` and tests share.
//!
//! `start.rs` reads top to bottom: the ground that everything stands on (`ground.rs`), the rooms (`rooms.rs`), workers, listener.

mod audio;
mod ends;
mod error;
mod front;
mod ground;
mod instance;
mod listener;
mod logs;
mod mail;
mod paging;
mod reload;
mod rooms;
mod start;
mod steering;
mod streams;
mod telephone;
mod wiring;
mod workers;
mod worlds;

pub use error::StartError;
pub use instance::{FolderError, InstanceLock};
pub use logs::{log_findings, start_logging};
pub use mail::courier;
pub use paging::fanout;
pub use start::{Running, start};
pub use wiring::shelf;
