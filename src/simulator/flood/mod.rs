//! Far more calls than the house can serve: what its callers hear then, and how soon.
//!
//! Apart from `load`, because ten times what a server sustains has to come out of one processor too: connections are
//! driven directly, and webhooks are written from one template.
//!
//! | file | what |
//! |---|---|
//! | `run` | what is sustained, then many times as much, while calls of before go on |
//! | `webhook` | one request: its fields, its signature |
//! | `line` | connections, and one answer read from one |
//! | `tally` | counts and latencies by what the caller was about |
//! | `report` | what is left of it, for people and programs |

mod line;
mod report;
mod run;
mod tally;
mod webhook;

pub use report::{ClassReport, FloodReport, flood_text};
pub use run::{Flood, FloodPlan};
