//! A line that speaks several languages: how its callers choose, and what it is in each.

use super::line::Line;
use super::text::Text;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The languages of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Languages {
    /// Said instead of the offers; empty: the offers are said.
    pub ask: Text,
    /// What callers choose from, in the order in which they hear it; the line's own language is one of them.
    pub offers: Vec<Offer>,
    /// The whole line in each language but its own, by tag. Nothing is looked up or translated during a call.
    pub others: BTreeMap<String, Arc<Line>>,
}

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

impl Line {
    /// The line in a language that its caller chose; in its own when it does not speak that one (any more).
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &Self {
        let found = self.languages.as_ref().and_then(|languages| languages.others.get(tag));
        found.map_or(self, AsRef::as_ref)
    }
}
