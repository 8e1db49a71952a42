//! `print-config`: reads back to the same lines, and never shows a secret.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use chrono_tz::TZ_VARIANTS;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard::base::{E164, Hide, folded};
use switchboard::config::agent::Agent;
use switchboard::config::callers::{Lists, Pattern};
use switchboard::config::hours::Range;
use switchboard::config::limits::*;
use switchboard::config::line::*;
use switchboard::config::mail::Mailing;
use switchboard::config::retention::LineRetention;
use switchboard::config::speech::{Engine, Sound, Speech, Transcription, Voice};
use switchboard::config::texts::Texts;
use switchboard::config::{FixedSource, Loaded, SECTIONS, load, to_json, to_toml};

const EVERYTHING: &str = include_str!("../fixtures/config/everything.toml");

fn loaded(text: &str) -> Result<Loaded, String> {
    load(&FixedSource::default(), Some(("s.toml", text)))
        .map_err(|mistakes| mistakes.iter().map(|mistake| format!("{mistake}\n")).collect())
}

#[test]
fn what_is_printed_reads_back() {
    for text in [EVERYTHING, switchboard::config::BUILTIN] {
        let first = loaded(text).unwrap();
        let second = loaded(&to_toml(&first)).unwrap();
        assert_eq!(second.lines, first.lines);
        assert_eq!(second.retention, first.retention);
    }
}

#[test]
fn keys_that_are_left_out_are_named() {
    let builtin = load(&FixedSource::default(), None).unwrap();
    let text = to_toml(&builtin);
    let note = text.lines().find(|row| row.starts_with("# Note: the built-in line:")).unwrap_or_default();
    assert!(note.contains("`7` pages zone 701 and is not offered: there are no zones"), "{text}");
    let json = to_json(&builtin);
    assert!(json["notes"][0]["what"].as_str().unwrap().contains("`7` pages zone 701"), "{}", json["notes"]);
}

#[test]
fn json_has_the_same_lines() {
    let loaded = loaded(EVERYTHING).unwrap();
    let json = to_json(&loaded);
    assert_eq!(json["file"], "s.toml");
    assert_eq!(json["retention"]["trash_days"], 7);
    assert_eq!(json["lines"][0]["menus"]["accueil"]["keys"]["1"]["dial"][1], "sip:desk@pbx.example;transport=tls");
    assert_eq!(json["environment"]["BIND_ADDR"], "127.0.0.1:8080");
    assert_eq!(json["environment"]["JWT_SECRET"], serde_json::Value::Null);
}

#[test]
fn no_secret_is_ever_shown() {
    let mut variables: BTreeMap<&str, &str> = SECTIONS
        .iter()
        .flat_map(|section| section.variables)
        .filter(|variable| variable.has_file())
        .map(|variable| (variable.name, "hunter2hunter2hunter2hunter2"))
        .collect();
    variables.insert("PAGING_PIN", "80087355");
    variables.insert("HOURS_PIN", "90087356");
    variables.insert("SMTP_URL", "smtps://ana:hunter2@mail.example.com");
    for database in [
        "postgres://ana:hunter2@db.example/calls?sslmode=require",
        "postgres://db.example/calls?user=ana&password=hunter2",
    ] {
        variables.insert("DATABASE_URL", database);
        let loaded = load(&FixedSource::new(variables.clone()), None).unwrap();
        for text in [to_toml(&loaded), to_json(&loaded).to_string(), format!("{loaded:?}")] {
            assert!(!text.contains("hunter2") && !text.contains("80087355"), "{text}");
        }
        let toml = to_toml(&loaded);
        assert!(toml.contains("# DATABASE_URL = postgres://"), "{toml}");
        assert!(toml.contains("***") && toml.contains("db.example/calls"), "{toml}");
        assert!(toml.contains("# TWILIO_AUTH_TOKEN = (set, not shown)\n"), "{toml}");
    }
}

