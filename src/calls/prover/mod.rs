//! The flow prover: walks every path of a line by calling the line, again and again, through the very function that
//! answers real callers: with every key, every silence, every way a dial, a recording or a conversation can end, with
//! storage that comes and goes, and with answers that the carrier cannot use.
//!
//! | file | what |
//! |---|---|
//! | `walk` | the walk: breadth first, each place once, so that a path in a finding is the shortest |
//! | `circumstances` | under what a call comes in: open or closed, on a list or on none |
//! | `document` | what can happen to a caller who hears a document |
//! | `ends` | how a conversation can end, and calls for help: what a document does not say |
//! | `request` | what the carrier then sends |
//! | `rehearse` | one call in mind, key by key: what `route-test` shows |
//! | `rule` | what every flow keeps, and how a breach is mended |
//! | `rules` | what no document may do |
//! | `loops`, `rung` | ways round that nobody asked for: within a line, and through the carrier's network |
//! | `report` | what was found, on which path, at which place of the configuration |

mod circumstances;
mod document;
mod ends;
mod loops;
mod rehearse;
mod report;
mod request;
mod rule;
mod rules;
mod rung;
mod walk;

pub use rehearse::{Ahead, Ended, Played, Rehearsal, Step};
pub use report::{Finding, Report};
pub use rule::Rule;
pub use rung::prove_together;
pub use walk::{Decide, prove, prove_with};
