//! What the prover found.

use super::rule::Rule;
use serde::Serialize;

/// A broken rule, and how a caller gets there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Name of the line.
    pub line: String,
    /// What is wrong, one sentence.
    pub message: String,
    /// What happens on the shortest path there: `a call comes in`, `key 3`, `the stream ends`.
    pub path: Vec<String>,
    /// Dotted path of the setting in the line's table, where one is to blame: `menus.main.keys.3`.
    pub place: Option<String>,
}

/// What a walk found, and how far it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Broken rules; none is what everybody wants.
    pub findings: Vec<Finding>,
    /// Different documents that were decided.
    pub documents: usize,
    /// Ways from one document to the next that were walked.
    pub paths: usize,
    /// Whom the line rings without the caller's doing.
    #[serde(skip)]
    pub(super) unasked: Vec<Unasked>,
}

/// A number that is rung for a caller who did nothing but call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unasked {
    pub number: String,
    pub path: Vec<String>,
    pub place: Option<String>,
}

impl Report {
    /// Adds a finding unless it was made already: one cause shows up on many paths, the shortest is enough. A loop is
    /// the same loop wherever it is entered.
    pub(super) fn add(&mut self, finding: Finding) {
        let same = |known: &Finding| {
            let rule = known.rule == finding.rule && known.place == finding.place;
            rule && (known.rule == Rule::EndlessLoop || known.message == finding.message)
        };
        if !self.findings.iter().any(same) {
            self.findings.push(finding);
        }
    }

    /// Takes over what another walk found.
    pub(super) fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        self.paths += other.paths;
        for finding in other.findings {
            self.add(finding);
        }
        for unasked in other.unasked {
            if !self.unasked.iter().any(|known| known.number == unasked.number) {
                self.unasked.push(unasked);
            }
        }
    }
}
