//! `{ queue = "support" }` and `{ answer_queue = "support" }`: who waits, and who takes them out.

use super::names::{key, short_name};
use super::reader::{Table, Value};
use super::scope::Scope;
use super::{patterns, words};
use crate::config::callers::Pattern;
use crate::config::line::{Action, Answering, Line, Queue, Target};
use crate::config::mistake::{Wrong, nearest};
use std::collections::BTreeSet;

/// The carrier's names of queues have 64 characters; ours begin with the line's name.
const LONGEST_NAME: usize = 20;
const ANSWER: &str = "{ answer_queue = \"support\", from = [\"+15875550101\"] }";

pub(super) fn queue(table: &Table<'_>) -> Option<Queue> {
    Some(Queue {
        name: table.parsed("queue", "{ queue = \"support\" }", name)?,
        say: table.spoken("say", words::WAIT),
        music: table.parsed("music", "music = \"https://example.com/wait.mp3\"", sound),
        max_wait_s: table.number("max_wait_s", 30..=3600, 600),
        max_size: table.number("max_size", 1..=1000, 20),
        leave_key: match table.get("leave_key") {
            None => Some('*'),
            Some(value) => leave_key(&value),
        },
    })
}

pub(super) fn answer(table: &Table<'_>, scope: &Scope<'_>) -> Option<Answering> {
    let queue = table.parsed("answer_queue", ANSWER, name);
    let from = table.get("from").map(|value| who(&value, scope)).unwrap_or_default();
    if !table.has("from") {
        table.mistake("anybody could take the calls of this queue", format!("write {ANSWER}"));
    }
    Some(Answering { from, wait_s: table.number("wait_s", 5..=600, 60), queue: queue? })
}

fn name(text: &str) -> Result<String, Wrong> {
    let name = short_name(text, '_')?;
    if name.len() > LONGEST_NAME {
        return Err(Wrong::new(format!("`{text}` is a long name for a queue"), "write 20 characters at most"));
    }
    Ok(name)
}

fn leave_key(value: &Value<'_>) -> Option<char> {
    const WANTED: &str = "a key, like \"*\", or \"none\"";
    let word = value.word(WANTED)?;
    let key = key(&word);
    if key.is_none() && word != "none" {
        value.mistake(format!("`{word}` is not a key of a telephone"), format!("write {WANTED}"));
    }
    key
}

/// Where a sound is that the carrier fetches.
fn sound(text: &str) -> Result<String, Wrong> {
    let is_url = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let sound =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'));
    if is_url.is_some_and(sound) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("`{text}` is no URL of a sound"), "write https://… of an MP3 or WAV file"))
}

/// Numbers, beginnings of numbers, and people with a telephone.
fn who(value: &Value<'_>, scope: &Scope<'_>) -> Vec<Pattern> {
    let one = |value: &Value<'_>| {
        value.parsed("from = [\"+15875550101\", \"ana\"]", |text| {
            match scope.people.get(text).map(|person| &person.target) {
                Some(Target::Number(number)) => Ok(Pattern::Caller(number.to_string())),
                Some(Target::Sip(uri)) => Ok(Pattern::Caller(uri.clone())),
                Some(Target::Public(_)) | None => patterns::pattern(text),
            }
        })
    };
    value.list().iter().filter_map(one).collect()
}

/// A queue that nobody takes calls from would hold its callers in vain; one that nobody waits in is likely misspelt.
pub(super) fn together(table: &Table<'_>, line: &Line) {
    let places = actions(line);
    let of = |named: &str, answers: bool| {
        places.iter().any(|(_, action)| match action {
            Action::Queue(queue) => !answers && queue.name == named,
            Action::Answer(answer) => answers && answer.queue == named,
            _ => false,
        })
    };
    let answered: BTreeSet<&str> = places
        .iter()
        .filter_map(|(_, action)| match action {
            Action::Answer(answer) => Some(answer.queue.as_str()),
            _ => None,
        })
        .collect();
    for (path, action) in &places {
        let path = format!("{}.{path}", table.path);
        match action {
            Action::Queue(queue) if !of(&queue.name, true) => {
                let near = nearest(&queue.name, answered.iter().copied());
                let mend = near.map_or_else(
                    || {
                        format!(
                            "give the staff a key: {{ answer_queue = \"{}\", from = [\"+15875550101\"] }}",
                            queue.name
                        )
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                table.file.mistake_of(&path, format!("nobody takes calls from the queue `{}`", queue.name), mend);
            }
            Action::Answer(answer) if !of(&answer.queue, false) => {
                table.file.note_of(&path, format!("nobody ever waits in the queue `{}`", answer.queue));
            }
            _ => {}
        }
    }
}

/// What a line does, each with its place in the line's table.
fn actions(line: &Line) -> Vec<(String, &Action)> {
    let keys = line.menus.iter().flat_map(|(name, menu)| {
        let keys = menu.keys.iter().map(move |(key, action)| (format!("menus.{name}.keys.{key}"), action.last()));
        keys.chain([(format!("menus.{name}.otherwise"), menu.otherwise.last())])
    });
    let vip = line.callers.vip.iter().map(|vip| ("callers.vip".to_owned(), vip.then.last()));
    let closed = line.hours.iter().map(|hours| ("hours.closed".to_owned(), hours.closed.then.last()));
    keys.chain(vip).chain(closed).collect()
}
