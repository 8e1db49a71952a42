//! The repository as the rules see it: every text file, and Rust sources split into code, strings and comments.

use std::path::Path;
use std::{fs, io};

/// What stands at the root and is not part of the house.
const OUTSIDE: [&str; 4] = [".git", "target", "data", ".env"];

/// Every text file under a root, sorted by path.
pub(crate) struct Tree {
    /// Text files.
    pub(crate) files: Vec<Source>,
    /// Paths of all files and folders, text or not; folders end with a slash.
    pub(crate) paths: Vec<String>,
}

impl Tree {
    /// Reads everything under `root`.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self { files: Vec::new(), paths: Vec::new() };
        tree.enter(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn enter(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if OUTSIDE.contains(&path.as_str()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.paths.push(format!("{path}/"));
                self.enter(&entry.path(), &format!("{path}/"))?;
            } else {
                self.paths.push(path.clone());
                // A binary file has no lines to judge.
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.push(Source::new(path, text));
                }
            }
        }
        Ok(())
    }

    /// Rust files of the product, its tests and its benches.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| {
            file.path.ends_with(".rs") && ["src/", "tests/", "benches/"].iter().any(|top| file.path.starts_with(top))
        })
    }

    /// Rust files of the product, with the room each belongs to (`src/lib.rs` and `src/main.rs` belong to none).
    pub(crate) fn rooms(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.rust().filter_map(|file| {
            let (room, _) = file.path.strip_prefix("src/")?.split_once('/')?;
            Some((room, file))
        })
    }

    /// Whether a file or folder of this path exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|known| known == path || *known == folder)
    }
}

/// One text file.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// As it is on disk.
    pub(crate) text: String,
    /// The same bytes with comments and the insides of literals blanked (newlines stay). Rust files only.
    pub(crate) code: String,
    /// String literals: line and content. Rust files only.
    pub(crate) strings: Vec<(usize, String)>,
}

impl Source {
    /// A file that is on no disk.
    #[cfg(test)]
    pub(crate) fn of(path: &str, text: &str) -> Self {
        Self::new(path.to_owned(), text.to_owned())
    }

    fn new(path: String, text: String) -> Self {
        let (code, strings) = if path.ends_with(".rs") { split(&text) } else { (String::new(), Vec::new()) };
        Self { path, text, code, strings }
    }

    /// Code outside of `#[cfg(test)] mod …`: such a module is blanked.
    pub(crate) fn product_code(&self) -> String {
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let Some(end) = item_end(&code, start) else { break };
            code = blank(&code, start, end);
        }
        code
    }
}

/// The end of the item that starts at `start`: behind its closing brace, or its semicolon when that comes first.
fn item_end(code: &str, start: usize) -> Option<usize> {
    let rest = code.get(start..)?;
    let brace = rest.find('{');
    match (rest.find(';'), brace) {
        (Some(semicolon), Some(brace)) if semicolon < brace => Some(start + semicolon + 1),
        (Some(semicolon), None) => Some(start + semicolon + 1),
        (_, Some(brace)) => closing(code, start + brace),
        (None, None) => None,
    }
}

/// The offset behind the brace that closes the one at `open`.
pub(crate) fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in code.get(open..)?.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return Some(open + at + 1);
        }
    }
    None
}

/// The line (from 1) of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

fn blank(code: &str, start: usize, end: usize) -> String {
    code.bytes()
        .enumerate()
        .map(|(at, byte)| if (start..end).contains(&at) && byte != b'\n' { ' ' } else { char::from(byte) })
        .collect()
}

/// Splits Rust text into code (same length, everything else blanked, non-ASCII as `?`) and string literals.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let mut lexer =
        Lexer { bytes: text.as_bytes(), at: 0, line: 1, code: Vec::with_capacity(text.len()), strings: Vec::new() };
    while let Some(byte) = lexer.peek(0) {
        lexer.step(byte);
    }
    let code = lexer.code.into_iter().map(|b| if b.is_ascii() { char::from(b) } else { '?' }).collect();
    (code, lexer.strings)
}

