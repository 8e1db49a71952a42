//! What the database says, read once.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use std::fmt;
use switchboard::db::Db;

/// Everything the rules look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) calls: Vec<CallRow>,
    pub(crate) timeline: Vec<TimelineRow>,
    pub(crate) consents: Vec<ConsentRow>,
    pub(crate) voicemails: Vec<VoicemailRow>,
    /// In order of insertion.
    pub(crate) events: Vec<EventRow>,
    pub(crate) transactions: Vec<TransactionRow>,
    pub(crate) numbers: Vec<NumberRow>,
    pub(crate) accounts: Vec<AccountRow>,
    pub(crate) lines: Vec<LineRow>,
    pub(crate) recordings: Vec<RecordingRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct TransactionRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) line: Option<String>,
    pub(crate) subject: Option<String>,
    /// What was asked for, as JSON.
    pub(crate) input: String,
    pub(crate) error: Option<String>,
    /// A step of it failed; not, when an operator took it back.
    pub(crate) has_failed: bool,
    /// Whether the view `failed_transactions` has it.
    pub(crate) is_shown: bool,
}

impl TransactionRow {
    /// Of a release: SID of the number that it gives back.
    pub(crate) fn gives_back(&self) -> Option<String> {
        let input: serde_json::Value = serde_json::from_str(&self.input).ok()?;
        input["sid"].as_str().filter(|_| self.kind == "release_number").map(str::to_owned)
    }
}

impl fmt::Display for TransactionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, state, error, .. } = self;
        write!(f, "{id} ({kind}, {state}, {})", error.as_deref().unwrap_or("no error"))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct NumberRow {
    pub(crate) phone_number: String,
    pub(crate) sid: String,
    pub(crate) account_sid: String,
    pub(crate) line: String,
    pub(crate) state: String,
    pub(crate) transaction_id: String,
}

#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub(crate) sid: String,
    pub(crate) state: String,
}

#[derive(Clone, Debug)]
pub(crate) struct LineRow {
    pub(crate) transaction_id: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct RecordingRow {
    pub(crate) recording_sid: String,
    pub(crate) call_sid: String,
    pub(crate) kind: String,
    pub(crate) is_stored: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct CallRow {
    pub(crate) call_sid: String,
    pub(crate) state: String,
    pub(crate) is_over: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct TimelineRow {
    pub(crate) id: i64,
    pub(crate) call_sid: Option<String>,
    pub(crate) kind: String,
    pub(crate) answer: String,
}

#[derive(Clone, Debug)]
pub(crate) struct ConsentRow {
    pub(crate) id: String,
    pub(crate) call_sid: String,
    pub(crate) scope: String,
    pub(crate) given: bool,
    pub(crate) event_id: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct VoicemailRow {
    pub(crate) id: String,
    pub(crate) call_sid: String,
    pub(crate) state: String,
    pub(crate) recording_sid: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) payload: String,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    pub(crate) seq: Option<i64>,
}

/// All rows of a query, on either engine, each made of its columns.
macro_rules! all {
    ($db:expr, $sql:literal, $make:expr) => {{
        let sql = AssertSqlSafe($sql);
        let rows: Vec<_> = match $db {
            Db::Sqlite(engine) => sqlx::query_as(sql).fetch_all(&engine.read).await.expect("rows"),
            Db::Postgres(engine) => sqlx::query_as(sql).fetch_all(&engine.rest).await.expect("rows"),
        };
        rows.into_iter().map($make).collect()
    }};
}

impl Rows {
    pub(crate) async fn read(db: &Db) -> Self {
        Self {
            calls: all!(db, "select call_sid, state, state_rank = 4 from calls order by id", |(
                call_sid,
                state,
                is_over,
            )| CallRow {
                call_sid,
                state,
                is_over
            }),
            timeline: all!(
                db,
                "select e.id, c.call_sid, e.kind, e.answer from call_events e left join calls c on c.id = e.call_id",
                |(id, call_sid, kind, answer)| TimelineRow { id, call_sid, kind, answer }
            ),
            consents: all!(db, "select id, call_sid, scope, given, event_id from consents", |(
                id,
                call_sid,
                scope,
                given,
                event_id,
            )| {
                ConsentRow { id, call_sid, scope, given, event_id }
            }),
            voicemails: all!(db, "select id, call_sid, state, recording_sid from voicemails", |(
                id,
                call_sid,
                state,
                recording_sid,
            )| {
                VoicemailRow { id, call_sid, state, recording_sid }
            }),
            events: all!(
                db,
                "select id, type, subject, cast(payload as text), at, seq from events order by place",
                |(id, kind, subject, payload, at, seq)| EventRow { id, kind, subject, payload, at, seq }
            ),
            ..Self::business(db).await
        }
    }

    /// Numbers, tenants and audio.
    async fn business(db: &Db) -> Self {
        Self {
            transactions: all!(
                db,
                "select id, kind, state, line, subject, cast(input as text) as input, error, failed_step is not null as has_failed, \
                 id in (select id from failed_transactions) as is_shown from transactions order by created_at, id",
                |(id, kind, state, line, subject, input, error, has_failed, is_shown)| TransactionRow {
                    id,
                    kind,
                    state,
                    line,
                    subject,
                    input,
                    error,
                    has_failed,
                    is_shown
                }
            ),
            numbers: all!(
                db,
                "select phone_number, sid, account_sid, line, state, transaction_id from numbers",
                |(phone_number, sid, account_sid, line, state, transaction_id)| NumberRow {
                    phone_number,
                    sid,
                    account_sid,
                    line,
                    state,
                    transaction_id
                }
            ),
            accounts: all!(db, "select sid, state from subaccounts", |(sid, state)| AccountRow { sid, state }),
            lines: all!(db, "select transaction_id from lines", |(transaction_id,)| LineRow { transaction_id }),
            recordings: all!(
                db,
                "select recording_sid, call_sid, kind, path is not null as is_stored from recordings",
                |(recording_sid, call_sid, kind, is_stored)| RecordingRow { recording_sid, call_sid, kind, is_stored }
            ),
            ..Self::default()
        }
    }

    /// Consents that have no place in the chain yet.
    pub(crate) async fn unchained(db: &Db) -> i64 {
        let counts: Vec<i64> = all!(db, "select count(*) from consents where chain_no is null", |(count,)| count);
        counts.into_iter().sum()
    }

    /// Events that wait for the relay.
    pub(crate) async fn unnumbered(db: &Db) -> i64 {
        let counts: Vec<i64> = all!(db, "select count(*) from events where seq is null", |(count,)| count);
        counts.into_iter().sum()
    }
}
