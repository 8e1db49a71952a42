//! The languages of the line that is being read.

use crate::config::text::Tongue;
use std::sync::Arc;

/// Which languages there are, and in which the line is read now.
#[derive(Clone, Debug)]
pub(super) struct Tongues {
    /// The line's own, and the further ones.
    pub(super) all: Vec<Arc<Tongue>>,
    /// The line's own.
    pub(super) own: Arc<Tongue>,
    /// The one of this reading.
    pub(super) now: Arc<Tongue>,
}

impl Tongues {
    /// A line in its own language.
    pub(super) fn new(own: Tongue) -> Self {
        let own = Arc::new(own);
        Self { all: vec![Arc::clone(&own)], now: Arc::clone(&own), own }
    }

    /// The language of a tag.
    pub(super) fn named(&self, tag: &str) -> Option<&Arc<Tongue>> {
        self.all.iter().find(|tongue| tongue.is(tag))
    }

    /// Whether the line is read in its own language.
    pub(super) fn is_own(&self) -> bool {
        Arc::ptr_eq(&self.own, &self.now)
    }

    /// Their tags, for a message.
    pub(super) fn tags(&self) -> String {
        self.all.iter().map(|tongue| tongue.language.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Default for Tongues {
    fn default() -> Self {
        Self::new(Tongue { language: "en-US".to_owned(), voice: None })
    }
}
