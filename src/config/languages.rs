//! How callers choose a language.

use super::text::Text;

/// One language among those to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its tag.
    pub language: String,
    /// The key that chooses it: a digit.
    pub key: char,
    /// Said in that language, by its voice.
    pub text: Text,
    /// What callers say who want it, folded by [`crate::base::folded`].
    pub phrases: Vec<String>,
}
