//! What would have fitted, in words.

use std::fmt;

/// What differs between what was signed and what was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `http` for `https` and the like: TLS ends at a proxy.
    Scheme,
    /// Another host, or another case.
    Host,
    /// A port more, less, or another.
    Port,
    /// A slash at the end, or a doubled one.
    Slash,
    /// Another path: a prefix that a proxy strips or adds.
    Path,
    /// A query that was dropped, put in order or encoded anew.
    Query,
    /// What follows `#` was signed.
    Fragment,
    /// GET for POST, or the reverse.
    Method,
    /// A form that is called something else, or the reverse.
    ContentType,
    /// The order of the fields.
    Order,
    /// A field more or less.
    Fields,
    /// Decoded twice, or not at all.
    Encoding,
    /// Blanks and line breaks.
    Blanks,
    /// A JSON body and its hash.
    BodyHash,
    /// The token itself.
    Token,
    /// The header itself.
    Header,
}

impl Reason {
    /// One word, for a metric's label.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Port => "port",
            Self::Slash => "slash",
            Self::Path => "path",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::Method => "method",
            Self::ContentType => "content_type",
            Self::Order => "order",
            Self::Fields => "fields",
            Self::Encoding => "encoding",
            Self::Blanks => "blanks",
            Self::BodyHash => "body_hash",
            Self::Token => "token",
            Self::Header => "header",
        }
    }
}

/// Everything that differs, most telling first. Shows no token, no password, no value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    first: (Reason, String),
    more: Vec<(Reason, String)>,
}

impl Cause {
    pub(super) fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self { first: (reason, text.into()), more: Vec::new() }
    }

    /// Adds what else differs.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.more.push(other.first);
        self.more.extend(other.more);
        self
    }

    /// The first reason's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.first.0.word()
    }

    /// All reasons.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        std::iter::once(&self.first).chain(&self.more).map(|(reason, _)| *reason)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.1)?;
        self.more.iter().try_for_each(|(_, text)| write!(f, "; {text}"))
    }
}
