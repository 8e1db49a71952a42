//! The chain of consents, on both engines: whole, tampered with, raced for, and after retention.

use crate::ops_story::{Story, sid};
use crate::support::Database;
use chrono::{TimeDelta, TimeZone, Utc};
use sqlx::AssertSqlSafe;
use std::path::Path;
use std::process::{Command, Output};
use switchboard::base::Time;
use switchboard::config::retention::Retention;
use switchboard::db::Db;
use switchboard::ledger::chain::{self, Anchor, Break, Found, Kept};
use switchboard::ledger::{Consent, ConsentMethod, ConsentScope, Ledger};

pub(crate) fn at(day: u32) -> Time {
    Utc.with_ymd_and_hms(2026, 11, day, 12, 0, 0).single().expect("an instant")
}

/// Changes rows behind the ledger's back.
pub(crate) async fn tamper(database: &Database, sql: &str) -> u64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match &database.db {
        Db::Sqlite(engine) => sqlx::query(sql).execute(&engine.write).await.expect("done").rows_affected(),
        Db::Postgres(engine) => sqlx::query(sql).execute(&engine.rest).await.expect("done").rows_affected(),
    }
}

/// `count` calls whose callers agreed or refused, in turn.
async fn consents(database: &Database, count: u32) {
    let story = Story::begin(database).await;
    for call in 1..=count {
        let mut unit = story.webhook(call, i64::from(call), "dtmf");
        let consent = Consent {
            id: format!("con_{call:03}"),
            scope: ConsentScope::Recording,
            method: ConsentMethod::NoticeHeard,
            notice_version: "1".to_owned(),
            given: true,
        };
        if call % 3 == 0 {
            unit.facts.refuse(consent);
        } else {
            let _permit = unit.facts.grant(consent);
        }
        story.tell(unit).await;
    }
    story.end().await;
}

async fn chained(database: &Database, count: u32) {
    consents(database, count).await;
    while chain::extend(&database.db, at(21), 7).await.expect("extended") > 0 {}
}

/// A year after [`at`], by when [`KEEP`] has taken out all that it may.
fn year() -> Time {
    at(20) + TimeDelta::days(365)
}

