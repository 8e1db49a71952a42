//! Retention on both engines: what is over goes slice by slice, and who listens is told.

use crate::support::Database;
use bytes::Bytes;
use chrono::{TimeDelta, TimeZone, Utc};
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{CallSid, CallState, Clock, Meters, Time};
use switchboard::config::retention::Retention;
use switchboard::db::Db;
use switchboard::ledger::{
    CallChange, CallFact, Facts, Ledger, Phase, Setup, Unit, VoicemailChange, VoicemailState, Webhook, inbox,
};

const LONG: Duration = Duration::from_secs(20);
const KEEP: Retention = Retention {
    calls_days: 10,
    consents_days: 0,
    voicemails_days: 10,
    transcripts_days: 0,
    trash_days: 0,
    recordings_days: 0,
    events_days: 0,
    errors_days: 0,
    rejections_days: 0,
    pages_days: 0,
    messages_days: 0,
    transactions_days: 0,
};

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant")
}

async fn ledger(database: &Database) -> Ledger {
    let (public_url, meters) = ("https://phone.example.com".into(), Arc::new(Meters::silent()));
    let ledger = Ledger::start(&database.db, Setup { clock: Clock::manual(noon()), instance: 1, public_url, meters });
    let up = async {
        while ledger.condition().phase() != Phase::Up {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, up).await.expect("the ledger comes up");
    ledger
}

/// A completed call `days` ago that left message `vm_{key}`.
fn unit(key: u8, days: i64) -> Unit {
    let mut facts = Facts::default();
    facts.voicemail(VoicemailChange {
        id: format!("vm_{key}"),
        line: "main".to_owned(),
        mailbox: "support".to_owned(),
        from: None,
        state: VoicemailState::Ready,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: Some((1, "call me back".to_owned())),
        cards_in: None,
        transcript_state: None,
    });
    let change = CallChange {
        sid: CallSid::parse(&format!("CA{key:032x}")).expect("a SID"),
        fact: CallFact::default(),
        state: Some(CallState::Completed),
        outcome: None,
        reason: None,
        duration_s: None,
    };
    let webhook = Webhook { kind: "voice", ..Webhook::default() };
    Unit {
        key: [key; 16],
        at: noon() - TimeDelta::days(days),
        call: Some(change),
        parent: None,
        webhook,
        facts,
        answer: Bytes::new(),
        limits: Vec::new(),
        busy: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slice_is_twenty_calls_and_twenty_messages() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for key in 0..30 {
            ledger.store(unit(key, 20), LONG).await.expect("stored");
        }
        Ledger::sweep(&database.db, noon(), &KEEP).await.expect("swept");
        for table in ["calls", "call_events", "idempotency_keys", "voicemails", "voicemail_pieces"] {
            assert_eq!(database.rows(table).await, 10, "{table} in {}", database.url);
        }
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_named_no_call_goes_with_its_key() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for (key, days) in [(1, 20), (2, 20), (3, 9)] {
            ledger.store(Unit { call: None, facts: Facts::default(), ..unit(key, days) }, LONG).await.expect("stored");
        }
        assert_eq!(database.count("select count(*) from idempotency_keys where call_id = 0").await, 3);
        assert_eq!(Ledger::sweep(&database.db, noon(), &KEEP).await.expect("swept"), 4, "two, and their keys");
        assert_eq!((database.rows("call_events").await, database.rows("idempotency_keys").await), (1, 1));
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_over_nobody_waits_for_the_write_lock() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("migrated");
    let Db::Sqlite(engine) = &database.db else { unreachable!("it is SQLite's") };
    let locked = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("locked");
    let keep =
        Retention { voicemails_days: 0, trash_days: 1, events_days: 1, errors_days: 1, rejections_days: 1, ..KEEP };
    let swept = tokio::time::timeout(LONG, Ledger::sweep(&database.db, noon(), &keep)).await;
    assert_eq!(swept.expect("it took no lock").expect("swept"), 0);
    locked.rollback().await.expect("unlocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_over_goes_with_its_event_once() {
    const DELETED: &str = "select count(*) from events where type = 'voicemail.deleted'";
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for (key, days) in [(1, 20), (2, 20), (3, 9)] {
            ledger.store(unit(key, days), LONG).await.expect("stored");
        }
        inbox::delete(&database.db, "vm_2", "ana", noon()).await.expect("deleted");
        while Ledger::sweep(&database.db, noon(), &KEEP).await.expect("swept") > 0 {}
        assert_eq!(database.text("select id from voicemails").await.as_deref(), Some("vm_3"));
        assert_eq!(database.rows("voicemail_pieces").await, 1);
        // One told of by the person, one by retention.
        assert_eq!(database.count(DELETED).await, 2);
        let told = database.text("select payload from events where payload like '%retention%'").await;
        let told: serde_json::Value = serde_json::from_str(&told.expect("an event")).expect("JSON");
        let voicemail = serde_json::json!({ "id": "vm_1", "mailbox": "support", "line": "main" });
        let whole = serde_json::json!({ "by": "retention", "audio_removed": false, "voicemail": voicemail });
        assert_eq!(told, whole);
        ledger.close().await;
    }
}
