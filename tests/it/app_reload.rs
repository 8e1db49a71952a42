//! The real binary, told by SIGHUP to read its configuration anew.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

const LINE: &str = "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\n";
/// Legal, and likely not meant.
const DIALS_ITSELF: &str = "[lines.menus.main]\nprompt = \"Press 1.\"\nkeys = { 1 = { dial = \"+15875550100\" } }\n";

/// The service, with its log to read on.
struct Service {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Service {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .current_dir(folder)
            .env_clear()
            .envs([("BIND_ADDR", "127.0.0.1:0"), ("LOG_FORMAT", "json")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let log = BufReader::new(child.stderr.take().expect("its log")).lines();
        Self { child, log }
    }

    /// Messages of the log up to the first with this beginning.
    fn messages_until(&mut self, beginning: &str) -> Vec<String> {
        let mut messages = Vec::new();
        for line in self.log.by_ref() {
            let line: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
            messages.push(line["message"].as_str().unwrap_or("").to_owned());
            if messages.last().is_some_and(|message| message.starts_with(beginning)) {
                return messages;
            }
        }
        panic!("the log ended without {beginning:?}: {messages:#?}");
    }

    fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_reload_says_what_an_operator_should_know() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("switchboard.toml");
    std::fs::write(&file, LINE).expect("a file");
    let mut service = Service::start(folder.path());
    service.messages_until("answering calls");

    std::fs::write(&file, format!("{LINE}{DIALS_ITSELF}")).expect("a file");
    service.hang_up();
    let said = service.messages_until("configuration reloaded");
    assert!(said.iter().any(|message| message.contains("leads back to this service")), "{said:#?}");

    std::fs::write(&file, "[[lines]]\n").expect("a file");
    service.hang_up();
    let said = service.messages_until("the old configuration stays");
    assert!(said.iter().any(|message| message == "configuration refused"), "{said:#?}");
}
