//! Floor 4: owner of the hot tables (`calls`, `call_events`, `consents`, `voicemails`, `events`,
//! `idempotency_keys`). Rooms hand it facts; it commits them, with the answer, in one transaction.
//!
//! `unit.rs` is what comes in, `batch.rs` the transaction, `lane.rs` who runs it, `outbox.rs` the events that
//! follow from it.

mod batch;
mod condition;
mod fold;
mod handle;
mod lane;
mod outbox;
mod single;
mod statements;
mod tally;
mod unit;
mod upkeep;

pub use condition::{Condition, Phase};
pub use handle::{Ledger, Setup, Stored};
pub use lane::NotStored;
pub use unit::{
    CallChange, CallFact, Consent, ConsentMethod, ConsentScope, ErrorEntry, Facts, Key, OutboxEvent, Unit,
    VoicemailChange, VoicemailState, Webhook,
};
