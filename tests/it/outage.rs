//! The real binary while its database is away, killed without warning: every caller is answered, and in the end
//! everything is stored once.

use crate::crash::{Process, post};
use crate::house::{ADMIN, call, client, with};
use crate::support::{Cluster, Database};
use std::path::{Path, PathBuf};
use switchboard::db::Db;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A database that can be taken away and given back.
enum Away {
    /// A folder is where the file should be.
    Sqlite(Database, PathBuf),
    /// The server does not run.
    Postgres(Database, Cluster),
}

impl Away {
    /// One of each engine, away.
    fn each() -> Vec<Self> {
        let database = Database::sqlite();
        let path = PathBuf::from(database.url.strip_prefix("sqlite://").expect("a path"));
        std::fs::create_dir(&path).expect("a folder in the way");
        let postgres = Cluster::start().map(|mut cluster| {
            cluster.order("stop");
            Self::Postgres(Database::of(Db::open(&cluster.url).expect("a good URL")).at(&cluster.url), cluster)
        });
        [Some(Self::Sqlite(database, path)), postgres].into_iter().flatten().collect()
    }

    fn url(&self) -> &str {
        &self.database().url
    }

    const fn database(&self) -> &Database {
        match self {
            Self::Sqlite(database, _) | Self::Postgres(database, _) => database,
        }
    }

    fn come_back(&mut self) {
        match self {
            Self::Sqlite(_, path) => std::fs::remove_dir(path).expect("the way is free"),
            Self::Postgres(_, cluster) => cluster.order("start"),
        }
    }
}

fn sid(number: usize) -> String {
    format!("CA{number:032x}")
}

/// A caller who goes to the mailbox and leaves a message: four webhooks, two consents.
async fn leaves_a_message(process: &Process, number: usize) {
    let (sid, from) = (sid(number), format!("+1403555{number:04}"));
    let fields = with(call(&sid), &[("From", &from)]);
    let target = |answer: &str, attribute: &str| {
        let (_, rest) = answer.split_once(&format!("{attribute}=\"")).expect("the attribute");
        let (url, _) = rest.split_once('"').expect("its end");
        url.strip_prefix(crate::house::PUBLIC_URL).expect("our own URL").replace("&amp;", "&")
    };
    let welcome = post(&process.base, "/twilio/voice", &fields).await;
    let running = with(fields, &[("CallStatus", "in-progress")]);
    let pressed = with(running.clone(), &[("Digits", "9")]);
    let mailbox = post(&process.base, &target(&welcome, "action"), &pressed).await;
    assert!(mailbox.contains("<Record"), "the spool counts as stored: {mailbox}");
    let (_, record) = mailbox.split_once("<Record").expect("a verb");
    let recorded = with(running.clone(), &[("RecordingSid", "RE1"), ("RecordingDuration", "7")]);
    let thanks = post(&process.base, &target(record, "action"), &recorded).await;
    assert!(thanks.contains("<Response"), "{thanks}");
    let completed = with(running, &[("CallStatus", "completed"), ("CallDuration", "20")]);
    assert!(post(&process.base, "/twilio/status", &completed).await.contains("<Response"));
}

/// Asks for health until it is good: nothing waits any more.
async fn healthy(process: &Process) {
    let asking = async {
        loop {
            let answer = client().get(format!("{}/health", process.base)).bearer_auth(ADMIN).send().await;
            let text = answer.expect("an answer").text().await.expect("a body");
            if text.contains(r#""status":"healthy""#) && text.contains("the database answers\"") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("the house gets well");
}

async fn every_message_is_there_once(database: &Database, calls: i64) {
    assert_eq!(database.count("select count(*) from calls where state = 'completed'").await, calls);
    assert_eq!(database.rows("call_events").await, calls * 4, "{}", database.url);
    assert_eq!(database.rows("consents").await, calls * 2);
    assert_eq!(database.count("select count(*) from voicemails where state = 'recorded'").await, calls);
    for kind in ["call.started", "call.ended"] {
        let sql = format!("select count(*) from events where type = '{kind}'");
        assert_eq!(database.count(Box::leak(sql.into_boxed_str())).await, calls, "{kind}");
    }
}

fn no_spool_is_left(data: &Path) {
    let left = std::fs::read_dir(data.join("data/spool")).expect("the folder");
    assert_eq!(left.count(), 1, "only that of the running process");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twice_in_an_outage_every_message_appears_once() {
    for mut away in Away::each() {
        let data = tempfile::tempdir().expect("a folder");
        for instance in 0..2 {
            let process = Process::start(away.url(), data.path());
            for number in 0..3 {
                leaves_a_message(&process, instance * 3 + number).await;
            }
            process.kill();
        }
        let process = Process::start(away.url(), data.path());
        leaves_a_message(&process, 6).await;
        away.come_back();
        healthy(&process).await;
        no_spool_is_left(data.path());
        every_message_is_there_once(away.database(), 7).await;
        process.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_replay_every_message_appears_once() {
    const CALLS: usize = 100;
    for mut away in Away::each() {
        let data = tempfile::tempdir().expect("a folder");
        let process = Process::start(away.url(), data.path());
        for ten in 0..CALLS / 10 {
            let callers = (ten * 10..ten * 10 + 10).map(|number| leaves_a_message(&process, number));
            futures_util::future::join_all(callers).await;
        }
        process.kill();
        away.come_back();
        // Killed at any point of its start: nothing replayed, some of it, all of it.
        for _ in 0..4 {
            Process::start(away.url(), data.path()).kill();
        }
        let process = Process::start(away.url(), data.path());
        healthy(&process).await;
        no_spool_is_left(data.path());
        every_message_is_there_once(away.database(), i64::try_from(CALLS).expect("few")).await;
        process.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_stopped_and_started_while_callers_are_on_the_line() {
    let Some(mut cluster) = Cluster::start() else { return };
    let database = Database::of(Db::open(&cluster.url).expect("a good URL")).at(&cluster.url);
    let data = tempfile::tempdir().expect("a folder");
    let process = Process::start(&cluster.url, data.path());
    healthy(&process).await;
    let callers = |from: usize| (from..from + 10).map(|number| leaves_a_message(&process, number));
    for (turn, order) in ["stop", "start", "stop", "start"].into_iter().enumerate() {
        let calls = futures_util::future::join_all(callers(turn * 10));
        tokio::join!(calls, async { tokio::task::block_in_place(|| cluster.order(order)) });
    }
    healthy(&process).await;
    every_message_is_there_once(&database, 40).await;
    process.kill();
}
