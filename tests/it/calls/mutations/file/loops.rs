//! Ways round that only a walk finds.

use super::{Mutation, change};

const LOOP: &str = "endless loop: without the caller it goes round for ever";
const MEND_LOOP: &str = "let `otherwise` lead to voicemail, a dial or `hangup`";

pub(super) const LOOPS: &[Mutation] = &[
    change(
        "a menu whose silence leads to itself",
        (
            "agency",
            &[(
                "keys.9 = \"voicemail\"\nkeys.\"*\" = \"repeat\"",
                "keys.9 = \"voicemail\"\notherwise = { menu = \"last\" } # round and round",
            )],
        ),
        "# round and round",
        &[LOOP, "menu last: silence, once too often → menu last", MEND_LOOP],
    ),
    change(
        "two menus that send silence to each other",
        (
            "agency",
            &[(
                "keys.9 = \"voicemail\"\nkeys.\"*\" = \"repeat\"",
                "keys.9 = \"voicemail\"\notherwise = { menu = \"people\" }",
            )],
        ),
        "otherwise = { menu = \"last\" }",
        &[LOOP, "→ menu people", "→ menu last", MEND_LOOP],
    ),
    change(
        "four menus in a circle",
        (
            "agency",
            &[
                ("retries = 2", "retries = 0\notherwise = { menu = \"projects\" }"),
                ("otherwise = { dial = \"+15875550110\" }", "otherwise = { menu = \"people\" }"),
                (
                    "keys.9 = \"voicemail\"\nkeys.\"*\" = \"repeat\"",
                    "keys.9 = \"voicemail\"\notherwise = { menu = \"reception\" }",
                ),
            ],
        ),
        "otherwise = { menu = \"people\" }",
        &[LOOP, "→ menu projects", "→ menu people", "→ menu last", "→ menu reception", MEND_LOOP],
    ),
    change(
        "a chain of words that ends where it began",
        (
            "pizzeria",
            &[(
                "otherwise = { dial = [\"+15875550110\", \"sip:luigi@pbx.example\"], order = \"in-turn\", ring_s = 15, say = \"One moment.\" }",
                "otherwise = { say = \"Still there?\", then = { say = \"We are.\", then = { menu = \"main\" } } }",
            )],
        ),
        "otherwise = { say",
        &[LOOP, "menu main: silence, once too often → menu main", MEND_LOOP],
    ),
    change(
        "silence that repeats the menu for ever",
        ("agency", &[("retries = 2", "retries = 2\notherwise = \"repeat\"")]),
        "otherwise = \"repeat\"",
        &[LOOP, MEND_LOOP],
    ),
    change(
        "silence that says something and repeats",
        ("agency", &[("retries = 2", "retries = 0\notherwise = { say = \"We are still here.\", then = \"repeat\" }")]),
        "otherwise = { say",
        &[LOOP, MEND_LOOP],
    ),
    change(
        "a closed line whose menu never ends",
        ("dentist", &[("keys.9 = \"voicemail\"\n", "keys.9 = \"voicemail\"\notherwise = { menu = \"night\" }\n")]),
        "otherwise = { menu = \"night\" }",
        &[LOOP, "menu night", MEND_LOOP],
    ),
    change(
        "a VIP's menu that never ends",
        (
            "salon",
            &[
                ("then = { dial = \"+15875550111\" }", "then = { menu = \"regulars\" }"),
                (
                    "[lines.callers]",
                    "[lines.menus.regulars]\nprompt = \"Your chair: 1.\"\notherwise = { menu = \"regulars\" }\nkeys.1 = { dial = \"+15875550111\" }\n\n[lines.callers]",
                ),
            ],
        ),
        "otherwise = { menu = \"regulars\" }",
        &[LOOP, "menu regulars", MEND_LOOP],
    ),
    change(
        "an assistant that is away, and a menu that leads back to it",
        ("assistant", &[("on_failure = { dial = \"+15875550110\" }", "on_failure = { menu = \"main\" }")]),
        "otherwise = \"talk\"",
        &[LOOP, "live stream", MEND_LOOP],
    ),
    change(
        "an assistant that is done, and a menu that leads back to it",
        ("assistant", &[("on_end = { menu = \"after\" }", "on_end = { menu = \"main\" }")]),
        "otherwise = \"talk\"",
        &[LOOP, "live stream", MEND_LOOP],
    ),
    change(
        "a line that rings itself when the caller is silent",
        ("many", &[("dial = \"+15875550131\"", "dial = \"+15875550130\"")]),
        "otherwise = { dial",
        &["calls itself", "+15875550130 is rung", "night-line → night-line", "dial a person"],
    ),
    change(
        "two lines that ring each other, one of them while it is closed",
        (
            "many",
            &[
                ("dial = \"+15875550131\"", "dial = \"+15875550120\""),
                ("closed = { then = { dial = \"+15875550121\" } }", "closed = { then = { dial = \"+15875550130\" } }"),
            ],
        ),
        "hours = { daily",
        &["calls itself", "shop → night-line → shop", "each call makes another", "dial a person"],
    ),
    change(
        "texts that make a document longer than the carrier takes",
        (
            "agency",
            &[(
                "keys.9 = \"voicemail\"\n",
                "keys.9 = { say = \"LONG\", then = { say = \"LONG\", then = { say = \"LONG\", then = { say = \"LONG\", then = { say = \"LONG\", then = \"hangup\" } } } } }\n",
            )],
        ),
        "keys.9 = { say",
        &["unreadable answer", "the line's texts are too long", "shorten the line's texts"],
    ),
];
