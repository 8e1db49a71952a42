//! `consent`: the notice before the first menu, and the key that refuses.

use super::names::key;
use super::reader::{Table, Value};
use super::words;
use crate::base::derived_id;
use crate::config::line::Consent;
use crate::config::text::Text;

const WANTED: &str = "consent = { notice = \"…\" }";

pub(super) fn read(line: &Table<'_>) -> Consent {
    let table = line.table("consent", WANTED);
    let key = table.get("refuse_key").map_or(Some('0'), |value| refuse_key(&value));
    let notice = notice(&table, key);
    let version = table.told("version").unwrap_or_else(|| derived_id("notice", &notice.marks()));
    if let Some(value) = table.get("version")
        && !(1..=64).contains(&version.len())
    {
        value.mistake("`version` is empty or longer than 64 characters", "write a date, like \"2026-11-20\"");
    }
    let consent = Consent {
        refuse_key: key.filter(|_| !notice.is_empty()),
        refused: table.spoken("refused", words::REFUSED),
        notice,
        version,
    };
    table.finish();
    consent
}

/// Ours names the key.
fn notice(table: &Table<'_>, key: Option<char>) -> Text {
    let (ours, key) = key.map_or((words::NOTICE_WITHOUT_KEY, String::new()), |key| (words::NOTICE, key.into()));
    if table.has("notice") {
        return table.spoken("notice", ours);
    }
    table.file.note_ours(table.path_of("notice"), ours);
    _ = table.get("notice");
    let filled = |words: &str| words.replace("{key}", &key);
    table.file.said(|language| ours.of(language).map(filled), &filled(ours.english()))
}

/// A key, or `"none"`.
fn refuse_key(value: &Value<'_>) -> Option<char> {
    let word = value.word("refuse_key = \"0\"")?;
    let found = key(&word);
    if found.is_none() && word != "none" {
        value.mistake(format!("`{word}` is not a key of a telephone"), "write 0 to 9, \"*\", \"#\", or \"none\"");
    }
    found
}
