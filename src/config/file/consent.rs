//! `consent`: the notice before the first menu, and the key that refuses.

use super::names::key;
use super::reader::{Table, Value};
use super::words;
use crate::base::derived_id;
use crate::config::line::Consent;

const WANTED: &str = "consent = { notice = \"…\" }";

pub(super) fn read(line: &Table<'_>) -> Consent {
    let table = line.table("consent", WANTED);
    let key = table.get("refuse_key").map_or(Some('0'), |value| refuse_key(&value));
    let default = key.map_or_else(
        || words::NOTICE_WITHOUT_KEY.to_owned(),
        |key| words::NOTICE.replace("{key}", key.encode_utf8(&mut [0; 4])),
    );
    let notice = table.spoken("notice", &default);
    let version = table.text("version", &derived_id("notice", &[notice.as_str()]));
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

/// A key, or `"none"`.
fn refuse_key(value: &Value<'_>) -> Option<char> {
    let word = value.word("refuse_key = \"0\"")?;
    let found = key(&word);
    if found.is_none() && word != "none" {
        value.mistake(format!("`{word}` is not a key of a telephone"), "write 0 to 9, \"*\", \"#\", or \"none\"");
    }
    found
}
