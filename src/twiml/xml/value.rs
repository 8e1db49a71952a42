//! Attribute values: text, numbers, yes and no, words of a closed set, lists of them.

use crate::base::Word;
use crate::twiml::Permitted;
use std::borrow::Cow;

/// What came of reading an attribute.
pub(in crate::twiml) enum Read<V> {
    /// All of it was understood.
    Whole(V),
    /// Some words of a list were not.
    Part(V),
    /// None of it: the attribute counts as absent.
    Nothing,
}

/// A type that an attribute can hold.
pub(in crate::twiml) trait Value: Sized {
    /// As it stands between the quotes, before escaping.
    fn text(&self) -> Cow<'_, str>;
    /// The way back.
    fn read(text: &str) -> Read<Self>;
}

impl Value for String {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn read(text: &str) -> Read<Self> {
        Read::Whole(text.to_owned())
    }
}

impl Value for u32 {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn read(text: &str) -> Read<Self> {
        text.trim().parse().map_or(Read::Nothing, Read::Whole)
    }
}

impl Value for bool {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "true" } else { "false" })
    }

    fn read(text: &str) -> Read<Self> {
        match text {
            "true" => Read::Whole(true),
            "false" => Read::Whole(false),
            _ => Read::Nothing,
        }
    }
}

impl<V: Value> Value for Permitted<V> {
    fn text(&self) -> Cow<'_, str> {
        V::text(self)
    }

    fn read(text: &str) -> Read<Self> {
        match V::read(text) {
            Read::Whole(mode) => Read::Whole(Self::read_from_a_document(mode)),
            Read::Part(mode) => Read::Part(Self::read_from_a_document(mode)),
            Read::Nothing => Read::Nothing,
        }
    }
}

impl<W: Word> Value for W {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.word())
    }

    fn read(text: &str) -> Read<Self> {
        Self::from_word(text).map_or(Read::Nothing, Read::Whole)
    }
}

/// Words of a closed set, separated by spaces on the wire: `statusCallbackEvent="initiated ringing"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<W>(Vec<W>);

impl<W> List<W> {
    /// The words in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[W] {
        &self.0
    }
}

impl<W: PartialEq> List<W> {
    /// Whether `word` is among them.
    #[must_use]
    pub fn contains(&self, word: &W) -> bool {
        self.0.contains(word)
    }
}

impl<W, const N: usize> From<[W; N]> for List<W> {
    fn from(words: [W; N]) -> Self {
        Self(words.into())
    }
}

impl<W> From<Vec<W>> for List<W> {
    fn from(words: Vec<W>) -> Self {
        Self(words)
    }
}

impl<W: Value> Value for List<W> {
    fn text(&self) -> Cow<'_, str> {
        let words: Vec<_> = self.0.iter().map(Value::text).collect();
        Cow::Owned(words.join(" "))
    }

    fn read(text: &str) -> Read<Self> {
        let mut words = Vec::new();
        let mut whole = true;
        for word in text.split_ascii_whitespace() {
            match W::read(word) {
                Read::Whole(word) => words.push(word),
                Read::Part(_) | Read::Nothing => whole = false,
            }
        }
        if whole { Read::Whole(Self(words)) } else { Read::Part(Self(words)) }
    }
}
