//! A history without a fault, for planting faults in: one caller, a copy, a message, a carrier that contradicts itself.

use super::rows::{CallRow, ConsentRow, EventRow, Rows, TimelineRow, VoicemailRow};
use super::truth::Truth;
use chrono::{DateTime, TimeDelta};
use switchboard::simulator::{Fate, Recorded, Report, Sent};

pub(crate) const CALL: &str = "CA1";
pub(crate) const RECORDING: &str = "RE1";
const RECORD: &str = "<Response><Say>After the tone.</Say><Record/></Response>";

fn sent(purpose: &'static str, route: &str, more: &[(&'static str, &str)]) -> Sent {
    let mut fields = vec![("CallSid", CALL.to_owned())];
    fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Sent {
        at_ms: 0,
        purpose,
        url: format!("https://phone.example.com/twilio/{route}"),
        fields,
        fate: Fate::Answered(200),
        copy_of: None,
        body: Some("<Response/>".to_owned()),
        is_false: false,
        on_purpose: false,
    }
}

/// What the carrier knows.
pub(crate) fn truth() -> Truth {
    let voice = sent("voice", "voice", &[]);
    let keys = Sent { body: Some(RECORD.to_owned()), ..sent("gather action", "dtmf?n=1", &[("Digits", "9")]) };
    let copy = Sent { copy_of: Some(1), ..keys.clone() };
    let action = sent("record action", "recording?n=2", &[("RecordingSid", RECORDING)]);
    let made = &[("RecordingSid", RECORDING), ("RecordingStatus", "completed")];
    let ready = sent("recording status", "recording?n=2", made);
    let lost = Sent { fate: Fate::NeverSent, ..sent("recording status", "recording?n=2", &[("RecordingStatus", "x")]) };
    let end = sent("call status", "status", &[("CallStatus", "completed")]);
    let wrong = Sent { is_false: true, ..sent("call status", "status", &[("CallStatus", "busy")]) };
    let recording = Recorded {
        sid: RECORDING.to_owned(),
        url: String::new(),
        seconds: 5,
        digits: "hangup".to_owned(),
        absent: false,
    };
    let report = Report {
        call_sid: CALL.to_owned(),
        from: "+15875550111".to_owned(),
        to: "+15875550100".to_owned(),
        status: "completed",
        ended: "the caller hung up",
        duration_s: 9,
        went_through: true,
        without_twiml: false,
        errors: Vec::new(),
        warnings: Vec::new(),
        dialled: Vec::new(),
        recordings: vec![recording],
        streams: Vec::new(),
        sent: vec![voice, keys, copy, action, ready, lost, end, wrong],
        steps: Vec::new(),
    };
    Truth { call: 0, report }
}

fn step(id: i64, kind: &str, answer: &str) -> TimelineRow {
    TimelineRow { id, call_sid: Some(CALL.to_owned()), kind: kind.to_owned(), answer: answer.to_owned() }
}

pub(crate) fn event(seq: i64, kind: &str, subject: &str, payload: &str) -> EventRow {
    EventRow {
        id: format!("evt_{seq}"),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        payload: payload.to_owned(),
        at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seq),
        seq: Some(seq),
    }
}

/// What the database says.
pub(crate) fn rows() -> Rows {
    let about = format!("calls/{CALL}");
    let plain = "<Response/>";
    Rows {
        calls: vec![CallRow { call_sid: CALL.to_owned(), state: "completed".to_owned(), is_over: true }],
        timeline: vec![
            step(1, "voice", plain),
            step(2, "dtmf", RECORD),
            step(3, "recording", plain),
            step(4, "recording", plain),
            step(5, "status", plain),
            step(6, "status", plain),
        ],
        consents: vec![ConsentRow {
            id: "con_1".to_owned(),
            call_sid: CALL.to_owned(),
            scope: "voicemail".to_owned(),
            given: true,
            event_id: 2,
        }],
        voicemails: vec![VoicemailRow {
            id: "vm_1".to_owned(),
            call_sid: CALL.to_owned(),
            state: "ready".to_owned(),
            recording_sid: Some(RECORDING.to_owned()),
        }],
        events: vec![
            event(1, "call.started", &about, "{}"),
            event(2, "consent.given", &about, r#"{"consent":{"id":"con_1"}}"#),
            event(3, "call.answered", &about, "{}"),
            event(4, "call.ended", &about, "{}"),
            event(5, "voicemail.new", "voicemails/vm_1", "{}"),
        ],
        ..Rows::default()
    }
}
