//! What one record of a spool says: a version, and the whole unit with its event id.
//!
//! JSON, because it names its fields: a binary that knows one field more or less than the one that wrote it still
//! understands, and an operator can read it with `strings` when everything else is gone. It is three times as long as
//! a packed form and takes some microseconds; both only matter while the database is away.

use crate::base::{CallSid, Time};
use crate::ledger::unit::Unit;
use crate::ledger::work::Entry;
use serde::{Deserialize, Serialize};

/// Raised when a record means something else than before, not when it gains a field.
const VERSION: u8 = 1;

/// Why a record cannot be replayed by this binary.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A newer binary wrote it.
    #[error("it was written by a newer version of switchboard (record version {0})")]
    Newer(u8),
    /// It is whole, and makes no sense.
    #[error("it makes no sense: {0}")]
    Nonsense(String),
}

#[derive(Serialize)]
struct Written<'u> {
    event_id: i64,
    unit: &'u Unit,
}

#[derive(Deserialize)]
struct Read {
    event_id: i64,
    unit: Unit,
}

/// A unit written down, and what is known of it without reading it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub bytes: Vec<u8>,
    /// When it happened.
    pub at: Time,
    pub event_id: i64,
    /// The calls that it tells of.
    pub calls: Vec<CallSid>,
}

impl Record {
    pub(super) fn of(entry: &Entry) -> Self {
        let Entry { event_id, unit, .. } = entry;
        Self { bytes: encode(entry), at: unit.at, event_id: *event_id, calls: unit.call_sids() }
    }
}

/// The bytes of a record.
fn encode(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2048);
    bytes.push(VERSION);
    let written = serde_json::to_writer(&mut bytes, &Written { event_id: entry.event_id, unit: &entry.unit });
    // Every field is text, a number or a list of these; there is nothing JSON could not say.
    if let Err(error) = written {
        tracing::error!(call.sid = entry.unit.sid(), %error, "a unit could not be written down");
    }
    bytes
}

