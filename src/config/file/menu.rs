//! `[lines.menus.<name>]`: a prompt and what each key does.

use super::names::key;
use super::reader::{Table, Value};
use super::scope::Scope;
use super::{action, words};
use crate::base::folded;
use crate::config::line::{Action, Menu};
use crate::config::text::Text;
use std::collections::BTreeMap;

pub(super) fn read(table: Table<'_>, scope: &Scope<'_>) -> Menu {
    let (keys, offers) = keys(&table, scope);
    let phrases = phrases(&table, &keys);
    let mut prompt = prompt(&table);
    for offer in offers {
        prompt = prompt.then(&offer, &table.file.tongues.borrow().own.language);
    }
    let menu = Menu {
        prompt,
        speech: speech(&table, scope, !phrases.is_empty()),
        keys,
        phrases,
        timeout_s: table.number("timeout_s", 1..=60, 5),
        retries: table.number("retries", 0..=5, 1),
        invalid: table.spoken("invalid", words::INVALID),
        otherwise: table.get("otherwise").and_then(|value| otherwise(&value, scope)).unwrap_or(Action::Voicemail),
    };
    table.finish();
    menu
}

fn otherwise(value: &Value<'_>, scope: &Scope<'_>) -> Option<Action> {
    let action = action::read(value, scope)?.action;
    if matches!(action.last(), Action::Hours { .. }) {
        value.mistake("silence cannot open and close the line", "put \"hours\" on a key");
    }
    Some(action)
}

/// The menu of a line that has none: leave a message.
pub(super) fn answering_machine(line: &Table<'_>, scope: &Scope<'_>) -> Menu {
    Menu {
        prompt: line.table("menus", "").table("main", "").spoken("prompt", words::PROMPT),
        keys: BTreeMap::from([('9', Action::Voicemail)]),
        speech: scope.listens,
        phrases: BTreeMap::new(),
        timeout_s: 3,
        retries: 0,
        invalid: line.table("menus", "").table("main", "").spoken("invalid", words::INVALID),
        otherwise: Action::Voicemail,
    }
}

/// The menu an action leads to, at once or after something said.
pub(super) fn leads_to(action: &Action) -> Option<&str> {
    match action {
        Action::Menu(name) => Some(name),
        Action::Say { then, .. } => leads_to(then),
        _ => None,
    }
}

fn prompt(table: &Table<'_>) -> Text {
    if !table.has("prompt") {
        table.mistake("the menu has no prompt", "write prompt = \"For sales, press 1. …\"");
    }
    table.spoken_always("prompt", "")
}

fn keys(table: &Table<'_>, scope: &Scope<'_>) -> (BTreeMap<char, Action>, Vec<Text>) {
    let written = table.table("keys", "[lines.menus.main.keys]").entries();
    if written.is_empty() {
        table.mistake("the menu has no keys, so it leads nowhere", "write keys = { 9 = \"voicemail\" }");
    }
    let mut keys = BTreeMap::new();
    let mut offers = Vec::new();
    for (name, span, value) in written {
        let Some(key) = key(&name) else {
            table.file.mistake(&span, format!("`{name}` is not a key of a telephone"), "write 0 to 9, \"*\" or \"#\"");
            continue;
        };
        if let Some(choice) = action::read(&value, scope) {
            keys.insert(key, choice.action);
            offers.extend(choice.offer);
        }
    }
    (keys, offers)
}

fn phrases(table: &Table<'_>, keys: &BTreeMap<char, Action>) -> BTreeMap<String, char> {
    let written = said(table);
    let mut phrases = BTreeMap::new();
    for (words, span, value) in written {
        let form = folded(&words);
        if form.is_empty() {
            table.file.mistake(&span, "the phrase has no words", "write what a caller may say");
        } else if let Some(key) = phrase_key(&value, keys)
            && phrases.insert(form, key).is_some()
        {
            let what = format!("`{words}` sounds like another phrase of this menu");
            table.file.mistake(&span, what, "keep one of them");
        }
    }
    phrases
}

/// The phrases, or those of the language in which the menu is read.
fn said<'a>(table: &Table<'a>) -> Vec<(String, std::ops::Range<usize>, Value<'a>)> {
    const WANTED: &str = "phrases = { sales = 1 }";
    let written = table.table("phrases", WANTED).entries();
    if written.is_empty() || !written.iter().all(|(_, _, value)| value.is_table()) {
        return written;
    }
    let own = table.get("phrases").and_then(|value| value.in_tongue()).and_then(|value| value.table(WANTED));
    own.map(|own| own.entries()).unwrap_or_default()
}

fn phrase_key(value: &Value<'_>, keys: &BTreeMap<char, Action>) -> Option<char> {
    const WANTED: &str = "the key that the words stand for, like 1 or \"*\"";
    let word = value.word(WANTED)?;
    let key = key(&word).filter(|key| keys.contains_key(key));
    if key.is_none() {
        value.mistake(format!("this menu has no key `{word}`"), format!("write {WANTED}"));
    }
    key
}

fn speech(table: &Table<'_>, scope: &Scope<'_>, has_phrases: bool) -> bool {
    let Some(value) = table.get("speech") else { return scope.listens || has_phrases };
    let speech = value.boolean().unwrap_or(true);
    if !speech && has_phrases {
        value.mistake("phrases are never heard without speech", "write speech = true, or remove the phrases");
    }
    speech
}
