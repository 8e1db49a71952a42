//! Start line, headers and body of one message.

use super::text::is_token;
use std::str;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Somebody wants something.
    Request {
        /// As written; case matters.
        method: String,
        /// As written.
        uri: String,
        /// Whether it is `SIP/2.0`.
        is_sip_2: bool,
    },
    /// Somebody answers.
    Response {
        /// 100 to 699.
        code: u16,
    },
}

/// A message as it came, in lines that were unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The first line. `None`: neither request nor response.
    pub start: Option<Start>,
    fields: Vec<(String, String)>,
    /// What stands behind the empty line, to the end of what came.
    pub rest: Vec<u8>,
    /// The first thing that is wrong with the lines.
    pub(in crate::sip) broken: Option<Broken>,
}

/// What is wrong, for the reason phrase of a 400.
pub(in crate::sip) type Broken = &'static str;

/// Nothing in it can be read.
pub(in crate::sip) const UNREADABLE: Broken = "Unreadable";

/// More lines than any telephone sends.
const FIELDS: usize = 256;

impl Message {
    /// Reads a message. What is broken is said in it, so that it can be answered. `None`: nothing but empty lines.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let begin = bytes.iter().position(|byte| !b"\r\n".contains(byte))?;
        let bytes = bytes.get(begin..)?;
        let (head, rest) = split_head(bytes);
        let mut broken = rest.is_none().then_some("No End of Headers");
        let text = String::from_utf8_lossy(head);
        if text.contains(['\0', '\u{fffd}']) {
            broken = broken.or(Some(UNREADABLE));
        }
        let mut lines = unfolded(&text);
        if lines.len() > FIELDS {
            lines.truncate(FIELDS);
            broken = broken.or(Some("Too Many Headers"));
        }
        let mut lines = lines.into_iter();
        let start = lines.next().and_then(|line| start(&line));
        let mut fields = Vec::new();
        for line in lines {
            match field(&line) {
                Some(field) => fields.push(field),
                None => broken = broken.or(Some("Bad Header Line")),
            }
        }
        Some(Self { start, fields, rest: rest.unwrap_or_default().to_vec(), broken })
    }

    /// All values of a header, by its long name in small letters.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its first value.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its only value. `Err`: there are several.
    pub(in crate::sip) fn only(&self, name: &str) -> Result<Option<&str>, ()> {
        let mut found = self.fields.iter().filter(|(known, _)| known == name);
        let first = found.next().map(|(_, value)| value.as_str());
        if found.next().is_some() { Err(()) } else { Ok(first) }
    }
}

/// Lines before the empty one, and what stands behind it.
fn split_head(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        if matches!(line, b"\r\n" | b"\n") {
            return (bytes.get(..at).unwrap_or_default(), bytes.get(end..));
        }
        at = end;
    }
    (bytes, None)
}

/// Lines, with those that begin with a space put behind the one before.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match lines.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(before) => {
                before.push(' ');
                before.push_str(line.trim());
            }
            None if line.is_empty() => {}
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn start(line: &str) -> Option<Start> {
    if line.chars().any(char::is_control) {
        return None;
    }
    let mut parts = line.splitn(3, ' ');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if is_version(first) {
        let code = second.parse().ok().filter(|code| (100..700).contains(code) && second.len() == 3)?;
        return (first.eq_ignore_ascii_case("SIP/2.0")).then_some(Start::Response { code });
    }
    let version = third.filter(|version| is_version(version))?;
    let legal = is_token(first) && !second.is_empty() && !second.starts_with('<');
    legal.then(|| Start::Request {
        method: first.to_owned(),
        uri: second.to_owned(),
        is_sip_2: version.eq_ignore_ascii_case("SIP/2.0"),
    })
}

fn is_version(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let named = text.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"));
    let digits = text.get(4..).and_then(|rest| rest.split_once('.'));
    named && digits.is_some_and(|(major, minor)| number(major) && number(minor))
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let (name, value) = (name.trim_end(), value.trim());
    // A lone return or another control character could end a line of an answer that repeats it.
    if !is_token(name) || value.chars().any(|c| c.is_control() && c != '\t') {
        return None;
    }
    Some((long_name(name), value.to_owned()))
}

fn long_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let long = match name.as_str() {
        "a" => "accept-contact",
        "b" => "referred-by",
        "c" => "content-type",
        "e" => "content-encoding",
        "f" => "from",
        "i" => "call-id",
        "k" => "supported",
        "l" => "content-length",
        "m" => "contact",
        "o" => "event",
        "r" => "refer-to",
        "s" => "subject",
        "t" => "to",
        "u" => "allow-events",
        "v" => "via",
        "x" => "session-expires",
        _ => return name,
    };
    long.to_owned()
}
