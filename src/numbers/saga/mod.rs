//! The engine's pure half: what a transaction is, what it does next, what is noted when a try came to something.

mod change;
mod entry;
mod journal;
mod wish;
mod words;

pub use change::{Bought, Change, NewNumber, Urls};
pub(super) use entry::may_still_land;
pub use entry::{Entry, Failure, Outcome};
pub use journal::{Journal, Next, StepRow, Transaction};
pub use wish::{Choice, Known, Onboard, Port, Provision, Release, Wish};
pub use words::{Kind, State, Step, StepState};
