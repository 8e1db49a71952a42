//! A call from its first webhook to its last: what came in, what was decided, what was answered.

use super::shown::{address, sees_all, text};
use super::voicemail::VoicemailBody;
use crate::base::{Time, mask, rfc3339_ms};
use crate::ledger::inbox::VoicemailRow;
use crate::ledger::mails::MailRow;
use crate::ledger::read::{ConsentRow, WebhookRow};
use crate::ops::access::Operator;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Fields of a webhook that viewers may see as they are.
#[rustfmt::skip]
const OPEN_FIELDS: [&str; 34] = [
    "AnsweredBy", "CallDuration", "CallStatus", "CallbackSource", "ConferenceSid", "DialBridged", "DialCallDuration",
    "DialCallSid", "DialCallStatus", "DialSipResponseCode", "Digits", "Direction", "ErrorCode", "FinishedOnKey",
    "Language", "ParentCallSid", "QueueResult", "QueueTime", "RecordingDuration", "RecordingSid", "RecordingSource",
    "RecordingStartTime", "RecordingStatus", "SequenceId", "SequenceNumber", "SipResponseCode", "StatusCallbackEvent",
    "StirStatus", "StirVerstat", "StreamErrorCode", "StreamEvent", "Timestamp", "TranscriptionEvent",
    "TranscriptionStatus",
];

/// Fields of a webhook that viewers see masked.
const NUMBER_FIELDS: [&str; 3] = ["ForwardedFrom", "From", "To"];

/// One thing that happened. `kind` is the webhook's route (`voice`, `dtmf`, `dial`, …), `socket` and `talk` (a live stream
/// began and ended), `consent`, `voicemail` or `mail`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct TimelineEntry {
    /// RFC 3339.
    at: String,
    /// What sort of thing.
    kind: String,
    /// Step of the call that the webhook's URL carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<i64>,
    /// The carrier's SequenceNumber, where it sends one.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    /// The webhook's fields that matter; viewers see a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    input: Option<Value>,
    /// What was decided and why.
    decision: String,
    /// What was answered, byte for byte; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    twiml: Option<String>,
    /// Copies of the same webhook that reached the database. Those that were answered from memory are counted in the
    /// metric `switchboard_idempotency_hits_total` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<i64>,
    /// Of a consent; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentBody>,
    /// Of a message, as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    voicemail: Option<VoicemailBody>,
}

/// A consent as it was given or refused.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct ConsentBody {
    /// `con_…`
    id: String,
    /// recording (the conversation) or voicemail (one message).
    scope: String,
    /// notice-heard, key, message-after-tone, revoked-by-key or revoked-by-operator.
    method: String,
    /// Version of the notice that was played.
    notice_version: String,
    /// False: refused.
    given: bool,
}

/// What is kept of a call.
#[derive(Debug)]
pub(in crate::ops) struct Past {
    pub(in crate::ops) webhooks: Vec<WebhookRow>,
    pub(in crate::ops) consents: Vec<ConsentRow>,
    pub(in crate::ops) voicemails: Vec<VoicemailRow>,
    pub(in crate::ops) mails: Vec<MailRow>,
}

