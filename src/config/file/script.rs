//! A script's own file: what an agent says that needs nobody.

use super::reader::{Table, Value};
use super::text::File;
use crate::config::agent::{On, Prompt, Rule, Script, Then};
use crate::config::line::Target;
use crate::config::mistake::{Wrong, nearest};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

const WANTED: &str = "script = \"greeter.toml\"";
const WORDS: [&str; 5] = ["listen", "repeat", "line", "voicemail", "hangup"];

/// Where a script of a line may lead.
pub(super) struct Leads<'a> {
    pub(super) targets: &'a BTreeMap<String, Target>,
    /// Extensions.
    pub(super) zones: &'a [String],
}

/// Reads the file that a line names; what is wrong in it is said with its own name and lines.
pub(super) fn read(path: &Value<'_>, leads: &Leads<'_>) -> Script {
    let Some(name) = path.text(WANTED) else { return Script::builtin() };
    let beside = Path::new(path.file.name).parent().unwrap_or(Path::new(""));
    let found = beside.join(&name).to_string_lossy().into_owned();
    let text = match path.file.around.source.read_file(&found) {
        Ok(text) => text,
        Err(error) => {
            path.mistake(format!("`{found}` cannot be read: {error}"), "name a file beside this one");
            return Script::builtin();
        }
    };
    let file = File::new(&found, &text, path.file.around);
    let (document, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let at = error.span().unwrap_or(0..0);
        file.mistake(&at, error.message(), "mend the TOML here (https://toml.io shows how)");
    }
    let script = if errors.is_empty() {
        script(Table::new(&file, 0..0, String::new(), Some(document.get_ref())), leads, &found)
    } else {
        Script::builtin()
    };
    path.file.findings.borrow_mut().add(file.findings.take());
    Script { file: Some(name), ..script }
}

fn script(table: Table<'_>, leads: &Leads<'_>, path: &str) -> Script {
    let usual = Script::builtin();
    let said = table.get("prompt").and_then(|value| prompt(&value, path));
    if said.is_none() && !table.has("prompt") {
        table.mistake("the script says nothing", "write prompt = \"…\"");
    }
    let rules = table.get("rules").map(|rules| rules.tables("[[rules]], once a rule")).unwrap_or_default();
    let script = Script {
        file: None,
        prompt: said.unwrap_or_default(),
        rules: rules.into_iter().filter_map(|table| rule(table, leads, path)).collect(),
        again_ms: (table.boolean("again") != Some(false)).then(|| table.number("again_ms", 0..=60_000, 1_000)),
        quiet_ms: table.number("quiet_ms", 100..=10_000, usual.quiet_ms),
        silence_s: table.number("silence_s", 1..=600, usual.silence_s),
    };
    // Known, whatever `again` says.
    _ = table.get("again_ms");
    table.finish();
    script
}

/// `"words"`, or `{ text = "words", file = "sound.wav", interruptible = false }`.
fn prompt(value: &Value<'_>, path: &str) -> Option<Prompt> {
    const SHAPE: &str = "\"…\", or { text = \"…\", file = \"hello.wav\", interruptible = false }";
    if !value.is_table() {
        let text = value.text(SHAPE)?;
        return Some(Prompt { text, file: None, interruptible: true });
    }
    let table = value.table(SHAPE)?;
    let file = table.get("file").and_then(|file| file.text("file = \"hello.wav\""));
    let beside =
        |file: String| Path::new(path).parent().unwrap_or(Path::new("")).join(file).to_string_lossy().into_owned();
    let read = Prompt {
        text: table.text("text", ""),
        file: file.map(beside),
        interruptible: table.boolean("interruptible").unwrap_or(true),
    };
    if read.text.trim().is_empty() {
        value.mistake(
            "the prompt has no words",
            "write text = \"…\": what a timeline shows, and what is said without the file",
        );
    }
    table.finish();
    Some(read)
}

