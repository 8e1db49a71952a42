//! The built-in line: what answers without a file.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard::base::{E164, derived_id};
use switchboard::config::agent::Agent;
use switchboard::config::callers::Lists;
use switchboard::config::limits::*;
use switchboard::config::line::*;
use switchboard::config::retention::{LineRetention, Retention};
use switchboard::config::speech::Speech;
use switchboard::config::texts::Texts;
use switchboard::config::{BUILTIN, FixedSource, builtin_lines, load};

fn number(text: &str) -> E164 {
    E164::parse(text).unwrap()
}

fn dial(to: &str, say: &str) -> Action {
    let phones = vec![Target::Number(number(to)).into()];
    Action::Dial(Dial { say: say.into(), phones, in_turn: true, ring_s: 20, caller_id: None, screen: None })
}

fn builtin() -> Line {
    let notice = "This call may be recorded and transcribed. If you do not agree, press 0.".to_owned();
    let main = Menu {
        prompt: "For sales, press 1. For support, press 2. To talk to our assistant, press 3. To leave a message, \
                 press 9. To hear this again, press star."
            .into(),
        keys: BTreeMap::from([
            ('1', dial("+15875550101", "Connecting you to sales.")),
            ('2', dial("+15875550102", "Connecting you to support.")),
            ('3', Action::Talk),
            ('9', Action::Voicemail),
            ('*', Action::Repeat),
        ]),
        speech: false,
        phrases: BTreeMap::new(),
        timeout_s: 5,
        retries: 1,
        invalid: "Sorry, I did not get that.".into(),
        otherwise: Action::Voicemail,
    };
    Line {
        callers: Lists::default(),
        hours: None,
        languages: None,
        sounds: Vec::new(),
        name: "front-desk".to_owned(),
        numbers: vec![number("+15875550100")],
        default: false,
        timezone: chrono_tz::America::Edmonton,
        language: "en-US".to_owned(),
        voice: None,
        greeting: "Thank you for calling.".into(),
        consent: Consent {
            version: derived_id("notice", &[&notice]),
            notice: notice.into(),
            refuse_key: Some('0'),
            refused: "All right. This conversation will not be recorded.".into(),
        },
        entry: "main".to_owned(),
        menus: BTreeMap::from([("main".to_owned(), main)]),
        people: BTreeMap::new(),
        voicemail: Voicemail {
            mailbox: "front-desk".to_owned(),
            greeting: "Please leave a message after the tone. Your message will be recorded. Press any key when you \
                       are done."
                .into(),
            max_s: 180,
            silence_s: 5,
            transcript: Transcript::RealTime,
            thanks: "Thank you. We have your message and will call you back. Goodbye.".into(),
            unavailable: "We are sorry, we cannot take a message right now. Please call again in a few minutes. \
                          Goodbye."
                .into(),
            mail: None,
        },
        emergency: Emergency::default(),
        texts: Texts::default(),
        retention: LineRetention::default(),
        speech: Speech::default(),
        recording: Recording::Off,
        busy: Busy::Reject,
        limits: Limits::default(),
        agent: Arc::new(Agent::default()),
    }
}

#[test]
fn without_a_file_the_built_in_line_answers() {
    let loaded = load(&FixedSource::default(), None).unwrap();
    assert_eq!(loaded.lines, [builtin()]);
    assert_eq!(loaded.warnings, []);
    assert_eq!(builtin_lines(&FixedSource::default()).unwrap(), [builtin()]);
}

#[test]
fn the_built_in_line_takes_its_targets_from_the_environment() {
    let source = FixedSource::new([("SALES_TARGET_E164", "+15875550177"), ("SUPPORT_TARGET_E164", "")]);
    let mut expected = builtin();
    let keys = &mut expected.menus.get_mut("main").unwrap().keys;
    keys.insert('1', dial("+15875550177", "Connecting you to sales."));
    assert_eq!(builtin_lines(&source).unwrap(), [expected]);
}

/// The template with every commented-out setting in force.
fn uncommented() -> String {
    let is_setting = |rest: &str| {
        let key = rest.split(" = ").next().unwrap_or_default();
        let named = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        (named && rest.contains(" = ")) || (rest.starts_with('[') && rest.ends_with(']'))
    };
    let shown = |line: &str| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line).to_owned() + "\n";
    BUILTIN.lines().map(shown).collect()
}

#[test]
fn what_the_comments_suggest_works() {
    let text = uncommented();
    let keys = FixedSource::new([
        ("S3_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("S3_SECRET_ACCESS_KEY", "secret"),
        ("SIP_PASSWORD_RECEPTION", "secret"),
        ("SIP_PASSWORD_PBX", "secret"),
    ]);
    let loaded = load(&keys, Some(("s.toml", &text))).map_err(|mistakes| format!("{mistakes:#?}")).unwrap();
    let line = &loaded.lines[0];
    assert!(line.default && line.menus["main"].speech && line.emergency.dial_public);
    assert_eq!(line.emergency.keywords, ["emergency", "gas leak", "cant breathe"]);
    assert_eq!(line.menus["main"].phrases["technical support"], '2');
    assert_eq!((line.voice.as_deref(), line.consent.version.as_str()), (Some("Polly.Joanna-Neural"), "2026-11-20"));
    assert_eq!(loaded.retention, Retention::default());
}
