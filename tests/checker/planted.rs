//! Each rule is shown able to fail: a bug is planted in a history without one, and exactly that rule complains.

use super::history::{CALL, RECORDING, event, rows, truth};
use super::{Demands, Rows, Rule, Truth, check};
use switchboard::simulator::{Fate, Sent};

/// The rules that complain once `plant` has done its work.
fn complaints(plant: impl FnOnce(&mut Truth, &mut Rows)) -> Vec<Rule> {
    let (mut truth, mut rows) = (truth(), rows());
    plant(&mut truth, &mut rows);
    let mut rules: Vec<_> = check(&[truth], &rows, Demands::ALL).into_iter().map(|found| found.rule).collect();
    rules.dedup();
    rules
}

/// Events numbered anew, as the relay would have: so that only what was planted is wrong.
fn renumber(rows: &mut Rows) {
    rows.events.iter_mut().zip(1..).for_each(|(event, seq)| event.seq = Some(seq));
}

#[test]
fn a_sound_history_has_no_complaint() {
    assert_eq!(complaints(|_, _| {}), []);
}

#[test]
fn a_caller_without_twiml() {
    assert_eq!(complaints(|truth, _| truth.report.without_twiml = true), [Rule::Answered]);
    let the_house_alone = |truth: &mut Truth, _: &mut Rows| {
        truth.report.without_twiml = true;
        truth.report.sent[0].on_purpose = true;
        truth.report.sent.push(Sent { purpose: "fallback", fate: Fate::NeverSent, ..truth.report.sent[1].clone() });
    };
    assert_eq!(complaints(the_house_alone), [Rule::Answered], "another document was cut off, not this one");
}

#[test]
fn a_lost_call() {
    assert_eq!(complaints(|_, rows| rows.calls.clear()), [Rule::CallKept]);
}

#[test]
fn a_doubled_call() {
    let twin = |_: &mut Truth, rows: &mut Rows| rows.calls.push(rows.calls[0].clone());
    assert_eq!(complaints(twin), [Rule::CallKept]);
}

#[test]
fn another_end_than_the_carriers() {
    assert_eq!(complaints(|_, rows| rows.calls[0].state = "busy".to_owned()), [Rule::OneEnd]);
}

#[test]
fn a_call_that_never_ends() {
    let plant = |_: &mut Truth, rows: &mut Rows| {
        rows.calls[0].is_over = false;
        rows.events.retain(|event| event.kind != "call.ended");
        renumber(rows);
    };
    assert_eq!(complaints(plant), [Rule::OneEnd]);
}

#[test]
fn a_lost_step() {
    assert_eq!(complaints(|_, rows| rows.timeline.retain(|row| row.id != 6)), [Rule::StepKept]);
}

#[test]
fn a_call_that_is_turned_away_leaves_its_end_and_no_step() {
    let turn_away = |truth: &mut Truth, rows: &mut Rows| {
        truth.report.sent[0].body = Some("<Response><Reject reason=\"busy\"/></Response>".to_owned());
        rows.timeline.retain(|row| row.kind != "voice");
    };
    assert_eq!(complaints(turn_away), []);
}

#[test]
fn a_step_that_took_effect_twice() {
    let plant = |_: &mut Truth, rows: &mut Rows| rows.timeline.push(rows.timeline[1].clone());
    assert_eq!(complaints(plant), [Rule::StepOnce]);
}

#[test]
fn a_copy_that_heard_something_else() {
    let plant =
        |truth: &mut Truth, _: &mut Rows| truth.report.sent[2].body = Some("<Response><Record/></Response>".into());
    assert_eq!(complaints(plant), [Rule::SameAnswer]);
}

#[test]
fn a_lost_message() {
    assert_eq!(complaints(|_, rows| rows.voicemails.clear()), [Rule::MessageKept]);
    let plant = |_: &mut Truth, rows: &mut Rows| rows.voicemails[0].state = "absent".to_owned();
    assert_eq!(complaints(plant), [Rule::MessageKept]);
}

