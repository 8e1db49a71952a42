//! `[lines.people.<name>]`: whom a line rings by name, and what they can do.

use super::names::short_name;
use super::reader::{Table, Value};
use super::target;
use crate::config::line::{Person, Phone};
use crate::config::mistake::{Wrong, nearest};
use std::collections::{BTreeMap, BTreeSet};

/// People by name.
pub(super) type People = BTreeMap<String, Person>;

pub(super) fn read(line: &Table<'_>, dial_public: bool) -> People {
    let written = line.table("people", "[lines.people.ana]").entries();
    let mut people = People::new();
    for (name, span, value) in written {
        if let Err(Wrong { what, mend }) = sound(&name) {
            line.file.mistake(&span, what, mend);
        }
        people.extend(value.table("[lines.people.ana]").and_then(|table| Some((name, person(table, dial_public)?))));
    }
    people
}

/// A name that nobody takes for a number.
fn sound(name: &str) -> Result<String, Wrong> {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Wrong::new(format!("`{name}` looks like a number"), "begin the name with a letter"));
    }
    short_name(name, '_')
}

fn person(table: Table<'_>, dial_public: bool) -> Option<Person> {
    const SHAPE: &str = "dial = \"+15875550101\"";
    let written = table.get("dial");
    if written.is_none() {
        table.mistake("nobody knows where to ring this person", format!("write {SHAPE}"));
    }
    let target = written.and_then(|value| value.parsed(SHAPE, |text| target::parse(text, dial_public)));
    let person = Person {
        skills: table.get("skills").map(|value| skills(&value)).unwrap_or_default(),
        ring_s: table.has("ring_s").then(|| table.number("ring_s", 5..=600, 20)),
        screen: table.boolean("screen"),
        target: target?,
    };
    table.finish();
    Some(person)
}

fn skills(value: &Value<'_>) -> Vec<String> {
    let skill = |value: &Value<'_>| value.parsed("skills = [\"french\", \"billing\"]", |text| short_name(text, '_'));
    value.list().iter().filter_map(skill).collect()
}

/// The phones of all who have a skill, in the order of their names.
pub(super) fn with_skill(people: &People, skill: &str) -> Result<Vec<Phone>, Wrong> {
    let able = people.iter().filter(|(_, person)| person.skills.iter().any(|known| known == skill));
    let phones: Vec<Phone> = able.map(|(name, person)| person.phone(name)).collect();
    if !phones.is_empty() {
        return Ok(phones);
    }
    let known: BTreeSet<&str> = people.values().flat_map(|person| &person.skills).map(String::as_str).collect();
    let mend = nearest(skill, known).map_or_else(
        || format!("write [lines.people.ana] with skills = [\"{skill}\"]"),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Wrong::new(format!("nobody of this line has the skill `{skill}`"), mend))
}

/// Somebody by name, a number, or a SIP address.
pub(super) fn phone(people: &People, text: &str, dial_public: bool) -> Result<Phone, Wrong> {
    if let Some(person) = people.get(text) {
        return Ok(person.phone(text));
    }
    if short_name(text, '_').is_err() || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return target::parse(text, dial_public).map(Phone::from);
    }
    let mend = nearest(text, people.keys().map(String::as_str)).map_or_else(
        || format!("write [lines.people.{text}], or a number like \"+15875550101\""),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Wrong::new(format!("there is nobody called `{text}` in this line"), mend))
}
