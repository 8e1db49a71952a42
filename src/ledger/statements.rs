//! Every statement of the hot transaction, one text for both engines.

use super::limits::Denied;
use super::text;
use crate::db::{Cell, RowGroup, RowStatement};

/// The statements a lane keeps prepared, and what spares it some of them.
#[derive(Debug)]
pub(super) struct Statements {
    pub denied: Denied,
    pub claim: RowStatement,
    pub calls: RowStatement,
    pub buckets: RowStatement,
    pub voicemails: RowStatement,
    pub pieces: RowStatement,
    pub texts: RowStatement,
    pub opt_outs: RowStatement,
    /// What nothing else waits for, in the order of [`last`].
    pub last: RowGroup,
}

/// Members of [`Statements::last`], and how many there are.
pub(super) mod last {
    pub(in crate::ledger) const CALL_EVENTS: usize = 0;
    pub(in crate::ledger) const CONSENTS: usize = 1;
    pub(in crate::ledger) const ERRORS: usize = 2;
    pub(in crate::ledger) const REJECTIONS: usize = 3;
    pub(in crate::ledger) const EVENTS: usize = 4;
    pub(in crate::ledger) const MEMBERS: usize = 5;
}

/// A call as the upsert returns it, for events about a call that this batch does not touch.
pub(super) const CALL_BY_SID: &str = "select id, call_sid, opened_by, ended_by, line, direction, from_number, to_number, \
    state, started_at, answered_at, ended_at, outcome, reason, duration_s, parent_call_sid from calls where call_sid = $1";

/// Kinds of the columns that [`CALL_BY_SID`] and the upsert return.
pub(super) const CALL_KINDS: [Cell; 16] = [
    Cell::Int,
    Cell::Text,
    Cell::Int,
    Cell::Int,
    Cell::Text,
    Cell::Text,
    Cell::Text,
    Cell::Text,
    Cell::Text,
    Cell::Time,
    Cell::Time,
    Cell::Time,
    Cell::Text,
    Cell::Text,
    Cell::Int,
    Cell::Text,
];

/// `returning` of `calls`, in this order.
pub(super) mod call {
    pub(in crate::ledger) const ID: usize = 0;
    pub(in crate::ledger) const SID: usize = 1;
    pub(in crate::ledger) const OPENED_BY: usize = 2;
    pub(in crate::ledger) const ENDED_BY: usize = 3;
    pub(in crate::ledger) const LINE: usize = 4;
    pub(in crate::ledger) const DIRECTION: usize = 5;
    pub(in crate::ledger) const FROM: usize = 6;
    pub(in crate::ledger) const TO: usize = 7;
    pub(in crate::ledger) const STATE: usize = 8;
    pub(in crate::ledger) const STARTED_AT: usize = 9;
    pub(in crate::ledger) const ANSWERED_AT: usize = 10;
    pub(in crate::ledger) const ENDED_AT: usize = 11;
    pub(in crate::ledger) const OUTCOME: usize = 12;
    pub(in crate::ledger) const REASON: usize = 13;
    pub(in crate::ledger) const DURATION: usize = 14;
    pub(in crate::ledger) const PARENT: usize = 15;
}

/// `returning` of `voicemails`, in this order.
pub(super) mod voicemail {
    pub(in crate::ledger) const ID: usize = 0;
    pub(in crate::ledger) const SETTLED_BY: usize = 1;
    pub(in crate::ledger) const TRANSCRIBED_BY: usize = 2;
    pub(in crate::ledger) const CALL_SID: usize = 3;
    pub(in crate::ledger) const LINE: usize = 4;
    pub(in crate::ledger) const MAILBOX: usize = 5;
    pub(in crate::ledger) const FROM: usize = 6;
    pub(in crate::ledger) const STATE: usize = 7;
    pub(in crate::ledger) const RECORDING_SID: usize = 8;
    pub(in crate::ledger) const DURATION: usize = 9;
    pub(in crate::ledger) const RECEIVED_AT: usize = 10;
    pub(in crate::ledger) const TRANSCRIPT: usize = 11;
    pub(in crate::ledger) const EXPECTED_AT: usize = 12;
    pub(in crate::ledger) const TRANSCRIPT_STATE: usize = 13;
}