/// Everything in the order it happened; of what happened at once, the webhook comes first.
pub(in crate::ops) fn timeline(past: Past, who: &Operator, now: Time) -> Vec<TimelineEntry> {
    let Past { webhooks, consents, voicemails, mails } = past;
    let mut entries: Vec<(Time, TimelineEntry)> = Vec::new();
    entries.extend(webhooks.into_iter().map(|row| (row.at, of_webhook(row, who))));
    let consents = consents.into_iter().filter(|_| sees_all(who));
    entries.extend(consents.map(|row| (row.at, of_consent(row))));
    entries.extend(voicemails.into_iter().map(|row| (row.expected_at, of_voicemail(row, who, now))));
    entries.extend(mails.into_iter().map(|row| (row.settled_at.unwrap_or(row.made_at), of_mail(&row, who))));
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn of_webhook(row: WebhookRow, who: &Operator) -> TimelineEntry {
    let input = serde_json::from_str(&row.input).ok();
    TimelineEntry {
        step: Some(row.step),
        sequence: row.sequence,
        input: input.map(|input| if sees_all(who) { input } else { open_part(input) }),
        twiml: sees_all(who).then_some(row.answer),
        copies: row.seen,
        ..entry(row.at, row.kind, text(&row.decision, who))
    }
}

fn of_consent(row: ConsentRow) -> TimelineEntry {
    let verdict = if row.given { "given" } else { "refused" };
    let decision = format!("consent for {} {verdict}: {}", row.scope, row.method);
    let consent = ConsentBody {
        id: row.id,
        scope: row.scope,
        method: row.method,
        notice_version: row.notice_version,
        given: row.given,
    };
    TimelineEntry { consent: Some(consent), ..entry(row.at, "consent".to_owned(), decision) }
}

fn of_mail(row: &MailRow, who: &Operator) -> TimelineEntry {
    let problem = row.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
    let what = if row.kind == "transcript" { "the words of a message" } else { "a message" };
    let decision = format!("{what} by mail to {}: {}{problem}", address(&row.recipient, who), row.state);
    entry(row.settled_at.unwrap_or(row.made_at), "mail".to_owned(), decision)
}

fn of_voicemail(row: VoicemailRow, who: &Operator, now: Time) -> TimelineEntry {
    let decision = format!("a message for the box {} was expected; now it is {}", row.mailbox, row.state);
    let at = row.expected_at;
    let voicemail = Some(VoicemailBody::of(row, who, now));
    TimelineEntry { voicemail, ..entry(at, "voicemail".to_owned(), decision) }
}

fn entry(at: Time, kind: String, decision: String) -> TimelineEntry {
    TimelineEntry {
        at: rfc3339_ms(at),
        kind,
        decision,
        step: None,
        sequence: None,
        input: None,
        twiml: None,
        copies: None,
        consent: None,
        voicemail: None,
    }
}

/// What viewers may see: named fields only, so that a field of tomorrow is not shown by mistake.
fn open_part(input: Value) -> Value {
    let Value::Object(fields) = input else { return Value::Null };
    let open = fields.into_iter().filter_map(|(name, value)| {
        if OPEN_FIELDS.contains(&name.as_str()) {
            return Some((name, value));
        }
        let masked = NUMBER_FIELDS.contains(&name.as_str()).then(|| mask(value.as_str().unwrap_or_default()));
        masked.map(|masked| (name, Value::String(masked)))
    });
    Value::Object(open.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::access::Role;
    use chrono::TimeDelta;

    fn who(role: Role) -> Operator {
        Operator { role, subject: "ana".to_owned() }
    }

    fn webhook(at: Time) -> WebhookRow {
        WebhookRow {
            at,
            kind: "dtmf".to_owned(),
            step: 2,
            sequence: None,
            input: r#"{"From":"+14035550111","SpeechResult":"my card is","Digits":"1"}"#.to_owned(),
            decision: "menu main: key 1 → dial +15875550101".to_owned(),
            answer: "<Response><Dial>+15875550101</Dial></Response>".to_owned(),
            seen: Some(1),
        }
    }

    fn consent(at: Time) -> ConsentRow {
        ConsentRow {
            id: "con_1".to_owned(),
            at,
            scope: "recording".to_owned(),
            method: "notice-heard".to_owned(),
            notice_version: "1".to_owned(),
            given: true,
        }
    }

    fn past(webhooks: Vec<WebhookRow>, at: Time) -> Past {
        Past { webhooks, consents: vec![consent(at)], voicemails: Vec::new(), mails: Vec::new() }
    }

    #[test]
    fn operators_see_the_bytes_in_order() {
        let (early, late) = (Time::UNIX_EPOCH, Time::UNIX_EPOCH + TimeDelta::seconds(1));
        let past = past(vec![webhook(early), webhook(late)], early);
        let entries = timeline(past, &who(Role::Operator), late);
        let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["dtmf", "consent", "dtmf"]);
        let first = serde_json::to_value(&entries[0]).unwrap();
        assert_eq!(first["twiml"], "<Response><Dial>+15875550101</Dial></Response>");
        assert_eq!(first["input"]["SpeechResult"], "my card is");
        assert_eq!(first["copies"], 1);
    }

    #[test]
    fn viewers_see_no_number_no_words_and_no_twiml() {
        let past = past(vec![webhook(Time::UNIX_EPOCH)], Time::UNIX_EPOCH);
        let entries = timeline(past, &who(Role::Viewer), Time::UNIX_EPOCH);
        let shown = serde_json::to_value(&entries).unwrap();
        assert_eq!(
            shown,
            serde_json::json!([{
                "at": "1970-01-01T00:00:00.000Z", "kind": "dtmf", "step": 2, "copies": 1,
                "input": {"From": "+1403•••0111", "Digits": "1"},
                "decision": "menu main: key 1 → dial +1587•••0101"
            }])
        );
    }
}
