//! Environment and file together.

use super::agent::AgentKind;
use super::env::{Env, Shown};
use super::file::{self, Leave, Places, Surroundings};
use super::line::Line;
use super::mistake::{Mistake, Note, Place, Warning};
use super::paging::Paging;
use super::recordings::{Recordings, S3};
use super::retention::Retention;
use super::settings::{CONFIG_PATH, Environment, Settings, warn_of_pairs};
use super::source::{FixedSource, Source};
use crate::base::E164;
use std::collections::BTreeSet;
use std::io::ErrorKind;

/// The built-in line: what answers without a file, and what `init` writes.
pub const BUILTIN: &str = include_str!("../../templates/switchboard.toml");

/// What messages call it.
const BUILTIN_NAME: &str = "the built-in line";

/// Everything that was configured, and what is worth saying about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The environment.
    pub settings: Settings,
    /// The lines, in the order of the file.
    pub lines: Vec<Line>,
    /// How long rows are kept.
    pub retention: Retention,
    /// What becomes of recordings.
    pub recordings: Recordings,
    /// The bucket that takes copies of them; without one a folder does.
    pub s3: Option<S3>,
    /// Zones, outputs, and who may page.
    pub paging: Paging,
    /// Where the lines' keys stand in the file.
    pub places: Places,
    /// The file that was read; `None` for the built-in line.
    pub file: Option<String>,
    /// Each variable's value in force, as it may be shown.
    pub environment: Vec<(&'static str, Shown)>,
    /// Nothing is wrong, but an operator may want to know.
    pub notes: Vec<Note>,
    /// Legal, and likely not meant.
    pub warnings: Vec<Warning>,
}

/// Reads the environment, and the file that it names or the built-in line.
///
/// # Errors
/// Every mistake in both, in the order of variables and of the file.
pub fn load_from(source: &dyn Source) -> Result<Loaded, Vec<Mistake>> {
    load_file(source, None)
}

/// The same with a file that must be there, whatever the environment says.
///
/// # Errors
/// Every mistake in both, in the order of variables and of the file.
pub fn load_file(source: &dyn Source, path: Option<&str>) -> Result<Loaded, Vec<Mistake>> {
    let named = || source.var(CONFIG_PATH.name).filter(|path| !path.trim().is_empty());
    let given = path.map(str::to_owned).or_else(named);
    let path = given.as_deref().or(CONFIG_PATH.default).unwrap_or_default();
    match source.read_file(path) {
        Ok(text) => load(source, Some((path, &text))),
        Err(error) if error.kind() == ErrorKind::NotFound && given.is_none() => load(source, None).map(say_builtin),
        Err(error) => {
            let mistake = unreadable(path, &error);
            let others = load(source, None).err().unwrap_or_default();
            Err(std::iter::once(mistake).chain(others).collect())
        }
    }
}

/// No file was asked for and none is there: fine for a try, hardly what a business wants.
fn say_builtin(mut loaded: Loaded) -> Loaded {
    let numbers: Vec<&str> = loaded.lines.iter().flat_map(|line| &line.numbers).map(E164::as_str).collect();
    let what =
        format!("there is no switchboard.toml: the built-in line answers {} and no other number", numbers.join(", "));
    let remark =
        Mistake::new(Place::variable(CONFIG_PATH.name), what, "`switchboard init` writes one for you to change");
    let production = loaded.settings.server.environment == Environment::Production;
    if production {
        loaded.warnings.push(remark)
    } else {
        loaded.notes.push(remark)
    }
    loaded
}

fn unreadable(path: &str, error: &std::io::Error) -> Mistake {
    let place = Place::File { file: path.to_owned(), line: 1, column: 1 };
    Mistake::new(
        place,
        format!("cannot be read: {error}"),
        "name a file that is there, or `switchboard init` writes one",
    )
}

