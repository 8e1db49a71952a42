//! Many calls at once: how fast, how many, and what went wrong.
//!
//! | file | what |
//! |---|---|
//! | `mix` | who calls, and what they do |
//! | `caller` | what one caller of a chaotic day met |
//! | `drive` | a closed loop of callers, or calls by the clock |
//! | `streams` | what was measured on live streams |
//! | `tally`, `latencies` | counts and latencies while it runs |
//! | `summary` | what is left of them: numbers for people and programs |

mod caller;
mod drive;
mod latencies;
mod mix;
mod streams;
mod summary;
mod tally;

pub use caller::CallerReport;
pub use drive::{Load, Pace};
pub(in crate::simulator) use latencies::Latencies;
pub use mix::{Mix, Scenario};
pub use streams::{Spread, StreamsReport};
pub use summary::{LoadReport, RouteReport, load_text};
pub use tally::Progress;
