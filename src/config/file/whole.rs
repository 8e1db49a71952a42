//! The whole file, and what only all lines together can get wrong.

use super::claims::Claims;
use super::places::Places;
use super::reader::Table;
use super::surroundings::{Leave, Surroundings};
use super::text::{File, Pages};
use super::{line, paging, recordings, retention};
use crate::config::builtin_paging::builtin;
use crate::config::line::{Action, Line, Target};
use crate::config::mistake::{Findings, Mistake};
use crate::config::paging::Paging;
use crate::config::recordings::{Recordings, S3};
use crate::config::retention::Retention;
use std::collections::BTreeSet;
use toml::de::DeTable;

const FIRST_LINE: &str = "write [[lines]] with a name and numbers; `switchboard init` writes a whole example";

/// What a file says.
pub(in crate::config) struct Read {
    pub(in crate::config) lines: Vec<Line>,
    pub(in crate::config) retention: Retention,
    pub(in crate::config) recordings: Recordings,
    pub(in crate::config) s3: Option<S3>,
    pub(in crate::config) paging: Paging,
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
    let Tables { lines, retention, recordings, s3, paging } =
        if errors.is_empty() { tables(&file, document.get_ref()) } else { Tables::default() };
    let places = file.places.take();
    let mut findings = file.findings.take();
    findings.warnings.extend(calls_itself(&lines, &places));
    let paging = paging.unwrap_or_else(Paging::none);
    Read { lines, retention, recordings, s3, paging, findings, places }
}

/// What the tables of the file say.
#[derive(Default)]
struct Tables {
    lines: Vec<Line>,
    retention: Retention,
    recordings: Recordings,
    s3: Option<S3>,
    paging: Option<Paging>,
}

fn tables<'a>(file: &'a File<'a>, document: &'a DeTable<'a>) -> Tables {
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
    top.not_here("agent", "belongs to a line", "write [lines.agent] under a line");
    top.not_here("speech", "belongs to a line", "write [lines.speech] under a line");
    top.not_here("limits", "belongs to a line", "write [lines.limits] under a line");
    let retention = retention::read(top.table("retention", "[retention]"));
    let (recordings, s3) = recordings::read(top.table("recordings", "[recordings]"));
    let paging = paged(&top);
    top.finish();
    let lines = tables.into_iter().map(|table| line::read(table, &mut claims)).collect();
    Tables { lines, retention, recordings, s3, paging: Some(paging) }
}

/// What may be paged: read before the lines, whose keys lead there.
fn paged(top: &Table<'_>) -> Paging {
    let file = top.file;
    if matches!(file.around.paging, Leave::No(_)) {
        top.not_here("paging", "belongs to the whole house", "write it into switchboard.toml");
    }
    let written = top.get("paging").and_then(|value| value.table("[paging]")).map(paging::read);
    let (paging, pin) = match file.around.paging {
        Leave::No(_) => (Paging::none(), false),
        Leave::Given { sip, pin } => (written.or_else(|| sip.map(builtin)).unwrap_or_else(Paging::none), pin),
    };
    let listed = paging.callers.iter().any(|caller| !caller.numbers.is_empty() && !caller.pin);
    let missing = match file.around.paging {
        Leave::No(why) => Some(why),
        Leave::Given { .. } if paging.zones.is_empty() => Some("there are no zones (SIP_BIND_ADDR is not set)"),
        Leave::Given { .. } if !pin && !listed => Some("there is neither a PIN (PAGING_PIN) nor a caller list"),
        Leave::Given { .. } => None,
    };
    let zones = paging.zones.iter().map(|zone| zone.extension.clone()).collect();
    let listed = paging.callers.iter().filter(|caller| !caller.pin);
    let listed = listed.flat_map(|caller| caller.numbers.iter().map(|number| (number.clone(), caller.zones.clone())));
    file.pages.replace(Pages { zones, listed: listed.collect(), missing });
    paging
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

fn dialled(action: &Action) -> impl Iterator<Item = &str> {
    let phones = match action.last() {
        Action::Dial(dial) => dial.phones.as_slice(),
        _ => &[],
    };
    phones.iter().filter_map(|phone| match &phone.target {
        Target::Number(number) => Some(number.as_str()),
        Target::Sip(_) | Target::Public(_) => None,
    })
}
