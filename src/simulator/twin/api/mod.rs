//! The resources, one a file: who may, what happens to the books, and the answer. No socket, no waiting.

mod accounts;
mod ask;
mod available;
mod numbers;
mod route;
mod usage;

pub(crate) use route::answer;
