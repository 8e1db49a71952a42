//! The whole file, and what only all lines together can get wrong.

use super::claims::Claims;
use super::places::Places;
use super::reader::Table;
use super::surroundings::Surroundings;
use super::text::File;
use super::{line, recordings, retention};
use crate::config::line::{Action, Line, Target};
use crate::config::mistake::{Findings, Mistake};
use crate::config::recordings::{Recordings, S3};
use crate::config::retention::Retention;
use std::collections::BTreeSet;
use toml::de::DeTable;

const FIRST_LINE: &str = "write [[lines]] with a name and numbers; `switchboard init` writes a whole example";

/// What a file says.
#[derive(Default)]
pub(in crate::config) struct Read {
    pub(in crate::config) lines: Vec<Line>,
    pub(in crate::config) retention: Retention,
    pub(in crate::config) recordings: Recordings,
    pub(in crate::config) s3: Option<S3>,
    pub(in crate::config) findings: Findings,
    pub(in crate::config) places: Places,
}

/// Reads the text of a file; `name` is what messages call it.
pub(in crate::config) fn read(name: &str, text: &str, around: &Surroundings<'_>) -> Read {
    let file = File::new(name, text, around);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().unwrap_or(0..0);
        file.mistake(&at, error.message(), "mend the TOML here (https://toml.io shows how)");
    }
    // What a parser recovers after a mistake is not what was meant.
    let (lines, retention, (recordings, s3)) =
        if errors.is_empty() { tables(&file, document.get_ref()) } else { Default::default() };
    let places = file.places.take();
    let mut findings = file.findings.take();
    findings.warnings.extend(calls_itself(&lines, &places));
    Read { lines, retention, recordings, s3, findings, places }
}

fn tables<'a>(file: &'a File<'a>, document: &'a DeTable<'a>) -> (Vec<Line>, Retention, (Recordings, Option<S3>)) {
    let top = Table::new(file, 0..0, String::new(), Some(document));
    let mut claims = Claims::default();
    let tables = match top.get("lines") {
        Some(lines) if lines.is_table() => {
            lines.mistake("`[lines]` is one table", "write [[lines]], with two brackets, once a line");
            Vec::new()
        }
        Some(lines) => lines.tables("[[lines]], once a line"),
        None => {
            top.mistake("there is no line", FIRST_LINE);
            Vec::new()
        }
    };
    top.later("paging");
    top.not_here("agent", "belongs to a line", "write [lines.agent] under a line");
    top.not_here("speech", "belongs to a line", "write [lines.speech] under a line");
    top.not_here("limits", "belongs to a line", "write [lines.limits] under a line");
    let retention = retention::read(top.table("retention", "[retention]"));
    let recordings = recordings::read(top.table("recordings", "[recordings]"));
    top.finish();
    (tables.into_iter().map(|table| line::read(table, &mut claims)).collect(), retention, recordings)
}

/// A line that dials a number of this same file would answer its own call, for ever and for money.
fn calls_itself(lines: &[Line], places: &Places) -> Vec<Mistake> {
    let ours: BTreeSet<&str> = lines.iter().flat_map(|line| &line.numbers).map(crate::base::E164::as_str).collect();
    let mut warnings = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for (name, menu) in &line.menus {
            let keys = menu.keys.iter().map(|(key, action)| (format!("keys.{key}"), action));
            for (path, action) in keys.chain([("otherwise".to_owned(), &menu.otherwise)]) {
                let Some(number) = dialled(action).find(|number| ours.contains(number)) else { continue };
                let Some(place) = places.of(index, &format!("menus.{name}.{path}")) else { continue };
                let what = format!("{number} is dialled, which leads back to this service");
                warnings.push(Mistake::new(place.clone(), what, "dial a person, or use { menu = \"…\" }"));
            }
        }
    }
    warnings
}

fn dialled(mut action: &Action) -> impl Iterator<Item = &str> {
    while let Action::Say { then, .. } = action {
        action = then;
    }
    let targets = match action {
        Action::Dial(dial) => dial.targets.as_slice(),
        _ => &[],
    };
    targets.iter().filter_map(|target| match target {
        Target::Number(number) => Some(number.as_str()),
        Target::Sip(_) | Target::Public(_) => None,
    })
}
