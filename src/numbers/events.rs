//! What others are told when a transaction ends.

use super::prices;
use super::saga::{Journal, Kind, State, Step, StepState};
use crate::base::{Time, derived_id, rfc3339_ms};
use crate::ledger::Told;
use serde_json::{Value, json};

/// What follows from a transaction's end, or from its being stuck.
pub(super) fn told(journal: &Journal, state: State, now: Time) -> Vec<Told> {
    match state {
        State::Done if journal.transaction.kind != Kind::Release => provisioned(journal, now).into_iter().collect(),
        // What an operator took back has not failed.
        State::RolledBack if journal.transaction.failed_step.is_none() => Vec::new(),
        State::RolledBack | State::FailedUndo => vec![failed(journal, state, now)],
        State::Done | State::Running | State::RollingBack => Vec::new(),
    }
}

fn provisioned(journal: &Journal, now: Time) -> Option<Told> {
    let known = journal.known();
    let (number, sid) = (known.number?, known.number_sid?);
    let price = journal.transaction.wish.choice().and_then(|choice| prices::monthly(&choice.country, &choice.kind));
    let data = json!({
        "number": number,
        "sid": sid,
        "line": journal.transaction.line,
        "transaction_id": journal.transaction.id,
        "monthly_price": price.map_or(Value::Null, |(amount, currency)| json!({ "amount": amount, "currency": currency })),
    });
    Some(event(journal, "number.provisioned", format!("numbers/{sid}"), data, now))
}

fn failed(journal: &Journal, state: State, now: Time) -> Told {
    let transaction = &journal.transaction;
    let error = transaction.error.as_deref().map(short);
    let data = json!({
        "transaction": { "id": transaction.id, "kind": transaction.kind.as_str() },
        "failed_step": transaction.failed_step,
        "error": error,
        "rolled_back": state == State::RolledBack,
        "orphans": if state == State::RolledBack { Vec::new() } else { orphans(journal) },
    });
    event(journal, "transaction.failed", format!("transactions/{}", transaction.id), data, now)
}

/// The carrier's number for the error where there is one, or else the words.
fn short(error: &str) -> &str {
    match error.split_once(':') {
        Some((code, _)) if code.bytes().all(|b| b.is_ascii_digit()) => code,
        _ => error,
    }
}

/// SIDs of what may be left at the carrier.
fn orphans(journal: &Journal) -> Vec<String> {
    let known = journal.known();
    let open =
        |step| journal.state_of(step).is_some_and(|state| !matches!(state, StepState::Waiting | StepState::Undone));
    let left = [(Step::Buy, known.number_sid), (Step::Subaccount, known.account_sid), (Step::Order, known.order_sid)];
    left.into_iter().filter(|(step, _)| open(*step)).filter_map(|(_, sid)| sid).collect()
}

/// A transaction that is begun anew may fail anew, so the moment is a part of the event's name.
fn event(journal: &Journal, kind: &'static str, subject: String, data: Value, now: Time) -> Told {
    let line = journal.transaction.line.clone();
    let from = journal.transaction.state.as_str();
    let id = derived_id("evt", &[kind, &journal.transaction.id, from, &rfc3339_ms(now)]);
    Told { id, kind, line, subject, data, at: now }
}
