//! A mail as its reader's program takes it apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail, or a part of one.
pub(crate) struct Part {
    head: String,
    body: String,
}

impl Part {
    pub(crate) fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        Self { head: head.replace("\r\n ", " ").replace("\r\n\t", " "), body: body.to_owned() }
    }

    /// A header, unfolded; empty without one.
    pub(crate) fn header(&self, name: &str) -> String {
        let name = format!("{}: ", name.to_ascii_lowercase());
        let mine = |line: &&str| line.to_ascii_lowercase().starts_with(&name);
        let value = self.head.lines().find(mine).and_then(|line| line.split_once(": "));
        value.map_or_else(String::new, |(_, value)| value.to_owned())
    }

    /// Its parts; itself, when it has none.
    pub(crate) fn leaves(self) -> Vec<Self> {
        let kind = self.header("Content-Type");
        let Some((_, rest)) = kind.split_once("boundary=\"") else { return vec![self] };
        let (boundary, _) = rest.split_once('"').expect("its end");
        let pieces: Vec<&str> = self.body.split(&format!("--{boundary}")).collect();
        assert!(pieces.last().is_some_and(|last| last.starts_with("--")), "it ends");
        pieces[1..pieces.len() - 1]
            .iter()
            .flat_map(|piece| Self::of(piece.trim_start_matches("\r\n")).leaves())
            .collect()
    }

    /// What it holds.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self.header("Content-Transfer-Encoding").as_str() {
            "base64" => STANDARD.decode(self.body.replace("\r\n", "")).expect("base 64"),
            "quoted-printable" => unquoted(&self.body),
            _ => self.body.clone().into_bytes(),
        }
    }

    /// Its text, with line ends of ours.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).expect("UTF-8").replace("\r\n", "\n")
    }
}

fn unquoted(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).expect("two digits");
        bytes.push(u8::from_str_radix(digits, 16).expect("hex"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}
