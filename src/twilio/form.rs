//! `application/x-www-form-urlencoded` bodies, decoded exactly once (PROTOCOL.md 1.2).

use std::borrow::Cow;

/// Twilio sends up to some forty.
const TYPICAL_FIELDS: usize = 40;

/// The decoded fields of a body, sorted by key and then by value, in byte order: the order they are signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    wire: &'a [u8],
}

impl<'a> Form<'a> {
    /// Decodes a body. Never fails: bytes that are not UTF-8 become U+FFFD, a bare name is an empty value.
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Self {
        let mut fields = Vec::with_capacity(TYPICAL_FIELDS);
        fields.extend(form_urlencoded::parse(body));
        fields.sort_unstable();
        Self { fields, wire: body }
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

    /// The body as it came.
    #[must_use]
    pub const fn wire(&self) -> &'a [u8] {
        self.wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Vec<(String, String)> {
        Form::parse(body.as_bytes()).iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn decodes_once_and_only_once() {
        assert_eq!(read("CallToken=%257B%2522a%2522"), pairs(&[("CallToken", "%7B%22a%22")]));
        assert_eq!(read("a=one+two%20three%2Bfour"), pairs(&[("a", "one two three+four")]));
        assert_eq!(read("a=1;b=2"), pairs(&[("a", "1;b=2")]));
        assert_eq!(read("a=%zz%"), pairs(&[("a", "%zz%")]));
    }

    #[test]
    fn keeps_what_other_readers_lose() {
        assert_eq!(read("b&a=&=c&a=%20x%20"), pairs(&[("", "c"), ("a", ""), ("a", " x "), ("b", "")]));
        assert_eq!(read(""), []);
        assert_eq!(read("&&"), []);
    }

    #[test]
    fn sorts_by_key_in_byte_order_then_by_value() {
        assert_eq!(
            read("b=1&a_=1&aB=1&a1=1&ab=1&A=1&a=2&a=1"),
            pairs(&[
                ("A", "1"),
                ("a", "1"),
                ("a", "2"),
                ("a1", "1"),
                ("aB", "1"),
                ("a_", "1"),
                ("ab", "1"),
                ("b", "1")
            ])
        );
    }

    #[test]
    fn finds_the_first_value_and_tells_empty_from_missing() {
        let form = Form::parse(b"Digits=&To=%2B15875550100&a=2&a=1");
        assert_eq!(form.get("Digits"), Some(""));
        assert_eq!(form.filled("Digits"), None);
        assert_eq!(form.get("digits"), None);
        assert_eq!(form.filled("To"), Some("+15875550100"));
        assert_eq!(form.get("a"), Some("1"));
    }
}
