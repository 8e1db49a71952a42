//! Whoever has a stream's one-use token may open it: what is shown is no place for that.

use serde::Serializer;
use std::borrow::Cow;

/// The last part of a socket's path is a token from this length on.
const TOKEN: usize = 40;
const SCHEMES: [&str; 2] = ["wss://", "ws://"];

/// The text without the tokens of the socket addresses in it, wherever else they stand.
pub(in crate::simulator) fn masked(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for scheme in SCHEMES {
        for after in text.split(scheme).skip(1) {
            let end =
                after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '?')).unwrap_or(after.len());
            let token = after.get(..end).and_then(|url| url.rsplit_once('/')).map_or("", |(_, last)| last);
            if token.len() > TOKEN {
                shown = Cow::Owned(shown.replace(token, "…"));
            }
        }
    }
    shown
}

/// For fields of documents.
pub(in crate::simulator) fn text<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&masked(text))
}

/// The same, where there is some.
pub(in crate::simulator) fn some<S: Serializer>(some: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    match some {
        Some(text) => to.serialize_some(&masked(text)),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_nowhere_and_everything_else_is() {
        let token = "x".repeat(64);
        let twiml = format!(
            "<Stream url=\"wss://h.example/ws/{token}\"><Parameter name=\"token\" value=\"{token}\"/></Stream>"
        );
        let shown = "<Stream url=\"wss://h.example/ws/…\"><Parameter name=\"token\" value=\"…\"/></Stream>";
        assert_eq!(masked(&twiml), shown);
        assert_eq!(masked(&format!("opens wss://h/{token}")), "opens wss://h/…");
        for plain in ["", "wss://h.example/ws/short", &format!("https://h.example/{token}")] {
            assert_eq!(masked(plain), *plain);
        }
    }
}
