//! Many calls at once: how fast, how many, and what went wrong.
//!
//! | file | what |
//! |---|---|
//! | `mix` | who calls, and what they do |
//! | `drive` | a closed loop of callers, or calls by the clock |
//! | `tally` | counts and latencies while it runs |
//! | `summary` | what is left of them: numbers for people and programs |

mod drive;
mod mix;
mod summary;
mod tally;

pub use drive::{Load, Pace};
pub use mix::{Mix, Scenario};
pub use summary::{LoadReport, RouteReport, load_text};
pub use tally::Progress;
