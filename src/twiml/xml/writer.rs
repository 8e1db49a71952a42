//! Types out: the one place that writes XML.

use super::Value;
use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;

/// Room for a typical document, so that the buffer seldom grows.
const TYPICAL_DOCUMENT: usize = 1024;
/// Room for a typical start tag with its attributes.
const TYPICAL_TAG: usize = 192;

/// A document being written. Text and attribute values are cleaned and escaped here and nowhere else.
pub(in crate::twiml) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Starts with the prolog at byte 0: Twilio refuses a document with anything before it (12100).
    pub(in crate::twiml) fn document() -> Self {
        let mut xml = Self(Writer::new(Vec::with_capacity(TYPICAL_DOCUMENT)));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// The document.
    pub(in crate::twiml) fn finish(self) -> String {
        // Only `str`s were written, so the lossy way is never taken.
        String::from_utf8(self.0.into_inner())
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
    }

    /// An element; `inside` writes what it holds, without it the element is empty.
    pub(in crate::twiml) fn element(
        &mut self,
        name: &str,
        attributes: impl FnOnce(&mut Tag<'_>),
        inside: Option<impl FnOnce(&mut Self)>,
    ) {
        let mut tag = Tag(BytesStart::new(name));
        attributes(&mut tag);
        let Some(inside) = inside else { return self.event(Event::Empty(tag.0)) };
        self.event(Event::Start(tag.0));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element without attributes.
    pub(in crate::twiml) fn plain(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.element(name, |_| {}, Some(inside));
    }

    /// An empty element with a name and a value.
    pub(in crate::twiml) fn pair(&mut self, element: &str, name: &str, value: &str) {
        let mut tag = Tag(BytesStart::new(element));
        tag.attribute("name", name);
        tag.attribute("value", value);
        self.event(Event::Empty(tag.0));
    }

    /// Text.
    pub(in crate::twiml) fn text(&mut self, text: &str) {
        self.event(Event::Text(BytesText::from_escaped(partial_escape(clean(text)))));
    }

    fn event(&mut self, event: Event<'_>) {
        // A `Vec` takes every write.
        let _never_fails = self.0.write_event(event);
    }
}

/// A start tag being written.
pub(in crate::twiml) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// Adds an attribute unless it is absent. An empty one is not absent: `finishOnKey=""` means something.
    pub(in crate::twiml) fn optional(&mut self, name: &str, value: Option<&impl Value>) {
        if let Some(value) = value {
            self.attribute(name, &value.text());
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if self.0.attributes_raw().is_empty() {
            self.make_room();
        }
        self.0.push_attribute((name, clean(value)));
    }

    /// Allocates once for all attributes instead of growing with each.
    fn make_room(&mut self) {
        let name = self.0.name();
        let mut content = String::with_capacity(TYPICAL_TAG);
        content.push_str(name.as_ref());
        let length = content.len();
        self.0 = BytesStart::from_content(content, length);
    }
}

/// `text` without the characters that XML 1.0 has no way to write: Twilio refuses a document with one (12100).
fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|&c| is_xml(c)).collect())
    }
}

/// The `Char` production of XML 1.0 (a Rust `char` is never a surrogate).
pub(in crate::twiml) const fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_say_is_left_out() {
        assert!(matches!(clean("tab\t line\n return\r Zo\u{eb} \u{1f389}"), Cow::Borrowed(_)));
        assert_eq!(clean("a\0b\u{1}c\u{8}d\u{b}e\u{c}f\u{e}g\u{1f}h\u{fffe}i\u{ffff}j"), "abcdefghij");
        assert_eq!(clean("\u{7f}\u{85}\u{fffd}"), "\u{7f}\u{85}\u{fffd}");
    }
}
