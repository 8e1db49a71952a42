//! From, To, Contact, Record-Route: a URI, with a name before it and parameters behind.

use super::text::{is_token, parameters, split, unquoted};
use super::uri::Uri;

/// One address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What it names.
    pub uri: Uri,
    /// For people, without quotes.
    pub name: Option<String>,
    /// The `tag` parameter.
    pub tag: Option<String>,
}

impl Address {
    /// `None`: broken.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = split(text, ';')?;
        let first = parts.first().copied()?;
        parts.remove(0);
        let (name, uri) = match first.rsplit_once('<') {
            Some((name, rest)) => (Self::display(name.trim())?, rest.strip_suffix('>')?),
            None => (None, first),
        };
        let found = parameters(&parts)?;
        let tag = found.iter().find(|(name, _)| name == "tag");
        let tag = match tag {
            Some((_, Some(value))) if is_token(value) => Some((*value).to_owned()),
            Some(_) => return None,
            None => None,
        };
        Some(Self { uri: Uri::parse(uri)?, name, tag })
    }

    fn display(name: &str) -> Option<Option<String>> {
        let quoted = name.starts_with('"');
        if quoted && (name.len() < 2 || !name.ends_with('"')) || !quoted && name.contains(['"', '<', '>', ',', ':']) {
            return None;
        }
        Some(Some(unquoted(name)).filter(|name| !name.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_and_odd_spaces() {
        let odd = Address::parse("\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com> ; tag = 98asjd8")
            .expect("an address");
        assert_eq!((odd.name.as_deref(), odd.tag.as_deref()), (Some("J Rosenberg \\\""), Some("98asjd8")));
        assert!(Address::parse("caller<sip:caller@example.com>;tag=323").is_some());
        let bare = Address::parse("sip:caller@example.net;tag=392").expect("an address");
        assert_eq!((bare.uri.text.as_str(), bare.tag.as_deref()), ("sip:caller@example.net", Some("392")));
    }

    #[test]
    fn what_is_broken_is_refused() {
        for text in [
            "\"Mr. J. User <sip:j.user@example.com>",
            "\"Watson, Thomas\" < sip:t.watson@example.org >",
            "\"Joe\" <sip:joe@example.org>;;;;",
            "<sip:joe@example.org",
            "<sip:joe@example.org>;tag=",
            "",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