impl Statements {
    pub(super) fn new() -> Self {
        use Cell::{Bool, Bytes, Int, Text, Time};
        Self {
            denied: Denied::default(),
            claim: RowStatement::new(
                "insert into idempotency_keys (call_id, key, event_id, seen)",
                &[Int, Bytes, Int, Int],
                "on conflict (call_id, key) do update set seen = idempotency_keys.seen + 1 returning key, event_id, seen",
                &[Bytes, Int, Int],
            ),
            calls: RowStatement::new(
                CALLS_HEAD,
                &[
                    Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Int, Text, Int, Text, Int, Time, Time,
                    Time, Time, Int, Int, Int,
                ],
                CALLS_TAIL,
                &CALL_KINDS,
            ),
            buckets: RowStatement::new(
                "insert into rate_limit_buckets (key, tat, at_us, burst, every_us, wanted, granted, refusing_since)",
                &[Text, Int, Int, Int, Int, Int, Int, Int],
                BUCKETS_TAIL,
                &[Text, Int, Int, Int],
            ),
            voicemails: RowStatement::new(
                VOICEMAILS_HEAD,
                &[Text, Text, Text, Text, Text, Text, Int, Text, Int, Text, Text, Time, Time, Int, Int],
                VOICEMAILS_TAIL,
                &[Text, Int, Int, Text, Text, Text, Text, Text, Text, Int, Time, Text, Time, Text],
            ),
            pieces: pieces(),
            texts: text::row(),
            opt_outs: text::opt_out_row(),
            last: RowGroup::new(vec![
                RowStatement::new(
                    "insert into call_events (id, call_id, at, kind, step, sequence, input, decision, answer, carrier_token)",
                    &[Int, Int, Time, Text, Int, Int, Text, Text, Text, Text],
                    "",
                    &[],
                ),
                RowStatement::new(
                    "insert into consents (id, call_id, call_sid, at, scope, method, notice_version, given, event_id)",
                    &[Text, Int, Text, Time, Text, Text, Text, Bool, Int],
                    "on conflict (call_id, id) do nothing",
                    &[],
                ),
                RowStatement::new(
                    "insert into errors (at, kind, message, call_sid)",
                    &[Time, Text, Text, Text],
                    "",
                    &[],
                ),
                RowStatement::new(
                    "insert into rate_limit_rejections (at, rule, count, key)",
                    &[Time, Text, Int, Text],
                    "",
                    &[],
                ),
                RowStatement::new(
                    "insert into events (id, type, line, subject, payload, at)",
                    &[Text, Text, Text, Text, Text, Time],
                    "on conflict (id) do nothing",
                    &[],
                ),
            ]),
        }
    }
}

/// A piece of a transcript: the first of each sequence stays.
fn pieces() -> RowStatement {
    RowStatement::new(
        "insert into voicemail_pieces (voicemail_id, sequence, text)",
        &[Cell::Text, Cell::Int, Cell::Text],
        "on conflict (voicemail_id, sequence) do nothing",
        &[],
    )
}

const CALLS_HEAD: &str = "insert into calls (call_sid, account_sid, parent_call_sid, line, direction, from_number, \
    to_number, caller_name, verstat, state, state_rank, outcome, outcome_rank, reason, duration_s, started_at, \
    answered_at, ended_at, updated_at, opened_by, ended_by, answered_by)";

/// What is known stays known, ranks only rise, the first end is the end.
const CALLS_TAIL: &str = "on conflict (call_sid) do update set \
    account_sid = coalesce(calls.account_sid, excluded.account_sid), \
    parent_call_sid = coalesce(calls.parent_call_sid, excluded.parent_call_sid), \
    line = coalesce(calls.line, excluded.line), \
    direction = coalesce(calls.direction, excluded.direction), \
    from_number = coalesce(calls.from_number, excluded.from_number), \
    to_number = coalesce(calls.to_number, excluded.to_number), \
    caller_name = coalesce(calls.caller_name, excluded.caller_name), \
    verstat = coalesce(calls.verstat, excluded.verstat), \
    state = case when excluded.state_rank > calls.state_rank then excluded.state else calls.state end, \
    state_rank = case when excluded.state_rank > calls.state_rank then excluded.state_rank else calls.state_rank end, \
    outcome = case when excluded.outcome_rank > calls.outcome_rank then excluded.outcome else calls.outcome end, \
    outcome_rank = case when excluded.outcome_rank > calls.outcome_rank then excluded.outcome_rank \
        else calls.outcome_rank end, \
    reason = case when excluded.outcome_rank > calls.outcome_rank \
        or (calls.ended_at is null and excluded.outcome_rank = calls.outcome_rank) \
        then coalesce(excluded.reason, calls.reason) else coalesce(calls.reason, excluded.reason) end, \
    duration_s = coalesce(calls.duration_s, excluded.duration_s), \
    answered_at = coalesce(calls.answered_at, excluded.answered_at), \
    ended_at = coalesce(calls.ended_at, excluded.ended_at), \
    updated_at = case when excluded.updated_at > calls.updated_at then excluded.updated_at else calls.updated_at end, \
    ended_by = coalesce(calls.ended_by, excluded.ended_by), \
    answered_by = coalesce(calls.answered_by, excluded.answered_by) \
    returning id, call_sid, opened_by, ended_by, line, direction, from_number, to_number, state, started_at, \
    answered_at, ended_at, outcome, reason, duration_s, parent_call_sid";

