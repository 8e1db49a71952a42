//! `application/x-www-form-urlencoded` bodies, decoded exactly once (PROTOCOL.md 1.2).

use std::borrow::Cow;

/// The decoded fields of a body, sorted by key and then by value, in byte order: the order they are signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Form<'a> {
    /// Decodes a body. Never fails: bytes that are not UTF-8 become U+FFFD, a bare name is an empty value.
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Self {
        let mut fields: Vec<_> = form_urlencoded::parse(body).collect();
        fields.sort_unstable();
        Self { fields }
    }

    /// The first value of a field, or `None`. Empty values count as present.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.fields.partition_point(|(key, _)| key.as_ref() < name);
        self.fields.get(at).filter(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// The first value of a field unless it is empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All fields in signing order (equal pairs not yet collapsed).
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}