/// Just enough of Rust's lexical grammar to tell code from comments and literals.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    code: Vec<u8>,
    strings: Vec<(usize, String)>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn step(&mut self, byte: u8) {
        match (byte, self.peek(1)) {
            (b'/', Some(b'/')) => self.blank_while(|lexer| lexer.peek(0) != Some(b'\n')),
            (b'/', Some(b'*')) => self.block_comment(),
            (b'"', _) => self.string(),
            (b'r', Some(b'"' | b'#')) if !self.inside_word() && self.raw_hashes().is_some() => self.raw_string(),
            (b'\'', Some(b'\\')) => self.char_literal(),
            (b'\'', Some(_)) if self.is_char_literal() => self.char_literal(),
            _ => self.keep(1),
        }
    }

    fn keep(&mut self, count: usize) {
        for _ in 0..count {
            self.push(|byte| byte);
        }
    }

    fn blank(&mut self, count: usize) {
        for _ in 0..count {
            self.push(|byte| if byte == b'\n' { byte } else { b' ' });
        }
    }

    fn push(&mut self, as_code: impl Fn(u8) -> u8) {
        let Some(byte) = self.peek(0) else { return };
        self.code.push(as_code(byte));
        self.at += 1;
        self.line += usize::from(byte == b'\n');
    }

    fn blank_while(&mut self, goes_on: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && goes_on(self) {
            self.blank(1);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => depth += 1,
                (Some(b'*'), Some(b'/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.blank(1);
                    continue;
                }
            }
            self.blank(2);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let (line, start) = (self.line, self.at + 1);
        self.keep(1);
        loop {
            match self.peek(0) {
                Some(b'\\') => self.blank(2),
                Some(b'"') | None => break,
                Some(_) => self.blank(1),
            }
        }
        self.remember(line, start, self.at);
        self.keep(1);
    }

    /// `Some(n)` at `r`, n times `#`, and a quotation mark.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = self.bytes.iter().skip(self.at + 1).take_while(|b| **b == b'#').count();
        (self.peek(1 + hashes) == Some(b'"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        let line = self.line;
        self.keep(hashes + 2);
        let start = self.at;
        let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        self.blank_while(|lexer| !lexer.bytes.get(lexer.at..).is_some_and(|rest| rest.starts_with(&end)));
        self.remember(line, start, self.at);
        self.keep(end.len());
    }

    /// A quotation mark that starts a character, not a lifetime or a label.
    fn is_char_literal(&self) -> bool {
        let width = match self.peek(1) {
            Some(b) if b >= 0xf0 => 4,
            Some(b) if b >= 0xe0 => 3,
            Some(b) if b >= 0xc0 => 2,
            _ => 1,
        };
        self.peek(1 + width) == Some(b'\'')
    }

    fn char_literal(&mut self) {
        self.keep(1);
        let escaped = if self.peek(0) == Some(b'\\') { 2 } else { 1 };
        self.blank(escaped);
        self.blank_while(|lexer| lexer.peek(0) != Some(b'\''));
        self.keep(1);
    }

    fn inside_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_some_and(|b| (b.is_ascii_alphanumeric() && *b != b'b') || *b == b'_')
    }

    fn remember(&mut self, line: usize, start: usize, end: usize) {
        let content = self.bytes.get(start..end).unwrap_or_default();
        self.strings.push((line, String::from_utf8_lossy(content).into_owned()));
    }
}

#[test]
fn code_strings_and_comments_are_told_apart() {
    let text = r##"let a = "x // {"; // "no" {
let b = r#"raw " {"#; /* { /* nested */ { */ let c = '{'; let d = '\''; let e: &'static str = "é";"##;
    let (code, strings) = split(text);
    assert_eq!(code.len(), text.len());
    assert!(!code.contains('{'), "{code}");
    assert_eq!(strings.iter().map(|s| s.1.as_str()).collect::<Vec<_>>(), ["x // {", "raw \" {", "é"]);
    assert_eq!(strings.iter().map(|s| s.0).collect::<Vec<_>>(), [1, 2, 2]);
    assert!(code.contains("&'static str"), "{code}");
}

#[test]
fn test_modules_are_not_product_code() {
    let source = Source::of("src/a/b.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn t() {} }\nfn z() {}");
    let code = source.product_code();
    assert!(code.contains("fn a") && code.contains("fn z") && !code.contains("fn t"), "{code}");
}