#[test]
fn a_doubled_message() {
    let plant = |_: &mut Truth, rows: &mut Rows| {
        let mut twin = rows.voicemails[0].clone();
        (twin.id, twin.state) = ("vm_2".to_owned(), "recorded".to_owned());
        rows.voicemails.push(twin);
    };
    assert_eq!(complaints(plant), [Rule::MessageOnce]);
}

#[test]
fn a_message_that_nobody_left() {
    let plant = |_: &mut Truth, rows: &mut Rows| {
        let mut other = rows.voicemails[0].clone();
        (other.id, other.state, other.recording_sid) =
            ("vm_2".to_owned(), "recorded".to_owned(), Some(format!("{RECORDING}x")));
        rows.voicemails.push(other);
    };
    assert_eq!(complaints(plant), [Rule::MessageTrue]);
}

#[test]
fn a_recording_without_consent() {
    assert_eq!(complaints(|_, rows| rows.consents.clear()), [Rule::Consent]);
    assert_eq!(complaints(|_, rows| rows.consents[0].event_id = 6), [Rule::Consent], "too late");
    assert_eq!(complaints(|_, rows| rows.consents[0].scope = "recording".to_owned()), [Rule::Consent]);
}

#[test]
fn a_lost_event() {
    for kind in ["call.started", "call.ended", "consent.given", "voicemail.new"] {
        let plant = |_: &mut Truth, rows: &mut Rows| {
            rows.events.retain(|event| event.kind != kind);
            renumber(rows);
        };
        assert_eq!(complaints(plant), [Rule::EventKept], "{kind}");
    }
}

#[test]
fn an_event_told_twice() {
    let plant = |_: &mut Truth, rows: &mut Rows| rows.events.push(event(6, "voicemail.new", "voicemails/vm_1", "{}"));
    assert_eq!(complaints(plant), [Rule::EventOnce]);
    let plant = |_: &mut Truth, rows: &mut Rows| {
        let mut twin = rows.events[1].clone();
        twin.id = "evt_6".to_owned();
        rows.events.insert(2, twin);
        renumber(rows);
    };
    assert_eq!(complaints(plant), [Rule::EventOnce]);
}

#[test]
fn events_out_of_order() {
    let plant = |_: &mut Truth, rows: &mut Rows| {
        rows.events.swap(2, 3);
        renumber(rows);
    };
    assert_eq!(complaints(plant), [Rule::EventOrder], "call.ended is not the last word on {CALL}");
    let plant = |_: &mut Truth, rows: &mut Rows| {
        rows.events.swap(0, 1);
        renumber(rows);
    };
    assert_eq!(complaints(plant), [Rule::EventOrder], "call.started is not the first");
}

#[test]
fn an_event_that_is_told_behind_the_end_must_have_happened_before_it() {
    let found = |late: bool| {
        let (mut truth, mut rows) = (truth(), rows());
        truth.report.sent.retain(|sent| sent.copy_of.is_none());
        rows.events.swap(2, 3);
        if !late {
            rows.events[3].at = rows.events[2].at + chrono::TimeDelta::seconds(1);
        }
        renumber(&mut rows);
        let demands = Demands { in_order: false, ..Demands::ALL };
        check(&[truth], &rows, demands).into_iter().map(|found| found.rule).collect::<Vec<_>>()
    };
    assert_eq!((found(true), found(false)), (vec![], vec![Rule::EventOrder]));
}

#[test]
fn events_numbered_wrongly() {
    let swapped = |_: &mut Truth, rows: &mut Rows| {
        (rows.events[1].seq, rows.events[2].seq) = (rows.events[2].seq, rows.events[1].seq);
    };
    assert_eq!(complaints(swapped), [Rule::EventNumber], "not in the call's order");
    assert_eq!(complaints(|_, rows| rows.events[4].seq = Some(7)), [Rule::EventNumber], "a gap");
    assert_eq!(complaints(|_, rows| rows.events[4].seq = None), [Rule::EventNumber], "none");
    assert_eq!(complaints(|_, rows| rows.events[4].seq = Some(4)), [Rule::EventNumber], "the same twice");
}
