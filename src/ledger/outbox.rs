//! Events that follow from a change of state. They are written in the transaction of the change or not at all;
//! names and fields are those of the event catalogue.

use super::fold::Known;
use super::limits::{OVER, WINDOW_US, Wish};
use super::statements::{call, voicemail};
use super::unit::{Consent, OutboxEvent, VoicemailState};
use crate::base::{Caller, Time, derived_id, mask_text, rfc3339_ms, ulid};
use crate::db::{Record, Value};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A row of `events`, ready to be written.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub id: String,
    pub kind: &'static str,
    pub line: Option<String>,
    pub subject: String,
    pub payload: String,
    pub at: Time,
}

impl Outgoing {
    pub(super) fn row(&self) -> [Value<'_>; 6] {
        [
            Value::Text(Some(&self.id)),
            Value::Text(Some(self.kind)),
            Value::Text(self.line.as_deref()),
            Value::Text(Some(&self.subject)),
            Value::Text(Some(&self.payload)),
            Value::Time(Some(self.at)),
        ]
    }
}

/// The webhook that an event follows from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause {
    pub event_id: i64,
    pub at: Time,
}

/// The `call` object of an event. Numbers are E.164 or null.
#[derive(Serialize)]
struct CallObject<'a> {
    sid: Option<&'a str>,
    line: Option<&'a str>,
    direction: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    state: Option<&'a str>,
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

fn call_object(row: &Record) -> CallObject<'_> {
    CallObject {
        sid: row.text(call::SID),
        line: row.text(call::LINE),
        direction: row.text(call::DIRECTION),
        from: number(row.text(call::FROM)),
        to: number(row.text(call::TO)),
        state: row.text(call::STATE),
        started_at: row.time(call::STARTED_AT).map(rfc3339_ms),
        answered_at: row.time(call::ANSWERED_AT).map(rfc3339_ms),
        ended_at: row.time(call::ENDED_AT).map(rfc3339_ms),
    }
}

/// `call.started`: the call is known from this webhook on. Child legs are part of their parent's call.
pub(super) fn started(row: &Record, known: &Known<'_>, cause: Cause) -> Outgoing {
    #[derive(Serialize)]
    struct Data<'a> {
        call: CallObject<'a>,
        trunk: &'a str,
        caller_name: Option<&'a str>,
        verstat: Option<&'a str>,
    }
    let data = Data { call: call_object(row), trunk: "twilio", caller_name: known.caller_name, verstat: known.verstat };
    about_call(row, "call.started", cause, &data)
}

/// `call.ended`: the final state, once.
pub(super) fn ended(row: &Record, cause: Cause) -> Outgoing {
    #[derive(Serialize)]
    struct Data<'a> {
        call: CallObject<'a>,
        outcome: Option<&'a str>,
        ended_by: Option<&'a str>,
        reason: Option<&'a str>,
        duration_s: Option<i64>,
        talk_s: i64,
        cost: Option<()>,
    }
    let end = row.time(call::ENDED_AT);
    let lasted = |from: Option<Time>| Some((end? - from?).num_seconds());
    let data = Data {
        call: call_object(row),
        outcome: row.text(call::OUTCOME),
        ended_by: row.text(call::REASON).and_then(who_ended),
        reason: row.text(call::REASON),
        duration_s: row.int(call::DURATION).or_else(|| lasted(row.time(call::STARTED_AT))),
        talk_s: lasted(row.time(call::ANSWERED_AT)).unwrap_or(0),
        cost: None,
    };
    about_call(row, "call.ended", cause, &data)
}

/// `caller` or `line`, as far as the reason tells; the carrier does not say who hung up first.
fn who_ended(reason: &str) -> Option<&'static str> {
    match reason {
        _ if reason.starts_with("caller hung up") => Some("caller"),
        "message left" | "no message left" => Some("caller"),
        _ if reason.starts_with(OVER) => Some("line"),
        "the line hung up" | "number not in service" | "mailbox not available" => Some("line"),
        _ => None,
    }
}

