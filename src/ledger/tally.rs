//! What a committed batch adds to the meters and to the log: counted after the commit, so that a batch that is
//! rolled back and run again does not count twice.

use super::limits::{Denial, Rule};
use super::statements::call;
use super::unit::{Unit, VoicemailState};
use crate::base::{Meters, Outcome, mask};
use crate::db::Record;

/// Gathered while a batch is written.
#[derive(Debug, Default)]
pub(super) struct Tally {
    ended: Vec<Ended>,
    consents: Vec<&'static str>,
    voicemails: Vec<&'static str>,
    recordings: Vec<&'static str>,
    commit: Option<(usize, u64)>,
    limited: Vec<(Rule, i64)>,
    denials: Vec<(String, Denial)>,
}

/// A call that this batch ended: its one summary line.
#[derive(Debug)]
struct Ended {
    sid: String,
    line: String,
    from: String,
    state: String,
    outcome: Option<Outcome>,
    reason: String,
    duration_s: Option<i64>,
}

impl Ended {
    fn of(row: &Record) -> Self {
        let text = |column| row.text(column).unwrap_or("").to_owned();
        Self {
            sid: text(call::SID),
            line: text(call::LINE),
            from: mask(row.text(call::FROM).unwrap_or("")),
            state: text(call::STATE),
            outcome: Outcome::ALL.into_iter().find(|outcome| row.text(call::OUTCOME) == Some(outcome.as_str())),
            reason: text(call::REASON),
            duration_s: row.int(call::DURATION).or_else(|| {
                let lasted = row.time(call::ENDED_AT)? - row.time(call::STARTED_AT)?;
                Some(lasted.num_seconds())
            }),
        }
    }
}

impl Tally {
    /// What new units tell: consents, and the ends of calls.
    pub(super) fn told<'u>(&mut self, new: impl Iterator<Item = &'u Unit>, ended: &[&Record]) {
        let consents = new.flat_map(|unit| unit.facts.consents());
        self.consents.extend(consents.map(|consent| if consent.given { "given" } else { "refused" }));
        self.ended.extend(ended.iter().map(|row| Ended::of(row)));
    }

    /// Calls were refused.
    pub(super) fn limited(&mut self, counts: impl Iterator<Item = (Rule, i64)>) {
        self.limited.extend(counts);
    }

    /// A bucket will refuse for a while.
    pub(super) fn denied(&mut self, key: String, denial: Denial) {
        self.denials.push((key, denial));
    }

    /// What the next batches need not ask.
    pub(super) fn denials(&mut self) -> Vec<(String, Denial)> {
        std::mem::take(&mut self.denials)
    }

    /// It is durable: `units` in `statements`, attempts that were taken back included.
    pub(super) fn committed(&mut self, units: usize, statements: u64) {
        self.commit = Some((units, statements));
    }

    /// A message reached a state for the first time.
    pub(super) fn voicemail(&mut self, state: VoicemailState) {
        self.voicemails.push(state.as_str());
        match state {
            VoicemailState::Ready => self.recordings.push("completed"),
            VoicemailState::Absent => self.recordings.push("absent"),
            VoicemailState::Failed => self.recordings.push("failed"),
            VoicemailState::Expected | VoicemailState::Recorded => {}
        }
    }

    /// Counts, and writes the summary line of every call that ended.
    pub(super) fn report(self, meters: &Meters) {
        if let Some((units, statements)) = self.commit {
            meters.commit_units.record(units as f64);
            meters.commit_statements.record(statements as f64);
        }
        for (rule, count) in &self.limited {
            meters.rate_limited.add(rule.as_str(), count.unsigned_abs());
        }
        self.consents.iter().for_each(|word| meters.consents.count(word));
        self.voicemails.iter().for_each(|word| meters.voicemails.count(word));
        self.recordings.iter().for_each(|word| meters.recordings.count(word));
        for call in self.ended {
            meters.call_ended(call.outcome.unwrap_or(Outcome::Abandoned), call.duration_s);
            tracing::info!(
                call.sid,
                line = call.line,
                from = call.from,
                state = call.state,
                outcome = call.outcome.map(Outcome::as_str),
                reason = call.reason,
                duration_s = call.duration_s,
                "call ended"
            );
        }
    }
}
