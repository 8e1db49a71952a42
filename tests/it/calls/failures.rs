//! When something is not as it should be: malformed requests, faults of ours, the fallback URL, storage away.

use super::phone::{Heard, Hook, PUBLIC, SID, arrive, builtin, document, send};
use switchboard::calls::fault;
use switchboard::gate::{Route, Storage};
use switchboard::twiml::{Response, Verb};

fn records(document: &Response) -> bool {
    document.verbs.iter().any(|verb| match verb {
        Verb::Record(_) | Verb::Start(_) => true,
        Verb::Dial(dial) => dial.record.is_some(),
        _ => false,
    })
}

fn ends(document: &Response) -> bool {
    matches!(document.verbs.last(), Some(Verb::Hangup(_)))
}

#[test]
fn without_a_call_nothing_is_recorded_and_the_caller_hears_when_to_call() {
    let world = builtin();
    for sid in [None, Some(""), Some("CA 1"), Some("CA\u{e9}")] {
        for route in [Route::Voice, Route::Dtmf, Route::Dial, Route::Voicemail, Route::Fallback] {
            let hook = Hook::new(route).without("CallSid");
            let hook = sid.map_or(hook.clone(), |sid| hook.with(&[("CallSid", sid)]));
            let heard = send(&world, &hook);
            assert!(heard.said().contains("call again"), "{route:?} {sid:?}: {}", heard.said());
            assert!(ends(&heard.document) && !records(&heard.document));
            assert!(heard.unit.call.is_none());
            assert_eq!(heard.unit.facts.errors().first().map(|e| e.kind.as_str()), Some("webhook.malformed"));
        }
    }
}

#[test]
fn nobody_is_thanked_for_a_message_that_we_cannot_name() {
    let world = builtin();
    let named = "v=1&n=3&l=front-desk&id=vm_1";
    for (query, sid, thanked) in [("", false, false), ("", true, false), (named, false, false), (named, true, true)] {
        let mut hook = Hook { query: query.to_owned(), ..Hook::new(Route::Recording) };
        if !sid {
            hook.fields.clear();
        }
        let unit = hook.given(|webhook| match sid {
            true => fault(&world, webhook, "decide panicked"),
            false => switchboard::calls::decide(&world, webhook),
        });
        let heard = Heard { document: document(&unit), unit };
        assert_eq!(heard.said().contains("Thank you"), thanked, "{query} {sid}: {}", heard.said());
        assert_eq!(heard.said().contains("something went wrong"), !thanked, "{query} {sid}: {}", heard.said());
        assert_eq!(heard.said().contains("call again"), !thanked, "{query} {sid}: {}", heard.said());
        assert!(ends(&heard.document) && !records(&heard.document));
        assert_eq!(heard.unit.facts.errors().len(), 1, "{query} {sid}");
    }
}

#[test]
fn a_call_to_nowhere_is_taken_to_somebodys_mailbox() {
    let world = builtin();
    let heard = send(&world, &Hook::new(Route::Voice).without("To"));
    assert_eq!(heard.unit.facts.errors().len(), 1);
    let mailbox = send(&world, &Hook::to(&heard.redirect().url).without("To"));
    assert!(records(&mailbox.document), "{:?}", mailbox.unit.answer);
}

#[test]
fn a_fault_is_an_apology_and_a_way_on() {
    let world = builtin();
    for route in Route::ALL {
        let hook = Hook { query: "v=1&n=4&l=front-desk&c=p".to_owned(), ..Hook::new(route) };
        let unit = hook.given(|webhook| fault(&world, webhook, "decide panicked"));
        let again = hook.given(|webhook| fault(&world, webhook, "decide panicked"));
        assert_eq!(unit.answer, again.answer);
        let document = document(&unit);
        assert!(!records(&document), "{route:?}");
        match document.verbs.last() {
            None => assert!(route.is_status_kind() || route == Route::Sms, "{route:?}"),
            Some(Verb::Redirect(redirect)) => {
                assert_eq!(redirect.url, format!("{PUBLIC}/twilio/voicemail?v=1&n=5&l=front-desk&c=p"));
            }
            // The mailbox itself failed, or the message was left already; or it was not the caller who listened.
            Some(verb) => {
                let ends = matches!(route, Route::Voicemail | Route::Recording | Route::Screen);
                assert!(matches!(verb, Verb::Hangup(_)) && ends);
            }
        }
        assert_eq!(unit.facts.errors().first().map(|error| error.kind.as_str()), Some("webhook.fault"));
    }
}

