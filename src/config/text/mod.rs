//! What a caller hears at one place of a line: words, words with markup, or several of these in turn; in one
//! language or in several.

mod markup;
mod spoken;
mod tongue;

pub(super) use markup::{is_marked, read as read_markup};
pub use spoken::{Part, Text, Translations};
pub use tongue::Tongue;
