//! `[lines.emergency]`: words that go straight to a person.

use super::reader::{Table, Value};
use super::{target, words};
use crate::base::folded;
use crate::config::line::Emergency;

pub(super) fn read(table: Table<'_>) -> Emergency {
    let dial_public = table.boolean("dial_public").unwrap_or(false);
    let values = table.get("keywords").map(|value| value.list()).unwrap_or_default();
    let keywords: Vec<String> = values.iter().filter_map(keyword).collect();
    let built_in = table.boolean("built_in").unwrap_or(true);
    let ignored = table.get("ignore").map(|value| value.list()).unwrap_or_default();
    let ignore: Vec<String> = ignored.iter().filter_map(keyword).collect();
    let number = table.parsed("number", "number = \"+15875550103\"", |text| target::parse(text, dial_public));
    // Words that nobody says are no words that nobody wrote.
    let default = if number.is_some() { words::EMERGENCY } else { "".into() };
    let say = table.spoken("say", default);
    if let Some(value) = table.get("number")
        && values.is_empty()
        && !built_in
    {
        value.mistake("the emergency number has no keywords, so nothing dials it", "write keywords = [\"…\"]");
    }
    if let Some(value) = table.get("keywords")
        && !keywords.is_empty()
        && !table.has("number")
    {
        let what = "keywords without a number: said words become an event, nobody is dialled";
        value.file.warning(&value.span, what, "write number = \"+15875550103\", or leave it so");
    }
    table.finish();
    Emergency { keywords, built_in, ignore, number, say, dial_public }
}

fn keyword(value: &Value<'_>) -> Option<String> {
    let text = value.text("keywords = [\"emergency\", \"fire\"]")?;
    let words = folded(&text);
    if words.is_empty() {
        value.mistake("the keyword has no words", "write what a caller may say");
        return None;
    }
    Some(words)
}
