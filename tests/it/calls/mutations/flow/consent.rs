//! Voices that are captured without leave.

use super::flaw::*;

pub(super) const CONSENT: &[Mutation] = &[
    Mutation {
        what: "the row of a message's consent is forgotten",
        base: "builtin",
        flaw: |world, hook| Unit { facts: Facts::default(), ..decide(world, hook) },
        rule: Rule::RecordingBeforeConsent,
        says: "<Record> records the caller before a consent row is stored",
        at: (&[COMES, "key 9"], Some("menus.main.keys.9")),
    },
    Mutation {
        what: "a call is recorded before anything was said",
        base: "builtin",
        flaw: |world, hook| {
            begun(
                world,
                hook,
                "<Record action=\"https://phone.example.com/twilio/recording\" recordingStatusCallback=\"https://phone.example.com/twilio/recording\"/>",
            )
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Record> records the caller before a consent row",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "words are written down before anything was said",
        base: "builtin",
        flaw: |world, hook| begun(world, hook, "<Start><Transcription name=\"t\"/></Start>"),
        rule: Rule::RecordingBeforeConsent,
        says: "<Transcription> writes down the caller's words before",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a whole call is recorded beside everything",
        base: "builtin",
        flaw: |world, hook| {
            begun(
                world,
                hook,
                "<Start><Recording recordingStatusCallback=\"https://phone.example.com/twilio/recording\"/></Start>",
            )
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Recording> records the call before",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a whole call goes to a recorder of somebody else",
        base: "builtin",
        flaw: |world, hook| begun(world, hook, "<Start><Siprec connectorName=\"x\"/></Start>"),
        rule: Rule::RecordingBeforeConsent,
        says: "<Siprec> records the call before",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a room is recorded",
        base: "builtin",
        flaw: |world, hook| {
            retold(world, hook, |text| {
                let room = "<Conference record=\"record-from-start\">room</Conference></Dial>";
                text.split_once("<Number").map_or(text.clone(), |(dial, rest)| {
                    let rest = rest.split_once("</Dial>").map_or("", |(_, rest)| rest);
                    format!("{dial}{room}{rest}")
                })
            })
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Conference record> records the conversation",
        at: (&[COMES, "key 1, while nothing can be stored"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a caller who refused is recorded all the same",
        base: "lawyer",
        flaw: |world, hook| retold(world, hook, |text| text.replace("c=r", "c=g")),
        rule: Rule::RecordingBeforeConsent,
        says: "<Dial record> records the conversation before a consent row is stored",
        at: (&[COMES, "key 8", "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a conversation is recorded though the row of its consent is forgotten",
        base: "lawyer",
        flaw: |world, hook| Unit { facts: Facts::default(), ..decide(world, hook) },
        rule: Rule::RecordingBeforeConsent,
        says: "<Dial record> records the conversation before a consent row is stored",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a message is recorded while nothing can be stored",
        base: "builtin",
        flaw: careless,
        rule: Rule::RecordingBeforeConsent,
        says: "<Record> records the caller while nothing can be stored",
        at: (&[COMES, "key 9, while nothing can be stored"], Some("menus.main.keys.9")),
    },
    Mutation {
        what: "a conversation is recorded while nothing can be stored",
        base: "lawyer",
        flaw: careless,
        rule: Rule::RecordingBeforeConsent,
        says: "<Dial record> records the conversation while nothing can be stored",
        at: (&[COMES, "key 1, while nothing can be stored"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a consent counts that could not be stored when it was given",
        base: "lawyer",
        flaw: |world, hook| {
            let lost = hook.storage == Storage::Lost;
            retold(world, hook, |text| if lost { text.replace("c=p", "c=g") } else { text })
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Dial record> records the conversation before a consent row is stored",
        at: (&[LOST, "key 1, storage is back"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "the mailbox of a crowded line records without a row",
        base: "agency",
        flaw: |world, hook| crowded(world, hook, |busy| busy.facts = Facts::default()),
        rule: Rule::RecordingBeforeConsent,
        says: "<Record> records the caller before a consent row",
        at: (&["a call comes in too often"], Some("busy")),
    },
    Mutation {
        what: "the second door records without a row",
        base: "builtin",
        flaw: |world, hook| {
            let unit = decide(world, hook);
            if hook.route == Route::Fallback { Unit { facts: Facts::default(), ..unit } } else { unit }
        },
        rule: Rule::RecordingBeforeConsent,
        says: "<Record> records the caller before a consent row",
        at: (
            &[
                COMES,
                "silence, while nothing can be stored",
                "silence, storage is back",
                "the carrier cannot use our answer",
            ],
            Some("menus.main.otherwise"),
        ),
    },
];
