//! What can be asked of the carrier, one file a resource: fields of the request, fields of the answer, requests.

mod accounts;
mod calls;
mod messages;
mod numbers;
mod porting;
mod recordings;
mod there;
mod transcriptions;

pub use accounts::{AccountFilter, AccountStatus, RemoteAccount};
pub use calls::{CallChange, CallFilter, CallSetup, CallStatusEvent, RemoteCall};
pub use messages::{Message, MessageFilter, MessageSetup};
pub use numbers::{
    AvailableNumber, Capabilities, NumberFilter, NumberKind, NumberSearch, NumberSettings, OwnedNumber, Wanted,
};
pub use porting::{LosingCarrier, PortIn, PortInNumber, PortInOrder, Portability};
pub use recordings::{Recording, RecordingControl, RecordingFilter};
pub use there::Removal;
pub use transcriptions::Transcription;
