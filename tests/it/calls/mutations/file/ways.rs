//! Ways to nowhere, and to the wrong place.

use super::{Mutation, change};

pub(super) const WAYS: &[Mutation] = &[
    change(
        "a key that leads to a menu that is not there",
        ("agency", &[("{ menu = \"projects\" }", "{ menu = \"projetcs\" }")]),
        "projetcs",
        &["there is no menu `projetcs` in this line", "did you mean `projects`?"],
    ),
    change(
        "silence that leads to a menu that is not there",
        ("agency", &[("otherwise = { menu = \"last\" }", "otherwise = { menu = \"nowhere\" }")]),
        "nowhere",
        &["there is no menu `nowhere`", "write [lines.menus.nowhere], or lead somewhere else"],
    ),
    change(
        "a first menu that is not there",
        ("agency", &[("entry = \"reception\"", "entry = \"lobby\"")]),
        "entry = ",
        &["there is no menu `lobby` for a caller to meet first", "write [lines.menus.lobby]"],
    ),
    change(
        "a menu without keys",
        ("agency", &[("keys.9 = \"voicemail\"\nkeys.\"*\" = \"repeat\"", "")]),
        "[lines.menus.last]",
        &["the menu has no keys, so it leads nowhere", "write keys = { 9 = \"voicemail\" }"],
    ),
    change(
        "a menu that says nothing",
        ("agency", &[("prompt = \"To leave a message, press 9. To hear this again, press star.\"", "prompt = \"\"")]),
        "prompt = \"\"",
        &["`prompt` is empty: the caller would hear nothing", "write what the caller shall hear"],
    ),
    change(
        "a key that does nothing",
        ("dentist", &[("keys.1 = { dial = \"+15875550112\" }", "keys.1 = {}")]),
        "keys.1 = {}",
        &["the key does nothing", "{ dial = \"+15875550101\" }"],
    ),
    change(
        "a key that no telephone has",
        ("dentist", &[("keys.3 = { menu", "keys.33 = { menu")]),
        "keys.33",
        &["`33` is not a key of a telephone", "write 0 to 9"],
    ),
    change(
        "a word that is no action",
        ("dentist", &[("keys.9 = \"voicemail\"", "keys.9 = \"voicemial\"")]),
        "voicemial",
        &["`voicemial` is nothing that a key can do", "did you mean \"voicemail\"?"],
    ),
    change(
        "a closed line that repeats what nobody heard",
        ("pizzeria", &[("then = \"hangup\" }", "then = \"repeat\" }")]),
        "closed = ",
        &["there is nothing to repeat yet", "end it with \"voicemail\""],
    ),
    change(
        "a VIP who is led nowhere",
        ("salon", &[(", then = { dial = \"+15875550111\" }", "")]),
        "vip = ",
        &["`vip` leads nowhere", "then = "],
    ),
    change(
        "a VIP who is led into a menu that he has not heard",
        ("salon", &[("then = { dial = \"+15875550111\" }", "then = \"repeat\"")]),
        "vip = ",
        &["a VIP is led past the menu, not into it", "then = "],
    ),
    change(
        "an assistant that ends in itself",
        ("assistant", &[("on_end = { menu = \"after\" }", "on_end = \"talk\"")]),
        "on_end",
        &["`on_end` cannot do that", "\"voicemail\""],
    ),
    change(
        "a zone that is not there",
        ("warehouse", &[("page = \"701\"", "page = \"702\"")]),
        "keys.7",
        &["there is no zone `702`", "write [paging.zones.702], or one of: 701, 700"],
    ),
    change(
        "words for a key that the menu does not have",
        ("dentist", &[("\"opening hours\" = 2", "\"opening hours\" = 7")]),
        "phrases",
        &["this menu has no key `7`", "write the key that the words stand for"],
    ),
    change(
        "a number that two lines have",
        ("many", &[("numbers = [\"+15875550120\"]", "numbers = [\"+15875550101\"]")]),
        "numbers = [\"+15875550101\"]",
        &["+15875550101 already leads to a line (line 4)", "one number leads to one line"],
    ),
    change(
        "a name that two lines have",
        ("many", &[("name = \"shop\"", "name = \"front-desk\" # again")]),
        "# again",
        &["another line is called `front-desk` too", "give each line its own name"],
    ),
    change(
        "two lines for all other numbers",
        (
            "many",
            &[
                ("numbers = [\"+15875550130\"]", "default = true"),
                ("name = \"everybody-else\"\ndefault = true", "name = \"everybody-else\"\ndefault = true # too"),
            ],
        ),
        "# too",
        &["another line is the default too", "keep one default = true"],
    ),
    change(
        "a line that no number leads to",
        (
            "many",
            &[
                ("[[lines]]\nname = \"night-line\"", "[[lines]] # for nobody\nname = \"night-line\""),
                ("numbers = [\"+15875550130\"]\n", ""),
            ],
        ),
        "# for nobody",
        &["no number leads to this line", "default = true"],
    ),
];
