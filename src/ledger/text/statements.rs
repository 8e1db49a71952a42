//! The statements of texts, one text for both engines.

use crate::db::{Cell, RowStatement};

/// A text: what is known stays known, its state only climbs.
pub(in crate::ledger) fn row() -> RowStatement {
    use Cell::{Int, Text, Time};
    let kinds = [
        Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Int, Int, Text, Int, Int, Text, Text, Time, Time,
        Time,
    ];
    RowStatement::new(TEXTS_HEAD, &kinds, TEXTS_TAIL, &[])
}

/// Who wants none: the latest word counts.
pub(in crate::ledger) fn opt_out_row() -> RowStatement {
    use Cell::{Bool, Text, Time};
    RowStatement::new(
        "insert into message_opt_outs (number, peer, opted_out, word, at)",
        &[Text, Text, Bool, Text, Time],
        "on conflict (number, peer) do update set opted_out = excluded.opted_out, word = excluded.word, \
            at = excluded.at where excluded.at >= message_opt_outs.at",
        &[],
    )
}

const TEXTS_HEAD: &str = "insert into messages (id, message_sid, account_sid, line, direction, kind, from_number, \
    to_number, body, media, media_count, segments, state, state_rank, error_code, in_reply_to, call_sid, due_at, created_at, updated_at)";

/// What is known stays known, ranks only rise. Once the carrier has it, nothing is left to be done.
const TEXTS_TAIL: &str = "on conflict (id) do update set \
    message_sid = coalesce(messages.message_sid, excluded.message_sid), \
    account_sid = coalesce(messages.account_sid, excluded.account_sid), \
    line = coalesce(messages.line, excluded.line), \
    from_number = coalesce(messages.from_number, excluded.from_number), \
    to_number = coalesce(messages.to_number, excluded.to_number), \
    body = coalesce(messages.body, excluded.body), \
    segments = coalesce(messages.segments, excluded.segments), \
    error_code = case when excluded.state_rank > messages.state_rank then excluded.error_code else messages.error_code end, \
    due_at = case when excluded.state_rank > messages.state_rank then null else messages.due_at end, \
    state = case when excluded.state_rank > messages.state_rank then excluded.state else messages.state end, \
    state_rank = case when excluded.state_rank > messages.state_rank then excluded.state_rank \
        else messages.state_rank end, \
    updated_at = case when excluded.updated_at > messages.updated_at then excluded.updated_at else messages.updated_at end";
