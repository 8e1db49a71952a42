//! The spool as the ledger uses it, on both engines: what the database does not take in time is stored once it does.

use crate::ledger::{LONG, noon, unit};
use crate::support::Database;
use bytes::Bytes;
use futures_util::FutureExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{CallState, Clock, Meters, Outcome};
use switchboard::db::Db;
use switchboard::ledger::{
    Consent, ConsentMethod, ConsentScope, Facts, Keeping, Ledger, NotStored, Phase, Rule, Setup, SpoolFolders, Stored,
    TurnedAway, Unit, VoicemailChange, VoicemailState, Webhook, Wish,
};

const SHORT: Duration = Duration::from_millis(50);

/// A ledger that has a folder for its spool. It may not have its database.
fn spooling(database: &Database, folder: &Path, number: u64) -> Ledger {
    let public_url = "https://phone.example.com".into();
    let meters = Arc::new(Meters::silent());
    let setup = Setup { clock: Clock::manual(noon()), instance: number, public_url, meters };
    Ledger::start_with_spool(&database.db, setup, SpoolFolders::these(vec![folder.join("spool")]))
}

/// Waits until the database has everything.
async fn caught_up(ledger: &Ledger) {
    let up = async {
        while ledger.condition().phase() != Phase::Up || ledger.backlog().units > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, up).await.expect("the ledger catches up");
}

fn consent() -> Consent {
    Consent {
        id: "con_1".to_owned(),
        scope: ConsentScope::Recording,
        method: ConsentMethod::NoticeHeard,
        notice_version: "1".to_owned(),
        given: true,
    }
}

/// A message that will come.
fn expected() -> VoicemailChange {
    VoicemailChange {
        id: "vm_1".to_owned(),
        line: "main".to_owned(),
        mailbox: "main".to_owned(),
        from: None,
        state: VoicemailState::Expected,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    }
}