fn rule(table: Table<'_>, leads: &Leads<'_>, path: &str) -> Option<Rule> {
    let on = on(&table);
    let say = table.get("say").and_then(|value| prompt(&value, path));
    let then = table.get("then").map_or(Some(Then::Listen), |value| then(&value, leads, path));
    if table.get("say").is_none() && table.get("then").is_none() {
        table.mistake("the rule does nothing", "write say = \"…\", or then = \"voicemail\"");
    }
    table.finish();
    Some(Rule { on: on?, say, then: then? })
}

fn on(table: &Table<'_>) -> Option<On> {
    let key = table.get("key").and_then(|value| {
        let word = value.word("key = \"1\"")?;
        let mut keys = word.chars();
        match (keys.next(), keys.next()) {
            (Some(key), None) if key.is_ascii_digit() || matches!(key, '*' | '#') => Some(On::Key(key)),
            _ => {
                value.mistake(format!("`{word}` is not a key"), "write one of 0-9, * and #");
                None
            }
        }
    });
    let words = table.get("words").map(|value| {
        let words = value.list().into_iter().filter_map(|word| word.text("words = [\"opening hours\"]"));
        On::Words(words.map(|word| crate::base::folded(&word)).filter(|word| !word.is_empty()).collect())
    });
    let speech = table.boolean("speech").filter(|on| *on).map(|_| On::Speech);
    let silence = table.boolean("silence").filter(|on| *on).map(|_| On::Silence);
    let mut on = [key, words, speech, silence].into_iter().flatten();
    match (on.next(), on.next()) {
        (Some(on), None) => Some(on),
        _ => {
            table.mistake(
                "a rule is for one thing",
                "write key = \"1\", words = [\"…\"], speech = true or silence = true",
            );
            None
        }
    }
}

fn then(value: &Value<'_>, leads: &Leads<'_>, path: &str) -> Option<Then> {
    const SHAPE: &str = "\"voicemail\", { transfer = \"sales\" }, or { page = \"701\", text = \"…\" }";
    if value.is_table() {
        let table = value.table(SHAPE)?;
        if table.has("page") {
            return page(table, value, (leads, path));
        }
        let name = table.text("transfer", "");
        table.finish();
        if !leads.targets.contains_key(&name) {
            let mend = nearest(&name, leads.targets.keys().map(String::as_str)).map_or_else(
                || "write it into `targets` of the line".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            value.mistake(format!("the line has no target `{name}`"), mend);
            return None;
        }
        return Some(Then::Transfer(name));
    }
    value.parsed(SHAPE, |word| match word {
        "listen" => Ok(Then::Listen),
        "repeat" => Ok(Then::Repeat),
        "line" => Ok(Then::Line),
        "voicemail" => Ok(Then::Voicemail),
        "hangup" => Ok(Then::Hangup),
        _ => {
            let mend = nearest(word, WORDS).map_or_else(
                || format!("write one of: {}", WORDS.join(", ")),
                |near| format!("did you mean \"{near}\"?"),
            );
            Err(Wrong::new(format!("`{word}` is nothing that a rule does"), mend))
        }
    })
}

/// `{ page = "701", text = "…", refused = "…" }`
fn page(table: Table<'_>, value: &Value<'_>, (leads, path): (&Leads<'_>, &str)) -> Option<Then> {
    let zone = table.get("page").and_then(|zone| zone.word("page = \"701\""));
    let text = table.text("text", "");
    let refused = table.get("refused").and_then(|value| prompt(&value, path));
    table.finish();
    let zone = zone?;
    if text.trim().is_empty() {
        value.mistake("nothing is said there", "write text = \"…\"");
        return None;
    }
    // Where the house has no zones at all, that was said of `page_zones`.
    if !leads.zones.is_empty() && !leads.zones.contains(&zone) {
        value.mistake(format!("the agent may not page `{zone}`"), "write it into `page_zones` of the line's agent");
        return None;
    }
    Some(Then::Page { zone, text, refused })
}
