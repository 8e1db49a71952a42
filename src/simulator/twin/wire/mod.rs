//! The REST API as bytes: requests read, answers written, lists in pages, refusals in Twilio's words (PROTOCOL.md 7).

mod answer;
mod operation;
mod page;
mod refusal;
mod request;

pub(crate) use answer::{Answer, date};
pub(crate) use operation::operation;
pub(crate) use page::page;
pub(crate) use refusal::Refusal;
pub(crate) use request::Request;
