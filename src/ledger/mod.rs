//! Floor 4: owner of the hot tables (`calls`, `call_events`, `consents`, `voicemails`, `events`,
//! `idempotency_keys`, `rate_limit_buckets`). Rooms hand it facts; it commits them, with the answer, in one transaction.
//!
//! `unit.rs` is what comes in, `storing.rs` which way it goes, `batch.rs` the transaction, `lane.rs` who runs it, `outbox.rs` the events that
//! follow from it, `relay.rs` their numbers. `read.rs` and `views.rs` are what the tables tell, `inbox.rs` what an operator may do to a
//! message. Behind the commit, `chain/` proves consents, `recordings/` keeps account of the audio and `mails/` of what is mailed.
//! `text/` and `texting/` are about texts. `spool/` keeps what the database does not take.

pub mod chain;
pub mod holds;
pub mod inbox;
pub mod mails;
pub mod read;
pub mod recordings;
pub mod views;

mod away;
mod batch;
mod condition;
mod fold;
mod from_row;
mod handle;
mod judge;
mod lane;
mod limits;
mod messages;
mod news;
mod not_stored;
mod outbox;
mod overruling;
mod queue;
mod record;
mod relay;
mod silent;
mod single;
mod slot;
mod spelling;
mod spool;
mod statements;
mod storing;
mod stream;
mod tally;
mod tell;
mod telling;
mod text;
mod texting;
mod unit;
mod upkeep;
mod work;

pub use away::STATUS_429;
pub use condition::{Condition, Phase};
pub use handle::{Backlog, Ledger, Setup};
pub use limits::{Rule, Wish};
pub use news::{CallForHelp, Sentence, TextObject, TransferStep};
pub use not_stored::NotStored;
pub use overruling::Overruling;
pub use relay::{Ear, Relay, Turn};
pub use silent::{Silence, SilentCall, silent_calls};
pub use spelling::Word;
pub use spool::{Keeping, SpoolFolders};
pub use storing::Stored;
pub use stream::{StreamEnd, StreamNext, StreamOf, stream_end};
pub use tell::Told;
pub(crate) use tell::{Outbox, Quotas};
pub use text::{OptOut, Quota, TextChange, TextKind, TextReply, TextState, reached_nobody};
pub use unit::{
    CallChange, CallFact, Consent, ConsentMethod, ConsentScope, ErrorEntry, Facts, Key, OWN_TRANSCRIPT, OutboxEvent,
    TurnedAway, Unit, VoicemailChange, VoicemailState, Webhook,
};