#[test]
fn a_line_end_in_a_value_cannot_end_the_comment() {
    let source = FixedSource::new([("DATA_DIR", "a\n[[lines]]\nname = \"x\"")]);
    let text = to_toml(&load(&source, None).unwrap());
    assert_eq!(loaded(&text).unwrap().lines.len(), 1);
}

/// Words with everything that TOML, expansion and people get wrong.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z \"'\\\\$#{}:-]{1,20}",
        "\\PC{1,20}",
        Just("${HOME} and $${HOME}".to_owned()),
        Just("two\nlines\tand a tab\u{7f}\u{85}".to_owned()),
    ]
    .prop_filter("something is said", |text| !text.trim().is_empty())
}

fn number() -> impl Strategy<Value = E164> {
    "1587555[0-9]{4}".prop_map(|digits| E164::parse(&format!("+{digits}")).unwrap())
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        number().prop_map(Target::Number),
        "sip:[a-z]{1,9}@[a-z]{1,9}\\.example(:5060)?(;transport=t(cp|ls))?".prop_map(Target::Sip),
        Just(Target::Public("911".to_owned())),
    ]
}

fn dial() -> impl Strategy<Value = Action> {
    let phones = vec(target().prop_map(Phone::from), 1..4);
    (words(), phones, any::<bool>(), 5u32..=600, option::of(number()), option::of(any::<bool>())).prop_map(
        |(say, phones, in_turn, ring_s, caller_id, screen)| {
            Action::Dial(Dial { say: say.into(), phones, in_turn, ring_s, caller_id, screen })
        },
    )
}

fn people() -> impl Strategy<Value = BTreeMap<String, Person>> {
    let skills = vec("[a-z-]{1,9}", 0..3);
    let person = (target(), skills, option::of(5u32..=600), option::of(any::<bool>()))
        .prop_map(|(target, skills, ring_s, screen)| Person { target, skills, ring_s, screen });
    btree_map("[a-z][a-z0-9_-]{0,9}", person, 0..3)
}

fn action() -> impl Strategy<Value = Action> {
    let leaf = prop_oneof![
        dial(),
        Just(Action::Voicemail),
        Just(Action::Menu("main".to_owned())),
        Just(Action::Menu("second-menu".to_owned())),
        Just(Action::Repeat),
        Just(Action::Talk),
        words().prop_map(|text| Action::Hangup { text: text.into() }),
    ];
    leaf.prop_recursive(3, 6, 1, |inner| {
        (words(), inner).prop_map(|(text, then)| Action::Say { text: text.into(), then: Box::new(then) })
    })
}

fn menu() -> impl Strategy<Value = Menu> {
    let key = proptest::sample::select(vec!['1', '2', '3', '9', '*', '#']);
    let times = (1u32..=60, 0u32..=5);
    (words(), btree_map(key, action(), 1..5), "[a-zé ]{0,12}", times, words(), action()).prop_map(
        |(prompt, keys, said, (timeout_s, retries), invalid, otherwise)| {
            let first = keys.keys().next().copied();
            let phrases: BTreeMap<String, char> =
                first.into_iter().map(|key| (folded(&said), key)).filter(|(said, _)| !said.is_empty()).collect();
            Menu {
                prompt: prompt.into(),
                speech: !phrases.is_empty(),
                keys,
                phrases,
                timeout_s,
                retries,
                invalid: invalid.into(),
                otherwise,
            }
        },
    )
}

fn voicemail() -> impl Strategy<Value = Voicemail> {
    let transcript = proptest::sample::select(vec![Transcript::Off, Transcript::Carrier, Transcript::RealTime]);
    let times = (5u32..=120, 1u32..=60);
    ("[a-z0-9_-]{1,40}", words(), times, transcript, words(), words(), option::of(mailing())).prop_map(
        |(mailbox, greeting, (max_s, silence_s), transcript, thanks, unavailable, mail)| Voicemail {
            mailbox,
            greeting: greeting.into(),
            max_s,
            silence_s,
            transcript,
            thanks: thanks.into(),
            unavailable: unavailable.into(),
            mail,
        },
    )
}

