//! Conversations that are recorded, and what the person called hears of it.

use super::phone::{Hook, SID, arrive, send, world_of};
use switchboard::ledger::ConsentMethod;
use switchboard::twiml::{DialRecord, Leg, Verb};
use switchboard::world::World;

fn line(recording: &str) -> World {
    world_of(&format!(
        "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\nlanguage = \"en-US\"\nrecording = {recording}\n\
         [lines.menus.main]\nprompt = \"Press 1.\"\n[lines.menus.main.keys]\n1 = {{ dial = \"+15875550101\" }}\n\
         2 = {{ dial = \"sip:ana@pbx.example\" }}\n3 = \"repeat\"\n"
    ))
}

/// The URL that the person called is met with, if there is one.
fn whisper(world: &World, key: &str) -> Option<String> {
    let heard = send(world, &arrive(world).presses(key));
    heard.document.verbs.iter().find_map(|verb| match verb {
        Verb::Dial(dial) => match &dial.callee {
            switchboard::twiml::Callee::Legs(legs) => match legs.as_slice().first()? {
                Leg::Number(number) => number.url.clone(),
                Leg::Sip(sip) => sip.url.clone(),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// What the person called hears there.
fn told(world: &World, key: &str) -> String {
    let url = whisper(world, key).expect("a URL");
    send(world, &Hook::to(&url).with(&[("CallSid", "CAleg"), ("ParentCallSid", SID)])).said()
}

#[test]
fn channels_are_as_the_line_says() {
    for (recording, mode) in [
        ("\"dial\"", Some(DialRecord::FromAnswer)),
        ("{ mode = \"dial\" }", Some(DialRecord::FromAnswer)),
        ("{ channels = \"dual\" }", Some(DialRecord::FromAnswerDual)),
        ("{ mode = \"off\", channels = \"dual\" }", None),
        ("\"off\"", None),
    ] {
        let world = line(recording);
        let dial = send(&world, &arrive(&world).presses("1"));
        assert_eq!(dial.dial().record.map(|mode| *mode), mode, "{recording}");
    }
}

#[test]
fn who_is_called_hears_of_it_before_being_connected() {
    let world = line("\"dial\"");
    assert!(told(&world, "1").contains("This call is recorded."));
    assert!(told(&world, "2").starts_with("This call is recorded."), "on a SIP telephone too");
    let own = line("{ tell_called = \"Smile, we record.\" }");
    assert!(told(&own, "1").contains("Smile, we record."));
}

#[test]
fn nobody_is_told_of_what_is_not_recorded() {
    let silent = line("{ tell_called = false }");
    let said = whisper(&silent, "1").map(|_| told(&silent, "1")).unwrap_or_default();
    assert!(!said.contains("recorded"), "{said}");
    let world = line("\"dial\"");
    let refused = send(&world, &arrive(&world).presses("0"));
    let dial = send(&world, &refused.presses("1"));
    assert!(dial.dial().record.is_none());
    assert!(!String::from_utf8_lossy(&dial.unit.answer).contains("o=1"));
}

#[test]
fn a_refusal_after_consent_takes_it_back() {
    let world = line("\"dial\"");
    let agreed = send(&world, &arrive(&world).presses("3"));
    let refused = send(&world, &agreed.presses("0"));
    let rows: Vec<_> = refused.unit.facts.consents().iter().map(|row| (row.method, row.given)).collect();
    assert_eq!(rows, [(ConsentMethod::RevokedByKey, false)]);
    assert!(send(&world, &refused.presses("1")).dial().record.is_none());
}

#[test]
fn consent_that_an_operator_took_back_counts_whatever_the_url_says() {
    let mut world = line("\"dial\"");
    let agreed = send(&world, &arrive(&world).presses("3"));
    let open = arrive(&world);
    world.revoked.insert(SID.to_owned());
    let dial = send(&world, &agreed.presses("1"));
    assert!(dial.dial().record.is_none() && dial.unit.facts.consents().is_empty());
    let dial = send(&world, &open.presses("1"));
    assert!(dial.dial().record.is_none(), "also where nothing had been settled yet");
    assert!(dial.unit.facts.consents().is_empty(), "and nothing is given behind the operator's back");
}
