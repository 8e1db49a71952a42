//! `switchboard twin`, as a user runs it.

use crate::twin_client::Client;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

fn twin(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("twin").args(args).env_clear();
    command
}

fn refused(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// A twin that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_has_no_place_in_production() {
    let mut command = twin(&["--port", "0"]);
    command.env("ENVIRONMENT", "production");
    let (code, words) = refused(command);
    assert!(code == Some(2) && words.contains("production"), "{words}");
}

#[test]
fn what_cannot_be_done_is_a_usage_error() {
    for args in [["--faults", "2"], ["--route", "https://a.example"], ["--speed", "slow"], ["--api-key", "AC1:x"]] {
        let (code, words) = refused(twin(&args));
        assert!(code == Some(2) && words.contains(args[0]), "{args:?}: {words}");
    }
}

#[tokio::test]
async fn it_says_how_to_point_a_client_at_it_and_does_not_print_a_token_it_was_given() {
    let mut command = twin(&["--port", "0", "--seed", "7", "--faults", "0.5"]);
    command.env("TWILIO_AUTH_TOKEN", "given-secret").stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told: Vec<_> = lines.by_ref().take_while(|line| !line.starts_with("Seed")).collect();
    let value = |name: &str| told.iter().find_map(|line| line.trim().strip_prefix(name)).map(str::to_owned);
    let (base, account) = (value("export TWILIO_API_BASE_URL=").unwrap(), value("export TWILIO_ACCOUNT_SID=").unwrap());
    assert!(!told.concat().contains("given-secret") && value("export TWILIO_AUTH_TOKEN=").is_none());
    let client = Client::new(&base, &account, "given-secret");
    assert_eq!(client.delete("/twin/faults").await, 204);
    assert_eq!(client.get(&format!("/2010-04-01/Accounts/{account}.json")).await.0, 200);
}

#[test]
fn as_json_it_says_the_same_with_a_token_it_made_up() {
    let mut command = twin(&["--port", "0", "--seed", "7", "--json"]);
    let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut text = String::new();
    let mut stdout = running.0.stdout.take().unwrap();
    while !text.ends_with("}\n") {
        let mut piece = [0; 512];
        let read = stdout.read(&mut piece).unwrap();
        assert!(read > 0, "ended with {text}");
        text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
    }
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((told["auth_token"].as_str().unwrap().len(), told["seed"].as_u64()), (32, Some(7)));
    assert!(told["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}
