//! A language, and who speaks it.

/// How words are said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tongue {
    /// BCP 47, for `<Say language>` and `<Gather language>`.
    pub language: String,
    /// `<Say voice>`; the carrier's default when absent.
    pub voice: Option<String>,
}

impl Tongue {
    /// Whether a tag names this language.
    #[must_use]
    pub fn is(&self, tag: &str) -> bool {
        self.language.eq_ignore_ascii_case(tag)
    }
}
