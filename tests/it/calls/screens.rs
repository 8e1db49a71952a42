//! A person who is called is asked for a key before the two are connected.

use super::phone::{Heard, Hook, SID, arrive, send, world_of};
use switchboard::base::Outcome;
use switchboard::gate::Route;
use switchboard::twiml::{Callee, Leg, Verb};
use switchboard::world::World;

const LEG: &str = "CA00112233445566778899aabbccddee01";

/// A line that calls two people in turn under 1, all at once under 2, a telephone of its own and another of its lines.
const DESK: &str = r#"
[[lines]]
name = "front-desk"
numbers = ["+15875550100"]
menus.main = { prompt = "?", keys.9 = "voicemail", keys.1 = { dial = ["ana", "+15875550102"] }, keys.2 = { dial = ["ana", "ben", "sip:cleo@pbx.example"], order = "all" }, keys.3 = { dial = ["sip:cleo@pbx.example", "+15875550120"] }, keys.4 = { dial = ["+15875550101", "sip:cleo@pbx.example"], screen = false }, keys.5 = { dial = ["sip:cleo@pbx.example"], screen = true }, keys.6 = { skill = "french" } }
people.ana = { dial = "+15875550101", skills = ["french", "billing"], ring_s = 12 }
people.ben = { dial = "+15875550103", skills = ["french"] }
emergency = { keywords = ["fire"], number = "+15875550109" }
[[lines]]
name = "other"
numbers = ["+15875550120"]
menus.main = { prompt = "?", keys.9 = "voicemail" }
"#;

/// A caller presses a key.
fn rung(world: &World, key: &str) -> Heard {
    send(world, &arrive(world).presses(key))
}

/// The URL that each phone of a dial asks when somebody picks up.
fn whispers(dial: &Heard) -> Vec<Option<String>> {
    let Callee::Legs(legs) = &dial.dial().callee else { panic!("no legs") };
    let url = |leg: &Leg| match leg {
        Leg::Number(number) => number.url.clone(),
        Leg::Sip(sip) => sip.url.clone(),
        other => panic!("{other:?}"),
    };
    legs.as_slice().iter().map(url).collect()
}

/// On the leg of the person called.
fn there(hook: Hook) -> Hook {
    hook.with(&[("CallSid", LEG), ("ParentCallSid", SID), ("Direction", "outbound-dial"), ("To", "+15875550101")])
}

fn picks_up(world: &World, dial: &Heard) -> Heard {
    let url = whispers(dial).into_iter().flatten().next().expect("somebody is asked");
    send(world, &there(Hook::to(&url)))
}

/// Nothing is decided for the caller on somebody else's leg.
fn says_nothing_of_the_caller(heard: &Heard) {
    let call = heard.unit.call.as_ref().expect("a call");
    assert_eq!((call.sid.as_str(), call.fact.parent_sid.as_deref()), (LEG, Some(SID)));
    assert!(heard.unit.facts.consents().is_empty() && heard.unit.facts.voicemails().is_empty());
    assert!(!heard.has(|verb| matches!(verb, Verb::Record(_) | Verb::Dial(_) | Verb::Start(_))));
}

#[test]
fn whoever_presses_1_has_the_call() {
    let world = world_of(DESK);
    let dial = rung(&world, "1");
    assert_eq!((dial.dial().timeout, dial.dial().answer_on_bridge), (Some(12), Some(true)), "ana's own ring");
    let asked = picks_up(&world, &dial);
    says_nothing_of_the_caller(&asked);
    assert_eq!(asked.said(), "A call for front desk, from 5 8 7, 5 5 5, 0 1 1 1. | Press 1 to accept.");
    assert!(asked.unit.parent.is_none(), "nobody has answered yet");
    let accepted = send(&world, &there(asked.presses("1")));
    says_nothing_of_the_caller(&accepted);
    assert!(accepted.document.verbs.is_empty(), "the end of the document connects the two");
    let parent = accepted.unit.parent.as_ref().expect("the caller's call");
    assert_eq!((parent.sid.as_str(), parent.outcome), (SID, Some(Outcome::Answered)));
    // The end of the dial tells of the same answer.
    let end = [("DialCallSid", LEG), ("DialBridged", "true")];
    let ended = send(&world, &dial.dialled("completed").with(&end));
    assert_eq!(ended.unit.facts.events(), accepted.unit.facts.events());
}