fn spooled(unit: &Unit) -> Stored {
    Stored::Spooled(unit.answer.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_lane_was_asked_for_is_stored_once_in_order_and_its_consent_counts() {
    for database in Database::each().await {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = spooling(&database, folder.path(), 1);
        let mut first = unit(1, 1, Some(CallState::Ringing));
        let _ = first.facts.grant(consent());
        let units = [first, unit(2, 1, Some(CallState::InProgress)), unit(3, 1, Some(CallState::Completed))];
        for unit in &units {
            assert_eq!(ledger.store_aside(unit.clone()).await, Ok(spooled(unit)));
        }
        caught_up(&ledger).await;
        // A copy that another process spooled: it has no effect, and does not stand in the way.
        assert!(ledger.store_aside(units[1].clone()).await.is_ok());
        caught_up(&ledger).await;
        ledger.close().await;
        assert_eq!(database.count("select count(*) from call_events").await, 3, "{}", database.url);
        assert_eq!(database.count("select count(*) from consents where given").await, 1);
        assert_eq!(database.count("select count(*) from calls where state = 'completed'").await, 1);
        let types = "select count(*) from events where type in ('call.started', 'consent.given', 'call.ended')";
        assert_eq!(database.count(types).await, 3);
        assert_eq!(std::fs::read_dir(folder.path().join("spool")).expect("the folder").count(), 0, "nothing is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_outlives_its_instance() {
    for database in Database::each().await {
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = Db::open("sqlite:///dev/null/switchboard.db").expect("a good URL");
        let nowhere = Database::of(nowhere);
        for instance in 1..=2u8 {
            let ledger = spooling(&nowhere, folder.path(), instance.into());
            assert_eq!(ledger.backlog().units, u64::from(instance) - 1);
            let unit = unit(instance, 1, Some(CallState::InProgress));
            assert_eq!(ledger.store(unit.clone(), LONG).await, Ok(spooled(&unit)));
            assert_eq!(ledger.backlog().units, u64::from(instance));
            assert_eq!((ledger.backlog().keeping, ledger.is_durable()), (Keeping::Spool, true));
            ledger.close().await;
        }
        let ledger = spooling(&database, folder.path(), 3);
        caught_up(&ledger).await;
        ledger.close().await;
        assert_eq!(database.rows("call_events").await, 2);
        assert_eq!(database.rows("calls").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_spooled_with_his_answer_whatever_becomes_of_the_attempt() {
    let (database, folder) = (Database::sqlite(), tempfile::tempdir().expect("a folder"));
    let ledger = spooling(&database, folder.path(), 1);
    caught_up(&ledger).await;
    let Db::Sqlite(engine) = &database.db else { unreachable!() };
    let blocker = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    // The first is in a transaction that does not come to its end, the second waits behind it.
    let (first, second) = (unit(1, 1, Some(CallState::Ringing)), unit(2, 2, Some(CallState::Ringing)));
    assert_eq!(ledger.store(first.clone(), SHORT).await, Ok(spooled(&first)));
    assert_eq!(ledger.condition().phase(), Phase::Up, "one is no outage");
    assert_eq!(ledger.store(second.clone(), SHORT).await, Ok(spooled(&second)));
    let third = unit(3, 3, Some(CallState::Ringing));
    assert_eq!(ledger.store(third.clone(), SHORT).await, Ok(spooled(&third)));
    assert_eq!(ledger.condition().phase(), Phase::Down, "three are");
    let fourth = unit(4, 4, Some(CallState::Ringing));
    let asked = ledger.store(fourth.clone(), LONG);
    assert_eq!(tokio::time::timeout(LONG / 2, asked).await, Ok(Ok(spooled(&fourth))), "nobody waits for it now");
    blocker.rollback().await.expect("the lock is free");
    caught_up(&ledger).await;
    let fifth = unit(5, 5, Some(CallState::Ringing));
    assert_eq!(ledger.store(fifth.clone(), LONG).await, Ok(Stored::First(fifth.answer.clone())));
    ledger.close().await;
    assert_eq!(database.rows("call_events").await, 5);
    assert_eq!(database.rows("calls").await, 5);
    assert_eq!(database.count("select count(*) from idempotency_keys where seen > 0").await, 1, "the first alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_units_that_the_database_refuses_do_not_keep_the_house_down() {
    let (database, folder) = (Database::sqlite(), tempfile::tempdir().expect("a folder"));
    let ledger = spooling(&database, folder.path(), 1);
    caught_up(&ledger).await;
    let Db::Sqlite(engine) = &database.db else { unreachable!() };
    let trigger = "create trigger refuse before insert on call_events when new.decision = 'refused' \
                   begin select raise(abort, 'refused'); end";
    sqlx::query(trigger).execute(&engine.write).await.expect("a trigger");
    let blocker = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    for n in 1..=3 {
        let mut unit = unit(n, n, Some(CallState::Ringing));
        "refused".clone_into(&mut unit.webhook.decision);
        assert_eq!(ledger.store(unit.clone(), SHORT).await, Ok(spooled(&unit)));
    }
    assert_eq!(ledger.condition().phase(), Phase::Down);
    blocker.rollback().await.expect("the lock is free");
    caught_up(&ledger).await;
    ledger.close().await;
    assert!(database.rows("errors").await >= 3);
    assert_eq!(database.count("select count(*) from call_events where decision = 'refused'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stored_answer_becomes_what_was_said() {
    let (database, folder) = (Database::sqlite(), tempfile::tempdir().expect("a folder"));
    let ledger = spooling(&database, folder.path(), 1);
    caught_up(&ledger).await;
    let limited = |key| {
        let wish = Wish { rule: Rule::Caller, key: "caller/main/x".to_owned(), burst: 1, every_us: 60_000_000 };
        let busy = TurnedAway {
            action: "busy",
            outcome: Outcome::Rejected,
            facts: Facts::default(),
            answer: Bytes::from_static(b"<Response><Reject/></Response>"),
        };
        let limits = vec![wish];
        Unit { limits, busy: Some(Box::new(busy)), ..unit(key, key, Some(CallState::Ringing)) }
    };
    assert!(matches!(ledger.store(limited(1), LONG).await, Ok(Stored::First(_))));
    let Db::Sqlite(engine) = &database.db else { unreachable!() };
    let blocker = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    // The lane will refuse it; but its caller cannot wait for that, and limits fail open.
    let mut second = limited(2);
    let _ = second.facts.grant(consent());
    second.facts.voicemail(expected());
    assert_eq!(ledger.store(second.clone(), SHORT).await, Ok(spooled(&second)));
    blocker.rollback().await.expect("the lock is free");
    caught_up(&ledger).await;
    ledger.close().await;
    assert_eq!(database.rows("call_events").await, 2);
    assert_eq!(database.count("select count(*) from call_events where answer like '%Reject%'").await, 0);
    assert_eq!(database.count("select count(*) from calls where outcome = 'rejected'").await, 0);
    let once = ["consents", "voicemails", "rate_limit_rejections"];
    for table in once {
        assert_eq!(database.rows(table).await, 1, "{table}");
    }
    assert_eq!(database.count("select count(*) from events where type = 'call.started'").await, 2);
    assert_eq!(database.count("select count(*) from events where type = 'consent.given'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_goes_to_errors_and_blocks_nobody() {
    for database in Database::each().await {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = spooling(&database, folder.path(), 1);
        let mut bad = unit(2, 2, Some(CallState::Ringing));
        bad.webhook.decision = "nul \0 here".to_owned();
        for unit in [unit(1, 1, None), bad, unit(3, 3, None)] {
            assert!(ledger.store_aside(unit).await.is_ok());
        }
        caught_up(&ledger).await;
        ledger.close().await;
        let postgres = database.url.starts_with("postgres");
        let errors = database.count("select count(*) from errors where kind = 'ledger.refused'").await;
        assert_eq!(errors, i64::from(postgres));
        let good = database.count("select count(*) from call_events where decision = 'said hello'").await;
        assert_eq!(good, 2);
    }
}

type Busy = tokio::task::JoinHandle<Result<Stored, NotStored>>;

/// A write lock that somebody else holds, and a unit in a transaction that waits for it: nothing is stored until it is
/// free.
async fn held_up<'d>(database: &'d Database, ledger: &Ledger) -> (sqlx::Transaction<'d, sqlx::Sqlite>, Busy) {
    let Db::Sqlite(engine) = &database.db else { unreachable!() };
    let blocker = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    let (other, unit) = (ledger.clone(), unit(100, 100, Some(CallState::Ringing)));
    let mut busy = Box::pin(async move { other.store(unit, LONG).await });
    assert!((&mut busy).now_or_never().is_none(), "it is in the queue");
    until(|| ledger.queued() == 0).await;
    (blocker, tokio::spawn(busy))
}

async fn until(is_so: impl Fn() -> bool) {
    let so = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, so).await.expect("in time");
}

/// The last event that was told.
async fn last_event(database: &Database) -> Option<String> {
    database.text("select type from events where subject like 'calls/%01' order by place desc limit 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_goes_behind_what_waits_of_its_call_in_the_spool() {
    let (database, folder) = (Database::sqlite(), tempfile::tempdir().expect("a folder"));
    let ledger = spooling(&database, folder.path(), 1);
    caught_up(&ledger).await;
    let (blocker, busy) = held_up(&database, &ledger).await;
    // The fallback waits for no database; the URL that failed is asked once more and proves the same consent.
    let mut fallback = unit(1, 1, Some(CallState::InProgress));
    let _ = fallback.facts.grant(consent());
    assert_eq!(ledger.store_aside(fallback.clone()).await, Ok(spooled(&fallback)));
    let mut again = unit(2, 1, Some(CallState::Completed));
    again.webhook.kind = "dtmf";
    let _ = again.facts.grant(consent());
    let stored = tokio::time::timeout(LONG / 2, ledger.store(again.clone(), LONG)).await;
    assert_eq!(stored, Ok(Ok(spooled(&again))), "it does not go to the lane");
    let another = unit(3, 3, Some(CallState::Ringing));
    let (free, stored) = tokio::join!(blocker.rollback(), ledger.store(another.clone(), LONG));
    free.expect("the lock is free");
    assert_eq!(stored, Ok(Stored::First(another.answer)), "another call does not go behind it");
    busy.await.expect("no panic").expect("stored");
    caught_up(&ledger).await;
    ledger.close().await;
    let proved = "select count(*) from consents c join call_events e on e.id = c.event_id where e.kind = 'voice'";
    assert_eq!(database.count(proved).await, 1, "by the one that came first");
    assert_eq!(last_event(&database).await.as_deref(), Some("call.ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_disk_steps_wait_behind_what_is_in_memory() {
    let database = Database::sqlite();
    let ledger = crate::ledger::instance(&database, 1).await;
    let (blocker, busy) = held_up(&database, &ledger).await;
    let mut first = unit(1, 1, Some(CallState::InProgress));
    let _ = first.facts.grant(consent());
    assert!(ledger.remember(first));
    let mut step = unit(2, 1, Some(CallState::InProgress));
    step.webhook.kind = "dtmf";
    let late = ledger.store(step.clone(), SHORT).await;
    assert_eq!(late, Err(NotStored::Late), "nothing durable can take it behind the first");
    let end =
        Unit { webhook: Webhook { kind: "status", ..step.webhook.clone() }, ..unit(3, 1, Some(CallState::Completed)) };
    let (other, answer) = (ledger.clone(), end.answer.clone());
    let end = tokio::spawn(async move { other.store_patiently(end, LONG).await });
    // It is in memory from the first moment on.
    until(|| ledger.backlog().units == 2).await;
    assert!(ledger.remember(step), "and this happened before");
    blocker.rollback().await.expect("the lock is free");
    assert_eq!(end.await.expect("no panic"), Ok(Stored::Spooled(answer)));
    busy.await.expect("no panic").expect("stored");
    caught_up(&ledger).await;
    let next = unit(5, 1, None);
    assert_eq!(ledger.store(next.clone(), LONG).await, Ok(Stored::First(next.answer)), "nothing waits any more");
    ledger.close().await;
    assert_eq!(database.count("select count(*) from call_events").await, 5);
    assert_eq!(last_event(&database).await.as_deref(), Some("call.ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nothing_durable_takes_in_time_stays_in_memory() {
    let nowhere = Database::of(Db::open("sqlite:///dev/null/switchboard.db").expect("a good URL"));
    let (clock, meters) = (Clock::manual(noon()), Arc::new(Meters::silent()));
    let setup = Setup { clock, instance: 1, public_url: "https://phone.example.com".into(), meters };
    let ledger = Ledger::start(&nowhere.db, setup);
    for key in 1..=2 {
        let report = unit(key, 1, Some(CallState::Completed));
        let stored = ledger.store_patiently(report.clone(), SHORT).await;
        assert_eq!(stored, Ok(Stored::Remembered(report.answer)));
        assert_eq!(ledger.backlog().units, u64::from(key));
    }
    ledger.close().await;
}
