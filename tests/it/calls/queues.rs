//! Waiting in a queue, leaving it in every way, and taking its calls.

use super::phone::{Heard, Hook, SID, arrive, send, world_of};
use switchboard::base::Outcome;
use switchboard::calls::prover::prove;
use switchboard::config::{FixedSource, load};
use switchboard::gate::Route;
use switchboard::twiml::{Callee, Enqueue, Prompted, Verb, Waiting};
use switchboard::world::World;

const STAFF: &str = "+15875550142";

const DESK: &str = r#"
[[lines]]
name = "front-desk"
numbers = ["+15875550100"]
people.ana = { dial = "+15875550142" }
[lines.menus.main]
prompt = "?"
[lines.menus.main.keys]
1 = { queue = "support", max_wait_s = 300, max_size = 5, say = "Hold on." }
2 = { queue = "support", music = "https://sound.example/wait.mp3", leave_key = "none" }
7 = { answer_queue = "support", from = ["ana", "+1587999*"], wait_s = 45 }
9 = "voicemail"
"#;

fn enqueue(heard: &Heard) -> &Enqueue {
    let found = heard.document.verbs.iter().find_map(|verb| if let Verb::Enqueue(it) = verb { Some(it) } else { None });
    found.expect("an Enqueue")
}

fn joined(world: &World, key: &str) -> Heard {
    send(world, &arrive(world).presses(key))
}

/// The carrier asks what the caller hears who is at this place and has waited so long.
fn waits(world: &World, joined: &Heard, place: &str, waited: &str) -> Heard {
    let hook = Hook::to(enqueue(joined).wait_url.as_deref().expect("a wait URL"));
    let fields = [("QueuePosition", place), ("QueueTime", waited), ("CurrentQueueSize", "3"), ("AvgQueueTime", "44")];
    send(world, &hook.with(&fields))
}

fn left(world: &World, joined: &Heard, result: &str, waited: &str) -> Heard {
    let hook = Hook::to(enqueue(joined).action.as_deref().expect("an action"));
    send(world, &hook.with(&[("QueueResult", result), ("QueueTime", waited)]))
}

/// Kinds of the events, with what is theirs.
fn events(heard: &Heard) -> Vec<(&'static str, String)> {
    heard.unit.facts.events().iter().map(|event| (event.kind, event.data.to_string())).collect()
}

fn lets_go(heard: &Heard) -> bool {
    heard.has(|verb| matches!(verb, Verb::Leave(_)))
}

