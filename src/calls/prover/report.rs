//! What the prover found.

use serde::Serialize;
use std::fmt;

/// A rule that every flow keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Every document for somebody who listens leads on, or hangs up on purpose.
    DeadEnd,
    /// No way round without a key or a word of the caller.
    EndlessLoop,
    /// A consent row stands before, or beside, every verb that captures a voice.
    RecordingBeforeConsent,
    /// A stream has an action or a verb behind it.
    StreamWithoutNext,
    /// The carrier transcribes at most 120 s.
    CarrierTranscription,
    /// Every URL leads to a route of ours.
    UnknownRoute,
    /// Every answer is TwiML that the carrier executes in full.
    Unreadable,
}

impl Rule {
    /// How to mend a breach.
    #[must_use]
    pub const fn mend(self) -> &'static str {
        match self {
            Self::DeadEnd => "lead on to a menu, a dial or voicemail, or say goodbye with `hangup`",
            Self::EndlessLoop => "let `otherwise` lead to voicemail, a dial or `hangup`",
            Self::RecordingBeforeConsent => {
                "store the consent in an earlier webhook, or with the document that records"
            }
            Self::StreamWithoutNext => "give `<Connect>` an action, or a verb behind it",
            Self::CarrierTranscription => "set `transcript = \"real-time\"`, or `max_s` to 120 or less",
            Self::UnknownRoute => "hand out absolute URLs of our own routes only",
            Self::Unreadable => "shorten the line's texts; the carrier takes documents of at most 64 kB",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeadEnd => "dead end",
            Self::EndlessLoop => "endless loop",
            Self::RecordingBeforeConsent => "recording before consent",
            Self::StreamWithoutNext => "stream with nothing behind it",
            Self::CarrierTranscription => "carrier transcription over 120 s",
            Self::UnknownRoute => "URL that leads nowhere",
            Self::Unreadable => "unreadable answer",
        })
    }
}

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
    }
}
