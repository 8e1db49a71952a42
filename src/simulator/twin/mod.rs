//! The pretend carrier's REST side: Twilio's API on a loopback port, with a bill, and with faults on request
//! (PROTOCOL.md 7).
//!
//! [`Twin::start`] gives a [`RunningTwin`]; point `TWILIO_API_BASE_URL` at its `base_url()`. All state is in memory
//! and can be looked at: whose numbers are whose, what is on the bill, which requests were made.
//!
//! | where | what |
//! |---|---|
//! | `wire/` | requests, answers, pages, Twilio's refusals |
//! | `books/` | what the twin knows, and what it costs |
//! | `api/` | the resources, one a file |
//! | `faults/` | which request fails, and how |
//! | `state`, `options` | all of it together; what it begins with |
//! | `switch`, `inbound`, `texting` | calls and reports that leave the twin; calls and texts to its numbers |
//! | `server`, `control`, `running` | the port; `/twin/…`, which Twilio has not; start and stop |

mod api;
mod books;
mod control;
mod faults;
mod inbound;
mod log;
mod options;
mod running;
mod server;
mod state;
mod switch;
mod texting;
mod wire;

pub use books::{Bill, BillKind, BillLine, Money, Phone, PortOrder, TwinAccount, TwinMessage, TwinNumber};
pub use faults::{Fault, FaultKind};
pub use log::RequestMade;
pub use options::TwinOptions;
pub use running::RunningTwin;
pub use state::Twin;
