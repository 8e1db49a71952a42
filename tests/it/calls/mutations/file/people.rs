//! Whom a line may ring, and who may call it.

use super::{Mutation, change};

pub(super) const PEOPLE: &[Mutation] = &[
    change(
        "a public emergency number behind a key",
        ("pizzeria", &[("keys.1 = { dial = \"+15875550110\"", "keys.1 = { dial = \"911\"")]),
        "\"911\"",
        &["`911` is a public emergency number", "dial_public = true"],
    ),
    change(
        "a public emergency number in a SIP address",
        ("pizzeria", &[("sip:luigi@pbx.example", "sip:112@pbx.example")]),
        "sip:112@",
        &["is a public emergency number", "let a person answer"],
    ),
    change(
        "a public emergency number for emergencies, without leave",
        ("dentist", &[("\nnumber = \"+15875550113\"", "\nnumber = \"9-1-1\"")]),
        "9-1-1",
        &["`9-1-1` is a public emergency number", "dial_public = true in [lines.emergency]"],
    ),
    change(
        "a public emergency number as the line's own",
        ("answering-machine", &[("+15875550100", "112")]),
        "numbers",
        &["`112` is a public emergency number", "write a number of your own"],
    ),
    change(
        "a number without its country",
        ("pizzeria", &[("keys.1 = { dial = \"+15875550110\"", "keys.1 = { dial = \"5550110\"")]),
        "\"5550110\"",
        &["`5550110` is not a telephone number in E.164 form", "+ and the country code"],
    ),
    change(
        "a SIP address without a user",
        ("agency", &[("sip:ana@pbx.example;transport=tls", "sip:pbx.example")]),
        "sip:pbx.example",
        &["the SIP address has no user@host", "write sip:user@host"],
    ),
    change(
        "more phones than the carrier rings",
        (
            "agency",
            &[(
                "dial = [\"+15875550111\", \"+15875550112\", \"+15875550113\"]",
                "dial = [\"+15875550111\", \"+15875550112\", \"+15875550113\", \"+15875550114\", \"+15875550115\", \"+15875550116\", \"+15875550117\", \"+15875550118\", \"+15875550119\", \"+15875550121\", \"+15875550122\"]",
            )],
        ),
        "+15875550122",
        &["`dial` has 11 targets", "write 1 to 10"],
    ),
    change(
        "an order that nobody knows",
        ("agency", &[("order = \"in-turn\"", "order = \"random\"")]),
        "random",
        &["`random` is not an order", "\"all\" to ring all at once"],
    ),
    change(
        "an emergency number that no menu can hear of",
        (
            "townhall",
            &[
                (
                    "speech = true\nphrases = { \"rendez-vous\" = 1, \"nid de poule\" = 2, voirie = 2 }",
                    "speech = false",
                ),
                ("keys.1 = { dial = \"+15875550111\"", "speech = false\nkeys.1 = { dial = \"+15875550111\""),
            ],
        ),
        "number = \"+15875550112\"",
        &["nothing listens to callers, so nothing rings the emergency number", "write speech = true in a menu"],
    ),
    change(
        "an emergency number without words",
        ("dentist", &[("keywords = [\"bleeding\", \"broken jaw\"]", "built_in = false")]),
        "number = \"+15875550113\"\n",
        &["the emergency number has no keywords, so nothing dials it", "write keywords"],
    ),
    change(
        "a list with a beginning that no number has",
        ("salon", &[("\"+1900*\"", "\"1900*\"")]),
        "1900*",
        &["`1900*` is no beginning of a number", "\"+1587555*\""],
    ),
    change(
        "a list that blocks nobody",
        ("salon", &[("numbers = [\"+1900*\", \"+18005550199\"], withheld = true, unverified = true, ", "")]),
        "block = ",
        &["`block` names nobody", "withheld = true"],
    ),
    change(
        "a blocked caller who would hear the carrier's error",
        ("salon", &[("then = { message = \"We take no calls from this number.\" }", "then = 429")]),
        "block = ",
        &["a blocked caller cannot be answered 429", "\"reject\""],
    ),
    change(
        "an address of an assistant that everybody can read",
        ("assistant", &[("wss://agent", "ws://agent")]),
        "url = ",
        &["is not encrypted", "write wss://"],
    ),
    change(
        "an assistant without an address",
        ("assistant", &[("url = \"wss://agent.example.com/calls\"\n", "")]),
        "[lines.agent]",
        &["the agent has no address", "write url = "],
    ),
    change(
        "an output that is not there",
        ("warehouse", &[("name = \"Hall\"\noutputs = [\"hall\"]", "name = \"Hall\"\noutputs = [\"hal\"]")]),
        "outputs = [\"hal\"]",
        &["`hal`", "did you mean `hall`?"],
    ),
    change(
        "somebody whom nobody knows",
        ("people", &[("dial = \"ana\"", "dial = \"anna\"")]),
        "keys.1 = ",
        &["`anna`", "ana"],
    ),
    change(
        "something that nobody can do",
        ("people", &[("skill = \"repairs\"", "skill = \"baking\"")]),
        "keys.2 = ",
        &["nobody of this line has the skill `baking`", "skills = [\"baking\"]"],
    ),
];
