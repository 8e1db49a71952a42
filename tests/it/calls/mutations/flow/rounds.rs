//! Ways round that nobody asked for.

use super::flaw::*;

pub(super) const ROUNDS: &[Mutation] = &[
    Mutation {
        what: "a document leads to itself",
        base: "builtin",
        flaw: |world, hook| {
            acted_at(Route::Voicemail, world, hook, |verbs| {
                *verbs = vec![Redirect::to("https://phone.example.com/twilio/voicemail?v=1&n=9&l=front-desk").into()];
            })
        },
        rule: Rule::EndlessLoop,
        says: "without the caller it goes round for ever",
        at: (&[COMES, "key 1", "the document leads on", "the document leads on"], Some("voicemail")),
    },
    Mutation {
        what: "who was not put through is rung for again and again",
        base: "pizzeria",
        flaw: |world, hook| {
            let again = hook.state.get("t").is_some();
            retold(world, hook, |text| if again { text } else { text.replace("&amp;t=1", "") })
        },
        rule: Rule::EndlessLoop,
        says: "without the caller it goes round for ever: dial ended",
        at: (&[COMES, "silence", "answered by nobody"], Some("menus.main.otherwise")),
    },
    Mutation {
        what: "a menu does not count how often it was played",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("&amp;r=1", "")),
        rule: Rule::EndlessLoop,
        says: "menu main: silence → menu main",
        at: (&[COMES, "silence", "silence"], Some("menus.main.otherwise")),
    },
    Mutation {
        what: "a conversation that breaks off is taken up for ever",
        base: "assistant",
        flaw: |world, hook| retold(world, hook, |text| text.replace("&amp;r=1", "")),
        rule: Rule::EndlessLoop,
        says: "without the caller it goes round for ever: the stream ended",
        at: (&[COMES, "silence", "the conversation breaks off"], Some("agent")),
    },
    Mutation {
        what: "a call grows with every step",
        base: "answering-machine",
        flaw: |world, hook| {
            let step = hook.state.get("n").unwrap_or("0").to_owned();
            retold(world, hook, |text| {
                text.replace("?v=1&amp;", &format!("?v=1&amp;z={step}&amp;")).replace("&amp;r=1", "")
            })
        },
        rule: Rule::EndlessLoop,
        says: "101 on one way, the call still goes on",
        at: (&[], None),
    },
    Mutation {
        what: "a document leads to nowhere, which is itself",
        base: "builtin",
        flaw: |world, hook| acted_at(Route::Voicemail, world, hook, |verbs| *verbs = vec![Redirect::to("").into()]),
        rule: Rule::EndlessLoop,
        says: "<Redirect> names no URL",
        at: (&[COMES, "key 1", "the document leads on"], Some("voicemail")),
    },
    Mutation {
        what: "a caller who chooses no language is asked for ever",
        base: "languages",
        flaw: |world, hook| retold(world, hook, |text| text.replace("&amp;r=1", "")),
        rule: Rule::EndlessLoop,
        says: "without the caller it goes round for ever: choice of language",
        at: (&[COMES, "silence"], Some("languages")),
    },
    Mutation {
        what: "keys come back to the question",
        base: "builtin",
        flaw: |world, hook| {
            acted(world, hook, |verbs| {
                for verb in verbs {
                    if let Verb::Gather(gather) = verb {
                        gather.action = None;
                    }
                }
            })
        },
        rule: Rule::EndlessLoop,
        says: "<Gather> names no URL: whatever the caller does, the same document comes again",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a message comes back to its greeting",
        base: "builtin",
        flaw: |world, hook| {
            retold(world, hook, |text| match text.split_once("<Record action=\"") {
                Some((before, after)) => {
                    format!("{before}<Record {}", after.split_once("\" ").map_or("", |(_, rest)| rest))
                }
                None => text,
            })
        },
        rule: Rule::EndlessLoop,
        says: "<Record> names no URL",
        at: (&[COMES, "key 9"], Some("menus.main.keys.9")),
    },
];
