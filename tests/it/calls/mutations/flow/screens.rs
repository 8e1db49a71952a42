//! Calls that a mailbox swallows, and people who are asked for a key.

use super::flaw::*;

const PICKS_UP: &str = "whoever is called picks up";

pub(super) const SCREENS: &[Mutation] = &[
    Mutation {
        what: "a mailbox that presses nothing gets the call",
        base: "people",
        flaw: |world, hook| {
            let silent = hook.route == Route::Screen && hook.fields.get("Digits") == Some("");
            acted(world, hook, |verbs| {
                if silent {
                    verbs.clear()
                }
            })
        },
        rule: Rule::NotAccepted,
        says: "whoever picks up is connected without the key",
        at: (&[COMES, "key 1", PICKS_UP, "silence"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "any key accepts a call",
        base: "people",
        flaw: |world, hook| {
            let screen = hook.route == Route::Screen;
            misheard(world, hook, |name, value| {
                if screen && name == "Digits" && !value.is_empty() { "1".to_owned() } else { value.to_owned() }
            })
        },
        rule: Rule::NotAccepted,
        says: "whoever picks up is connected without the key",
        at: (&[COMES, "key 1", PICKS_UP, "key 0"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "whoever picks up is asked for ever",
        base: "people",
        flaw: |world, hook| {
            let screen = hook.route == Route::Screen;
            retold(world, hook, |text| if screen { text.replace("&amp;r=2", "&amp;r=1") } else { text })
        },
        rule: Rule::EndlessLoop,
        says: "without the caller it goes round for ever: asked once more",
        at: (&[COMES, "key 1", PICKS_UP, "silence"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "whoever picks up is recorded",
        base: "people",
        flaw: |world, hook| {
            let screen = hook.route == Route::Screen;
            let start = "<Response><Start><Transcription name=\"t\"/></Start>";
            retold(world, hook, |text| if screen { text.replacen("<Response>", start, 1) } else { text })
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Transcription> writes down the caller's words before a consent row",
        at: (&[COMES, "key 1", PICKS_UP], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "whoever picks up is asked at somebody else's",
        base: "people",
        flaw: |world, hook| {
            retold(world, hook, |text| {
                text.replace(" url=\"https://phone.example.com", " url=\"https://elsewhere.example")
            })
        },
        rule: Rule::UnknownRoute,
        says: "the whisper URL `https://elsewhere.example",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "somebody who was not reached ends the call",
        base: "people",
        flaw: |world, hook| {
            let refused = hook.fields.get("DialBridged") == Some("false");
            acted(world, hook, |verbs| {
                if refused {
                    *verbs = vec![switchboard::twiml::Hangup {}.into()];
                }
            })
        },
        rule: Rule::HungUpOn,
        says: "nobody took the call, and the caller is hung up on",
        at: (&[COMES, "key 1", "answered by nobody"], Some("menus.main.keys.1")),
    },
];
