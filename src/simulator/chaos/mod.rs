//! A carrier with a bad day: webhooks delivered twice, late, out of order or never, contradictions, cut connections, slow
//! bodies, clocks that are wrong, streams that break in the middle, callers who hang up.
//!
//! What goes wrong with a call is a pure function of seed and call number, so a bad call can be placed again, and again
//! with fewer accidents until only those are left that matter.
//!
//! | file | what |
//! |---|---|
//! | `dice` | chance that follows from its seed |
//! | `accident` | what can go wrong, and how it is written down |
//! | `schedule` | what goes wrong with one call, and when |
//! | `contrary` | the opposite of a report |
//! | `record` | what the carrier really did: the truth that others are compared with |

mod accident;
mod contrary;
mod dice;
mod record;
mod schedule;

pub use accident::{Accident, Place, Planned};
pub(super) use contrary::contrary;
pub use dice::Dice;
pub use record::{Fate, Sent};
pub(super) use schedule::Pending;
pub use schedule::Schedule;
