//! One `[[lines]]` table.

use super::claims::Claims;
use super::languages::Further;
use super::names::{menu_name, short_name, timezone};
use super::people::{self, People};
use super::reader::{Table, Value};
use super::scope::Scope;
use super::{
    agent as agents, busy, callers, consent, emergency, hours, languages, limits, menu, queue, recording, retention,
    speech, target, texts, voicemail, words,
};
use crate::base::E164;
use crate::config::agent::Agent;
use crate::config::line::{Action, Consent, Emergency, Languages, Line, Menu, Recording};
use crate::config::mistake::{Place, Wrong, nearest};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One line, whole in each of its languages.
pub(super) fn read(table: Table<'_>, claims: &mut Claims) -> Line {
    let written = languages::read(&table);
    let line = in_tongue(table.again(), claims);
    let played = || table.file.sounds.borrow_mut().played.drain(..).collect();
    let Some(languages::Written { ask, offers, further }) = written else { return Line { sounds: played(), ..line } };
    let other = |further: Further| (further.tongue.language.clone(), Arc::new(translated(&table, further)));
    let others = further.into_iter().map(other).collect();
    Line { languages: Some(Arc::new(Languages { ask, offers, others })), sounds: played(), ..line }
}

/// The line in a further language: the same table, read with other words.
fn translated(table: &Table<'_>, further: Further) -> Line {
    let Further { tongue, speech, at } = further;
    let file = table.file;
    file.tongues.borrow_mut().now = Arc::clone(&tongue);
    file.untranslated.take();
    let before = file.findings.take();
    let line = in_tongue(table.again(), &mut Claims::default());
    let found = file.findings.replace(before);
    file.findings.borrow_mut().add_new(found);
    let missing = paths(table, file.untranslated.take());
    if !missing.is_empty() {
        let own = file.tongues.borrow().own.language.clone();
        let tag = &tongue.language;
        let what = format!("these texts are not in {tag}, and said in {own}: {missing}");
        file.warning(&at, what, format!("write them in both: greeting = {{ {own} = \"…\", {tag} = \"…\" }}"));
    }
    Line { speech: speech.unwrap_or(line.speech), ..line }
}

/// Paths within a line, for a message; each once.
fn paths(line: &Table<'_>, mut found: Vec<String>) -> String {
    found.sort();
    found.dedup();
    let prefix = format!("{}.", line.path);
    let keys: Vec<&str> = found.iter().map(|path| path.strip_prefix(&prefix).unwrap_or(path)).collect();
    keys.join(", ")
}

fn in_tongue(table: Table<'_>, claims: &mut Claims) -> Line {
    let tongue = Arc::clone(&table.file.tongues.borrow().now);
    // Read before, once for all languages.
    for key in ["language", "voice", "languages"] {
        _ = table.get(key);
    }
    let emergency = emergency::read(table.table("emergency", "[lines.emergency]"));
    let consent = consent::read(&table);
    let entry = table.parsed("entry", "entry = \"main\"", menu_name).unwrap_or_else(|| "main".to_owned());
    let default = table.boolean("default").unwrap_or(false);
    let people = people::read(&table, emergency.dial_public);
    let agent = agent(&table, &emergency, &people);
    let names = menu_names(&table);
    let (dial_public, listens) = (emergency.dial_public, emergency.listens());
    let scope = Scope { menus: &names, people: &people, dial_public, listens };
    let name = name(&table, claims);
    let line = Line {
        numbers: numbers(&table, default, claims),
        default,
        timezone: table.parsed("timezone", "timezone = \"America/Edmonton\"", timezone).unwrap_or(Tz::UTC),
        language: tongue.language.clone(),
        voice: tongue.voice.clone(),
        languages: None,
        sounds: Vec::new(),
        greeting: table.spoken("greeting", words::GREETING),
        hours: hours::read(&table, &scope),
        callers: callers::read(&table, &scope),
        menus: menus(&table, &emergency, &people, &entry),
        consent,
        people,
        entry,
        voicemail: voicemail::read(table.table("voicemail", "[lines.voicemail]"), &name),
        name,
        emergency,
        speech: speech::read(table.table("speech", "[lines.speech]")),
        recording: table.get("recording").and_then(|value| recording::read(&value)).unwrap_or_default(),
        busy: table.get("busy").and_then(|value| busy::read(&value)).unwrap_or_default(),
        limits: limits::read(table.table("limits", "[lines.limits]")),
        texts: texts::read(table.table("texts", "[lines.texts]")),
        retention: retention::of_line(table.table("retention", "[lines.retention]")),
        agent: Arc::new(agent),
    };
    claim_default(&table, claims, default);
    together(&table, &line);
    table.not_here("paging", "belongs to the whole house", "write [paging] at the top of the file");
    table.finish();
    line
}

