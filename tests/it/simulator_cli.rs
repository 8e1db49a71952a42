//! The commands that play the carrier, as a user runs them.

use crate::simulator_stand::{Stand, TOKEN};
use std::process::{Command, Output};

fn switchboard(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(args).env_clear().env("TWILIO_AUTH_TOKEN", TOKEN);
    command
}

fn run(args: &[&str]) -> Output {
    switchboard(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {output:?}"))
}

/// The stand answers while the command runs.
async fn call(stand: &Stand, args: &[&str]) -> Output {
    let url = stand.open().await;
    let all: Vec<String> =
        ["call", "--url", &url, "--speed", "max"].iter().chain(args).map(|&arg| arg.to_owned()).collect();
    let command = move || run(&all.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(command).await.unwrap()
}

#[tokio::test]
async fn call_shows_a_transcript_and_says_by_its_exit_code_whether_it_went_through() {
    let good = Stand::new().twiml("/twilio/voice", "<Say>Hello.</Say>");
    let output = call(&good, &["--from", "+15875550119"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("line     \u{201c}Hello.\u{201d}") && !stdout(&output).contains('\u{1b}'));
    assert_eq!(good.seen()[0].field("From").as_deref(), Some("+15875550119"));

    let bad = Stand::new().answer("/twilio/voice", 403, "text/plain", "no").twiml("/twilio/fallback", "<Hangup/>");
    let output = call(&bad, &["--json"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["errors"][0]["code"], 11200);
    assert_eq!(json(&output)["steps"][1]["request"]["status"], 403);
}

#[test]
fn what_cannot_be_done_is_a_usage_error() {
    for args in [
        &["call", "--speak", "no-such-file.wav"][..],
        &["call", "--press", "x"],
        &["call", "--dial-outcome", "cancelled"],
        &["load", "--url", "http://phone.example.com"],
        &["load", "--mix", "sing=1"],
        &["sign"],
        &["sign", "--url", "notaurl"],
        &["verify", "--url", "notaurl", "--signature", "x"],
        &["verify", "--url", "mailto:ana@example.com", "--signature", "x"],
        &["verify", "--url", "https://", "--signature", "x"],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
    let told = run(&["verify", "--url", "notaurl", "--signature", "x"]);
    assert!(String::from_utf8(told.stderr).unwrap().contains("not a URL: write it as Twilio was given it"));
    let missing =
        switchboard(&["sign", "--url", "https://h.example/"]).env_remove("TWILIO_AUTH_TOKEN").output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn a_signature_made_by_sign_is_valid_for_verify() {
    let url = "https://voice.example.net/twilio/voice?v=1";
    let signature = stdout(&run(&["sign", "--url", url, "CallSid=CA1", "From=+15875550111"]));
    let verify = |url, from| run(&["verify", "--url", url, "--signature", signature.trim(), "CallSid=CA1", from]);
    let valid = verify(url, "From=+15875550111");
    assert_eq!((valid.status.code(), stdout(&valid).as_str()), (Some(0), "valid\n"));
    let scheme = verify("http://voice.example.net/twilio/voice?v=1", "From=+15875550111");
    assert_eq!(scheme.status.code(), Some(1));
    assert!(stdout(&scheme).contains("https"), "{}", stdout(&scheme));
    let other = verify(url, "From=+15875550112");
    assert!(other.status.code() == Some(1) && !stdout(&other).contains(TOKEN));
}

#[test]
fn a_json_body_is_bound_to_its_url() {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body.json");
    std::fs::write(&body, "{\"a\": 1}").unwrap();
    let body = body.to_str().unwrap();
    let signed = run(&["sign", "--url", "https://h.example/hook", "--json", body]);
    let note = String::from_utf8(signed.stderr.clone()).unwrap();
    let url = note.trim().rsplit(' ').next().unwrap();
    let verified = run(&["verify", "--url", url, "--signature", stdout(&signed).trim(), "--json", body]);
    assert_eq!(stdout(&verified), "valid\n");
}

#[test]
fn every_call_of_the_demo_goes_as_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let arguments = ["demo", "--once", "--json", "--heard", heard.to_str().unwrap()];
    let output = switchboard(&arguments).env("BIND_ADDR", "127.0.0.1:0").output().unwrap();
    let outcome = json(&output);
    let all = |of: &str| outcome[of].as_array().unwrap().clone();
    let shown = [all("calls"), all("pages")].concat();
    let wrong: Vec<_> = shown.iter().flat_map(|one| one["problems"].as_array().unwrap()).collect();
    assert!(wrong.is_empty() && outcome["ok"] == true, "{wrong:?}, {}", outcome["health"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(all("calls").len() >= 6);
    let mut files: Vec<_> =
        std::fs::read_dir(&heard).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let expected = ["700-zone-701", "700-zone-702", "700-zone-703", "700-zone-704", "701-zone-701"];
    assert_eq!(files, expected.map(|name| format!("{name}.wav")));
}

#[test]
fn the_demo_stays_on_this_machine_and_out_of_production() {
    for (name, value) in [("ENVIRONMENT", "production"), ("BIND_ADDR", "0.0.0.0:0")] {
        let output = switchboard(&["demo", "--once"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(output.stdout.is_empty());
    }
}
