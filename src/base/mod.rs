//! Floor 0: words everybody uses. No I/O, no async, nothing that knows a protocol.
//!
//! | file | word |
//! |---|---|
//! | `audio_link` | leave to hear one message for a while, as a mail carries it |
//! | `clock` | the only place that asks the system for the time |
//! | `ids` | call SIDs and our own prefixed ids |
//! | `hide` | how much of the numbers that callers say is kept |
//! | `phone` | E.164 numbers, callers who withhold theirs, masking |
//! | `requester` | who asks, for rooms that know no credentials |
//! | `secret` | values that cannot be printed, compared in constant time |
//! | `seal` | secrets at rest, each sealed for the place where it is kept |
//! | `outcome` | how a call ended, one small vocabulary |
//! | `spoken` | words as they are compared: case, accents and apostrophes folded |
//! | `words` | closed sets of words on the wire |
//! | `problem` | what goes wrong over HTTP, as RFC 9457 tells it |
//! | `meters`, `stream_meters`, `sip_meters` | what is counted, as handles made once |
//! | `registrar`, `counters` | how such a handle is made; counters that are more than one number |
//! | `write_key` | what makes two writes of a client the same write |

mod audio_link;
mod clock;
mod counters;
mod hide;
mod ids;
mod meters;
mod outcome;
mod phone;
mod problem;
mod registrar;
mod requester;
mod seal;
mod secret;
mod sip_meters;
mod spoken;
mod stream_meters;
mod words;
mod write_key;

pub use audio_link::{AudioLinks, DeadLink};
pub use clock::{Clock, Time, rfc3339_ms};
pub use counters::Family;
pub use hide::Hide;
pub use ids::{CallSid, EventIds, derived_id, ulid};
pub use meters::{
    CARRIER_OPERATIONS, CarrierMeter, Meters, NumberMeters, RowGauges, SpoolMeters, WebhookMeter, WebhookResult,
};
pub use outcome::{CallState, Outcome};
pub use phone::{Caller, E164, InvalidNumber, mask, mask_address, mask_text};
pub use problem::{PROBLEM_JSON, Problem, ProblemKind};
pub use requester::Requester;
pub use seal::{Seal, SealError, SealedPlace};
pub use secret::{Secret, same};
pub use sip_meters::SipMeters;
pub use spoken::folded;
pub use stream_meters::{AGENT_CAUSES, StreamMeters};
pub use words::Word;
pub(crate) use words::words;
pub use write_key::WriteKey;
