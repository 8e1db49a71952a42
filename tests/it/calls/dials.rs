//! Every way a dial can end.

use super::phone::{Hook, arrive, builtin, send, world_of};
use switchboard::base::{CallState, Outcome};
use switchboard::gate::Route;
use switchboard::ledger::VoicemailState;
use switchboard::twiml::{DialRecord, Verb};

fn rung() -> super::phone::Heard {
    let world = builtin();
    send(&world, &arrive(&world).presses("1"))
}

#[test]
fn whatever_the_carrier_says_the_caller_goes_on() {
    let world = builtin();
    let dial = rung();
    let bridged = ("DialBridged", "true");
    let not = ("DialBridged", "false");
    for (status, more, talked) in [
        ("completed", vec![bridged], true),
        ("completed", vec![("DialCallDuration", "12")], true),
        ("completed", vec![not, ("DialCallDuration", "12")], false),
        ("completed", vec![("DialCallDuration", "0")], false),
        ("completed", vec![], false),
        ("answered", vec![], true),
        ("answered", vec![not], false),
        ("busy", vec![], false),
        ("no-answer", vec![not], false),
        ("failed", vec![not], false),
        ("canceled", vec![not], false),
        ("somehow", vec![bridged], false),
        ("", vec![], false),
    ] {
        let next = send(&world, &dial.dialled(status).with(&more));
        let outcome = next.unit.call.as_ref().and_then(|call| call.outcome);
        if talked {
            assert_eq!(outcome, Some(Outcome::Answered), "{status} {more:?}");
            assert!(matches!(next.document.verbs.last(), Some(Verb::Hangup(_))));
        } else {
            assert_eq!(outcome, Some(Outcome::Voicemail), "{status} {more:?}");
            assert!(next.said().starts_with("Sorry, nobody could take your call."), "{}", next.said());
            assert_eq!(next.unit.facts.voicemails().first().map(|row| row.state), Some(VoicemailState::Expected));
            assert!(next.has(|verb| matches!(verb, Verb::Record(_))));
        }
        assert_eq!(next.unit.facts.errors().is_empty(), !matches!(status, "somehow" | ""), "{status}");
    }
}

#[test]
fn a_caller_who_is_gone_hears_nothing_but_is_remembered() {
    let world = builtin();
    let dial = rung();
    let gone = [("CallStatus", "completed")];
    let ringing = send(&world, &dial.dialled("canceled").with(&gone));
    let talking = send(&world, &dial.dialled("completed").with(&gone).with(&[("DialBridged", "true")]));
    let outcomes = [&ringing, &talking].map(|heard| heard.unit.call.as_ref().and_then(|call| call.outcome));
    assert_eq!(outcomes, [Some(Outcome::Abandoned), Some(Outcome::Answered)]);
    assert!(ringing.document.verbs.is_empty() && talking.document.verbs.is_empty());
}

#[test]
fn the_leg_and_the_dials_end_tell_of_one_answer() {
    let world = world_of(&RECORDED.replace("\"+15875550101\"", "\"+15875550101\", screen = false"));
    let dial = send(&world, &arrive(&world).presses("1"));
    let switchboard::twiml::Callee::Legs(legs) = &dial.dial().callee else { panic!("no legs") };
    let [switchboard::twiml::Leg::Number(number)] = legs.as_slice() else { panic!("one number") };
    let answered = Hook::to(number.status_callback.as_deref().expect("a callback")).with(&[
        ("CallSid", "CAleg"),
        ("ParentCallSid", super::phone::SID),
        ("Direction", "outbound-dial"),
        ("CallStatus", "in-progress"),
        ("SequenceNumber", "2"),
    ]);
    let leg = send(&world, &answered);
    let call = leg.unit.call.as_ref().expect("a call");
    assert_eq!((call.sid.as_str(), call.fact.parent_sid.as_deref()), ("CAleg", Some(super::phone::SID)));
    assert_eq!((call.state, leg.unit.webhook.sequence), (Some(CallState::InProgress), Some(2)));
    let end = send(&world, &dial.dialled("completed").with(&[("DialBridged", "true")]));
    assert_eq!(leg.unit.facts.events(), end.unit.facts.events());
    assert_eq!(leg.unit.facts.events().len(), 1);
}

#[test]
fn a_leg_that_ends_says_why() {
    let world = builtin();
    let hook = Hook::new(Route::Status).with(&[
        ("ParentCallSid", "CAparent"),
        ("CallStatus", "busy"),
        ("SipResponseCode", "486"),
        ("CallDuration", "0"),
    ]);
    let leg = send(&world, &hook);
    let call = leg.unit.call.expect("a call");
    assert_eq!((call.reason.as_deref(), call.duration_s), (Some("busy (486)"), Some(0)));
    assert!(leg.document.verbs.is_empty());
}

const RECORDED: &str = r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
recording = "dial"
[lines.menus.main]
prompt = "Press 1."
[lines.menus.main.keys]
1 = { dial = "+15875550101" }
2 = "repeat"
"#;

#[test]
fn a_conversation_is_recorded_only_with_a_stored_consent() {
    let world = world_of(RECORDED);
    let menu = arrive(&world);
    let dial = send(&world, &menu.presses("1"));
    assert_eq!(dial.dial().record.map(|mode| *mode), Some(DialRecord::FromAnswer));
    assert_eq!(dial.unit.facts.consents().len(), 1, "its row is in the same unit");
    let refused = send(&world, &send(&world, &menu.presses("0")).presses("1"));
    assert!(refused.dial().record.is_none());
    let lost = send(&world, &menu.presses("1").lost());
    assert!(lost.dial().record.is_none());
    // The question stays open while nothing can be stored, and is answered when something can.
    let open = send(&world, &menu.presses("2").lost());
    let later = send(&world, &open.presses("1"));
    assert!(later.dial().record.is_some());
    assert_eq!(later.unit.facts.consents().len(), 1);
    // Without a notice there is nothing to agree to.
    let mut line = switchboard::config::line::Line::clone(&world.lines()[0]);
    line.consent.notice = "".into();
    let silent = switchboard::world::World::new(super::phone::PUBLIC, vec![line]);
    let dial = send(&silent, &arrive(&silent).presses("1"));
    assert!(dial.dial().record.is_none() && dial.unit.facts.consents().is_empty());
}

#[test]
fn a_dial_that_a_reload_took_away_leads_to_voicemail() {
    let world = builtin();
    let hook = Hook { query: "v=1&n=2&l=front-desk&m=gone&k=4&t=3".to_owned(), ..Hook::new(Route::Dial) };
    let next = send(&world, &hook.with(&[("DialCallStatus", "busy")]));
    assert!(next.has(|verb| matches!(verb, Verb::Record(_))));
}
