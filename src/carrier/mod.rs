//! Floor 3: the carrier's REST API, typed, with a verdict on every fault.
//!
//! | file | what |
//! |---|---|
//! | `client` | whose account, where, one request and its retries |
//! | `api/` | what can be asked, one file a resource |
//! | `wire/` | forms, answers and error bodies, without a socket |
//! | `media` | audio on its way |
//! | `pages` | lists, page by page |
//! | `patience` | how often and how long |
//! | `error` | whose fault, whether it was done, whether to try again |
//!
//! What is not there is a value (`None`, [`Removal::AlreadyGone`]), not an error. What is created is never asked for
//! twice: when the outcome is unknown the caller gets [`CarrierError::Unknown`] and looks the thing up by its tag.

mod api;
mod client;
mod error;
mod media;
mod operation;
mod pages;
mod patience;
mod request;
mod wire;

pub use api::{
    AccountFilter, AccountStatus, AvailableNumber, CallChange, CallFilter, CallSetup, CallStatusEvent, Capabilities,
    LosingCarrier, Message, MessageFilter, MessageSetup, NumberFilter, NumberKind, NumberSearch, NumberSettings,
    OwnedNumber, PortIn, PortInNumber, PortInOrder, Portability, Recording, RecordingControl, RecordingFilter,
    RemoteAccount, RemoteCall, Removal, Transcription, Wanted,
};
pub use client::{Account, Carrier, House};
pub use error::{Blame, CarrierError, Processed};
pub use media::Media;
pub use operation::Operation;
pub use pages::Pages;
pub use patience::Patience;
pub use wire::Refusal;