/// `consent.given` or `consent.refused`.
pub(super) fn consent(row: &Record, consent: &Consent, cause: Cause) -> Outgoing {
    #[derive(Serialize)]
    struct Inner<'a> {
        id: &'a str,
        scope: &'a str,
        method: &'a str,
        notice_version: &'a str,
        hash: String,
    }
    #[derive(Serialize)]
    struct Data<'a> {
        call: CallObject<'a>,
        consent: Inner<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        revoked: Option<bool>,
    }
    let data = Data {
        call: call_object(row),
        consent: Inner {
            id: &consent.id,
            scope: consent.scope.as_str(),
            method: consent.method.as_str(),
            notice_version: &consent.notice_version,
            hash: consent_hash(row, consent, cause.at),
        },
        revoked: (!consent.given).then(|| consent.method.revokes()),
    };
    let kind = if consent.given { "consent.given" } else { "consent.refused" };
    // Whichever webhook proves it first: one consent, one event. Its name begins with the call's own time, so that names
    // of one hour lie side by side in the index, as the others do.
    let since = row.time(call::STARTED_AT).unwrap_or(cause.at);
    let id = ulid("evt", since, seed(&[kind, &consent.id]));
    Outgoing { id, ..about_call(row, kind, cause, &data) }
}

/// 128 bits that follow from some words.
fn seed(words: &[&str]) -> u128 {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).fold(0, |seed, byte| (seed << 8) | u128::from(*byte))
}

