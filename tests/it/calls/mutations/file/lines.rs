//! Consent, recordings, hours, and the rest of a line.

use super::{Mutation, change};

pub(super) const LINES: &[Mutation] = &[
    change(
        "a recording without a notice",
        (
            "lawyer",
            &[(
                "notice = \"We record our conversations. If you do not want that, press 8.\", refuse_key = 8",
                "notice = \"\"",
            )],
        ),
        "recording = \"dial\"",
        &["conversations are recorded without a consent notice", "write consent = { notice"],
    ),
    change(
        "a key that refuses and rings",
        ("lawyer", &[("keys.1 = {", "keys.8 = {")]),
        "keys.8",
        &["key 8 of menu `main` is also the key that refuses consent", "use another key for one of them"],
    ),
    change(
        "a key of two digits that refuses",
        ("lawyer", &[("refuse_key = 8", "refuse_key = 12")]),
        "consent = ",
        &["`12` is not a key of a telephone", "\"none\""],
    ),
    change(
        "a way of recording that nobody knows",
        ("lawyer", &[("recording = \"dial\"", "recording = \"always\"")]),
        "recording = ",
        &["`always` is not a way of recording", "\"dial\""],
    ),
    change(
        "messages too long for the carrier's transcription",
        ("agency", &[("max_s = 90", "max_s = 180")]),
        "max_s",
        &["the carrier transcribes messages of at most 120 s", "transcript = \"real-time\""],
    ),
    change(
        "a mailbox without a greeting",
        ("townhall", &[("greeting = \"Laissez un message après le bip ; il sera enregistré.\"", "greeting = \"\"")]),
        "greeting = \"\"",
        &["`greeting` is empty", "write what the caller shall hear"],
    ),
    change(
        "a zone of time that is not there",
        ("dentist", &[("America/Edmonton", "America/Edmonten")]),
        "timezone",
        &["there is no time zone `America/Edmonten`", "did you mean `America/Edmonton`?"],
    ),
    change(
        "hours that overlap",
        ("dentist", &[("\"13:00-17:00\"", "\"11:00-17:00\"")]),
        "weekdays",
        &["08:00-12:00 and 11:00-17:00 overlap", "ranges that follow each other"],
    ),
    change(
        "hours that cannot be read",
        ("dentist", &[("fri = \"08:00-14:00\"", "fri = \"8-14\"")]),
        "fri = ",
        &["`8-14` is not a range of time", "09:00-17:00"],
    ),
    change(
        "a line that never opens",
        (
            "salon",
            &[(
                "{ tue = \"10:00-18:00\", wed = \"10:00-18:00\", thu = \"10:00-20:00\", fri = \"10:00-20:00\", sat = \"09:00-16:00\" }",
                "{ daily = [] }",
            )],
        ),
        "hours = ",
        &["the line is never open", "09:00-17:00"],
    ),
    change(
        "a holiday of another country's spelling",
        ("dentist", &[("\"2026-12-25\"", "\"25.12.2026\"")]),
        "holidays = [",
        &["`25.12.2026` is not a date", "2026-12-25"],
    ),
    change(
        "a calendar that is not there",
        ("dentist", &[("\"holidays.ics\"", "\"hollidays.ics\"")]),
        "holidays = ",
        &["`hollidays.ics` cannot be read", "name a file beside this one"],
    ),
    change(
        "a calendar that is none",
        ("dentist", &[("\"holidays.ics\"", "\"card.ics\"")]),
        "holidays = ",
        &["`card.ics` ", "export it from the calendar again"],
    ),
    change(
        "a limit with two rates",
        ("pizzeria", &[("every_s = 60", "every_s = 60, per_minute = 1")]),
        "caller = ",
        &["two rates after the burst", "write every_s = 6"],
    ),
    change(
        "phrases that nobody hears",
        ("townhall", &[("speech = true", "speech = false")]),
        "speech = false",
        &["phrases are never heard without speech", "remove the phrases"],
    ),
    change(
        "a key that is misspelt",
        ("pizzeria", &[("greeting = \"Luigi's.\"", "greting = \"Luigi's.\"")]),
        "greting",
        &["unknown key `greting`", "did you mean `greeting`?"],
    ),
    change(
        "a secret in the file",
        ("answering-machine", &[("numbers", "twilio_auth_token = \"d41d8cd98f00b204\"\nnumbers")]),
        "twilio_auth_token",
        &["looks like a secret", "secrets come from the environment"],
    ),
    change(
        "a variable that is not set",
        ("pizzeria", &[("+15875550110", "${COUNTER_E164}")]),
        "${COUNTER_E164}",
        &["the environment variable COUNTER_E164 is not set", "${COUNTER_E164:-default}"],
    ),
    change(
        "a text that nobody would hear to its end",
        ("pizzeria", &[("Luigi's.", "LONGLONG")]),
        "greeting = ",
        &["`greeting` is longer than 3000 characters", "shorten it"],
    ),
    change(
        "a quotation mark too many",
        ("pizzeria", &[("greeting = \"Luigi's.\"", "greeting = \"Luigi\"s.\"")]),
        "Luigi\"s",
        &["mend the TOML here"],
    ),
    change(
        "a language that no key chooses",
        ("languages", &[("key = \"2\"\n", "")]),
        "[lines.languages.fr-CA]",
        &["no key chooses fr-CA", "write key = \"2\""],
    ),
    change(
        "words of a language that the line does not speak",
        ("languages", &[("fr-CA = \"Mairie de Banff.\"", "fr = \"Mairie de Banff.\"")]),
        "greeting = ",
        &["the line does not speak `fr`", "[lines.languages.…] adds one"],
    ),
];
