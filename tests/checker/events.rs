//! What must hold for the outbox.

use super::rows::{EventRow, Rows};
use super::rules::Judge;
use super::{Rule, Violation};
use std::collections::{BTreeMap, BTreeSet};
use switchboard::simulator::Fate;

/// Events that can happen to a subject once at most.
const ONCE: [&str; 5] = ["call.started", "call.ended", "voicemail.new", "recording.failed", "transcript.ready"];

/// What one call's rows must have told.
pub(crate) fn of_call(judge: &mut Judge<'_>) {
    let (sid, rows) = (judge.truth.sid(), judge.rows);
    let events = rows.events(&format!("calls/{sid}"));
    let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
    let Some(call) = rows.call(sid) else { return };
    judge.demand(Rule::EventKept, count("call.started") >= 1, || "call.started is missing".to_owned());
    judge.demand(Rule::EventKept, !call.is_over || count("call.ended") >= 1, || "call.ended is missing".to_owned());
    judge.demand(Rule::EventKept, call.is_over || count("call.ended") == 0, || "ended, says an event only".to_owned());
    for message in rows.voicemails(sid).iter().filter(|row| row.state == "ready") {
        let told = rows.events(&format!("voicemails/{}", message.id)).iter().any(|event| event.kind == "voicemail.new");
        judge.demand(Rule::EventKept, told, || format!("voicemail.new of {} is missing", message.id));
    }
    for consent in rows.consents(sid) {
        let kind = if consent.given { "consent.given" } else { "consent.refused" };
        let named = format!("\"{}\"", consent.id);
        let told = events.iter().filter(|event| event.kind == kind && event.payload.contains(&named)).count();
        judge.demand(Rule::EventKept, told >= 1, || format!("{kind} of {} is missing", consent.id));
        judge.demand(Rule::EventOnce, told <= 1, || format!("{kind} of {} is told {told} times", consent.id));
    }
    in_order(judge, events);
}

/// By insertion, and by the relay's numbers.
fn in_order(judge: &mut Judge<'_>, events: &[&EventRow]) {
    let kinds = |events: &[&EventRow]| events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>().join(", ");
    let place = |kind: &str| events.iter().position(|event| event.kind == kind);
    let first = place("call.started").is_none_or(|place| place == 0);
    judge.demand(Rule::EventOrder, first, || format!("call.started is not first: {}", kinds(events)));
    // A webhook that the carrier gave up on may still be at work on one instance when another hears of the end.
    let given_up = judge.truth.report.sent.iter().any(|sent| sent.fate == Fate::Unanswered);
    let end = place("call.ended").and_then(|place| events.get(place));
    let behind = place("call.ended").and_then(|place| events.get(place + 1..)).unwrap_or_default();
    // What an instance had in its spool is told late, where others went on; but nothing happens behind the end.
    // A copy may have come to another instance later than its first did, and been stored before it.
    let copied = judge.truth.report.sent.iter().any(|sent| sent.copy_of.is_some());
    let late = |event: &&EventRow| !judge.in_order && (copied || end.is_some_and(|end| event.at <= end.at));
    let last = given_up || behind.iter().all(late);
    judge.demand(Rule::EventOrder, last, || format!("call.ended is not last: {}", kinds(events)));
    let numbers: Vec<_> = events.iter().filter_map(|event| event.seq).collect();
    let rising = numbers.windows(2).all(|pair| matches!(pair, [before, after] if before < after));
    judge.demand(Rule::EventNumber, rising, || format!("numbers out of order: {numbers:?} for {}", kinds(events)));
}

/// What must hold for all events together.
pub(crate) fn outbox(rows: &Rows) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut violation = |rule, text| found.push(Violation { rule, call: None, text });
    let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in &rows.events {
        *told.entry((&event.kind, &event.subject)).or_default() += 1;
    }
    for ((kind, subject), times) in told {
        if times > 1 && ONCE.contains(&kind) {
            violation(Rule::EventOnce, format!("{kind} of {subject} is told {times} times"));
        }
    }
    let ids: BTreeSet<_> = rows.events.iter().map(|event| &event.id).collect();
    if ids.len() < rows.events.len() {
        violation(Rule::EventOnce, format!("{} events share an id", rows.events.len() - ids.len()));
    }
    let waiting = || rows.events.iter().filter(|event| event.seq.is_none());
    let unnumbered = waiting().count();
    // Copies go on until the last moment; what they told then is numbered by the next start.
    if waiting().any(|event| !event.kind.starts_with("recording.")) {
        violation(Rule::EventNumber, format!("{unnumbered} events have no number"));
    }
    let numbers: BTreeSet<_> = rows.events.iter().filter_map(|event| event.seq).collect();
    let span = numbers.last().zip(numbers.first()).map_or(0, |(last, first)| last - first + 1);
    if usize::try_from(span).ok() != Some(numbers.len()) || numbers.len() + unnumbered != rows.events.len() {
        violation(Rule::EventNumber, format!("{} numbers span {span}", numbers.len()));
    }
    found
}
