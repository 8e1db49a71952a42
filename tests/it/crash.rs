//! The real binary, killed without warning: what was answered is stored.

use crate::house::{ADMIN, PUBLIC_URL, TOKEN, call, client, encode, signature};
use crate::paging_place::{Place, quiet_frames, until};
use crate::support::Database;
use sqlx::AssertSqlSafe;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use switchboard::db::Db;

/// The service as a process of its own.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
    /// Lines of its log behind its start.
    pub(crate) log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    pub(crate) fn start(database_url: &str, data: &Path) -> Self {
        Self::with(database_url, data, &[])
    }

    /// With further variables.
    pub(crate) fn with(database_url: &str, data: &Path, more: &[(&str, String)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .arg("serve")
            .current_dir(data)
            .env_clear()
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("PUBLIC_URL", PUBLIC_URL)
            .env("DATABASE_URL", database_url)
            .env("DATA_DIR", data.join("data"))
            .env("TWILIO_AUTH_TOKEN", TOKEN)
            .env("ADMIN_TOKEN", ADMIN)
            .env("LOG_FORMAT", "json")
            .envs(more.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let address = lines.find_map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line.ok()?).ok()?;
            let address =
                line.get("address").filter(|_| line.get("message").is_some_and(|said| said == "answering calls"))?;
            address.as_str().map(str::to_owned)
        });
        // Reads on to the end, or the process would stop at a full pipe.
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&log);
        let keep = move |line: String| kept.lock().expect("a lock").push(line);
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(keep));
        Self { log, child, base: format!("http://{}", address.expect("it says where it listens")) }
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it is gone");
    }
}

pub(crate) async fn post(base: &str, target: &str, fields: &[(&str, &str)]) -> String {
    let body = encode(fields);
    let signature = signature(TOKEN, target, &body);
    let request = client().post(format!("{base}{target}")).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.header("x-twilio-signature", signature).send().await.expect("an answer");
    answer.text().await.expect("a body")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_answer_nothing_is_lost_and_a_copy_hears_the_same() {
    for database in Database::each().await {
        let data = tempfile::tempdir().expect("a folder");
        let mut answers = Vec::new();
        for round in 0..3 {
            let sid = format!("CA{round:032x}");
            let process = Process::start(&database.url, data.path());
            answers.push((sid.clone(), post(&process.base, "/twilio/voice", &call(&sid)).await));
            process.kill();
        }
        assert_eq!(database.count("select count(*) from calls").await, 3);
        assert_eq!(database.count("select count(*) from call_events").await, 3);
        let process = Process::start(&database.url, data.path());
        for (sid, answer) in &answers {
            assert!(answer.contains("<Gather"), "{answer}");
            assert_eq!(&post(&process.base, "/twilio/voice", &call(sid)).await, answer);
        }
        process.kill();
        assert_eq!(database.count("select count(*) from call_events").await, 3);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_at_once_with_exit_code_0() {
    let (database, data) = (Database::sqlite(), tempfile::tempdir().expect("a folder"));
    let mut process = Process::start(&database.url, data.path());
    post(&process.base, "/twilio/voice", &call("CA1")).await;
    let terminated = Command::new("kill").arg(process.child.id().to_string()).status().expect("kill runs");
    assert!(terminated.success());
    let status = tokio::task::spawn_blocking(move || process.child.wait()).await.expect("no panic").expect("it ends");
    assert_eq!(status.code(), Some(0));
}

/// Keepers of contacts that were started in this folder.
#[cfg(target_os = "linux")]
fn keepers(folder: &Path) -> usize {
    let keeps = |process: &Path| {
        let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let there = std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder);
        there && command.windows(14).any(|word| word == b"contact-keeper")
    };
    std::fs::read_dir("/proc").expect("a system").flatten().filter(|process| keeps(&process.path())).count()
}

/// As if the sign of life of a dead process were older than it may be, where instances share a database.
async fn long_ago(database: &Database) {
    let sql = "update pages set alive_until = '2026-01-01T00:00:00.000000+00:00' where state = 'playing'";
    if let Db::Postgres(engine) = &database.db {
        sqlx::query(AssertSqlSafe(sql)).execute(&engine.rest).await.expect("an update");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_page_the_contact_opens_and_the_next_start_is_clean() {
    for database in Database::each().await {
        let (data, place) = (tempfile::tempdir().expect("a folder"), Place::new());
        let folder = data.path().canonicalize().expect("a folder");
        let contact = folder.join("contact");
        let file = format!("[paging.contacts.amplifier]\nfile = \"{}\"\n", contact.display());
        let file = place.file("contact = \"amplifier\"", &file);
        std::fs::write(folder.join("switchboard.toml"), file).expect("written");
        let closed = || std::fs::read_to_string(&contact).unwrap_or_default().trim() == "1";
        let variables = place.variables();

        let process = Process::with(&database.url, &folder, &variables);
        let mut phone = place.call("701").await.expect("a page");
        phone.mouth.say_all(&quiet_frames(10)).await.expect("sent");
        let begun = "select count(*) from pages where started_at is not null";
        until("the page is a row", async || database.count(begun).await == 1).await;
        assert!(closed() && keepers(&folder) == 1);
        process.kill();
        until("the contact is open", async || !closed()).await;
        until("its keeper is gone", async || keepers(&folder) == 0).await;
        long_ago(&database).await;

        let process = Process::with(&database.url, &folder, &variables);
        let over = "select count(*) from pages where state = 'ended' and reason = 'crashed'";
        until("the page is closed", async || database.count(over).await == 1).await;
        for kind in ["paging.started", "paging.ended"] {
            assert_eq!(database.rows(&format!("events where type = '{kind}'")).await, 1, "{kind}");
        }
        assert!(!closed());
        let phone = place.call("701").await.expect("the zone is free");
        until("the contact is closed", async || closed()).await;
        phone.hang_up().await.expect("hung up");
        until("the contact is open", async || !closed()).await;
        process.kill();
        until("its keeper is gone", async || keepers(&folder) == 0).await;
    }
}
