//! Floor 6: telephone numbers and tenants: bought, configured, ported, given back, so that nothing is ever paid for that
//! nobody knows of.
//!
//! Whatever changes something at the carrier is a transaction: steps with a way back, written into a journal before
//! each is tried. Any instance goes on where another stopped; it ends whole or with nothing left.
//!
//! | file | what |
//! |---|---|
//! | `saga/` | the pure half: words, journal, what follows from a try |
//! | `steps/` | what each step does at the carrier, and how it is taken back |
//! | `store/` | the tables |
//! | `asking`, `offboarding`, `plan`, `choice` | what operators may wish for |
//! | `sync` | whether the carrier asks where it should |
//! | `worker` | one transaction at a time, as far as it goes for now |
//! | `urls`, `prices` | where the carrier shall ask; what a number costs |
//! | `http/` | the room over HTTP, behind the operators' door |
//! | `events` | what others are told |

mod asking;
mod choice;
mod desk;
mod error;
mod events;
mod http;
mod offboarding;
mod plan;
mod prices;
mod saga;
mod steps;
mod store;
mod sync;
mod urls;
mod worker;

pub use asking::{Asker, PortWish, TenantWish};
pub use choice::ChoiceText;
pub use desk::{Numbers, Parts};
pub use error::NumbersError;
pub use plan::Plan;
pub use saga::{
    Bought, Change, Choice, Entry, Failure, Journal, Kind, Known, NewNumber, Next, Onboard, Outcome, Port, Provision,
    Release, State, Step, StepRow, StepState, Transaction, Urls, Wish,
};
pub use sync::{Difference, Look, Seen};
pub use urls::Reach;
pub use worker::Worked;
