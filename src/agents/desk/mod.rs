//! What every conversation over a socket has to keep: accounts of utterances, deadlines, tools, signs of life.

mod book;
mod life;
mod speech;
mod tools;
mod vigil;

pub(in crate::agents) use book::Book;
pub(in crate::agents) use life::{Life, Sign};
pub(in crate::agents) use speech::{Received, Utterances};
pub(in crate::agents) use tools::{Asked, Asking, Tools, offer};
pub(in crate::agents) use vigil::{DRY_MS, Due, Vigil};
