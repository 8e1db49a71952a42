//! `switchboard check`: the config doctor and the flow prover.

use crate::calls::prover::{Finding, Report, Rule, prove, prove_together};
use crate::config::{Loaded, Mistake, Note, Place, Source, SystemSource, Warning, load_file};
use crate::world::World;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "Examples:\n  switchboard check\n  switchboard check --config new.toml\n  \
    switchboard check --json | jq '.findings[] | {place, rule, what, how_to_mend}'\n\n\
    Exit codes: 0 nothing to mend (notes and warnings do not count), 1 something to mend, 2 usage";

/// Prove the configuration: every setting, and every path of every menu
///
/// Reads the file as the service does, and then calls each line in mind: with every key, silence and word, every way a dial, a
/// recording or a conversation can end, open and closed, with storage that comes and goes, and with answers that the carrier
/// cannot use. Says file, line, what is wrong and how to mend it. Nothing is called, stored or sent.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{}\n{EXAMPLES}", rules()))]
pub struct Args {
    /// The file to check instead of the one that SWITCHBOARD_CONFIG names
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is proved, a row each.
fn rules() -> String {
    let row = |rule: &Rule| format!("  {:<33}{}\n", rule.to_string(), rule.demands());
    format!("What is proved of every path:\n{}", Rule::ALL.iter().map(row).collect::<String>())
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let path = args.config.as_ref().map(|path| path.to_string_lossy());
    let verdict = judge(&SystemSource, path.as_deref());
    let text = if args.json { verdict.json() } else { verdict.text() };
    // A closed pipe is the reader's choice; the verdict stays.
    let _ = io::stdout().write_all(text.as_bytes());
    if verdict.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Everything that is to be said about a configuration.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    /// Nothing has to be mended.
    pub ok: bool,
    /// `None`: the built-in line.
    pub file: Option<String>,
    /// Settings that cannot stay; with any of them nothing is walked.
    pub mistakes: Vec<Mistake>,
    /// What callers would meet.
    pub findings: Vec<Met>,
    /// Legal, and likely not meant.
    pub warnings: Vec<Warning>,
    /// Nothing is wrong.
    pub notes: Vec<Note>,
    /// What was walked.
    pub lines: Vec<Walked>,
    /// The file's lines, to quote from.
    #[serde(skip)]
    text: Vec<String>,
}

/// A finding, at its place in the file.
#[derive(Debug, Serialize)]
pub struct Met {
    /// Where it follows from.
    pub place: Option<Place>,
    /// Which rule is broken.
    pub rule: Rule,
    /// Name of the line.
    pub line: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub how_to_mend: &'static str,
    /// How a caller gets there.
    pub path: Vec<String>,
}

/// How far a line was walked.
#[derive(Debug, Serialize)]
pub struct Walked {
    /// Name of the line.
    pub line: String,
    /// Different answers that were looked at.
    pub documents: usize,
    /// Ways from one to the next.
    pub paths: usize,
    /// What was found.
    pub findings: usize,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// Reads and walks a configuration: the file at `path`, or the one that `source` names.
#[must_use]
pub fn judge(source: &dyn Source, path: Option<&str>) -> Verdict {
    match load_file(source, path) {
        Ok(loaded) => walk(source, loaded),
        Err(mistakes) => Verdict { mistakes, ..Verdict::default() },
    }
}

fn walk(source: &dyn Source, loaded: Loaded) -> Verdict {
    let world = World::from(loaded.clone());
    let proofs: Vec<(Report, Duration)> = world.lines().iter().map(|line| timed(|| prove(&world, line))).collect();
    let (mut reports, times): (Vec<Report>, Vec<Duration>) = proofs.into_iter().unzip();
    for finding in prove_together(&world, &reports) {
        let at = world.lines().iter().position(|line| line.name == finding.line);
        if let Some(report) = at.and_then(|at| reports.get_mut(at)) {
            report.findings.push(finding);
        }
    }
    let Loaded { places, file, notes, warnings, .. } = loaded;
    let text = file.as_deref().and_then(|file| source.read_file(file).ok()).unwrap_or_default();
    let text = text.lines().map(str::to_owned).collect();
    let mut verdict = Verdict { ok: true, file, notes, warnings, text, ..Verdict::default() };
    for (index, (report, took)) in reports.into_iter().zip(times).enumerate() {
        let line = world.lines().get(index).map(|line| line.name.clone()).unwrap_or_default();
        let placed = |finding: Finding| Met {
            place: places.of(index, finding.place.as_deref().unwrap_or("name")).cloned(),
            rule: finding.rule,
            line: finding.line,
            what: finding.message,
            how_to_mend: finding.rule.mend(),
            path: finding.path,
        };
        let Report { documents, paths, findings, .. } = report;
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        verdict.ok &= findings.is_empty();
        verdict.lines.push(Walked { line, documents, paths, findings: findings.len(), ms });
        verdict.findings.extend(findings.into_iter().map(placed));
    }
    verdict
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

impl Verdict {
    fn json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// As people read it: a mistake a line, like a compiler's, and below it what helps to see it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for mistake in &self.mistakes {
            let _ = writeln!(text, "{mistake}");
        }
        for (met, others) in self.causes() {
            self.met(&mut text, met, &others);
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        for walked in &self.lines {
            let Walked { line, documents, paths, ms, .. } = walked;
            let found = things(self.causes().iter().filter(|(met, _)| met.line == *line).count(), "sound");
            let _ =
                writeln!(text, "line {line}: {found}; walked {paths} paths through {documents} documents in {ms} ms");
        }
        let _ = writeln!(text, "{}", things(self.mistakes.len() + self.causes().len(), "nothing to mend"));
        text
    }

    /// Findings that differ in their place only are one thing to mend: the first, and where else it shows.
    fn causes(&self) -> Vec<(&Met, Vec<&Met>)> {
        let mut causes: Vec<(&Met, Vec<&Met>)> = Vec::new();
        for met in &self.findings {
            let same = |known: &Met| (known.rule, &known.line, &known.what) == (met.rule, &met.line, &met.what);
            match causes.iter_mut().find(|(first, _)| same(first)) {
                Some((_, others)) => others.push(met),
                None => causes.push((met, Vec::new())),
            }
        }
        causes
    }

    fn met(&self, text: &mut String, met: &Met, others: &[&Met]) {
        let place = met.place.as_ref().map_or_else(|| format!("line {}", met.line), ToString::to_string);
        let _ = writeln!(text, "{place}: {}: {}; {}", met.rule, met.what, met.how_to_mend);
        if let Some(Place::File { line, .. }) = met.place
            && let Some(quoted) = self.text.get(line.saturating_sub(1))
        {
            let _ = writeln!(text, "    {line:>5} | {}", quoted.trim_end());
        }
        if !met.path.is_empty() {
            let _ = writeln!(text, "      way | {}", shortened(&met.path));
        }
        let mut also: Vec<String> =
            others.iter().filter_map(|met| met.place.as_ref()).map(ToString::to_string).collect();
        also.dedup();
        if !also.is_empty() {
            let _ = writeln!(text, "     also | {}", joined(&also, ", "));
        }
    }
}

fn things(count: usize, none: &str) -> String {
    match count {
        0 => none.to_owned(),
        1 => "1 thing to mend".to_owned(),
        more => format!("{more} things to mend"),
    }
}

/// A path on one line; the middle of a long one says nothing new.
fn shortened(path: &[String]) -> String {
    joined(path, " → ")
}

fn joined(path: &[String], arrow: &str) -> String {
    const ENDS: usize = 4;
    match (path.get(..ENDS), path.len().checked_sub(ENDS).and_then(|at| path.get(at..))) {
        (Some(first), Some(last)) if path.len() > 2 * ENDS + 1 => {
            format!("{}{arrow}… {} more …{arrow}{}", first.join(arrow), path.len() - 2 * ENDS, last.join(arrow))
        }
        _ => path.join(arrow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedSource;

    fn judged(toml: &str) -> Verdict {
        judge(&FixedSource::default().with_file("a.toml", toml), Some("a.toml"))
    }

    #[test]
    fn the_built_in_line_has_nothing_to_mend() {
        let verdict = judge(&FixedSource::default(), None);
        assert!(verdict.ok, "{}", verdict.text());
        let text = verdict.text();
        assert!(text.contains("line front-desk: sound; walked ") && text.ends_with("nothing to mend\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&verdict.json()).unwrap();
        assert_eq!((&json["ok"], &json["lines"][0]["line"]), (&true.into(), &"front-desk".into()));
    }

    #[test]
    fn a_loop_is_shown_at_its_place_with_its_path() {
        let verdict = judged(
            "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n[lines.menus.main]\nprompt = \"?\"\n\
             otherwise = { menu = \"other\" }\nkeys = { 9 = \"voicemail\" }\n[lines.menus.other]\nprompt = \"?\"\n\
             otherwise = { menu = \"main\" }\nkeys = { 9 = \"voicemail\" }\n",
        );
        assert!(!verdict.ok);
        let text = verdict.text();
        assert!(text.contains(": endless loop: without the caller it goes round for ever: menu "), "{text}");
        assert!(text.contains("a.toml:6:1: ") && text.contains("\n      way | a call comes in → "), "{text}");
        assert!(text.contains("\n        6 | otherwise = { menu = \"other\" }\n"), "{text}");
        assert!(text.ends_with("1 thing to mend\n"), "{text}");
    }

    #[test]
    fn mistakes_are_shown_and_nothing_is_walked() {
        let verdict = judged("[[lines]]\nname = \"desk\"\nnumbers = [\"5550100\"]\n");
        assert!(!verdict.ok && verdict.lines.is_empty());
        assert!(verdict.text().starts_with("a.toml:3:"), "{}", verdict.text());
    }

    #[test]
    fn a_long_path_loses_its_middle() {
        let path: Vec<_> = (1..=12).map(|step| step.to_string()).collect();
        assert_eq!(shortened(&path), "1 → 2 → 3 → 4 → … 4 more … → 9 → 10 → 11 → 12");
        assert_eq!(shortened(&["a".to_owned(), "b".to_owned()]), "a → b");
    }
}
