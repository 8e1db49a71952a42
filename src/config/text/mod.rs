//! What a caller hears at one place of a line: words, words with markup, a sound, or several of these in turn; in one
//! language or in several.

mod markup;
mod sound;
mod spoken;
mod tongue;

pub(super) use markup::{is_marked, read as read_markup};
pub use sound::{Sound, SoundKind};
pub use spoken::{Part, Text, Translations};
pub use tongue::Tongue;
