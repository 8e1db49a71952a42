//! What must hold for each call.

use super::index::Index;
use super::truth::Truth;
use super::{Demands, Rule, Violation, events};
use switchboard::simulator::Sent;

/// Everything wrong with one call.
pub(crate) fn of_call(truth: &Truth, rows: &Index<'_>, demands: Demands) -> Vec<Violation> {
    let mut judge = Judge { truth, rows, in_order: demands.in_order, found: Vec::new() };
    if demands.always_answered {
        judge.answered();
    }
    if demands.same_answers {
        judge.same_answers();
    }
    judge.kept();
    judge.one_end();
    judge.steps();
    judge.messages();
    judge.consent();
    events::of_call(&mut judge);
    judge.found
}

pub(crate) struct Judge<'a> {
    pub(crate) truth: &'a Truth,
    pub(crate) rows: &'a Index<'a>,
    pub(crate) in_order: bool,
    found: Vec<Violation>,
}

impl Judge<'_> {
    pub(crate) fn demand(&mut self, rule: Rule, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { rule, call: Some(self.truth.call), text: text() });
        }
    }

    /// Unless the carrier cut the first attempt off on purpose: then the house had one chance, and the carrier two.
    fn answered(&mut self) {
        let report = &self.truth.report;
        let fallback = report.sent.iter().rposition(|sent| sent.purpose == "fallback");
        let before = report.sent.get(..fallback.unwrap_or_default()).unwrap_or_default();
        let document = before.iter().rev().find(|sent| sent.purpose == "voice" || sent.purpose.ends_with("action"));
        let holds = !report.without_twiml || document.is_some_and(|sent| sent.on_purpose);
        self.demand(Rule::Answered, holds, || format!("left with an apology: {:?}", report.errors));
    }

    fn same_answers(&mut self) {
        let sent = &self.truth.report.sent;
        for copy in sent.iter().filter(|copy| copy.is_answered()) {
            let first = copy.copy_of.and_then(|number| sent.get(number)).filter(|first| first.is_answered());
            let same =
                first.is_none_or(|first| first.body == copy.body || is_turned_away(first) || is_turned_away(copy));
            self.demand(Rule::SameAnswer, same, || format!("a copy of {} heard something else", copy.purpose));
        }
    }

    fn kept(&mut self) {
        let sid = self.truth.sid();
        let told = self.truth.was_told(|sent| !is_turned_away(sent) && sent.field("CallSid") == Some(sid));
        let there = self.rows.calls(sid).len();
        self.demand(Rule::CallKept, there == 1 || (there == 0 && !told), || format!("{there} rows"));
    }

    /// The carrier's last word. What it says by mistake afterwards changes nothing.
    fn one_end(&mut self) {
        let (sid, status) = (self.truth.sid(), self.truth.report.status);
        let Some(row) = self.rows.call(sid) else { return };
        let told = self.truth.was_told(|sent| sent.purpose == "call status" && !sent.is_false);
        let holds = if row.is_over { row.state == status } else { !told };
        self.demand(Rule::OneEnd, holds, || format!("the carrier says {status}, the row {}", row.state));
        for leg in &self.truth.report.dialled {
            let Some(row) = self.rows.call(&leg.sid).filter(|row| row.is_over) else { continue };
            let text = || format!("leg {}: the carrier says {}, the row {}", leg.sid, leg.status, row.state);
            self.demand(Rule::OneEnd, row.state == leg.status, text);
        }
    }

    /// As many rows as distinct webhooks: at least those that were answered, at most those that may have come.
    fn steps(&mut self) {
        for ((leg, kind), steps) in self.truth.steps() {
            let rows = self.rows.timeline(leg).iter().filter(|row| row.kind == kind).count();
            let least = steps.iter().filter(|step| step.sent.iter().any(|sent| must_be_kept(sent))).count();
            let most = steps.iter().filter(|step| step.may_have_arrived()).count();
            self.demand(Rule::StepKept, rows >= least, || format!("{kind}: {least} answered, {rows} rows"));
            self.demand(Rule::StepOnce, rows <= most, || format!("{kind}: {most} sent, {rows} rows"));
        }
    }

    fn messages(&mut self) {
        let sid = self.truth.sid();
        let recordings = &self.truth.report.recordings;
        for recording in recordings.iter().filter(|recording| !recording.absent) {
            let told = self.truth.was_told(|sent| {
                let done = sent.purpose == "record action" || sent.field("RecordingStatus") == Some("completed");
                done && sent.field("RecordingSid") == Some(&recording.sid)
            });
            let rows = self.rows.recording(&recording.sid);
            let kept = rows.iter().any(|row| matches!(row.state.as_str(), "recorded" | "ready"));
            self.demand(Rule::MessageKept, kept || !told, || format!("{} is not in the inbox", recording.sid));
            self.demand(Rule::MessageOnce, rows.len() <= 1, || format!("{} is in {} rows", recording.sid, rows.len()));
        }
        for row in self.rows.voicemails(sid) {
            let known = |named: &String| recordings.iter().any(|recording| recording.sid == *named);
            let holds = row.recording_sid.as_ref().is_none_or(known);
            self.demand(Rule::MessageTrue, holds, || format!("{}: the carrier has no such recording", row.id));
        }
    }

    /// A verb that records was sent with, or after, the row that allows it.
    fn consent(&mut self) {
        let truth = self.truth;
        let (timeline, consents) = (self.rows.timeline(truth.sid()), self.rows.consents(truth.sid()));
        for sent in &truth.report.sent {
            let Some(body) = &sent.body else { continue };
            let scopes = [("voicemail", records_a_message(body)), ("recording", records_a_conversation(body))];
            for (scope, _) in scopes.into_iter().filter(|(_, needed)| *needed) {
                let answered = timeline.iter().find(|row| row.answer == *body).map(|row| row.id);
                let holds = consents.iter().any(|consent| {
                    let ours = consent.scope == scope && consent.given;
                    let proof = timeline.iter().any(|row| row.id == consent.event_id);
                    ours && proof && answered.is_none_or(|answered| consent.event_id <= answered)
                });
                self.demand(Rule::Consent, holds, || format!("{}: recorded without a {scope} row", sent.purpose));
            }
        }
    }
}

/// More calls than can be stored in time: a new one hears busy, and only its end is stored.
fn is_turned_away(sent: &Sent) -> bool {
    sent.purpose == "voice" && sent.body.as_ref().is_some_and(|body| body.contains("<Reject"))
}

fn must_be_kept(sent: &Sent) -> bool {
    sent.is_answered() && !is_turned_away(sent)
}

fn records_a_message(body: &str) -> bool {
    body.contains("<Record") || body.contains("<Transcription")
}

fn records_a_conversation(body: &str) -> bool {
    body.contains(" record=\"record-")
}
