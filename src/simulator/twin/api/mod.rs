//! The resources, one a file: who may, what happens to the books, and the answer. No socket, no waiting.

mod accounts;
mod ask;
mod available;
mod calls;
mod messages;
mod numbers;
mod porting;
mod recordings;
mod route;
mod transcriptions;
mod usage;
mod way;
mod when;

pub(crate) use route::answer;
