//! Floor 4: owner of the hot tables (`calls`, `call_events`, `consents`, `voicemails`, `events`,
//! `idempotency_keys`). Rooms hand it facts; it commits them, with the answer, in one transaction.

pub mod unit;

pub use unit::{
    CallChange, CallFact, Consent, ConsentMethod, ConsentScope, ErrorEntry, Facts, Key, OutboxEvent, Unit,
    VoicemailChange, VoicemailState, Webhook,
};
