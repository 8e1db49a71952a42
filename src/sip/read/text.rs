//! Lists, parameters and quotes: what all headers are made of.

/// Splits at `separator`, but neither inside quotes nor inside `<…>`. `None`: a quote or a bracket is never closed.
pub(super) fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !inside => quoted = !quoted,
            _ if quoted => {}
            '<' => inside = true,
            '>' => inside = false,
            _ if c == separator && !inside => {
                parts.push(text.get(begin..at)?.trim());
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(begin..)?.trim());
    (!quoted && !inside).then_some(parts)
}

/// The values of a header that may hold several. `None`: broken, or one of them is empty.
pub(in crate::sip) fn list(text: &str) -> Option<Vec<&str>> {
    split(text, ',').filter(|parts| parts.iter().all(|part| !part.is_empty()))
}

/// `name=value` and `name`, with names in small letters. `None`: one is empty, or its name is no word.
pub(super) fn parameters<'a>(parts: &[&'a str]) -> Option<Vec<(String, Option<&'a str>)>> {
    parts.iter().map(|part| parameter(part)).collect()
}

fn parameter(part: &str) -> Option<(String, Option<&str>)> {
    let (name, value) = match part.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (part.trim(), None),
    };
    let plain =
        value.is_none_or(|value| !value.is_empty() && (value.starts_with('"') || !value.contains(char::is_whitespace)));
    (is_token(name) && plain).then(|| (name.to_ascii_lowercase(), value))
}

/// Whether this is a word as SIP has them.
pub(super) fn is_token(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&c);
    !text.is_empty() && text.bytes().all(legal)
}

/// What stands between quotes, with its escapes undone; other text as it is.
pub(in crate::sip) fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return text.to_owned() };
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(c);
            escaped = false;
        }
    }
    plain
}
