//! What each script must come to.

use super::script::Mutation;
use super::stage::Stage;
use crate::agents::port::{Cause, FromAgent, Ms, Tool, Transcript, Who};
use crate::audio::{g711, tone};

const MUTATIONS: [Mutation; 6] =
    [Mutation::Cut, Mutation::Joined, Mutation::Unknown, Mutation::Doubled, Mutation::Early, Mutation::Slow];

/// Milliseconds of a tone that the caller heard, and when it began.
fn heard(stage: &Stage, hz: f64) -> (Ms, usize) {
    let frames = stage.telephone.heard.iter().filter(|(_, _, frame)| {
        let samples: Vec<i16> = frame.iter().map(|byte| g711::decode(*byte)).collect();
        samples.len() == 160 && tone::share(&samples, hz, 8_000) > 0.9
    });
    let times: Vec<Ms> = frames.map(|(at, ..)| *at).collect();
    (times.first().copied().unwrap_or(Ms::MAX), times.len() * 20)
}

fn lines(said: &[Transcript]) -> Vec<(Who, &str, bool)> {
    said.iter().filter(|said| said.last).map(|said| (said.who, said.text.as_str(), said.interrupted)).collect()
}

fn cause(stage: &Stage) -> Option<(Ms, Cause)> {
    match &stage.telephone.failed {
        Some((at, FromAgent::Failed(failure))) => Some((*at, failure.cause)),
        _ => None,
    }
}

#[test]
fn a_normal_turn() {
    let stage = Stage::play("01-normal-turn", None, Mutation::None);
    stage.check();
    assert_eq!(heard(&stage, 440.0).1, 1_600);
    let (first, _) = heard(&stage, 520.0);
    assert!(first <= 5_700, "{first}");
    let said = [
        (Who::Agent, "Good morning, the bakery, how can I help?", false),
        (Who::Caller, "When do you open tomorrow?", false),
        (Who::Agent, "We open at seven and close at five.", false),
    ];
    assert_eq!(lines(&stage.telephone.said), said);
}

#[test]
fn an_interruption_of_an_answer_that_is_still_made() {
    let stage = Stage::play("02-interruption-generating", None, Mutation::None);
    stage.check();
    stage.hold();
    let (_, _, heard_ms) = stage.telephone.cuts[0];
    assert!((700..=1_150).contains(&heard_ms), "{heard_ms}");
    let cut = stage.telephone.said.iter().find(|said| said.interrupted).unwrap();
    assert!("Our bread list is long: rye, wheat,".starts_with(&cut.text) && cut.text.len() > 10, "{}", cut.text);
    assert!(heard(&stage, 620.0).0 <= 5_500);
}

#[test]
fn an_interruption_when_all_has_been_made() {
    let stage = Stage::play("03-interruption-after-done", None, Mutation::None);
    stage.check();
    stage.hold();
    assert!(stage.telephone.cuts[0].0 <= 4_200);
}

#[test]
fn a_tool_waits_for_the_farewell() {
    let stage = Stage::play("04-tool-call", None, Mutation::None);
    stage.check();
    assert_eq!(heard(&stage, 520.0).1, 1_200);
    let (at, tool) = &stage.telephone.tools[0];
    assert!((5_100..=5_600).contains(at), "{at}");
    assert!(matches!(tool, Tool::Transfer { name, .. } if name == "sales"));
}

#[test]
fn errors_that_end_nothing() {
    let stage = Stage::play("05-error-nonfatal", None, Mutation::None);
    stage.check();
    assert_eq!(cause(&stage), None);
    assert!(stage.notes.contains(&"agent_error") && stage.notes.contains(&"response_failed"));
    assert!(heard(&stage, 520.0).0 <= 5_700);
    assert_eq!(stage.sent.iter().filter(|(_, _, sent)| sent["type"] == "response.create").count(), 2, "one retry");
}

#[test]
fn an_error_that_ends_it() {
    let stage = Stage::play("06-error-fatal", None, Mutation::None);
    stage.check();
    let (at, cause) = cause(&stage).unwrap();
    assert!(at < 2_000 && cause == Cause::Denied);
    assert_eq!(stage.dials.len(), 1);
}

#[test]
fn a_broken_connection_leads_to_the_next_step() {
    let stage = Stage::play("07-disconnect-mid-utterance", Some("A"), Mutation::None);
    stage.check();
    assert_eq!(cause(&stage), Some((3_300, Cause::Closed)));
}

#[test]
fn a_broken_connection_is_mended_with_what_was_heard() {
    let stage = Stage::play("07-disconnect-mid-utterance", Some("B"), Mutation::None);
    stage.check();
    let said: Vec<&str> =
        stage.sent.iter().filter_map(|(_, _, sent)| sent["item"]["content"][0]["text"].as_str()).collect();
    let lines = lines(&stage.telephone.said);
    assert_eq!(said, lines.iter().map(|(_, text, _)| *text).collect::<Vec<_>>());
    assert_eq!(said.len(), 3);
}

#[test]
fn an_hour_is_over_and_nobody_notices() {
    let stage = Stage::play("08-session-expired", None, Mutation::None);
    stage.check();
    let (at, socket) = stage.dials[1];
    assert!(at <= 3_480_000 && socket == 2);
}

#[test]
fn another_format_than_was_asked_for() {
    let stage = Stage::play("09-format-ignored", None, Mutation::None);
    stage.check();
    let (first, length) = heard(&stage, 440.0);
    assert!(first <= 900 && (380..=400).contains(&length), "{first} {length}");
    assert_eq!(stage.notes.iter().filter(|note| **note == "format").count(), 1);
}

#[test]
fn a_server_that_freezes() {
    let stage = Stage::play("10-stall", None, Mutation::None);
    stage.check();
    let (at, cause) = cause(&stage).unwrap();
    assert!(at <= 1_000 && cause == Cause::Late, "{at}");
    assert!(!stage.closes.is_empty());
}

#[test]
fn no_mutation_breaks_what_always_holds() {
    for (name, variant, tone_hz) in [
        ("01-normal-turn", None, 520.0),
        ("02-interruption-generating", None, 620.0),
        ("03-interruption-after-done", None, 520.0),
        ("04-tool-call", None, 520.0),
        ("05-error-nonfatal", None, 520.0),
        ("06-error-fatal", None, 0.0),
        ("07-disconnect-mid-utterance", Some("A"), 440.0),
        ("09-format-ignored", None, 440.0),
        ("10-stall", None, 0.0),
    ] {
        for mutation in MUTATIONS {
            let stage = Stage::play(name, variant, mutation);
            stage.hold();
            if mutation != Mutation::Slow {
                stage.check();
            }
            if tone_hz > 0.0 {
                assert!(heard(&stage, tone_hz).1 >= 300, "{name} {mutation:?}");
            }
        }
    }
}
