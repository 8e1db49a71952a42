//! Callers who are left in silence.

use super::flaw::*;

pub(super) const ENDS: &[Mutation] = &[
    Mutation {
        what: "a key is answered with nothing",
        base: "builtin",
        flaw: |world, hook| pressed("9", world, hook, Vec::new),
        rule: Rule::DeadEnd,
        says: "the document is empty: the call is cut without a word",
        at: (&[COMES, "key 9"], Some("menus.main.keys.9")),
    },
    Mutation {
        what: "a key is answered with words alone",
        base: "agency",
        flaw: |world, hook| pressed("1", world, hook, || vec![Say::new("One moment.").into()]),
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 1"], Some("menus.reception.keys.1")),
    },
    Mutation {
        what: "a key is answered with a pause",
        base: "builtin",
        flaw: |world, hook| pressed("1", world, hook, || vec![Pause::default().into()]),
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a menu forgets those who are silent",
        base: "agency",
        flaw: |world, hook| {
            acted(world, hook, |verbs| {
                verbs.retain(|verb| !matches!(verb, Verb::Redirect(_)));
                for verb in verbs {
                    if let Verb::Gather(gather) = verb {
                        gather.action_on_empty_result = None;
                    }
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES], Some("menus.reception")),
    },
    Mutation {
        what: "a mailbox has nothing behind its tone",
        base: "builtin",
        flaw: |world, hook| acted(world, hook, |verbs| cut_behind(verbs, |verb| matches!(verb, Verb::Record(_)))),
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 9"], Some("menus.main.keys.9")),
    },
    Mutation {
        what: "a dial forgets what follows it",
        base: "pizzeria",
        flaw: |world, hook| {
            acted(world, hook, |verbs| {
                cut_behind(verbs, |verb| matches!(verb, Verb::Dial(_)));
                if let Some(Verb::Dial(dial)) = verbs.last_mut() {
                    dial.action = None;
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a language that was chosen is answered with nothing",
        base: "languages",
        flaw: |world, hook| {
            let chosen = hook.state.get("g") == Some("-") && hook.fields.get("Digits") == Some("2");
            acted(world, hook, |verbs| {
                if chosen {
                    verbs.clear();
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&[COMES, "key 2"], Some("languages")),
    },
    Mutation {
        what: "a menu in another language leads nowhere",
        base: "languages",
        flaw: |world, hook| {
            let french = hook.state.get("g") == Some("fr-CA") && hook.route == Route::Dtmf;
            acted(world, hook, |verbs| {
                if french {
                    *verbs = vec![Say::new("Un instant.").into()];
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 2", "silence"], Some("menus.main.otherwise")),
    },
    Mutation {
        what: "a queue lets go of its callers",
        base: "builtin",
        flaw: |world, hook| pressed("1", world, hook, || vec![Enqueue::queue("sales").into()]),
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "nothing is said when nobody came",
        base: "builtin",
        flaw: |world, hook| acted_at(Route::Dial, world, hook, Vec::clear),
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&[COMES, "key 1", "they talk, then the other side hangs up"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a stream has nothing behind it",
        base: "assistant",
        flaw: |world, hook| {
            acted(world, hook, |verbs| {
                cut_behind(verbs, |verb| matches!(verb, Verb::Connect(_)));
                if let Some(Verb::Connect(connect)) = verbs.last_mut() {
                    connect.action = None;
                }
            })
        },
        rule: Rule::StreamWithoutNext,
        says: "when the stream ends nothing follows",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a conversation in text has nothing behind it",
        base: "text-agent",
        flaw: |world, hook| {
            acted(world, hook, |verbs| {
                cut_behind(verbs, |verb| matches!(verb, Verb::Connect(_)));
                if let Some(Verb::Connect(connect)) = verbs.last_mut() {
                    connect.action = None;
                }
            })
        },
        rule: Rule::StreamWithoutNext,
        says: "when the stream ends nothing follows",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "nothing is said when a conversation was ended",
        base: "assistant",
        flaw: |world, hook| {
            let hangup = hook.fields.get("HandoffData").is_some_and(|told| told.contains("hangup"));
            acted(world, hook, |verbs| {
                if hangup {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&[COMES, "silence", "the conversation ends the call"], Some("agent")),
    },
    Mutation {
        what: "an agent puts a caller through to nobody",
        base: "assistant",
        flaw: |world, hook| {
            let transfer = hook.fields.get("HandoffData").is_some_and(|told| told.contains("owner"));
            acted(world, hook, |verbs| {
                if transfer {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&[COMES, "silence", "the agent puts through to owner"], Some("agent")),
    },
    Mutation {
        what: "the second door is empty",
        base: "builtin",
        flaw: |world, hook| acted_at(Route::Fallback, world, hook, Vec::clear),
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&[COMES, "the carrier cannot use our answer"], Some("menus.main")),
    },
    Mutation {
        what: "who is one too many hears words, and then nothing",
        base: "pizzeria",
        flaw: |world, hook| {
            crowded(world, hook, |busy| busy.answer = Response::new().then(Say::new("Later.")).render().into())
        },
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&["a call comes in too often"], Some("busy")),
    },
    Mutation {
        what: "a closed line says so, and then nothing",
        base: "pizzeria",
        flaw: |world, hook| {
            acted_at(Route::Voice, world, hook, |verbs| verbs.retain(|verb| !matches!(verb, Verb::Hangup(_))))
        },
        rule: Rule::DeadEnd,
        says: "after the last verb nothing follows",
        at: (&["a call comes in while the line is closed"], Some("hours.closed")),
    },
    Mutation {
        what: "a line without hours that an operator closed says nothing",
        base: "agency",
        flaw: |world, hook| {
            let closed = !world.overrides.is_empty() && hook.route == Route::Voice;
            acted(world, hook, |verbs| {
                if closed {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&["a call comes in while the line is closed"], Some("hours.closed")),
    },
    Mutation {
        what: "a blocked caller hears nothing",
        base: "salon",
        flaw: |world, hook| {
            let blocked = hook.fields.get("From") == Some("+1900");
            acted(world, hook, |verbs| {
                if blocked {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&["a blocked caller calls"], Some("callers.block")),
    },
    Mutation {
        what: "a caller without a number hears nothing",
        base: "salon",
        flaw: |world, hook| {
            let withheld = hook.fields.get("From") == Some("anonymous");
            acted(world, hook, |verbs| {
                if withheld {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&["somebody calls who withholds his number"], Some("callers.block")),
    },
    Mutation {
        what: "a VIP whose phone is busy hears nothing",
        base: "salon",
        flaw: |world, hook| {
            let vip = hook.fields.get("From") == Some("+15875550142") && hook.route == Route::Dial;
            acted(world, hook, |verbs| {
                if vip {
                    verbs.clear()
                }
            })
        },
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&["a VIP calls", "they talk, then the other side hangs up"], Some("callers.vip")),
    },
    Mutation {
        what: "who may page without a PIN hears nothing behind the page",
        base: "warehouse",
        flaw: |world, hook| acted_at(Route::Stream, world, hook, Vec::clear),
        rule: Rule::DeadEnd,
        says: "the document is empty",
        at: (&["somebody calls who may page", "key 7", "the stream ends"], Some("agent")),
    },
    Mutation {
        what: "who was not put through is hung up on",
        base: "builtin",
        flaw: |world, hook| {
            let missed = hook.route == Route::Dial && hook.fields.get("DialCallStatus") == Some("no-answer");
            acted(world, hook, |verbs| {
                if missed {
                    *verbs = Response::new().then(Say::new("Goodbye.")).then(switchboard::twiml::Hangup {}).verbs;
                }
            })
        },
        rule: Rule::HungUpOn,
        says: "nobody took the call, and the caller is hung up on",
        at: (&[COMES, "key 1", "the dial ends: no-answer"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a mailbox that picked up counts as a conversation",
        base: "agency",
        flaw: |world, hook| {
            misheard(world, hook, |name, value| if name == "DialBridged" { "true" } else { value }.to_owned())
        },
        rule: Rule::HungUpOn,
        says: "nobody took the call, and the caller is hung up on",
        at: (&[COMES, "key 1", "key 1", "answered by nobody"], Some("menus.projects.keys.1")),
    },
    Mutation {
        what: "a call for help is a wrong key",
        base: "dentist",
        flaw: |world, hook| {
            misheard(world, hook, |name, value| if name == "SpeechResult" { "" } else { value }.to_owned())
        },
        rule: Rule::EmergencyUnheard,
        says: "\"bleeding\" is a call for help, and nobody is rung",
        at: (&[COMES, "\"bleeding\""], Some("emergency")),
    },
    Mutation {
        what: "a call for help that every line knows is a wrong key",
        base: "clinic",
        flaw: |world, hook| {
            misheard(world, hook, |_, value| if value == "call an ambulance" { "" } else { value }.to_owned())
        },
        rule: Rule::EmergencyUnheard,
        says: "\"call an ambulance\" is a call for help, and nobody is rung",
        at: (&[COMES, "\"call an ambulance\""], Some("emergency")),
    },
];
