//! The vocabulary: one file a family of verbs and nouns. Every attribute is optional; docs name Twilio's default
//! in brackets. URLs may be relative to the document's own unless "absolute" is said. Times are whole seconds
//! unless a unit is said.

mod address;
mod conference;
mod connect;
mod dial;
mod enqueue;
mod flow;
mod gather;
mod legs;
mod message;
mod pay;
mod record;
mod relay;
mod say;
mod sets;
mod ssml;
mod start;
mod stream;

pub use address::{ApplicationSid, Identity, SipAddress};
pub use conference::{Conference, Queue};
pub use connect::{Connect, Noun};
pub use dial::{Callee, Dial, Legs, WrongNumberOfLegs};
pub use enqueue::{Enqueue, Task, Waiting};
pub use flow::{Hangup, Leave, Redirect, Refer, ReferSip, ReferTarget, Reject, Sms};
pub use gather::{Gather, SpeechTimeout};
pub use legs::{Application, Client, Leg, Number, Sim, Sip, WhatsApp};
pub use message::{Media, Message, MessageBody, MessagePart, TextResponse, TextVerb};
pub use pay::{Pay, PayNoun, Prompt};
pub use record::Record;
pub use relay::{ConversationRelay, Language, RelayNoun};
pub use say::{Pause, Play, PlayDigits, Prompted, Say};
pub use sets::*;
pub use ssml::{Break, Emphasis, Lang, Paragraph, Phoneme, Prosody, SayAs, Sentence, Speech, Sub, Word};
pub use start::{
    Recording, Siprec, Start, Started, Stop, StopRecording, StopSiprec, StopStream, StopTranscription, Stopped,
    Transcription, TranscriptionSettings,
};
pub use stream::{Parameter, Stream};