/// Eight hex digits over what the row says.
fn consent_hash(row: &Record, consent: &Consent, at: Time) -> String {
    let mut hash = Sha256::new();
    for part in [&consent.id, row.text(call::SID).unwrap_or(""), consent.scope.as_str(), &rfc3339_ms(at)] {
        hash.update(part.as_bytes());
        hash.update([u8::from(consent.given)]);
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// `voicemail.new` when the message is ready, `recording.failed` when there will be none.
pub(super) fn settled(row: &Record, public_url: &str, cause: Cause) -> Outgoing {
    let id = row.text(voicemail::ID).unwrap_or("");
    let state = row.text(voicemail::STATE).unwrap_or("");
    if state != VoicemailState::Ready.as_str() {
        let data = json!({
            "recording": { "sid": row.text(voicemail::RECORDING_SID), "call_sid": row.text(voicemail::CALL_SID) },
            "reason": state,
            "attempts": 1,
        });
        return about_voicemail(row, "recording.failed", cause, &data);
    }
    let data = json!({
        "voicemail": {
            "id": id,
            "line": row.text(voicemail::LINE),
            "mailbox": row.text(voicemail::MAILBOX),
            "from": number(row.text(voicemail::FROM)),
            "call_sid": row.text(voicemail::CALL_SID),
            "recording_sid": row.text(voicemail::RECORDING_SID),
            "duration_s": row.int(voicemail::DURATION),
            "received_at": row.time(voicemail::RECEIVED_AT).map(rfc3339_ms),
        },
        "audio_url": format!("{public_url}/api/voicemails/{id}/audio"),
        "storage": "carrier",
        "sha256": null,
        "transcript": row.text(voicemail::TRANSCRIPT),
    });
    about_voicemail(row, "voicemail.new", cause, &data)
}

/// `transcript.ready`; `source` is who wrote it down.
pub(super) fn transcribed(row: &Record, text: &str, source: &str, cause: Cause) -> Outgoing {
    let id = row.text(voicemail::ID).unwrap_or("");
    let data = json!({
        "transcript": {
            "id": id.replacen("vm_", "tx_", 1),
            "of": "voicemail",
            "voicemail_id": id,
            "call_sid": row.text(voicemail::CALL_SID),
            "language": null,
            "confidence": null,
            "text": text,
        },
        "source": source,
    });
    // Whichever webhook tells first: one message, one event.
    let event = about_voicemail(row, "transcript.ready", cause, &data);
    Outgoing { id: derived_id("evt", &[event.kind, id]), ..event }
}

/// A limit began to refuse.
pub(super) struct Violation<'a> {
    pub wish: &'a Wish,
    pub line: Option<&'a str>,
    pub action: &'a str,
    pub since_us: i64,
    pub at: Time,
}

/// `limit.violated`, of the first call that a rule refuses by one key. How many they were in the end, a second one tells
/// (`upkeep.rs`), by [`violation_id`] of the same window.
pub(super) fn violated(violation: &Violation<'_>) -> Outgoing {
    let Violation { wish, line, action, since_us, at } = *violation;
    let rule = wish.rule.as_str();
    let data = json!({
        "rule": rule,
        "key": masked_key(&wish.key),
        "line": line,
        "count": 1,
        "limit": wish.burst,
        "window_s": WINDOW_US / 1_000_000,
        "action": action,
    });
    Outgoing {
        id: violation_id(&wish.key, since_us, "first"),
        kind: LIMIT_VIOLATED,
        line: line.map(str::to_owned),
        subject: format!("limits/{rule}"),
        payload: data.to_string(),
        at,
    }
}

pub(super) const LIMIT_VIOLATED: &str = "limit.violated";

/// The `first` and the `last` word on a bucket that refused from some instant on: each is told once.
pub(super) fn violation_id(key: &str, since_us: i64, which: &str) -> String {
    derived_id("evt", &[LIMIT_VIOLATED, key, &since_us.to_string(), which])
}

/// Whom a bucket limits, the number masked: the last part of its key.
fn masked_key(key: &str) -> String {
    mask_text(key.rsplit('/').next().unwrap_or(key))
}

/// An event of a room. Those about a call leave the `call` object to us, and how long it rang: only rows know when
/// a call (`about`) and the leg that the webhook belongs to (`own`) began.
pub(super) fn of_room(event: &OutboxEvent, about: Option<&Record>, own: Option<&Record>, cause: Cause) -> Outgoing {
    let at = happened(event.kind, about, cause.at);
    let mut data = event.data.clone();
    if let (Some(row), Some(fields)) = (about, data.as_object_mut()) {
        if let Ok(object) = serde_json::to_value(call_object(row)) {
            fields.entry("call").or_insert(object);
        }
        if event.kind == "call.answered" {
            let rang = own.and_then(|row| row.time(call::STARTED_AT)).map(|since| (at - since).num_seconds());
            fields.entry("ring_s").or_insert_with(|| rang.into());
        }
    }
    Outgoing {
        id: event.id.clone().unwrap_or_else(|| name(event.kind, &event.subject, cause)),
        kind: event.kind,
        line: event.line.clone(),
        subject: event.subject.clone(),
        payload: data.to_string(),
        at,
    }
}

/// When it happened, as far as we know. Reports of a leg come late, and then one may be the first that is stored of an answer:
/// nobody is reached behind the end of a call.
fn happened(kind: &str, about: Option<&Record>, told: Time) -> Time {
    let ended = about.filter(|_| kind == "call.answered").and_then(|row| row.time(call::ENDED_AT));
    ended.map_or(told, |ended| told.min(ended))
}

fn about_call(row: &Record, kind: &'static str, cause: Cause, data: &impl Serialize) -> Outgoing {
    let subject = format!("calls/{}", row.text(call::SID).unwrap_or(""));
    outgoing(kind, row.text(call::LINE), subject, cause, data)
}

fn about_voicemail(row: &Record, kind: &'static str, cause: Cause, data: &serde_json::Value) -> Outgoing {
    let subject = format!("voicemails/{}", row.text(voicemail::ID).unwrap_or(""));
    outgoing(kind, row.text(voicemail::LINE), subject, cause, data)
}

fn outgoing(kind: &'static str, line: Option<&str>, subject: String, cause: Cause, data: &impl Serialize) -> Outgoing {
    // Strings, numbers and nulls under string keys: serde_json cannot fail on them.
    let payload = serde_json::to_string(data).unwrap_or_default();
    Outgoing { id: name(kind, &subject, cause), kind, line: line.map(str::to_owned), subject, payload, at: cause.at }
}

/// `evt_…`: follows from webhook, type and subject, so a unit that is stored twice cannot name its event twice.
/// The webhook's id is unique; 16 bits of the rest tell its few events apart.
fn name(kind: &str, subject: &str, cause: Cause) -> String {
    let bytes = kind.bytes().chain(subject.bytes());
    let told = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let webhook = u128::from(cause.event_id.unsigned_abs());
    ulid("evt", cause.at, (webhook << 16) | u128::from((told >> 16) ^ (told & 0xffff)))
}

fn number(text: Option<&str>) -> Option<&str> {
    text.filter(|text| matches!(Caller::parse(text), Caller::Number(_)))
}