/// Reads the environment and a file's name and text, or the built-in line.
///
/// # Errors
/// Every mistake in both, in the order of variables and of the file.
pub fn load(source: &dyn Source, file: Option<(&str, &str)>) -> Result<Loaded, Vec<Mistake>> {
    let mut env = Env::new(source);
    let settings = Settings::read(&mut env);
    warn_of_pairs(&settings, &mut env);
    let (mut findings, environment) = env.finish();
    let (name, text) = file.unwrap_or((BUILTIN_NAME, BUILTIN));
    let around = Surroundings {
        source,
        broken: findings.mistakes.iter().map(|mistake| mistake.place.to_string()).collect(),
        paging: Leave::Given { sip: settings.paging.sip_bind_addr, pin: settings.paging.pin.is_some() },
        hours_pin: settings.hours.pin.is_some(),
        s3_keys: settings.storage.s3_keys.is_some(),
        numbers_later: false,
    };
    let read = file::read(name, text, &around);
    findings.add(read.findings);
    findings.warnings.extend(without_key(&settings, &read.lines, &read.places));
    findings.notes.extend(without_mail_server(&settings, &read.lines, &read.places));
    if settings.storage.s3_keys.is_some() && read.s3.is_none() {
        let mend = "name the bucket in switchboard.toml, or unset it";
        let what = "is set, and there is no [recordings.s3]: recordings are kept in DATA_DIR/audio";
        findings.warnings.push(Mistake::new(Place::variable("S3_ACCESS_KEY_ID"), what, mend));
    }
    if !findings.mistakes.is_empty() {
        return Err(findings.mistakes);
    }
    Ok(Loaded {
        settings,
        lines: read.lines,
        retention: read.retention,
        recordings: read.recordings,
        s3: read.s3,
        paging: read.paging,
        places: read.places,
        file: file.map(|(name, _)| name.to_owned()),
        environment,
        notes: findings.notes,
        warnings: findings.warnings,
    })
}

/// Lines whose agent needs a key that is not there: callers would meet what follows a failure.
fn without_key(settings: &Settings, lines: &[Line], places: &Places) -> Vec<Warning> {
    let warning = |(index, line): (usize, &Line)| {
        let (key, what) = match &line.agent.secret_env {
            Some(name) if !settings.agents.named.contains_key(name) => {
                ("agent.secret_env", format!("line `{}` has a secret of its own, and {name} is not set", line.name))
            }
            None if matches!(line.agent.kind, AgentKind::OpenAiRealtime(_)) && settings.speech.openai.is_none() => {
                ("agent.kind", format!("line `{}` talks with OpenAI, and OPENAI_API_KEY is not set", line.name))
            }
            _ => return None,
        };
        let place = places.of(index, key)?.clone();
        Some(Mistake::new(place, what, "set it, or every conversation goes where on_failure leads"))
    };
    lines.iter().enumerate().filter_map(warning).collect()
}

/// Lines whose messages should go to people, and nobody takes them there.
fn without_mail_server(settings: &Settings, lines: &[Line], places: &Places) -> Vec<Note> {
    let note = |(index, line): (usize, &Line)| {
        let mail = line.voicemail.mail.as_ref().filter(|mail| !mail.to.is_empty());
        let place = places.of(index, "voicemail.mail").filter(|_| mail.is_some())?.clone();
        let what = format!("line `{}` mails its messages, and SMTP_URL is not set: nothing is sent", line.name);
        Some(Mistake::new(place, what, "set SMTP_URL, then try it with `switchboard mail test`"))
    };
    if settings.mail.server.is_some() { Vec::new() } else { lines.iter().enumerate().filter_map(note).collect() }
}

/// The built-in line alone, with whatever `source` says of its targets.
///
/// # Errors
/// A target that is not a telephone number.
pub fn builtin_lines(source: &dyn Source) -> Result<Vec<Line>, Vec<Mistake>> {
    let around = Surroundings {
        source,
        broken: BTreeSet::new(),
        paging: Leave::No("it belongs to whoever runs this service"),
        hours_pin: true,
        s3_keys: false,
        numbers_later: false,
    };
    let read = file::read(BUILTIN_NAME, BUILTIN, &around);
    if read.findings.mistakes.is_empty() { Ok(read.lines) } else { Err(read.findings.mistakes) }
}

/// One `[[lines]]` table that came at run time. It may ask the environment nothing: what is stored means the same on
/// every instance.
///
/// # Errors
/// Every mistake in it; `name` is what they call it. Also when it holds no line, or more than one.
pub fn read_line(name: &str, definition: &str) -> Result<Line, Vec<Mistake>> {
    let nothing = FixedSource::default();
    let around = Surroundings {
        source: &nothing,
        broken: BTreeSet::new(),
        paging: Leave::No("lines that come at run time do not page: the building belongs to whoever runs the service"),
        hours_pin: true,
        s3_keys: false,
        numbers_later: true,
    };
    let read = file::read(name, definition, &around);
    if !read.findings.mistakes.is_empty() {
        return Err(read.findings.mistakes);
    }
    let mut lines = read.lines.into_iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => Ok(line),
        _ => {
            let place = Place::File { file: name.to_owned(), line: 1, column: 1 };
            Err(vec![Mistake::new(place, "is not one line", "write exactly one [[lines]] table")])
        }
    }
}