#[test]
fn a_caller_waits_hears_his_place_and_may_leave() {
    let world = world_of(DESK);
    let inside = joined(&world, "1");
    assert_eq!(inside.said(), "Hold on.");
    assert_eq!(enqueue(&inside).waiting, Waiting::Queue("front-desk.support".to_owned()));
    assert_eq!(enqueue(&inside).max_queue_size, Some(5));
    let round = waits(&world, &inside, "2", "0");
    assert_eq!(
        round.said(),
        "You are number 2 in line. | To leave a message instead, press star. | Please stay on the line. Somebody will take your call."
    );
    let (kind, data) = events(&round).remove(0);
    assert_eq!(kind, "queue.call_added");
    assert_eq!(data, r#"{"expected_wait_s":44,"position":2,"queue":{"line":"front-desk","name":"support"},"size":3}"#);
    assert_eq!(
        waits(&world, &inside, "1", "40").unit.facts.events()[0].id,
        round.unit.facts.events()[0].id,
        "told once"
    );
    let other = send(&world, &round.presses("5"));
    assert!(!lets_go(&other) && other.said().contains("stay on the line"), "another key is nothing");
    assert!(lets_go(&send(&world, &round.presses("*"))));
}

#[test]
fn nobody_waits_for_ever_and_a_full_queue_takes_nobody() {
    let world = world_of(DESK);
    let inside = joined(&world, "1");
    assert!(!lets_go(&waits(&world, &inside, "1", "299")));
    assert!(lets_go(&waits(&world, &inside, "1", "300")));
    assert!(lets_go(&waits(&world, &inside, "6", "0")));
}

#[test]
fn music_is_played_and_a_line_without_a_key_listens_to_none() {
    let world = world_of(DESK);
    let round = waits(&world, &joined(&world, "2"), "1", "5");
    assert_eq!(round.said(), "You are number 1 in line.");
    let [Verb::Say(_), Verb::Play(play)] = round.document.verbs.as_slice() else { panic!("{:?}", round.document) };
    assert_eq!(play.url, "https://sound.example/wait.mp3");
    let with_key = waits(&world, &joined(&world, "1"), "1", "5");
    assert!(with_key.gather().prompts.iter().any(|prompt| matches!(prompt, Prompted::Pause(_))));
}

#[test]
fn every_way_out_leads_on() {
    let world = world_of(DESK);
    let inside = joined(&world, "1");
    for (result, waited, reason) in [
        ("leave", "30", "pressed_out"),
        ("leave", "301", "timed_out"),
        ("queue-full", "", "queue_full"),
        ("error", "3", "error"),
        ("system-error", "", "error"),
        ("somehow", "1", "error"),
    ] {
        let next = left(&world, &inside, result, waited);
        assert!(next.has(|verb| matches!(verb, Verb::Record(_))), "{result}");
        let told = events(&next);
        let abandoned = told.iter().find(|(kind, _)| *kind == "queue.call_abandoned").expect(result);
        assert!(abandoned.1.contains(&format!("\"reason\":\"{reason}\"")), "{result}: {abandoned:?}");
        assert_eq!(next.unit.facts.errors().is_empty(), reason != "error", "{result}");
        assert_eq!(next.said().starts_with("Sorry, nobody"), reason != "pressed_out", "{result}: {}", next.said());
    }
    let talked = left(&world, &inside, "bridged", "41");
    assert_eq!(talked.said(), "Goodbye.");
    assert_eq!(talked.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Answered));
    assert_eq!(events(&talked)[0].0, "queue.call_answered");
    let hook = Hook::to(enqueue(&inside).action.as_deref().expect("an action"));
    let gone = send(&world, &hook.with(&[("QueueResult", "hangup"), ("QueueTime", "9"), ("CallStatus", "completed")]));
    assert_eq!(gone.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Abandoned));
    assert!(events(&gone)[0].1.contains(r#""reason":"hangup","wait_s":9"#), "{:?}", events(&gone));
}

fn staff(hook: Hook) -> Hook {
    hook.with(&[("From", STAFF), ("CallSid", "CAstaff")])
}

fn serves(world: &World) -> Heard {
    send(world, &staff(send(world, &staff(Hook::new(Route::Voice))).presses("7")))
}

#[test]
fn staff_take_one_call_after_the_other() {
    let world = world_of(DESK);
    let dial = serves(&world);
    let Callee::Queue(queue) = &dial.dial().callee else { panic!("no queue") };
    assert_eq!((queue.name.as_str(), dial.dial().timeout), ("front-desk.support", Some(45)));
    assert!(dial.dial().record.is_none());
    // On the leg of the caller who waited.
    let hook = Hook::to(queue.url.as_deref().expect("a URL"));
    let taken = send(&world, &hook.with(&[("QueueTime", "41"), ("DequeingCallSid", "CAstaff")]));
    assert!(taken.document.verbs.is_empty(), "the end of the document connects the two");
    let told = events(&taken);
    assert_eq!(told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["queue.call_answered", "call.answered"]);
    assert!(told[0].1.contains(r#""agent":{"kind":"number","number":"+15875550142"}"#), "{told:?}");
    assert_eq!(taken.unit.call.as_ref().map(|call| call.sid.as_str()), Some(SID));
    let ended = left(&world, &joined(&world, "1"), "bridged", "41");
    assert_eq!(ended.unit.facts.events()[0].id, taken.unit.facts.events()[0].id, "one answer, told twice");
    let next = send(&world, &staff(dial.dialled("completed")).with(&[("DialBridged", "true")]));
    assert!(matches!(next.dial().callee, Callee::Queue(_)));
    let none = send(&world, &staff(next.dialled("no-answer")));
    assert_eq!(none.said(), "Nobody is waiting right now. | ?");
}

#[test]
fn only_who_is_listed_takes_calls() {
    let world = world_of(DESK);
    let stranger = joined(&world, "7");
    assert!(stranger.said().starts_with("Sorry, that is not available right now."), "{}", stranger.said());
    assert!(!stranger.has(|verb| matches!(verb, Verb::Dial(_))));
    let listed = |hook: Hook| hook.with(&[("From", "+15879991234")]);
    let other = send(&world, &listed(send(&world, &listed(Hook::new(Route::Voice))).presses("7")));
    assert!(matches!(other.dial().callee, Callee::Queue(_)));
}

#[test]
fn trouble_while_waiting_lets_the_caller_out() {
    let world = world_of(DESK);
    let inside = joined(&world, "1");
    let url = enqueue(&inside).wait_url.clone().expect("a wait URL");
    let failed = Hook::new(Route::Fallback).with(&[("ErrorCode", "11200"), ("ErrorUrl", &url)]);
    let fault = Hook::to(&url).given(|webhook| switchboard::calls::fault(&world, webhook, "test"));
    for document in [send(&world, &failed).document, super::phone::document(&fault)] {
        assert!(document.verbs.iter().any(|verb| matches!(verb, Verb::Leave(_))), "{document:?}");
    }
    let without =
        world_of(&DESK.replace("1 = { queue = \"support\", max_wait_s = 300, max_size = 5, say = \"Hold on.\" }", ""));
    assert!(lets_go(&waits(&without, &inside, "1", "5")), "a reload took the queue away");
}

#[test]
fn a_line_with_a_queue_is_sound() {
    let world = world_of(DESK);
    let report = prove(&world, &world.lines()[0]);
    assert_eq!(report.findings, []);
}

#[test]
fn a_queue_that_never_lets_go_is_found() {
    let world = world_of(DESK);
    let line = world.lines()[0].clone();
    let report = switchboard::calls::prover::prove_with(&world, &line, &|world, webhook| {
        let mut unit = switchboard::calls::decide(world, webhook);
        let text = String::from_utf8_lossy(&unit.answer).replace("<Leave/>", "<Pause length=\"5\"/>");
        unit.answer = text.into();
        unit
    });
    let found = report.findings.iter().find(|finding| finding.message.contains("waits for ever"));
    assert_eq!(found.map(|finding| finding.path.last().map(String::as_str)), Some(Some("has waited for a day")));
}

#[test]
fn mistakes_are_told() {
    let refused = |from: &str, to: &str| {
        let text = DESK.replace(from, to);
        let mistakes = load(&FixedSource::default(), Some(("s.toml", &text))).err().unwrap_or_default();
        mistakes.iter().map(|mistake| format!("{mistake}\n")).collect::<String>()
    };
    assert_eq!(
        refused("answer_queue = \"support\"", "answer_queue = \"suport\""),
        "s.toml:9:1: nobody takes calls from the queue `support`; did you mean `suport`?\n\
         s.toml:10:1: nobody takes calls from the queue `support`; did you mean `suport`?\n"
    );
    let anybody = refused(", from = [\"ana\", \"+1587999*\"]", "");
    assert!(anybody.contains("anybody could take the calls of this queue"), "{anybody}");
    assert!(refused("leave_key = \"none\"", "leave_key = \"x\"").contains("`x` is not a key of a telephone"));
    assert!(refused("https://sound", "ftp://sound").contains("is no URL of a sound"));
    assert!(refused("max_wait_s = 300", "max_wait_s = 5").contains("write a whole number from 30 to 3600"));
    let text = DESK
        .replace("answer_queue = \"support\"", "answer_queue = \"x\"")
        .replace("queue = \"support\"", "queue = \"x\"");
    assert!(load(&FixedSource::default(), Some(("s.toml", &text))).is_ok());
}
