//! Floor 6: what callers meet. One pure function, [`decide`], answers every webhook from what the URL says, what the
//! carrier sent and what the line's configuration wants; nothing is looked up and nothing is remembered for it.
//!
//! | file | what |
//! |---|---|
//! | `decide` | which webhook is answered by which file |
//! | `lists` | callers that are not let in, or led past the menu |
//! | `limits` | what a call must pass to come in, and what is said otherwise |
//! | `opening`, `opens` | whether the line is open, and what is heard when it is not |
//! | `arrival`, `welcome`, `gather`, `menu`, `action` | a call comes in, the notice and a menu are played, the caller chooses, the choice is done |
//! | `tongue` | which language, on a line that speaks several |
//! | `plan`, `answered` | whom a choice rings, and that somebody took the call |
//! | `dial`, `stream`, `voicemail` | ways on: a person, a live stream, the mailbox; each with a verb behind it |
//! | `taping` | conversations that are recorded, and who hears of it |
//! | `queue` | a caller waits until somebody takes the call, and who takes it |
//! | `screen` | a person who is called picks up, hears who calls, and takes the call by a key |
//! | `talk` | what follows a live stream |
//! | `desk` | who opens and closes the line by telephone |
//! | `page`, `unpaged` | a caller who pages the building, and one who cannot |
//! | `transfer` | an operator sends the caller elsewhere |
//! | `recording`, `transcript`, `status` | what the carrier reports afterwards, in any order |
//! | `reconcile` | the carrier is asked about calls whose last report never came: the one worker of this room |
//! | `text` | a text comes in, or one of ours is reported |
//! | `consent` | the notice, its proof, its refusal, and leave to record |
//! | `emergency`, `hiding` | words that go straight to a person; numbers that are not kept |
//! | `fallback`, `fault` | when something failed |
//! | `state` | where a call stands, in the URLs we hand out |
//! | `scene`, `draft`, `input` | what a decision looks at, a unit in the making, what the timeline keeps |
//! | `prover` | walks every path of a line and finds what no caller should meet |
//! | `words`, `spoken` | the few sentences of our own, and voices |

mod action;
mod answered;
mod arrival;
mod consent;
mod decide;
mod desk;
mod dial;
mod draft;
mod emergency;
mod fallback;
mod fault;
mod gather;
mod hiding;
mod input;
mod limits;
mod lists;
mod menu;
mod opening;
mod opens;
mod page;
mod plan;
pub mod prover;
mod queue;
mod reconcile;
mod recording;
mod scene;
mod screen;
mod spoken;
mod state;
mod status;
mod stream;
mod talk;
mod taping;
mod text;
mod tongue;
mod transcript;
mod transfer;
mod unpaged;
mod voicemail;
mod welcome;
mod words;

pub use decide::decide;
pub use fault::fault;
pub use limits::full_house;
pub use menu::calls_for_help;
pub use reconcile::{Parts as ReconcilerParts, Reconciler};
pub use spoken::hello;
pub use text::reports as reports_of_text;
pub use transfer::{Onward, onward};
