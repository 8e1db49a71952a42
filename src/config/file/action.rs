//! What a key does: a word (`"voicemail"`) or a small table (`{ dial = "+1…" }`).

use super::names::extension;
use super::reader::{Table, Value};
use super::scope::Scope;
use super::{target, words};
use crate::config::line::{Action, Dial, Target};
use crate::config::mistake::{Wrong, nearest};
use crate::config::text::Text;

const WORDS: [&str; 4] = ["voicemail", "repeat", "talk", "hangup"];
const WANTED: &str = "\"voicemail\", \"repeat\", \"talk\", \"hangup\", or a table like { dial = \"+15875550101\" }, \
                      { menu = \"hours\" }, { say = \"…\" }, { page = \"701\" }";

/// The carrier dials ten at once at most.
const MOST_TARGETS: usize = 10;

/// An action, and words that offer it, said only when it is offered.
pub(super) struct Choice {
    pub(super) action: Action,
    pub(super) offer: Option<Text>,
}

impl From<Action> for Choice {
    fn from(action: Action) -> Self {
        Self { action, offer: None }
    }
}

/// `None`: a mistake (already noted), or something that is not offered here.
pub(super) fn read(value: &Value<'_>, scope: &Scope<'_>) -> Option<Choice> {
    if value.is_table() {
        table(value.table(WANTED)?, value, scope)
    } else {
        value.parsed(WANTED, word).map(Choice::from)
    }
}

fn word(text: &str) -> Result<Action, Wrong> {
    match text {
        "voicemail" => Ok(Action::Voicemail),
        "repeat" => Ok(Action::Repeat),
        "talk" => Ok(Action::Talk),
        "hangup" => Ok(Action::Hangup { text: words::FAREWELL.into() }),
        "queue" => Err(Wrong::new("`queue` is not in this version yet", "dial, or take a message")),
        _ => {
            let mend = match nearest(text, WORDS) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if text.starts_with('+') || text.starts_with("sip:") => format!("write {{ dial = \"{text}\" }}"),
                None => format!("write {WANTED}"),
            };
            Err(Wrong::new(format!("`{text}` is nothing that a key can do"), mend))
        }
    }
}

fn table(table: Table<'_>, value: &Value<'_>, scope: &Scope<'_>) -> Option<Choice> {
    let choice = if table.has("dial") {
        dial(&table, scope).map(|dial| Action::Dial(dial).into())
    } else if table.has("menu") {
        menu(&table, scope).map(|name| Action::Menu(name).into())
    } else if table.has("page") {
        page(&table, value)
    } else if table.has("hangup") {
        Some(Action::Hangup { text: table.spoken("hangup", "") }.into())
    } else if table.has("say") {
        Some(say(&table, scope).into())
    } else {
        table.later("queue");
        if !table.has("queue") {
            value.mistake("the key does nothing", format!("write {WANTED}"));
        }
        return None;
    };
    table.finish();
    choice
}

fn say(table: &Table<'_>, scope: &Scope<'_>) -> Action {
    let text = table.spoken_always("say", "");
    let then = table.get("then").and_then(|value| read(&value, scope)).map_or(Action::Repeat, |choice| choice.action);
    Action::Say { text, then: Box::new(then) }
}

fn menu(table: &Table<'_>, scope: &Scope<'_>) -> Option<String> {
    table.parsed("menu", "{ menu = \"hours\" }", |name| {
        if scope.menus.iter().any(|menu| menu == name) {
            return Ok(name.to_owned());
        }
        let near = nearest(name, scope.menus.iter().map(String::as_str));
        let mend = near.map_or_else(
            || format!("write [lines.menus.{name}], or lead somewhere else"),
            |near| format!("did you mean `{near}`?"),
        );
        Err(Wrong::new(format!("there is no menu `{name}` in this line"), mend))
    })
}

fn page(table: &Table<'_>, value: &Value<'_>) -> Option<Choice> {
    const SHAPE: &str = "{ page = \"701\" }";
    let written = table.get("page")?;
    let zone = written.word(SHAPE)?;
    let offer = table.get("offer").and_then(|offer| offer.spoken());
    if let Err(Wrong { what, mend }) = extension(&zone) {
        written.mistake(what, mend);
        return None;
    }
    let pages = value.file.pages.borrow();
    if !pages.zones.is_empty() && !pages.zones.contains(&zone) {
        let known = pages.zones.join(", ");
        written
            .mistake(format!("there is no zone `{zone}`"), format!("write [paging.zones.{zone}], or one of: {known}"));
        return None;
    }
    if let Some(missing) = pages.missing {
        value.file.note(&value.span, format!("`{}` pages zone {zone} and is not offered: {missing}", value.key()), "");
        return None;
    }
    let listed = pages.listed.iter().filter(|(_, zones)| zones.is_empty() || zones.contains(&zone));
    let listed = listed.map(|(number, _)| number.clone()).collect();
    Some(Choice { action: Action::Page { zone, listed }, offer })
}

fn dial(table: &Table<'_>, scope: &Scope<'_>) -> Option<Dial> {
    let targets = targets(table, scope)?;
    Some(Dial {
        say: table.spoken("say", words::CONNECTING),
        in_turn: table.parsed("order", "order = \"in-turn\"", order).unwrap_or(true),
        ring_s: table.number("ring_s", 5..=600, 20),
        caller_id: table.parsed("caller_id", "caller_id = \"+15875550100\"", target::number),
        targets,
    })
}

fn targets(table: &Table<'_>, scope: &Scope<'_>) -> Option<Vec<Target>> {
    const SHAPE: &str = "{ dial = \"+15875550101\" }, or a list of numbers and SIP addresses";
    let written = table.get("dial")?;
    let values = written.list();
    if !(1..=MOST_TARGETS).contains(&values.len()) {
        written.mistake(format!("`dial` has {} targets", values.len()), format!("write 1 to {MOST_TARGETS}"));
    }
    let parse = |value: &Value<'_>| value.parsed(SHAPE, |text| target::parse(text, scope.dial_public));
    Some(values.iter().filter_map(parse).collect())
}

fn order(text: &str) -> Result<bool, Wrong> {
    match text {
        "in-turn" => Ok(true),
        "all" => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is not an order"), "write \"in-turn\", or \"all\" to ring all at once")),
    }
}
