//! What a caller hears at one place of a line: words, words with markup, or several of these in turn.

mod markup;
mod spoken;

pub(super) use markup::{is_marked, read as read_markup};
pub use spoken::{Part, Text};
