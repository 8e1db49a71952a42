//! The real binary, killed without warning: what was answered is stored.

use crate::house::{ADMIN, PUBLIC_URL, TOKEN, call, client, encode, signature};
use crate::support::Database;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The service as a process of its own.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
}

impl Process {
    pub(crate) fn start(database_url: &str, data: &std::path::Path) -> Self {
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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let address = lines.find_map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line.ok()?).ok()?;
            line.get("address")?.as_str().map(str::to_owned)
        });
        // Reads on to the end, or the process would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, base: format!("http://{}", address.expect("it says where it listens")) }
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
