//! The flow prover: walks every path of a line by calling the line, again and again, through the very function that
//! answers real callers, with every key, every silence, every way a dial or a recording can end.
//!
//! | file | what |
//! |---|---|
//! | `walk` | the walk: breadth first, each place once, so that a path in a finding is the shortest |
//! | `document` | what can happen to a caller who hears a document |
//! | `request` | what the carrier then sends |
//! | `rehearse` | one call in mind, key by key: what `route-test` shows |
//! | `rules` | what no document may do |
//! | `loops` | ways round that nobody asked for |
//! | `report` | what was found, on which path, at which place of the configuration |

mod document;
mod loops;
mod rehearse;
mod report;
mod request;
mod rules;
mod walk;

pub use rehearse::{Rehearsal, Step};
pub use report::{Finding, Report, Rule};
pub use walk::{Decide, prove, prove_with};