fn fall_back(failed: &str, more: &[(&str, &str)]) -> Heard {
    let hook = Hook::new(Route::Fallback).with(&[("ErrorCode", "11200"), ("ErrorUrl", failed)]);
    send(&builtin(), &hook.with(more))
}

#[test]
fn the_fallback_waits_for_nothing_and_leads_to_a_mailbox_that_may_record() {
    let without = |failed: &str| {
        let hook = Hook { storage: Storage::Lost, ..Hook::new(Route::Fallback) };
        send(&builtin(), &hook.with(&[("ErrorCode", "11200"), ("ErrorUrl", failed)]))
    };
    let heard = without("https://phone.example.com/elsewhere");
    assert!(!records(&heard.document));
    assert!(heard.redirect().url.contains("/twilio/voicemail?"), "{:?}", heard.unit.answer);
    // The mailbox itself failed: the caller is not sent around in a circle.
    let heard = without("https://phone.example.com/twilio/voicemail");
    assert!(matches!(heard.document.verbs.last(), Some(Verb::Hangup(_))), "{:?}", heard.unit.answer);
}

#[test]
fn the_fallback_goes_on_where_the_failed_url_says() {
    let menu = fall_back(&format!("{PUBLIC}/twilio/dtmf?v=1&n=3&l=front-desk&c=p"), &[("Digits", "1")]);
    assert!(
        menu.said().starts_with("Sorry, something went wrong") && menu.said().contains("press 1"),
        "{}",
        menu.said()
    );
    assert!(menu.gather().action.as_deref().is_some_and(|url| url.contains("n=4&l=front-desk&c=g&r=1")));
    assert_eq!(menu.unit.facts.errors().first().map(|e| e.kind.as_str()), Some("carrier.11200"));
    let refused = fall_back(&format!("{PUBLIC}/twilio/dtmf?v=1&n=1&l=front-desk&c=p"), &[("Digits", "0")]);
    assert_eq!(refused.unit.facts.consents().iter().map(|row| row.given).collect::<Vec<_>>(), [false]);
    let arrival = fall_back(&format!("{PUBLIC}/twilio/voice"), &[("CallStatus", "ringing")]);
    assert!(arrival.said().contains("may be recorded"), "the notice is not skipped: {}", arrival.said());
    let left =
        fall_back(&format!("{PUBLIC}/twilio/recording?v=1&n=3&l=front-desk&id=vm_1"), &[("RecordingSid", "RE1")]);
    assert!(left.said().contains("Thank you") && left.unit.facts.voicemails().len() == 1);
    for foreign in ["https://elsewhere.example/voice", "", "not a url"] {
        assert!(records(&fall_back(foreign, &[]).document), "{foreign}");
    }
}

#[test]
fn a_primary_that_keeps_failing_leads_to_voicemail() {
    let mut url = format!("{PUBLIC}/twilio/dtmf?v=1&n=1&l=front-desk");
    for _ in 0..3 {
        let heard = fall_back(&url, &[]);
        if records(&heard.document) {
            return;
        }
        url = heard.gather().action.clone().expect("an action");
    }
    panic!("still a menu after three failures");
}