fn name(table: &Table<'_>, claims: &mut Claims) -> String {
    const WANTED: &str = "name = \"front-desk\"";
    let Some(value) = table.get("name") else {
        table.mistake("the line has no name", format!("write {WANTED}"));
        return String::new();
    };
    let name = value.parsed(WANTED, |text| short_name(text, '-')).unwrap_or_default();
    if !name.is_empty()
        && let Some(taken) = claims.name(&name, table.file.place(value.span.start))
    {
        value.mistake(format!("another line is called `{name}` too ({})", at(&taken)), "give each line its own name");
    }
    name
}

fn numbers(table: &Table<'_>, default: bool, claims: &mut Claims) -> Vec<E164> {
    let values = table.get("numbers").map(|value| value.list()).unwrap_or_default();
    if values.is_empty() && !default && !table.file.around.numbers_later {
        let mend = "write numbers = [\"+15875550100\"], or default = true for all numbers that no line lists";
        table.mistake("no number leads to this line", mend);
    }
    values.iter().filter_map(|value| number(value, claims)).collect()
}

fn number(value: &Value<'_>, claims: &mut Claims) -> Option<E164> {
    let number = value.parsed("numbers = [\"+15875550100\"]", target::number)?;
    if let Some(taken) = claims.number(&number, value.file.place(value.span.start)) {
        value.mistake(format!("{number} already leads to a line ({})", at(&taken)), "one number leads to one line");
    }
    Some(number)
}

fn claim_default(table: &Table<'_>, claims: &mut Claims, default: bool) {
    if let Some(value) = table.get("default")
        && default
        && let Some(taken) = claims.default_line(table.file.place(value.span.start))
    {
        value.mistake(format!("another line is the default too ({})", at(&taken)), "keep one default = true");
    }
}

/// `line 12`, for a second place in a message.
fn at(place: &Place) -> String {
    match place {
        Place::File { line, .. } => format!("line {line}"),
        Place::Variable { variable } => variable.clone(),
    }
}

fn menus(table: &Table<'_>, emergency: &Emergency, people: &People, entry: &str) -> BTreeMap<String, Menu> {
    let written = table.table("menus", "[lines.menus.main]").entries();
    let names: Vec<String> = written.iter().map(|(name, _, _)| name.clone()).collect();
    let (dial_public, listens) = (emergency.dial_public, emergency.listens());
    let scope = Scope { menus: &names, people, dial_public, listens };
    let mut menus = BTreeMap::new();
    for (name, span, value) in written {
        if let Err(Wrong { what, mend }) = menu_name(&name) {
            table.file.mistake(&span, what, mend);
        }
        if let Some(read) = value.table("[lines.menus.main]") {
            menus.insert(name, menu::read(read, &scope));
        }
    }
    if names.is_empty() && !table.has("menus") {
        menus.insert("main".to_owned(), menu::answering_machine(table, &scope));
    }
    if !menus.contains_key(entry) && (names.is_empty() || !names.iter().any(|name| name == entry)) {
        no_entry(table, entry, &names);
    }
    menus
}

/// Menus that anything may lead to.
fn menu_names(table: &Table<'_>) -> Vec<String> {
    table.table("menus", "[lines.menus.main]").entries().into_iter().map(|(name, ..)| name).collect()
}