/// Reads a record back.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn decode(bytes: &[u8]) -> Result<Entry, Unreadable> {
    let (version, json) = bytes.split_first().ok_or_else(|| Unreadable::Nonsense("it is empty".to_owned()))?;
    match *version {
        VERSION => {}
        newer if newer > VERSION => return Err(Unreadable::Newer(newer)),
        other => return Err(Unreadable::Nonsense(format!("there never was a version {other}"))),
    }
    let read = serde_json::from_slice(json).map_err(|error| Unreadable::Nonsense(error.to_string()))?;
    let Read { event_id, unit } = read;
    // Its answer has left: limits count it, and have no say any more.
    Ok(Entry { event_id, unit, judged: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CallState, Outcome};
    use crate::ledger::limits::{Rule, Wish};
    use crate::ledger::overruling::Overruling;
    use crate::ledger::text::{OptOut, TextChange, TextKind, TextState};
    use crate::ledger::unit::*;
    use chrono::DateTime;
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use serde_json::json;

    fn text() -> impl Strategy<Value = String> {
        any::<String>()
    }

    fn at() -> impl Strategy<Value = Time> {
        (0i64..4_000_000_000, 0u32..1_000_000_000)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
    }

    fn change() -> impl Strategy<Value = CallChange> {
        let fact = (of(text()), of(text()), of(text()), of(text()))
            .prop_map(|(line, from, to, caller_name)| CallFact { line, from, to, caller_name, ..CallFact::default() });
        let sid = "[!-~]{1,64}".prop_map(|sid| CallSid::parse(&sid).unwrap());
        let state = of(proptest::sample::select(CallState::ALL.to_vec()));
        let outcome = of(proptest::sample::select(Outcome::ALL.to_vec()));
        (sid, fact, state, outcome, of(text()), of(any::<i64>())).prop_map(
            |(sid, fact, state, outcome, reason, duration_s)| CallChange {
                sid,
                fact,
                state,
                outcome,
                reason,
                duration_s,
            },
        )
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let consent = (text(), any::<bool>(), text()).prop_map(|(id, given, notice_version)| Consent {
            id,
            scope: if given { ConsentScope::Recording } else { ConsentScope::Voicemail },
            method: if given { ConsentMethod::NoticeHeard } else { ConsentMethod::RevokedByOperator },
            notice_version,
            given,
        });
        let event = (of(text()), text(), any::<i64>()).prop_map(|(id, subject, number)| OutboxEvent {
            id,
            kind: "call.answered",
            line: None,
            data: json!({ "by": &subject, "n": number, "none": null, "list": [true, "x"] }),
            subject,
        });
        let error = (text(), of(text())).prop_map(|(message, call_sid)| ErrorEntry {
            kind: "webhook.fault".to_owned(),
            message,
            call_sid,
        });
        let message = (text(), of(any::<i64>()), of((any::<i64>(), text()))).prop_map(|(id, duration_s, piece)| {
            VoicemailChange {
                id,
                line: "main".to_owned(),
                mailbox: "main".to_owned(),
                from: None,
                state: VoicemailState::Recorded,
                recording_sid: None,
                duration_s,
                transcript: None,
                transcript_state: piece.is_some().then_some("completed"),
                transcript_piece: piece,
                cards_in: None,
            }
        });
        let texts = (texts(), opt_outs());
        (vec(consent, 0..3), vec(event, 0..3), vec(error, 0..3), vec(message, 0..3), texts).prop_map(
            |(consents, events, errors, messages, (texts, opt_outs))| {
                let mut facts = Facts::default();
                for consent in consents {
                    if consent.given {
                        let _ = facts.grant(consent);
                    } else {
                        facts.refuse(consent);
                    }
                }
                events.into_iter().for_each(|event| facts.event(event));
                errors.into_iter().for_each(|error| facts.error(error));
                let until = Some(Time::UNIX_EPOCH);
                let overruling = |open| Overruling {
                    id: "ov_1".to_owned(),
                    line: "main".to_owned(),
                    open,
                    until,
                    made_by: "+1".to_owned(),
                };
                [None, Some(true)].map(overruling).into_iter().for_each(|said| facts.overrule(said));
                messages.into_iter().for_each(|message| facts.voicemail(message));
                texts.into_iter().for_each(|text| facts.text(text));
                let missed = facts.texts().first().cloned();
                missed.into_iter().for_each(|text| facts.text_if_missed(text));
                opt_outs.into_iter().for_each(|said| facts.opt_out(said));
                facts
            },
        )
    }

    fn texts() -> impl Strategy<Value = Vec<TextChange>> {
        let one = (text(), of(text()), of(text()), of(any::<i64>()), any::<bool>());
        let one = one.prop_map(|(id, sid, body, error_code, ours)| {
            let (kind, state) = match ours {
                true => (TextKind::Reply, TextState::Undelivered),
                false => (TextKind::Received, TextState::Received),
            };
            TextChange {
                sid,
                body,
                error_code,
                due_at: ours.then_some(Time::UNIX_EPOCH),
                ..TextChange::new(id, kind, state)
            }
        });
        vec(one, 0..3)
    }

    fn opt_outs() -> impl Strategy<Value = Vec<OptOut>> {
        let one = (text(), text(), any::<bool>(), text());
        vec(one.prop_map(|(number, peer, out, word)| OptOut { number, peer, out, word }), 0..2)
    }

    fn wish() -> impl Strategy<Value = Wish> {
        let rule = proptest::sample::select(Rule::ALL.to_vec());
        (rule, text(), any::<u32>(), any::<i64>()).prop_map(|(rule, key, burst, every_us)| Wish {
            rule,
            key,
            burst,
            every_us,
        })
    }

    prop_compose! {
        fn entry()(
            event_id in any::<i64>(), key in any::<[u8; 16]>(), at in at(), call in of(change()), parent in of(change()),
            facts in facts(), (input, decision, answer) in (text(), text(), text()), carrier_token in of(text()),
            kind in proptest::sample::select(vec!["voice", "dtmf", "status"]), step in any::<i64>(),
            sequence in of(any::<i64>()), limits in vec(wish(), 0..3),
        ) -> Entry {
            let webhook = Webhook { kind, step, sequence, input, decision, carrier_token };
            let unit =
                Unit { key, at, call, parent, webhook, facts, answer: answer.into(), limits, busy: None };
            Entry { event_id, unit, judged: false }
        }
    }

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_written(entry in entry()) {
            let bytes = encode(&entry);
            let read = decode(&bytes).unwrap();
            prop_assert_eq!(format!("{read:?}"), format!("{entry:?}"));
            prop_assert_eq!(encode(&read), bytes);
        }
    }

    #[test]
    fn a_newer_record_is_refused_and_not_guessed_at() {
        assert_eq!(decode(&[2, b'{', b'}']).unwrap_err(), Unreadable::Newer(2));
        assert!(matches!(decode(&[1, b'{', b'}']), Err(Unreadable::Nonsense(_))));
        assert!(matches!(decode(&[]), Err(Unreadable::Nonsense(_))));
    }

    #[test]
    fn a_field_that_a_later_version_added_does_no_harm() {
        let unit = Unit {
            key: [1; 16],
            at: Time::UNIX_EPOCH,
            call: None,
            parent: None,
            webhook: Webhook { kind: "voice", ..Webhook::default() },
            facts: Facts::default(),
            answer: "<Response/>".into(),
            limits: Vec::new(),
            busy: None,
        };
        let bytes = encode(&Entry { event_id: 7, unit, judged: true });
        let text = std::str::from_utf8(&bytes).unwrap().replacen('{', r#"{"later":[1],"#, 1);
        assert_eq!(decode(text.as_bytes()).unwrap().event_id, 7);
    }
}
