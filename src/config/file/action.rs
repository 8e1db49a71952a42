//! What a key does: a word (`"voicemail"`) or a small table (`{ dial = "+1…" }`).

use super::names::extension;
use super::patterns::patterns;
use super::reader::{Table, Value};
use super::scope::Scope;
use super::text::File;
use super::{people, queue, target, words};
use crate::config::callers::Pattern;
use crate::config::line::{Action, Dial, Phone, Target};
use crate::config::mistake::{Wrong, nearest};
use crate::config::text::Text;

const WORDS: [&str; 5] = ["voicemail", "repeat", "talk", "hangup", "hours"];
const WANTED: &str = "\"voicemail\", \"repeat\", \"talk\", \"hangup\", \"hours\", or a table like { dial = \"+15875550101\" }, \
                      { skill = \"french\" }, { queue = \"support\" }, { menu = \"hours\" }, { say = \"…\" }, { page = \"701\" }";

/// The carrier dials ten at once at most.
const MOST_PHONES: usize = 10;

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
        let action = value.parsed(WANTED, |text| word(text, value.file))?;
        (!matches!(action, Action::Hours { .. }) || may_overrule(value, &[])).then(|| Choice::from(action))
    }
}

fn word(text: &str, file: &File<'_>) -> Result<Action, Wrong> {
    match text {
        "voicemail" => Ok(Action::Voicemail),
        "repeat" => Ok(Action::Repeat),
        "talk" => Ok(Action::Talk),
        "hangup" => Ok(Action::Hangup { text: file.ours(words::FAREWELL) }),
        "hours" => Ok(Action::Hours { callers: Vec::new() }),
        "queue" => Err(Wrong::new("the queue has no name", "write { queue = \"support\" }")),
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
    let choice = if table.has("dial") || table.has("skill") {
        dial(&table, scope).map(|dial| Action::Dial(dial).into())
    } else if table.has("menu") {
        menu(&table, scope).map(|name| Action::Menu(name).into())
    } else if table.has("page") {
        page(&table, value)
    } else if table.has("hours") {
        hours(&table, value)
    } else if table.has("queue") {
        queue::queue(&table).map(|queue| Action::Queue(queue).into())
    } else if table.has("answer_queue") {
        queue::answer(&table, scope).map(|answer| Action::Answer(answer).into())
    } else if table.has("hangup") {
        Some(Action::Hangup { text: table.spoken("hangup", "") }.into())
    } else if table.has("say") {
        Some(say(&table, scope).into())
    } else {
        value.mistake("the key does nothing", format!("write {WANTED}"));
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

/// Callers who need no PIN.
fn hours(table: &Table<'_>, value: &Value<'_>) -> Option<Choice> {
    let callers = table.get("hours").map(|value| patterns(&value)).unwrap_or_default();
    may_overrule(value, &callers).then(|| Action::Hours { callers }.into())
}

/// Whether anybody can open and close the line with this key.
fn may_overrule(value: &Value<'_>, callers: &[Pattern]) -> bool {
    let may = value.file.around.hours_pin || !callers.is_empty();
    if !may {
        let what = format!(
            "`{}` opens and closes the line and is not offered: there is neither a PIN (HOURS_PIN) nor a list of callers",
            value.key()
        );
        value.file.note(&value.span, what, "");
    }
    may
}

fn dial(table: &Table<'_>, scope: &Scope<'_>) -> Option<Dial> {
    // All of it is read, so that a mistake in one key is not told of the others.
    let found = phones(table, scope);
    let say = table.spoken("say", words::CONNECTING);
    let in_turn = table.parsed("order", "order = \"in-turn\"", order).unwrap_or(true);
    let ring_s = table.number("ring_s", 5..=600, 20);
    let caller_id = table.parsed("caller_id", "caller_id = \"+15875550100\"", target::number);
    let screen = table.boolean("screen");
    let (written, phones) = found?;
    let dial = Dial { say, in_turn, ring_s, caller_id, screen, phones };
    if !dial.in_turn && dial.phones.len() > 1 && dial.phones.iter().any(|phone| asks(&dial, phone)) {
        let what = format!("`{}` rings all at once, and whoever is first is asked to press 1", written.key());
        let then = "if he does not, they are called in turn; screen = false connects whoever is first";
        written.file.note(&written.span, what, then);
    }
    Some(dial)
}

/// Whether who picks up is asked for a key, unless the number is one of ours.
fn asks(dial: &Dial, phone: &Phone) -> bool {
    phone.screen.or(dial.screen).unwrap_or(matches!(phone.target, Target::Number(_)))
}

/// Whom to ring, and where that is written.
fn phones<'a>(table: &Table<'a>, scope: &Scope<'_>) -> Option<(Value<'a>, Vec<Phone>)> {
    const SHAPE: &str = "{ dial = \"+15875550101\" }, or a list of numbers, SIP addresses and people";
    if table.has("dial") {
        table.not_here("skill", "stands beside `dial`", "write one of them");
        let written = table.get("dial")?;
        let values = written.list();
        few(&written, values.len());
        let parse =
            |value: &Value<'_>| value.parsed(SHAPE, |text| people::phone(scope.people, text, scope.dial_public));
        return Some((written, values.iter().filter_map(parse).collect()));
    }
    let written = table.get("skill")?;
    let phones = written.parsed("{ skill = \"french\" }", |skill| people::with_skill(scope.people, skill))?;
    few(&written, phones.len());
    Some((written, phones))
}

fn few(written: &Value<'_>, phones: usize) {
    if !(1..=MOST_PHONES).contains(&phones) {
        written.mistake(format!("`{}` has {phones} targets", written.key()), format!("write 1 to {MOST_PHONES}"));
    }
}

fn order(text: &str) -> Result<bool, Wrong> {
    match text {
        "in-turn" => Ok(true),
        "all" => Ok(false),
        _ => Err(Wrong::new(format!("`{text}` is not an order"), "write \"in-turn\", or \"all\" to ring all at once")),
    }
}