fn mailing() -> impl Strategy<Value = Mailing> {
    let night = |from: u32, hours: u32| format!("{from:02}:30-{:02}:30", (from + hours) % 24);
    let quiet =
        vec((0u32..24, 1u32..8).prop_map(move |(from, hours)| Range::parse(&night(from, hours)).unwrap()), 0..3);
    let to = proptest::collection::btree_set("[a-z]{1,8}@[a-z]{1,8}\\.example", 0..3);
    (to, any::<bool>(), 1u32..=50, 1u32..=90, quiet, any::<bool>()).prop_map(
        |(to, attach, max_mb, link_days, quiet, transcript)| Mailing {
            to: to.into_iter().collect(),
            attach,
            max_mb,
            link_days,
            quiet,
            transcript,
        },
    )
}

fn emergency() -> impl Strategy<Value = Emergency> {
    let keywords = vec("[a-z]{1,8}( [a-z]{1,8})?", 1..4);
    (keywords, option::of(target()), words()).prop_map(|(keywords, number, say)| Emergency {
        keywords,
        built_in: true,
        ignore: vec!["stroke".to_owned()],
        number,
        say: say.into(),
        dial_public: true,
    })
}

fn engines() -> impl Strategy<Value = Speech> {
    let url = || "https?://[a-z]{1,9}(:[1-9][0-9]{1,3})?(/[a-z0-9]{1,5}){0,2}";
    let sound = prop_oneof![Just(Sound::Wav), (320u32..=1920).prop_map(|n| Sound::Pcm { rate: n * 25 })];
    let command = ("[a-z]{1,8}", vec(words(), 0..3)).prop_map(|(program, rest)| [vec![program], rest].concat());
    let engine = prop_oneof![
        url().prop_map(|url| Engine::ElevenLabs { url }),
        (url(), sound).prop_map(|(url, sound)| Engine::OpenAi { url, sound }),
        command.prop_map(|command| Engine::Command { command }),
    ];
    let voice = (engine, "[A-Za-z0-9]{1,20}", "[a-z0-9._-]{0,12}", 70u32..=120)
        .prop_map(|(engine, voice, model, speed_percent)| Voice { engine, voice, model, speed_percent });
    let transcription =
        (url(), "[a-z0-9._-]{1,12}", words()).prop_map(|(url, model, prompt)| Transcription { url, model, prompt });
    let hide = proptest::sample::select(vec![Hide::Cards, Hide::Digits, Hide::Off]);
    (hide, option::of(voice), option::of(transcription)).prop_map(|(hide, voice, transcription)| Speech {
        hide,
        voice,
        transcription,
    })
}

fn rate() -> impl Strategy<Value = Rate> {
    let every_us = prop_oneof![
        (1i64..=86_400).prop_map(|seconds| seconds * 1_000_000),
        (1i64..=6000).prop_map(|per_minute| 60_000_000 / per_minute),
    ];
    (1u32..=10_000, every_us).prop_map(|(burst, every_us)| Rate { burst, every_us })
}

fn limits() -> impl Strategy<Value = Limits> {
    let allowed = prop_oneof![
        number().prop_map(|number| Pattern::Caller(number.to_string())),
        "(sip|client):[a-z]{1,9}".prop_map(Pattern::Caller),
        "\\+[1-9]{1,9}".prop_map(Pattern::Prefix),
    ];
    let custom = (vec("[A-Z][A-Za-z0-9]{1,9}", 1..3), rate()).prop_map(|(by, rate)| Custom { by, rate });
    (option::of(rate()), option::of(rate()), option::of(rate()), option::of(custom), vec(allowed, 0..3))
        .prop_map(|(caller, line, account, custom, allow)| Limits { caller, line, account, custom, allow })
}

fn texts() -> impl Strategy<Value = Texts> {
    (words(), words(), 1u32..=720, words(), 1u32..=720).prop_map(
        |(reply, reply_closed, reply_every_h, missed, missed_every_h)| Texts {
            reply: reply.trim().to_owned(),
            reply_closed: reply_closed.trim().to_owned(),
            reply_every_h,
            missed: missed.trim().to_owned(),
            missed_every_h,
        },
    )
}

