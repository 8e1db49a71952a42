//! Who talks on a line, how soon a caller's voice counts, and which secret an agent shares with us.

use switchboard::base::Secret;
use switchboard::config::barge_in::{BargeIn, BargeInPreset};
use switchboard::config::{FixedSource, Loaded, Mistake, load, to_json, to_toml};

const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n";

fn read(source: &FixedSource, rows: &str) -> Result<Loaded, String> {
    load(source, Some(("s.toml", &format!("{LINE}{rows}"))))
        .map_err(|mistakes| mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n"))
}

fn listens(rows: &str) -> BargeIn {
    read(&FixedSource::default(), rows).unwrap().lines[0].agent.barge_in
}

fn refused(rows: &str) -> String {
    read(&FixedSource::default(), rows).unwrap_err()
}

#[test]
fn a_preset_is_taken_whole_or_apart() {
    assert_eq!(listens(""), BargeInPreset::Balanced.numbers());
    assert_eq!(listens("[lines.agent]\nbarge_in = \"fast\"\n"), BargeInPreset::Fast.numbers());
    assert_eq!(listens("[lines.barge_in]\npreset = \"calm\"\n"), BargeInPreset::Calm.numbers());
    let calm = BargeIn { evidence: 12, silence_ms: 720, ..BargeInPreset::Calm.numbers() };
    assert_eq!(listens("barge_in = { preset = \"calm\", evidence = 12, silence_ms = 705 }\n"), calm, "whole frames");
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let row = |rows: &str| refused(&format!("[lines.barge_in]\n{rows}\n"));
    assert_eq!(row("evidence = 31"), "s.toml:5:12: `evidence` is 31; write a whole number from 1 to 30");
    assert_eq!(row("silence_ms = 20"), "s.toml:5:14: `silence_ms` is 20; write a whole number from 100 to 3000");
    assert!(
        row("speech_ms = \"fast\"").starts_with("s.toml:5:13: `speech_ms` is a text"),
        "{}",
        row("speech_ms = \"fast\"")
    );
    assert!(row("preset = \"eager\"").contains("`eager` is no preset"));
    assert!(row("treshold = 1").contains("unknown key `treshold`"));
    let twice = refused("[lines.agent]\nbarge_in = \"fast\"\n[lines.barge_in]\nevidence = 4\n");
    assert_eq!(twice, "s.toml:5:12: `barge_in` stands here and in [lines.barge_in]; keep one of them");
}

#[test]
fn numbers_in_force_are_printed_and_read_back() {
    let rows = "[lines.barge_in]\nevidence = 7\n[lines.agent]\nsecret_env = \"AGENT_SECRET_A\"\n";
    let first = read(&FixedSource::default(), rows).unwrap();
    let text = to_toml(&first);
    for row in [
        "preset = \"balanced\"",
        "evidence = 7",
        "speech_ms = 100",
        "silence_ms = 500",
        "secret_env = \"AGENT_SECRET_A\"",
    ] {
        assert!(text.lines().any(|line| line == row), "{row} in {text}");
    }
    assert_eq!(load(&FixedSource::default(), Some(("s.toml", &text))).unwrap().lines, first.lines);
    assert_eq!(to_json(&first)["lines"][0]["barge_in"]["evidence"], 7);
}

#[test]
fn a_line_names_the_variable_of_its_secret_and_never_the_secret() {
    let rows = "[lines.agent]\nkind = \"websocket\"\nurl = \"wss://a.example/\"\nsecret_env = \"AGENT_SECRET_A\"\n";
    let source = FixedSource::new([("AGENT_SECRET_A_FILE", "/run/a"), ("AGENT_SECRET_B", "b")])
        .with_file("/run/a", "whsec_YQ==\n");
    let loaded = read(&source, rows).unwrap();
    let named = &loaded.settings.agents.named;
    assert_eq!(named.keys().collect::<Vec<_>>(), ["AGENT_SECRET_A", "AGENT_SECRET_B"]);
    assert_eq!(named.get("AGENT_SECRET_A").map(Secret::expose), Some("whsec_YQ=="));
    assert!(loaded.warnings.is_empty() && !to_toml(&loaded).contains("whsec"), "{:?}", loaded.warnings);
    let unset = read(&FixedSource::default(), rows).unwrap().warnings;
    assert_eq!(unset.len(), 1);
    let told = unset[0].to_string();
    assert!(told.starts_with("s.toml:7:") && told.contains("AGENT_SECRET_A is not set"), "{told}");
    for wrong in [
        "whsec_c2VjcmV0",
        "TWILIO_AUTH_TOKEN",
        "AGENT_SECRET",
        "AGENT_SECRET_",
        "AGENT_SECRET_A_FILE",
        "AGENT_SECRET_a",
    ] {
        let told = refused(&format!("[lines.agent]\nsecret_env = \"{wrong}\"\n"));
        assert!(told.starts_with("s.toml:5:14: `secret_env` is not the name") && !told.contains("c2VjcmV0"), "{told}");
    }
}

#[test]
fn a_secret_that_no_header_carries_is_refused_by_the_name_of_its_variable() {
    let source =
        FixedSource::new([("AGENT_SECRET_A", "a\nb"), ("AGENT_SECRET_B", "b"), ("AGENT_SECRET_B_FILE", "/run/b")]);
    let told = read(&source, "").unwrap_err();
    assert!(
        told.contains("AGENT_SECRET_A: holds characters") && told.contains("AGENT_SECRET_B_FILE: is set, and so is"),
        "{told}"
    );
}
