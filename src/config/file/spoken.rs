//! Texts that callers hear: words, words with markup, or a list of these.

use super::reader::{Table, Value};
use crate::config::mistake::Wrong;
use crate::config::text::{Part, Text, is_marked, read_markup};

const WANTED: &str = "\"…\", or a list of texts that are heard in turn";

/// Voices that read markup aloud, signs and all.
const WITHOUT_MARKUP: [&str; 2] = ["man", "woman"];

impl Value<'_> {
    /// What a caller hears.
    pub(super) fn spoken(&self) -> Option<Text> {
        let parts = if self.is_list() { self.list() } else { vec![self.clone()] };
        let parts: Option<Vec<Part>> = parts.iter().map(part).collect();
        parts.map(Text::new)
    }
}

fn part(value: &Value<'_>) -> Option<Part> {
    if value.is_table() {
        let table = value.table(WANTED)?;
        // Words that look like markup and are none.
        let words = table.get("words").and_then(|words| words.text("words = \"…\""));
        if !table.has("words") {
            table.mistake("the text says nothing", format!("write {WANTED}"));
        }
        table.finish();
        return words.map(Part::Words);
    }
    let source = value.text(WANTED)?;
    if !is_marked(&source) {
        return Some(Part::Words(source));
    }
    let voice = value.file.voice.borrow();
    if let Some(voice) = voice.as_deref().filter(|voice| WITHOUT_MARKUP.contains(voice)) {
        value.mistake(
            format!("the voice `{voice}` would read the markup aloud"),
            "take the markup out, or choose another voice: voice = \"Polly.Joanna\"",
        );
        return None;
    }
    match read_markup(&source) {
        Ok(speech) => Some(Part::Marked { source, speech }),
        Err(Wrong { what, mend }) => {
            value.mistake(what, mend);
            None
        }
    }
}

impl Table<'_> {
    /// A spoken text that may be empty, or an English default.
    pub(super) fn spoken(&self, key: &'static str, default: &str) -> Text {
        if !self.has(key) && !default.is_empty() {
            self.file.unwritten.borrow_mut().push(self.path_of(key));
        }
        self.get(key).and_then(|value| value.spoken()).unwrap_or_else(|| default.into())
    }

    /// A spoken text without which a caller would hear nothing.
    pub(super) fn spoken_always(&self, key: &'static str, default: &str) -> Text {
        let text = self.spoken(key, default);
        if text.is_empty()
            && let Some(value) = self.get(key)
            && !value.is_table()
        {
            value.mistake(
                format!("`{key}` is empty: the caller would hear nothing"),
                "write what the caller shall hear",
            );
        }
        text
    }
}