fn retention() -> impl Strategy<Value = LineRetention> {
    let days = || option::of(0u32..=36_500);
    (days(), days(), days()).prop_map(|(voicemails_days, transcripts_days, recordings_days)| LineRetention {
        voicemails_days,
        transcripts_days,
        recordings_days,
    })
}

fn line() -> impl Strategy<Value = Line> {
    let consent = (words(), "[a-z0-9-]{1,64}", option::of(Just('0')), words()).prop_map(
        |(notice, version, refuse_key, refused)| Consent {
            notice: notice.into(),
            version,
            refuse_key,
            refused: refused.into(),
        },
    );
    let busy = prop_oneof![
        Just(Busy::Reject),
        Just(Busy::Voicemail),
        Just(Busy::Status429),
        words().prop_map(|text| Busy::Message(text.into()))
    ];
    let names = ("[a-z0-9-]{1,40}", proptest::collection::btree_set(number(), 1..3), any::<bool>());
    let speech = (proptest::sample::select(TZ_VARIANTS.to_vec()), option::of("[A-Za-z0-9._-]{1,20}"), words());
    let (names, kept) = ((names, people()), (limits(), texts(), retention()));
    let rest = (consent, menu(), menu(), voicemail(), (emergency(), engines()), any::<bool>(), busy, kept);
    (names, speech, rest).prop_map(|(((name, numbers, default), people), (zone, voice, greeting), rest)| {
        let (consent, main, second, voicemail, (emergency, speech), records, busy, (limits, texts, retention)) = rest;
        // A number that nobody can ask for is a mistake.
        let main = Menu { speech: main.speech || emergency.number.is_some(), ..main };
        Line {
            callers: Lists::default(),
            hours: None,
            languages: None,
            sounds: Vec::new(),
            name,
            numbers: numbers.into_iter().collect(),
            default,
            timezone: zone,
            language: "en-CA".to_owned(),
            voice,
            greeting: greeting.into(),
            consent,
            entry: "main".to_owned(),
            menus: BTreeMap::from([("main".to_owned(), main), ("second-menu".to_owned(), second)]),
            people,
            voicemail,
            emergency,
            speech,
            recording: if records { Recording::Dial(Taping::default()) } else { Recording::Off },
            busy,
            limits,
            texts,
            retention,
            agent: Arc::new(Agent::default()),
        }
    })
}

proptest! {
    #[test]
    fn every_line_reads_back(line in line()) {
        let shown = Loaded { lines: vec![line.clone()], ..loaded(EVERYTHING).unwrap() };
        let text = to_toml(&shown);
        let read = loaded(&text).map_err(|mistakes| TestCaseError::fail(format!("{mistakes}\n{text}")))?;
        prop_assert_eq!(&read.lines[0], &line, "{}", text);
    }

    #[test]
    fn random_text_never_panics(text in "\\PC{0,200}") {
        drop(loaded(&text));
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        drop(loaded(&String::from_utf8_lossy(&bytes)));
    }

    /// A sound file with a piece replaced by something else that TOML may hold.
    #[test]
    fn a_file_that_was_cut_and_pasted_never_panics(
        at in 0usize..EVERYTHING.len(),
        length in 0usize..60,
        piece in prop_oneof![
            "[\\[\\]{}=\"'\\.,#\n a-z0-9$-]{0,12}",
            Just("[[lines]]\n".to_owned()),
            Just("[lines.menus.main]\nprompt = 1\n".to_owned()),
            Just("= { dial = [[{}], 1979-05-27, nan, true] }\n".to_owned()),
            Just("${A${B}".to_owned()),
        ],
    ) {
        let bytes = EVERYTHING.as_bytes();
        let end = (at + length).min(bytes.len());
        let cut = [&bytes[..at], piece.as_bytes(), &bytes[end..]].concat();
        drop(loaded(&String::from_utf8_lossy(&cut)));
    }
}
