//! What surrounds the binary: files that ship it or set it up cannot be run here, so at least they are read.

use super::source::{Source, Tree};
use super::{Finding, plant};

/// Where a stop is timed: the file, and what stands before the seconds.
const STOPS: [(&str, &str); 3] = [
    ("fly.toml", "kill_timeout = \""),
    ("compose.yaml", "stop_grace_period: "),
    ("packaging/switchboard.service", "TimeoutStopSec="),
];
/// Seconds that running calls may take to finish; whoever stops the process must wait longer.
const GRACE: u32 = 30;
/// Files that set environment variables of ours.
const SETTERS: [&str; 4] = ["fly.toml", "compose.yaml", "Dockerfile", "packaging/switchboard.service"];

/// TOML files parse; the YAML file is indented with two spaces.
pub(crate) fn settings_parse(tree: &Tree) -> Vec<Finding> {
    let toml = tree.files.iter().filter(|file| file.path.ends_with(".toml") && !file.path.contains('/'));
    let broken = toml.filter_map(|file| {
        let mistake = file.text.parse::<toml::Table>().err()?;
        let offset = mistake.span().map_or(0, |span| span.start);
        let wrong = mistake.message().to_owned();
        Some(Finding::at(file, super::source::line_of(&file.text, offset), wrong, "mend the TOML"))
    });
    let yaml = tree.files.iter().filter(|file| file.path == "compose.yaml");
    let crooked = |line: &str| line.contains('\t') || line.chars().take_while(|c| *c == ' ').count() % 2 == 1;
    let lines = yaml.flat_map(|file| (1..).zip(file.text.lines()).map(move |(n, line)| (file, n, line)));
    let crooked = lines.filter(|(_, _, line)| crooked(line));
    broken.chain(crooked.map(|(file, n, _)| Finding::at(file, n, "crooked", "indent by two spaces, no tabs"))).collect()
}

/// Whoever stops the process waits longer than running calls may take.
pub(crate) fn stops_wait_for_calls(tree: &Tree) -> Vec<Finding> {
    let mend = "calls get 30 s to finish: wait a few seconds longer than that before killing";
    let places = STOPS.iter().filter_map(|(path, key)| Some((tree.files.iter().find(|file| file.path == *path)?, key)));
    let hasty = places.filter(|(file, key)| file.text.split(*key).nth(1).and_then(seconds).is_none_or(|s| s <= GRACE));
    hasty.map(|(file, key)| Finding::at(file, 1, format!("`{key}…` is missing or too short"), mend)).collect()
}

fn seconds(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Environment variables that packaging sets or documents name are read somewhere.
pub(crate) fn variables_exist(tree: &Tree) -> Vec<Finding> {
    let mend = "name a variable that src/config reads";
    let set = tree.files.iter().filter(|file| SETTERS.contains(&file.path.as_str()));
    let set =
        set.flat_map(|file| (1..).zip(file.text.lines()).filter_map(move |(n, line)| Some((file, n, set_by(line)?))));
    let documents = tree.files.iter().filter(|file| super::paths::is_document(&file.path));
    let named =
        documents.flat_map(|file| (1..).zip(file.text.lines()).flat_map(move |(n, line)| variables(file, n, line)));
    let unknown = set.chain(named).filter(|(_, _, name)| !is_read(tree, name));
    unknown.map(|(file, n, name)| Finding::at(file, n, format!("nothing reads `{name}`"), mend)).collect()
}

/// `NAME=…`, `NAME: …` or `NAME = …`, also behind `ENV` and `Environment=`.
fn set_by(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("ENV ").or_else(|| line.strip_prefix("Environment=")).unwrap_or(line);
    let end = line.find(|c| !is_name_char(c))?;
    let (name, rest) = line.split_at_checked(end)?;
    (is_name(name) && rest.trim_start().starts_with(['=', ':'])).then_some(name)
}

fn variables<'a>(file: &'a Source, number: usize, line: &'a str) -> impl Iterator<Item = (&'a Source, usize, &'a str)> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted
        .map(|text| text.split('=').next().unwrap_or(text))
        .filter(|name| is_name(name))
        .map(move |n| (file, number, n))
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

fn is_name(word: &str) -> bool {
    word.contains('_') && word.len() > 4 && word.chars().all(is_name_char)
}

/// Read by the code or its tests; Postgres' image reads its own.
fn is_read(tree: &Tree, name: &str) -> bool {
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    let readers = tree.files.iter().filter(|file| file.path.starts_with("src/") || file.path.starts_with("tests/it/"));
    let whole = |text: &str| text.split(|c| !is_name_char(c)).any(|word| word == name);
    name.starts_with("POSTGRES_") || readers.into_iter().any(|file| whole(&file.text))
}

#[test]
fn broken_settings_are_found() {
    let files = [("a.toml", "x = 1\ny = \n"), ("b.toml", "x = 1\n"), ("compose.yaml", "a:\n  b: 1\n   c: 2\n")];
    let found = plant(settings_parse, &files);
    let places: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
    assert_eq!(places, [("a.toml", 2), ("compose.yaml", 3)]);
}

#[test]
fn a_hasty_stop_is_found() {
    let files = [("fly.toml", "kill_timeout = \"30s\""), ("compose.yaml", "    stop_grace_period: 40s")];
    assert_eq!(plant(stops_wait_for_calls, &files).len(), 1);
    assert_eq!(plant(stops_wait_for_calls, &[("packaging/switchboard.service", "[Service]")]).len(), 1);
}

#[test]
fn a_variable_that_nothing_reads_is_found() {
    let files = [
        ("src/config/server.rs", "const A: &str = \"BIND_ADDR\";"),
        ("Dockerfile", "FROM x\nENV BIND_ADDR=1 \\\n    GONE_NAME=2\nRUN echo\n"),
        ("compose.yaml", "  BIND_ADDR: 1\n  POSTGRES_USER: x\n"),
        ("docs/OPERATIONS.md", "`BIND_ADDR`, `BIND_ADDR_FILE`, `OTHER_NAME=1`, `GET`, OUT_OF_TICKS\n"),
    ];
    let found = plant(variables_exist, &files);
    let places: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
    assert_eq!(places, [("Dockerfile", 3), ("docs/OPERATIONS.md", 1)]);
}