#[test]
fn any_other_key_and_silence_are_asked_once_more() {
    let world = world_of(DESK);
    let dial = rung(&world, "1");
    for answer in ["", "2", "*", "11"] {
        let again = send(&world, &there(picks_up(&world, &dial).presses(answer)));
        assert!(again.said().ends_with("Press 1 to accept."), "{answer}: {}", again.said());
        assert!(again.unit.parent.is_none());
        let over = send(&world, &there(again.presses(answer)));
        assert!(matches!(over.document.verbs.as_slice(), [Verb::Hangup(_)]), "{answer}");
        assert!(over.unit.facts.events().is_empty() && over.unit.parent.is_none());
        says_nothing_of_the_caller(&over);
        assert!(send(&world, &there(again.presses("1"))).document.verbs.is_empty(), "late is not too late");
    }
}

#[test]
fn who_picks_up_a_screened_phone_has_not_answered_yet() {
    let world = world_of(DESK);
    let dial = rung(&world, "1");
    let Callee::Legs(legs) = &dial.dial().callee else { panic!("no legs") };
    let [Leg::Number(number)] = legs.as_slice() else { panic!("one number") };
    let hook = Hook::to(number.status_callback.as_deref().expect("a callback"));
    let status = send(&world, &there(hook).with(&[("CallStatus", "in-progress")]));
    assert!(status.unit.parent.is_none() && status.unit.facts.events().is_empty());
    assert_eq!(status.unit.call.and_then(|call| call.outcome), None);
}

#[test]
fn who_does_not_accept_is_followed_by_the_next_and_the_mailbox() {
    let world = world_of(DESK);
    let not = [("DialBridged", "false"), ("DialCallDuration", "9")];
    let second = send(&world, &rung(&world, "1").dialled("completed").with(&not));
    assert_eq!(second.unit.webhook.decision, "dial ended: completed → dial 2 of 2");
    assert_eq!(second.dial().timeout, Some(20));
    let mailbox = send(&world, &second.dialled("completed").with(&not));
    assert!(mailbox.has(|verb| matches!(verb, Verb::Record(_))), "{:?}", mailbox.unit.webhook.decision);
}