const VOICEMAILS_HEAD: &str = "insert into voicemails (id, call_sid, line, mailbox, from_number, state, state_rank, \
    recording_sid, duration_s, transcript, transcript_state, expected_at, received_at, settled_by, transcribed_by)";

const VOICEMAILS_TAIL: &str = "on conflict (id) do update set \
    from_number = coalesce(voicemails.from_number, excluded.from_number), \
    state = case when excluded.state_rank > voicemails.state_rank then excluded.state else voicemails.state end, \
    state_rank = case when excluded.state_rank > voicemails.state_rank then excluded.state_rank \
        else voicemails.state_rank end, \
    recording_sid = coalesce(voicemails.recording_sid, excluded.recording_sid), \
    duration_s = coalesce(excluded.duration_s, voicemails.duration_s), \
    transcript = coalesce(excluded.transcript, voicemails.transcript), \
    transcript_state = case when voicemails.transcript_state is null or voicemails.transcript_state = 'wanted' \
        then coalesce(excluded.transcript_state, voicemails.transcript_state) else voicemails.transcript_state end, \
    received_at = case when excluded.state_rank = 3 and voicemails.state_rank = 2 then excluded.received_at \
        else coalesce(voicemails.received_at, excluded.received_at) end, \
    settled_by = case when excluded.state_rank = 3 and voicemails.state_rank = 2 then excluded.settled_by \
        else coalesce(voicemails.settled_by, excluded.settled_by) end, \
    transcribed_by = case when voicemails.transcript_state is null or voicemails.transcript_state = 'wanted' \
        then coalesce(voicemails.transcribed_by, excluded.transcribed_by) else voicemails.transcribed_by end \
    returning id, settled_by, transcribed_by, call_sid, line, mailbox, from_number, state, recording_sid, duration_s, \
    received_at, transcript, expected_at, transcript_state";

/// From when on the bucket counts: a slow clock is as good as the last one that was bound.
macro_rules! base {
    () => {
        "case when rate_limit_buckets.tat > excluded.at_us then rate_limit_buckets.tat else excluded.at_us end"
    };
}

/// Calls that fit in now; not above 0 when there is no room.
macro_rules! room {
    () => {
        concat!("((excluded.at_us + excluded.burst * excluded.every_us - (", base!(), ")) / excluded.every_us)")
    };
}

/// What of the wanted is granted.
macro_rules! granted {
    () => {
        concat!(
            "(case when ",
            room!(),
            " <= 0 then 0 when ",
            room!(),
            " < excluded.wanted then ",
            room!(),
            " else excluded.wanted end)"
        )
    };
}

/// GCRA for `wanted` calls at once. What a row holds of the last time (`at_us`, `burst`, …) is also how the numbers of this
/// time come in.
const BUCKETS_TAIL: &str = concat!(
    "on conflict (key) do update set tat = (",
    base!(),
    ") + excluded.every_us * ",
    granted!(),
    ", at_us = excluded.at_us, burst = excluded.burst, every_us = excluded.every_us, wanted = excluded.wanted, granted = ",
    granted!(),
    ", refusing_since = case when ",
    granted!(),
    " < excluded.wanted then coalesce(rate_limit_buckets.refusing_since, excluded.at_us) \
     else rate_limit_buckets.refusing_since end returning key, granted, tat, refusing_since"
);