async fn prove(database: &Database) -> Found {
    let kept = Kept { days: KEEP.consents_days, now: year() };
    chain::prove(&database.db, kept, None, |_, _| ()).await.expect("read")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_consent_gets_its_place_once_and_the_chain_is_whole() {
    for database in Database::each().await {
        consents(&database, 20).await;
        assert!(chain::waits(&database.db).await.expect("read"));
        assert_eq!(chain::unchained(&database.db).await.expect("read"), 20);
        assert_eq!(prove(&database).await.rows, 0);
        assert_eq!(chain::extend(&database.db, at(21), 15).await.expect("extended"), 15);
        let first = chain::head(&database.db).await.expect("read");
        assert_eq!(first.number, 15);
        assert_eq!(chain::extend(&database.db, at(22), 15).await.expect("extended"), 5);
        assert_eq!(chain::extend(&database.db, at(22), 15).await.expect("extended"), 0);
        assert!(!chain::waits(&database.db).await.expect("read"));
        let found = prove(&database).await;
        assert_eq!((found.rows, found.forgotten, found.breaks), (20, 0, vec![]));
        let anchor = Anchor { number: first.number, hash: first.hash };
        let found =
            chain::prove(&database.db, Kept { days: 10, now: year() }, Some(&anchor), |_, _| ()).await.expect("read");
        assert!(found.anchored && found.breaks.is_empty());
        assert_eq!(
            database.count("select count(distinct chain_no) from consents where chain_no between 1 and 20").await,
            20
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chainers_that_race_make_one_chain() {
    for database in Database::each().await {
        consents(&database, 60).await;
        let chainer = async || {
            while chain::waits(&database.db).await.expect("read") {
                // A deadlock or a lock that takes too long is another turn's work.
                let _ = chain::extend(&database.db, at(21), 3).await;
            }
        };
        tokio::join!(chainer(), chainer(), chainer());
        let found = prove(&database).await;
        assert_eq!((found.rows, found.breaks), (60, vec![]), "{}", database.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_somebody_does_to_the_rows_is_found_and_named() {
    let copy = "insert into consents (id, call_id, call_sid, at, scope, method, notice_version, given, event_id, chain_no, \
        chained_at, chain_hash) select 'con_x', call_id, call_sid, at, scope, method, notice_version, given, event_id, ";
    let put_in = format!("{copy} 999, chained_at, chain_hash from consents where chain_no = 4");
    let after_end = format!("{copy} 13, chained_at, chain_hash from consents where chain_no = 4");
    let swap = [
        "update consents set chain_no = 1000 where chain_no = 7",
        "update consents set chain_no = 7 where chain_no = 8",
        "update consents set chain_no = 8 where chain_no = 1000",
    ];
    let cases: [(&[&str], &[&str]); 9] = [
        (&["update consents set given = true where chain_no = 3"], &["changed 3"]),
        (&["update consents set notice_version = '2' where chain_no = 5"], &["changed 5"]),
        (&["update consents set chain_hash = 'f00' where chain_no = 5"], &["changed 5", "changed 6"]),
        (&["delete from consents where chain_no = 1"], &["removed 1"]),
        (&["delete from consents where chain_no in (4, 5)"], &["removed 4"]),
        (&["delete from consents where chain_no >= 11"], &["removed 11"]),
        (&[&put_in], &["inserted 999"]),
        (&[&after_end], &["inserted 13"]),
        (&swap, &["changed 7", "changed 8", "changed 9"]),
    ];
    for database in Database::each().await {
        chained(&database, 12).await;
        for (statements, named) in cases {
            tamper(&database, "create table kept as select * from consents").await;
            for sql in statements {
                assert!(tamper(&database, sql).await > 0, "{sql}");
            }
            let found = prove(&database).await;
            assert_eq!(found.breaks.iter().map(short).collect::<Vec<_>>(), named, "{statements:?}");
            tamper(&database, "delete from consents").await;
            tamper(&database, "insert into consents select * from kept").await;
            tamper(&database, "drop table kept").await;
            assert_eq!(prove(&database).await.breaks, []);
        }
    }
}

fn short(broken: &Break) -> String {
    let number = match broken {
        Break::Changed { number, .. }
        | Break::PutIn { number, .. }
        | Break::End { number }
        | Break::Anchor { number }
        | Break::Unproven { number, .. } => number,
        Break::Removed { first, .. } | Break::Early { first, .. } => first,
    };
    format!("{} {number}", broken.kind())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_does_not_hide_rows_that_somebody_took_away() {
    for database in Database::each().await {
        chained(&database, 12).await;
        let last = "insert into consent_checkpoints (first, last, hash, at) select 3, 5, chain_hash, chained_at \
            from consents where chain_no = 5";
        assert_eq!(tamper(&database, last).await, 1);
        assert_eq!(tamper(&database, "delete from consents where chain_no in (3, 4, 5)").await, 3);
        assert_eq!(prove(&database).await.breaks, [Break::Early { first: 3, last: 5 }], "{}", database.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_no_webhook_proves_is_named_though_it_was_chained() {
    for database in Database::each().await {
        consents(&database, 3).await;
        let late = "insert into consents (id, call_id, call_sid, at, scope, method, notice_version, given, event_id) \
            select 'con_late', call_id, call_sid, at, 'recording', 'key', '1', true, 12345 from consents where id = 'con_003'";
        assert_eq!(tamper(&database, late).await, 1);
        chain::extend(&database.db, at(21), 100).await.expect("extended");
        let found = prove(&database).await;
        assert_eq!(found.breaks.iter().map(Break::kind).collect::<Vec<_>>(), ["unproven"]);
        assert!(found.breaks[0].to_string().contains("con_late"), "{:?}", found.breaks);
    }
}

/// Keeps consents for ten days and nothing else.
const KEEP: Retention = Retention {
    calls_days: 0,
    consents_days: 10,
    voicemails_days: 0,
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

#[tokio::test(flavor = "multi_thread")]
async fn retention_leaves_a_chain_that_still_proves_itself() {
    for database in Database::each().await {
        chained(&database, 12).await;
        // Stored audio of two calls, and a hold on a third one's.
        for (call, hold) in [(2, false), (3, false), (7, true)] {
            tamper(
                &database,
                &format!(
                    "insert into recordings (recording_sid, call_id, call_sid, kind, state, attempts, next_at, legal_hold, \
                     found_at) select 'RE{call}', id, call_sid, 'dial', '{}', 1, started_at, {hold}, started_at from calls \
                     where call_sid = '{}'",
                    if hold { "absent" } else { "stored" },
                    sid(call)
                ),
            )
            .await;
        }
        assert_eq!(Ledger::sweep(&database.db, at(25), &KEEP).await.expect("swept"), 0);
        while Ledger::sweep(&database.db, year(), &KEEP).await.expect("swept") > 0 {}
        let found = prove(&database).await;
        assert_eq!((found.rows, found.forgotten, found.breaks), (4, 8, vec![]), "{}", database.url);
        assert_eq!(database.rows("consent_checkpoints").await, 3);
        tamper(&database, "update recordings set state = 'deleted', legal_hold = false").await;
        while Ledger::sweep(&database.db, year(), &KEEP).await.expect("swept") > 0 {}
        // The last old one stays: it shows that those before it were old.
        assert_eq!((database.rows("consents").await, database.rows("consent_checkpoints").await), (1, 1));
        let found = prove(&database).await;
        assert_eq!((found.rows, found.forgotten, found.breaks), (1, 11, vec![]));
    }
}

fn verify(url: &str, data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["consent", "verify"])
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("DATA_DIR", data)
        .output()
        .expect("the binary runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_it_and_exits_with_it() {
    for database in Database::each().await {
        chained(&database, 4).await;
        let data = tempfile::tempdir().expect("a folder");
        let verify = |arguments: &[&str]| verify(&database.url, data.path(), arguments);
        let good = verify(&[]);
        let said = String::from_utf8_lossy(&good.stdout).into_owned();
        assert_eq!(good.status.code(), Some(0), "{good:?}");
        assert!(said.contains("4 consents in the chain") && said.contains("the chain is whole"), "{said}");
        let head = said.split("head ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a head").to_owned();
        assert_eq!(verify(&["--anchor", &head]).status.code(), Some(0));
        assert_eq!(verify(&["--anchor", "4:x"]).status.code(), Some(2));
        let old = "9:".to_owned() + &"0".repeat(64);
        assert_eq!(verify(&["--anchor", &old]).status.code(), Some(1));
        let audio = "insert into recordings (recording_sid, call_id, call_sid, kind, state, attempts, next_at, legal_hold, \
            found_at, path) select 'RE' || id, id, call_sid, 'dial', 'stored', 1, started_at, false, '2026-11-21T00:00:00.000000+00:00', 'x' from calls";
        assert_eq!(tamper(&database, audio).await, 4);
        tamper(&database, "update consents set scope = 'voicemail' where chain_no = 2").await;
        assert_eq!(verify(&[]).status.code(), Some(1), "their folder is not there");
        // Files that are no recording's, one that is being written, one that was when its writer died.
        tamper(&database, "update recordings set state = 'fetching', path = null where call_id = 4").await;
        std::fs::create_dir_all(data.path().join("audio/2026/11/20")).expect("a folder");
        std::fs::create_dir_all(data.path().join("audio/drafts")).expect("a folder");
        let strays = ["2026/11/20/RE9.wav", "drafts/RE9.one", "loose.wav"];
        for file in ["2026/11/20/RE4.wav", "shelf.id", "drafts/RE4.one", "drafts/RE1.two"].iter().chain(&strays) {
            let file = format!("audio/{file}");
            std::fs::write(data.path().join(file), b"x").expect("a file");
        }
        let bad = verify(&["--json"]);
        assert_eq!(bad.status.code(), Some(1));
        let told: serde_json::Value = serde_json::from_slice(&bad.stdout).expect("JSON");
        assert_eq!((&told["whole"], &told["rows"], &told["unchained"]), (&false.into(), &4.into(), &0.into()));
        assert_eq!((&told["breaks"][0]["kind"], &told["strays"]), (&"changed".into(), &strays[..].into()));
        // One whose consent has another scope now, one that was refused.
        let calls: Vec<&str> =
            told["unconsented"].as_array().expect("a list").iter().filter_map(|r| r["call_sid"].as_str()).collect();
        assert_eq!(calls, [sid(2), sid(3)]);
        let anchored = verify(&["--anchor", &format!("4:{}", "0".repeat(64))]);
        assert!(String::from_utf8_lossy(&anchored.stderr).contains("made anew"), "{anchored:?}");
    }
}