#[test]
fn a_call_for_help_is_heard_even_when_the_primary_failed() {
    let toml = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n\
                emergency = { keywords = [\"fire\"], number = \"+15875550109\" }\n";
    let world = super::phone::world_of(toml);
    let url = format!("{PUBLIC}/twilio/dtmf?v=1&n=1&l=desk");
    let words = ("SpeechResult", "There's a fire!");
    let failed = Hook::to(&url).with(&[words]).decided(&world);
    let hook = Hook::new(Route::Fallback).with(&[("ErrorCode", "11200"), ("ErrorUrl", &url), words]);
    let heard = send(&world, &hook);
    assert_eq!(heard.dial().timeout, Some(60));
    assert_eq!(heard.unit.facts.events(), failed.facts.events(), "it is one event");
}

#[test]
fn a_message_whose_answer_was_lost_is_no_second_message() {
    let url = format!("{PUBLIC}/twilio/recording?v=1&n=3&l=front-desk&c=g&id=vm_1");
    let taken = [("RecordingSid", "RE1"), ("RecordingDuration", "5"), ("Digits", "#")];
    let failed = Hook::to(&url).with(&taken).decided(&builtin());
    let heard = fall_back(&url, &taken);
    assert_eq!(heard.unit.facts.voicemails(), failed.facts.voicemails());
    assert_eq!(heard.unit.facts.voicemails()[0].id, "vm_1");
}

#[test]
fn a_get_is_answered_and_the_operator_is_told() {
    let world = builtin();
    let hook = Hook::new(Route::Voice);
    let unit = hook.given(|webhook| {
        switchboard::calls::decide(&world, &switchboard::gate::Webhook { by_get: true, ..webhook.clone() })
    });
    assert_eq!(unit.answer, hook.decided(&world).answer);
    assert_eq!(unit.facts.errors().first().map(|error| error.kind.as_str()), Some("webhook.by_get"));
}

#[test]
fn without_storage_there_is_dialling_but_no_recording() {
    let world = builtin();
    let menu = send(&world, &Hook::new(Route::Voice).lost());
    let dial = send(&world, &menu.presses("1").lost());
    let mailbox = send(&world, &dial.dialled("busy").lost());
    assert!(mailbox.said().contains("we cannot take a message right now"), "{}", mailbox.said());
    assert!(ends(&mailbox.document) && !records(&mailbox.document));
    assert!(mailbox.unit.facts.voicemails().is_empty() && mailbox.unit.facts.consents().is_empty());
}

#[test]
fn routes_that_are_not_built_yet_lead_to_voicemail_or_say_nothing() {
    let world = builtin();
    assert!(records(&send(&world, &Hook::new(Route::Queue)).document), "no queue of ours: a message");
    for route in [Route::Conference, Route::Sms, Route::Status, Route::Transcription] {
        assert!(send(&world, &Hook::new(route)).document.verbs.is_empty(), "{route:?}");
    }
}

#[test]
fn secrets_and_places_are_not_kept() {
    let hook = Hook::new(Route::Voice).with(&[
        ("CallToken", "secret-token"),
        ("StirPassportToken", "secret-passport"),
        ("FromCity", "SEATTLE"),
        ("Digits", "4711"),
    ]);
    let stored = format!("{:?}", hook.decided(&builtin()));
    for secret in ["secret", "SEATTLE", "4711"] {
        assert!(!stored.contains(secret), "{secret}");
    }
    assert!(stored.contains(SID));
    assert!(!records(&arrive(&builtin()).document));
}

#[test]
fn texts_without_end_do_not_kill_the_line() {
    let mut lines = switchboard::config::builtin_lines(&switchboard::config::FixedSource::default()).expect("good");
    lines[0].greeting = "é".repeat(70_000).into();
    let world = switchboard::world::World::new(PUBLIC, lines);
    let heard = arrive(&world);
    assert!(heard.unit.answer.len() < 2000 && ends(&heard.document));
    assert_eq!(heard.unit.facts.errors().first().map(|e| e.kind.as_str()), Some("answer.too_long"));
}