fn agent(table: &Table<'_>, emergency: &Emergency, people: &People) -> Agent {
    let names = menu_names(table);
    let (dial_public, listens) = (emergency.dial_public, !emergency.keywords.is_empty());
    let scope = Scope { menus: &names, people, dial_public, listens };
    agents::read(table, &scope, emergency)
}

fn no_entry(table: &Table<'_>, entry: &str, names: &[String]) {
    let what = format!("there is no menu `{entry}` for a caller to meet first");
    let mend = match nearest(entry, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write [lines.menus.{entry}], or name another menu: entry = \"…\""),
    };
    match table.get("entry") {
        Some(value) => value.mistake(what, mend),
        None => table.mistake(what, mend),
    }
}

/// What is sound alone and not together.
fn together(table: &Table<'_>, line: &Line) {
    let unwritten = paths(table, table.file.unwritten.take());
    if !unwritten.is_empty() {
        let what = format!("the line speaks {}, but these texts are English defaults: {unwritten}", line.language);
        table.file.warning(&table.span, what, "write them in the language of the line");
    }
    if line.recording != Recording::Off && line.consent.notice.is_empty() {
        let at = table.get("recording").map_or(table.span.clone(), |value| value.span);
        table.file.mistake(
            &at,
            "conversations are recorded without a consent notice",
            "write consent = { notice = \"…\" }",
        );
    }
    refuse_key(table, line, &line.consent);
    queue::together(table, line);
    deaf(table, line);
    unreached(table, line);
}

/// The key that refuses consent cannot do something else where the notice is heard.
fn refuse_key(table: &Table<'_>, line: &Line, consent: &Consent) {
    let Some(key) = consent.refuse_key else { return };
    if line.menus.get(&line.entry).is_some_and(|menu| menu.keys.contains_key(&key)) {
        let what = format!("key {key} of menu `{}` is also the key that refuses consent", line.entry);
        let mend = "use another key for one of them: consent = { refuse_key = \"8\" }, or \"none\"";
        table.file.mistake_of(&format!("{}.menus.{}.keys.{key}", table.path, line.entry), what, mend);
    }
}

/// Emergency words that no menu listens for. Where no agent does either, a number to ring is a promise that nobody keeps.
fn deaf(table: &Table<'_>, line: &Line) {
    if !line.emergency.listens() || line.menus.values().any(|menu| menu.speech) {
        return;
    }
    const MEND: &str = "write speech = true in a menu";
    let talks = |menu: &Menu| menu.keys.values().chain([&menu.otherwise]).any(|to| matches!(to.last(), Action::Talk));
    let number = table.table("emergency", "[lines.emergency]").get("number");
    match number.filter(|_| !line.menus.values().any(talks)) {
        Some(number) => number.mistake("nothing listens to callers, so nothing rings the emergency number", MEND),
        None => {
            let at = table.get("emergency").map_or(table.span.clone(), |value| value.span);
            let what = "no menu listens to speech, so emergency words are never heard";
            table.file.warning(&at, what, MEND);
        }
    }
}

fn unreached(table: &Table<'_>, line: &Line) {
    let mut reached = BTreeSet::new();
    let behind = [&line.agent.on_failure, &line.agent.on_end];
    let closed = line.hours.iter().map(|hours| &hours.closed.then);
    let closed = closed.chain(line.callers.vip.iter().map(|vip| &vip.then));
    let mut open: Vec<&str> =
        behind.into_iter().chain(closed).filter_map(menu::leads_to).chain([line.entry.as_str()]).collect();
    while let Some(name) = open.pop() {
        if let Some(menu) = line.menus.get(name)
            && reached.insert(name)
        {
            open.extend(menu.keys.values().chain([&menu.otherwise]).filter_map(menu::leads_to));
        }
    }
    for (name, span, _) in table.table("menus", "[lines.menus.main]").entries() {
        if !reached.contains(name.as_str()) && reached.contains(line.entry.as_str()) {
            table.file.note(&span, format!("no key leads to menu `{name}`"), "");
        }
    }
}
