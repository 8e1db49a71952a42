//! `switchboard check`: the config doctor and the flow prover.

use crate::calls::prover::{Finding, Rule, prove};
use crate::config::{Loaded, Mistake, Note, Place, Source, SystemSource, Warning, load_file};
use crate::world::World;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prove the configuration: every setting, and every path of every menu
///
/// Refuses dead ends, endless loops, recording before consent, a stream with no verb after it and carrier
/// transcription over 120 s; says file, line, what is wrong and how to mend it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  switchboard check\n  switchboard check --config new.toml\n  \
                        switchboard check --json | jq .findings\n\n\
                        Exit codes: 0 nothing to mend (notes and warnings do not count), 1 something to mend, 2 usage")]
pub struct Args {
    /// The file to check instead of the one that SWITCHBOARD_CONFIG names
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
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
struct Verdict {
    ok: bool,
    /// `None`: the built-in line.
    file: Option<String>,
    /// Settings that cannot stay; with any of them nothing is walked.
    mistakes: Vec<Mistake>,
    /// What callers would meet.
    findings: Vec<Met>,
    warnings: Vec<Warning>,
    notes: Vec<Note>,
    lines: Vec<Walked>,
}

/// A finding, at its place in the file.
#[derive(Debug, Serialize)]
struct Met {
    place: Option<Place>,
    rule: Rule,
    line: String,
    what: String,
    how_to_mend: &'static str,
    path: Vec<String>,
}

/// How far a line was walked.
#[derive(Debug, Serialize)]
struct Walked {
    line: String,
    documents: usize,
    paths: usize,
}

fn judge(source: &dyn Source, path: Option<&str>) -> Verdict {
    match load_file(source, path) {
        Ok(loaded) => walk(loaded),
        Err(mistakes) => Verdict { mistakes, ..Verdict::default() },
    }
}

fn walk(loaded: Loaded) -> Verdict {
    let world = World::from(loaded.clone());
    let Loaded { places, file, notes, warnings, .. } = loaded;
    let mut verdict = Verdict { ok: true, file, notes, warnings, ..Verdict::default() };
    for (index, line) in world.lines().iter().enumerate() {
        let report = prove(&world, line);
        let placed = |finding: Finding| Met {
            place: places.of(index, finding.place.as_deref().unwrap_or("name")).cloned(),
            rule: finding.rule,
            line: finding.line,
            what: finding.message,
            how_to_mend: finding.rule.mend(),
            path: finding.path,
        };
        verdict.ok &= report.findings.is_empty();
        verdict.findings.extend(report.findings.into_iter().map(placed));
        let (documents, paths) = (report.documents, report.paths);
        verdict.lines.push(Walked { line: line.name.clone(), documents, paths });
    }
    verdict
}

impl Verdict {
    fn json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for mistake in &self.mistakes {
            let _ = writeln!(text, "{mistake}");
        }
        for met in &self.findings {
            let place = met.place.as_ref().map_or_else(|| format!("line {}", met.line), ToString::to_string);
            let _ = writeln!(text, "{place}: {}: {}; {}", met.rule, met.what, met.how_to_mend);
            if !met.path.is_empty() {
                let _ = writeln!(text, "    {}", shortened(&met.path));
            }
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        for walked in &self.lines {
            let Walked { line, documents, paths } = walked;
            let _ = writeln!(text, "line {line}: walked {paths} paths through {documents} documents");
        }
        let _ = match self.mistakes.len() + self.findings.len() {
            0 => writeln!(text, "nothing to mend"),
            1 => writeln!(text, "1 thing to mend"),
            more => writeln!(text, "{more} things to mend"),
        };
        text
    }
}

/// A path on one line; the middle of a long one says nothing new.
fn shortened(path: &[String]) -> String {
    const ENDS: usize = 4;
    let arrow = " → ";
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
        assert!(text.contains("line front-desk: walked ") && text.ends_with("nothing to mend\n"), "{text}");
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
        assert!(text.contains("a.toml:6:1: ") && text.contains("\n    a call comes in → "), "{text}");
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
