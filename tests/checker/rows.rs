//! What the database says, read once.

use sqlx::AssertSqlSafe;
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
                "select id, type, subject, cast(payload as text), seq from events order by place",
                |(id, kind, subject, payload, seq)| EventRow { id, kind, subject, payload, seq }
            ),
        }
    }

    /// Events that wait for the relay.
    pub(crate) async fn unnumbered(db: &Db) -> i64 {
        let counts: Vec<i64> = all!(db, "select count(*) from events where seq is null", |(count,)| count);
        counts.into_iter().sum()
    }
}
