//! Outside: an honest Twilio. It signs, follows TwiML verb by verb, presses keys, dials, records, and calls back, on
//! a clock that can be compressed. Tests, `call`, `demo` and `load` share it.
//!
//! It knows the wire (`twilio`, `twiml`) and PROTOCOL.md, and none of our business rules: it would agree with our
//! mistakes.
//!
//! | where | what |
//! |---|---|
//! | `carrier` | the account and the number: where its webhooks go |
//! | `script`, `act` | what caller and callees do |
//! | `call/` | one call, verb by verb |
//! | `stream/` | its sound, over a WebSocket |
//! | `text` | somebody writes a text, and what is answered |
//! | `http/` | one webhook: signed, sent, judged |
//! | `archive/` | what a carrier remembers: calls, recordings, transcripts |
//! | `transcript/` | what happened, as data and as text |
//! | `load/` | many calls at once |
//! | `flood/` | far more calls than can be served |
//! | `chaos/` | what goes wrong on purpose, and the record of what really happened |
//! | `twin/` | Twilio's REST API, with a bill and with faults |
//! | `speaker/` | a loudspeaker on the network, called or not: what it heard, packet by packet |
//! | `handset/` | a telephone on the network that pages |
//! | `problem` | an error or a warning, in Twilio's codes |
//! | `masked` | what is shown has no tokens of streams in it |
//! | `clock`, `sids`, `shelf` | time and chance, as inputs; resources by SID |

mod act;
mod archive;
mod call;
mod carrier;
mod chaos;
mod clock;
mod error;
mod flood;
mod handset;
mod http;
mod load;
mod masked;
mod problem;
mod script;
mod shelf;
mod sids;
mod speaker;
mod stream;
mod text;
mod transcript;
mod twin;

pub use act::Act;
pub use archive::{Archive, CallRecord, Recording, Transcript};
pub use call::CallPlan;
pub use carrier::{Carrier, CarrierSettings};
pub use chaos::{Accident, Dice, Fate, Place, Planned, Schedule, Sent};
pub use clock::Speed;
pub use error::SimulatorError;
pub use flood::{ClassReport, Flood, FloodPlan, FloodReport, flood_text};
pub use handset::{Handset, HandsetError, Mouth};
pub use http::Target;
pub use load::{
    CallerReport, Load, LoadReport, Mix, Pace, Progress, RouteReport, Scenario, Spread, StreamsReport, load_text,
};
pub use problem::Problem;
pub use script::{AfterMessage, Callee, Script, Waiting, is_key, parse_acts};
pub use speaker::{CalledSpeaker, HeardPacket, HeardStream, Manner, Speaker, heard_streams};
pub use stream::{Acoustics, Answered, Clip, ClipError, Interruption, Sound, StreamReport};
pub use text::{TextAnswer, TextPlan, TextReport};
pub use transcript::{Actor, Dialled, Kind, Recorded, Report, RequestLine, Step, Style, remark, summary, write_step};
pub use twin::{
    Bill, BillKind, BillLine, Fault, FaultKind, Money, Phone, PortOrder, RequestMade, RunningTwin, Twin, TwinAccount,
    TwinMessage, TwinNumber, TwinOptions,
};
