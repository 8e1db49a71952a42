//! How requests and answers look on the carrier's wire: text in, types out. No socket in here.

mod form;
mod read;
mod refusal;

pub(super) use form::{Pairs, instant, pairs};
pub(super) use read::{boolean, number, secret, text, time};
pub use refusal::Refusal;