#[test]
fn all_at_once_goes_on_in_turn_when_the_first_does_not_accept() {
    let world = world_of(DESK);
    let not = [("DialBridged", "false")];
    let all = rung(&world, "2");
    assert_eq!(whispers(&all).iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    // Nobody picked up: everybody had his chance.
    let mailbox = send(&world, &all.dialled("no-answer").with(&not));
    assert!(mailbox.has(|verb| matches!(verb, Verb::Record(_))));
    let mut next = send(&world, &all.dialled("completed").with(&not));
    for place in 1..=3 {
        assert_eq!(next.unit.webhook.decision, format!("dial ended: completed → dial {place} of 3"));
        assert!(!next.said().contains("Connecting"), "said once: {}", next.said());
        assert_eq!(whispers(&next).len(), 1);
        next = send(&world, &next.dialled("completed").with(&not));
    }
    assert!(next.has(|verb| matches!(verb, Verb::Record(_))), "three phones, one more ring each, and no more");
}

#[test]
fn only_outside_telephones_are_asked_unless_the_line_says_otherwise() {
    let world = world_of(DESK);
    let asked = |dial: &Heard| whispers(dial).iter().any(Option::is_some);
    let sip = rung(&world, "3");
    assert!(!asked(&sip), "a SIP telephone");
    let ours = send(&world, &sip.dialled("busy"));
    assert!(ours.unit.webhook.decision.ends_with("dial 2 of 2") && !asked(&ours), "a line of this house");
    assert!(!asked(&rung(&world, "4")), "screen = false");
    assert!(asked(&rung(&world, "5")), "screen = true");
    let fire = send(&world, &arrive(&world).says("there is a fire"));
    assert!(fire.dial().timeout == Some(60) && !asked(&fire), "a call for help waits for no key");
}

#[test]
fn the_name_that_the_carrier_gives_is_whispered() {
    let world = world_of(DESK);
    let arrival = Hook::new(Route::Voice).with(&[("CallStatus", "ringing"), ("CallerName", "Zoë & Sons")]);
    let dial = send(&world, &send(&world, &arrival).presses("1"));
    assert_eq!(picks_up(&world, &dial).said(), "A call for front desk, from Zoë & Sons. | Press 1 to accept.");
    let withheld = |hook: Hook| hook.with(&[("From", "anonymous")]);
    let dial = send(&world, &withheld(send(&world, &withheld(Hook::new(Route::Voice))).presses("1")));
    assert_eq!(picks_up(&world, &dial).said(), "A call for front desk, from an unknown caller. | Press 1 to accept.");
}

#[test]
fn every_language_of_ours_asks() {
    for (language, asks) in [
        ("fr-CA", "Un appel pour front desk, de la part de 5 8 7, 5 5 5, 0 1 1 1. | Appuyez sur le 1 pour accepter."),
        ("es-MX", "Una llamada para front desk, de 5 8 7, 5 5 5, 0 1 1 1. | Pulse 1 para aceptarla."),
        ("de-DE", "Ein Anruf für front desk, von 5 8 7, 5 5 5, 0 1 1 1. | Drücken Sie die 1, um ihn anzunehmen."),
        ("pl-PL", "A call for front desk, from 5 8 7, 5 5 5, 0 1 1 1. | Press 1 to accept."),
    ] {
        let world = world_of(&DESK.replace(
            "numbers = [\"+15875550100\"]",
            &format!("numbers = [\"+15875550100\"]\nlanguage = \"{language}\""),
        ));
        assert_eq!(picks_up(&world, &rung(&world, "1")).said(), asks, "{language}");
    }
}

#[test]
fn trouble_on_the_leg_never_plays_the_menu_to_the_person_called() {
    let world = world_of(DESK);
    let url = whispers(&rung(&world, "1")).into_iter().flatten().next().expect("a URL");
    let gone = send(&world, &there(Hook::to(&url)).with(&[("CallStatus", "completed")]));
    assert!(gone.document.verbs.is_empty());
    let failed = there(Hook::new(Route::Fallback)).with(&[("ErrorCode", "11200"), ("ErrorUrl", &url)]);
    let fault = there(Hook::to(&url)).given(|webhook| switchboard::calls::fault(&world, webhook, "test"));
    for document in [send(&world, &failed).document, super::phone::document(&fault)] {
        assert!(matches!(document.verbs.as_slice(), [Verb::Hangup(_)]), "{document:?}");
    }
}

#[test]
fn a_skill_rings_everybody_who_has_it() {
    let world = world_of(DESK);
    let first = rung(&world, "6");
    assert_eq!(first.unit.webhook.decision, "menu main: key 6 → dial 1 of 2");
    let refused = switchboard::config::load(
        &switchboard::config::FixedSource::default(),
        Some(("s.toml", &DESK.replace("skill = \"french\"", "skill = \"frensh\""))),
    );
    let said = refused.err().map(|mistakes| mistakes.iter().map(ToString::to_string).collect::<String>());
    assert_eq!(
        said.as_deref(),
        Some("s.toml:5:392: nobody of this line has the skill `frensh`; did you mean `french`?")
    );
}

#[test]
fn who_is_recorded_hears_of_it_with_the_question() {
    let world =
        world_of(&DESK.replace("numbers = [\"+15875550100\"]", "numbers = [\"+15875550100\"]\nrecording = \"dial\""));
    let asked = picks_up(&world, &rung(&world, "1"));
    let said = "A call for front desk, from 5 8 7, 5 5 5, 0 1 1 1. | This call is recorded. | Press 1 to accept.";
    assert_eq!(asked.said(), said);
    says_nothing_of_the_caller(&asked);
    assert!(send(&world, &there(asked.presses("1"))).document.verbs.is_empty());
}
