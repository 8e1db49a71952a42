//! `switchboard.toml`: what every key means, and what is said about every mistake and where.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use switchboard::base::{E164, Hide};
use switchboard::config::agent::{Agent, AgentTool};
use switchboard::config::callers::{Lists, Pattern};
use switchboard::config::hours::Range;
use switchboard::config::limits::*;
use switchboard::config::line::*;
use switchboard::config::mail::Mailing;
use switchboard::config::recordings::Recordings;
use switchboard::config::retention::{LineRetention, Retention};
use switchboard::config::speech::*;
use switchboard::config::text::Text;
use switchboard::config::texts::Texts;
use switchboard::config::{FixedSource, Loaded, Mistake, load};

const EVERYTHING: &str = include_str!("../fixtures/config/everything.toml");
pub(crate) const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n";

pub(crate) fn load_text(text: &str) -> Result<Loaded, Vec<Mistake>> {
    load(&FixedSource::default(), Some(("s.toml", text)))
}

pub(crate) fn loaded(text: &str) -> Loaded {
    load_text(text).map_err(|mistakes| listed(&mistakes)).unwrap()
}

pub(crate) fn listed<T: Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

pub(crate) fn refused(text: &str) -> String {
    listed(&load_text(text).unwrap_err())
}

fn number(text: &str) -> E164 {
    E164::parse(text).unwrap()
}

#[test]
fn every_mistake_is_said_at_once_and_in_its_place() {
    let said = refused(include_str!("../fixtures/config/mistakes.toml"));
    assert_eq!(said, include_str!("../fixtures/config/mistakes.txt"), "it is now:\n{said}");
}

#[test]
fn text_that_is_not_toml_is_said_to_be_so() {
    let said = refused(include_str!("../fixtures/config/syntax.toml"));
    assert_eq!(said, include_str!("../fixtures/config/syntax.txt"), "it is now:\n{said}");
}

#[test]
fn every_key_is_read() {
    let loaded = loaded(EVERYTHING);
    assert_eq!(
        loaded.retention,
        Retention {
            calls_days: 30,
            consents_days: 0,
            voicemails_days: 60,
            transcripts_days: 6,
            trash_days: 7,
            recordings_days: 90,
            events_days: 8,
            errors_days: 9,
            rejections_days: 10,
            pages_days: 11,
            messages_days: 12,
            transactions_days: 20
        }
    );
    let recordings = Recordings { copy: true, delete_at_carrier: true, give_up_days: 3 };
    assert_eq!(loaded.recordings, recordings);
    assert_eq!(loaded.lines, [clinic(), shop()]);
    assert_eq!(listed(&loaded.warnings), "");
}

fn clinic() -> Line {
    Line {
        callers: Lists::default(),
        hours: None,
        languages: None,
        sounds: Vec::new(),
        name: "clinic".to_owned(),
        numbers: vec![number("+15875550120"), number("+15875550121")],
        default: true,
        timezone: chrono_tz::America::Edmonton,
        language: "fr-CA".to_owned(),
        voice: Some("Polly.Gabrielle-Neural".to_owned()),
        greeting: "Bonjour.".into(),
        consent: Consent {
            notice: "Cet appel est enregistré.".into(),
            version: "2026-11-20".to_owned(),
            refuse_key: Some('8'),
            refused: "D'accord.".into(),
        },
        entry: "accueil".to_owned(),
        menus: BTreeMap::from([("accueil".to_owned(), accueil()), ("heures".to_owned(), heures())]),
        people: people(),
        voicemail: mailbox(),
        emergency: Emergency {
            keywords: vec!["a laide".to_owned(), "au feu".to_owned()],
            built_in: false,
            ignore: vec!["flooding".to_owned()],
            number: Some(Target::Public("911".to_owned())),
            say: "Restez en ligne.".into(),
            dial_public: true,
        },
        speech: Speech {
            hide: Hide::Digits,
            voice: Some(Voice {
                engine: Engine::OpenAi {
                    url: "http://127.0.0.1:8880/v1".to_owned(),
                    sound: Sound::Pcm { rate: 22_050 },
                },
                voice: "ff_siwis".to_owned(),
                model: "kokoro".to_owned(),
                speed_percent: 110,
            }),
            transcription: Some(Transcription {
                url: "http://127.0.0.1:8000/inference".to_owned(),
                model: "whisper-1".to_owned(),
                prompt: "Mairie de Banff".into(),
            }),
        },
        recording: Recording::Dial(Taping::default()),
        busy: Busy::Message("Rappelez plus tard.".into()),
        limits: limits(),
        texts: texts(),
        retention: LineRetention { voicemails_days: Some(30), recordings_days: Some(0), ..LineRetention::default() },
        agent: Arc::new(with_emergency()),
    }
}

fn texts() -> Texts {
    Texts {
        reply: "Merci, nous rappelons.".to_owned(),
        reply_closed: "Nous ouvrons {opens}.".to_owned(),
        reply_every_h: 12,
        missed: "Nous avons manqué votre appel.".to_owned(),
        missed_every_h: 48,
    }
}

fn mailbox() -> Voicemail {
    Voicemail {
        mailbox: "rendez_vous".to_owned(),
        greeting: "Laissez un message après le bip ; il sera enregistré.".into(),
        max_s: 120,
        silence_s: 4,
        transcript: Transcript::Carrier,
        thanks: Text::default(),
        unavailable: "Rappelez plus tard.".into(),
        mail: Some(by_mail()),
    }
}

fn by_mail() -> Mailing {
    let quiet = vec![Range::parse("22:00-07:00").unwrap()];
    Mailing { attach: false, quiet, ..Mailing::to(vec!["accueil@example.com".to_owned()]) }
}

fn limits() -> Limits {
    Limits {
        caller: Some(Rate { burst: 3, every_us: 60_000_000 }),
        line: Some(Rate { burst: 10, every_us: 200_000 }),
        account: None,
        custom: Some(Custom {
            by: vec!["FromCountry".to_owned(), "To".to_owned()],
            rate: Rate { burst: 2, every_us: 1_000_000 },
        }),
        allow: vec![
            Pattern::Caller("+15875550123".to_owned()),
            Pattern::Prefix("+1587555".to_owned()),
            Pattern::Caller("sip:desk@pbx.example".to_owned()),
        ],
    }
}

/// A line with a number for emergencies offers it to its agent.
fn with_emergency() -> Agent {
    let mut agent = Agent::default();
    agent.tools.push(AgentTool::Emergency);
    agent.one_moment = "Un instant, s'il vous plaît.".to_owned();
    agent
}

fn accueil() -> Menu {
    let goodbye = Action::Hangup { text: "Merci de votre appel. Au revoir.".into() };
    let both = Dial {
        say: "Un instant.".into(),
        phones: vec![
            Target::Number(number("+15875550122")).into(),
            Target::Sip("sip:desk@pbx.example;transport=tls".to_owned()).into(),
        ],
        in_turn: false,
        ring_s: 30,
        caller_id: Some(number("+15875550120")),
        screen: None,
    };
    let ana = people()["ana"].phone("ana");
    let in_turn = Dial {
        say: Text::default(),
        phones: vec![ana.clone(), Target::Number(number("+15875550124")).into()],
        in_turn: true,
        ring_s: 20,
        caller_id: None,
        screen: Some(true),
    };
    let skilled = Dial { phones: vec![ana], screen: None, ..in_turn.clone() };
    let where_we_are =
        Action::Say { text: "Au 10, rue Principale.".into(), then: Box::new(Action::Menu("heures".to_owned())) };
    Menu {
        prompt: "Pour un rendez-vous, faites le 1.".into(),
        keys: BTreeMap::from([
            ('0', Action::Hangup { text: "Au revoir.".into() }),
            ('1', Action::Dial(both)),
            ('2', Action::Dial(in_turn)),
            ('3', Action::Talk),
            ('4', Action::Menu("heures".to_owned())),
            ('5', where_we_are),
            ('6', Action::Dial(skilled)),
            ('7', Action::Queue(queue())),
            ('9', Action::Voicemail),
            ('*', Action::Repeat),
            ('#', goodbye.clone()),
        ]),
        speech: true,
        phrases: BTreeMap::from([("rendez vous".to_owned(), '1'), ("ou etes vous".to_owned(), '5')]),
        timeout_s: 7,
        retries: 2,
        invalid: "Pardon ?".into(),
        otherwise: Action::Say { text: "Au revoir.".into(), then: Box::new(goodbye) },
    }
}

fn people() -> BTreeMap<String, Person> {
    let ana = Person {
        target: Target::Number(number("+15875550123")),
        skills: vec!["facturation".to_owned(), "anglais".to_owned()],
        ring_s: Some(15),
        screen: Some(false),
    };
    let target = Target::Sip("sip:ben@pbx.example".to_owned());
    let ben = Person { target, skills: Vec::new(), ring_s: None, screen: None };
    BTreeMap::from([("ana".to_owned(), ana), ("ben".to_owned(), ben)])
}

fn queue() -> Queue {
    Queue {
        name: "aide".to_owned(),
        say: "Patientez.".into(),
        music: Some("https://son.example/attente.mp3".to_owned()),
        max_wait_s: 300,
        max_size: 7,
        leave_key: Some('9'),
    }
}

fn heures() -> Menu {
    let from = vec![Pattern::Caller("+15875550123".to_owned()), Pattern::Prefix("+1587999".to_owned())];
    let answering = Answering { queue: "aide".to_owned(), from, wait_s: 90 };
    Menu {
        prompt: "Nous ouvrons à neuf heures. Pour revenir, faites le 1.".into(),
        keys: BTreeMap::from([('1', Action::Menu("accueil".to_owned())), ('2', Action::Answer(answering))]),
        speech: true,
        phrases: BTreeMap::new(),
        timeout_s: 5,
        retries: 1,
        invalid: "Pardon ?".into(),
        otherwise: Action::Voicemail,
    }
}

/// Nearly all defaults: those of a line with a name, a number and a menu.
fn shop() -> Line {
    let plain = loaded(LINE).lines.remove(0);
    let dial = Dial {
        say: "One moment, please.".into(),
        phones: vec![Target::Number(number("+15875550131")).into()],
        in_turn: true,
        ring_s: 20,
        caller_id: None,
        screen: None,
    };
    let main = Menu {
        prompt: "Press 1 for the shop. It costs ${5}.".into(),
        keys: BTreeMap::from([('1', Action::Dial(dial))]),
        speech: false,
        invalid: "Sorry, I did not get that.".into(),
        ..heures()
    };
    let consent = Consent { notice: Text::default(), refuse_key: None, ..plain.consent };
    let consent = Consent { version: switchboard::base::derived_id("notice", &[""]), ..consent };
    Line {
        name: "shop".to_owned(),
        numbers: vec![number("+15875550130")],
        consent,
        menus: BTreeMap::from([("main".to_owned(), main)]),
        voicemail: Voicemail { mailbox: "shop".to_owned(), ..plain.voicemail },
        busy: Busy::Status429,
        ..plain
    }
}

#[test]
fn three_rows_are_an_answering_machine() {
    let loaded = loaded(LINE);
    let main = &loaded.lines[0].menus["main"];
    assert_eq!(main.prompt, "To leave a message, press 9, or simply stay on the line.");
    assert_eq!((&main.keys[&'9'], &main.otherwise, main.retries), (&Action::Voicemail, &Action::Voicemail, 0));
    assert_eq!(listed(&loaded.warnings), "");
}

#[test]
fn a_small_mistake_in_a_known_variable_is_said_once() {
    let source = FixedSource::new([("SALES_TARGET_E164", "555")]);
    let mistakes = load(&source, None).unwrap_err();
    assert_eq!(
        listed(&mistakes),
        "SALES_TARGET_E164: `555` is not a telephone number in E.164 form; write + and the country code, like \
         +15875550100, without spaces or dashes\n"
    );
}

#[test]
fn secrets_are_never_taken_into_the_file_nor_shown() {
    for name in ["TWILIO_AUTH_TOKEN", "DATABASE_URL", "PAGING_PIN", "ADMIN_TOKEN_FILE", "MY_PASSWORD", "STRIPE_API_KEY"]
    {
        let source = FixedSource::new([(name, "1234")]);
        let text = format!("{LINE}greeting = \"${{{name}:-x}}\"\n");
        let said = listed(&load(&source, Some(("s.toml", &text))).err().unwrap_or_default());
        assert!(said.contains(&format!("s.toml:4:12: {name} is a secret")), "{name}: {said}");
    }
    for key in ["auth_token", "password", "api-key", "pin", "client_secret"] {
        let said = refused(&format!("{LINE}{key} = \"hunter2\"\n"));
        assert!(said.contains("looks like a secret") && !said.contains("hunter2"), "{said}");
    }
    let said = refused(&format!("{LINE}menus.main.keys.1.dial = \"sip:ana:hunter2@pbx.example\"\n"));
    assert!(said.contains("holds a password") && !said.contains("hunter2"), "{said}");
}

#[test]
fn speech_is_checked() {
    let refused_as = |speech: &str, said: &str| {
        let told = refused(&format!("{LINE}speech = {{ {speech} }}\n"));
        assert!(told.contains(said), "{speech}: {told}");
    };
    refused_as("voice = { engine = \"piper\" }", "there is no speech engine `piper`");
    refused_as("voice = { model = \"x\" }", "the voice has no engine");
    refused_as("voice = { engine = \"elevenlabs\" }", "ElevenLabs needs the id of a voice");
    refused_as("voice = { engine = \"elevenlabs\", voice = \"x\", speed_percent = 200 }", "from 70 to 120");
    refused_as("voice = { engine = \"command\" }", "the command is missing");
    refused_as("voice = { engine = \"openai\", format = \"mp3\" }", "`mp3` cannot be played");
    refused_as("voice = { engine = \"openai\", format = \"pcm\", rate = 24001 }", "no sound has 24001 samples");
    refused_as("transcription = { url = \"https://u:p@x.example/\" }", "without user, password or query");
    refused_as("transcription = { api_key = \"x\" }", "looks like a secret");
    refused_as("hide = \"all\"", "`all` is not what can be hidden");
    let warned = loaded(&format!("{LINE}speech.voice = {{ engine = \"openai\" }}\n")).warnings;
    assert!(listed(&warned).contains("OPENAI_API_KEY is not set, so the carrier's voice speaks"), "{warned:?}");
    let told = refused(&format!("[speech]\n{LINE}"));
    assert_eq!(told, "s.toml:1:2: `speech` belongs to a line; write [lines.speech] under a line\n");
}

#[test]
fn what_a_later_version_brings_is_refused_by_name() {
    let said = refused(&format!("{LINE}paging = 1\n"));
    assert_eq!(said, "s.toml:4:1: `paging` belongs to the whole house; write [paging] at the top of the file\n");
    let said = refused(&format!("[agent]\n{LINE}"));
    assert_eq!(said, "s.toml:1:2: `agent` belongs to a line; write [lines.agent] under a line\n");
    let said = refused(&format!("[limits]\n{LINE}"));
    assert_eq!(said, "s.toml:1:2: `limits` belongs to a line; write [lines.limits] under a line\n");
    let said = refused(&format!("{LINE}menus.main = {{ prompt = \"x\", keys = {{ 1 = \"queue\" }} }}\n"));
    assert!(said.contains("the queue has no name; write { queue = \"support\" }"), "{said}");
}

#[test]
fn a_page_key_is_not_offered_and_noted() {
    let text = format!(
        "{LINE}[lines.menus.main]\nprompt = \"Press 1.\"\nkeys.1 = \"voicemail\"\n\
         keys.7 = {{ page = 701, offer = \"To page, press 7.\" }}\notherwise = {{ page = \"700\" }}\n"
    );
    let cases = [
        (vec![], "there are no zones (SIP_BIND_ADDR is not set)"),
        (vec![("SIP_BIND_ADDR", "127.0.0.1:5060")], "there is neither a PIN (PAGING_PIN) nor a caller list"),
        (vec![("PAGING_PIN", "4711")], "there are no zones (SIP_BIND_ADDR is not set)"),
    ];
    for (variables, why) in cases {
        let loaded = load(&FixedSource::new(variables), Some(("s.toml", &text))).unwrap();
        let main = &loaded.lines[0].menus["main"];
        assert_eq!((main.prompt.as_str(), main.keys.len()), ("Press 1.", 1));
        assert_eq!(main.otherwise, Action::Voicemail);
        let notes = listed(&loaded.notes);
        assert!(notes.contains(&format!("s.toml:7:10: `7` pages zone 701 and is not offered: {why}\n")), "{notes}");
        assert!(
            notes.contains(&format!("s.toml:8:13: `otherwise` pages zone 700 and is not offered: {why}\n")),
            "{notes}"
        );
    }
}

#[test]
fn what_is_legal_and_likely_not_meant_is_warned_about() {
    let warned = |text: &str| listed(&loaded(text).warnings);
    assert_eq!(
        warned(&format!(
            "{LINE}language = \"pl-PL\"\ngreeting = \"Hallo.\"\nmenus.main = {{ prompt = \"x\", keys.1.dial = \"+15875550100\" }}\n"
        )),
        "s.toml:1:1: the line speaks pl-PL, but these texts are English defaults: consent.notice, consent.refused, \
         menus.main.invalid, menus.main.keys.1.say, voicemail.greeting, voicemail.thanks, voicemail.unavailable; \
         write them in the language of the line\n\
         s.toml:6:35: +15875550100 is dialled, which leads back to this service; dial a person, or use { menu = \"…\" }\n"
    );
    assert_eq!(
        warned(&format!(
            "{LINE}emergency = {{ keywords = [\"fire\"], number = \"+15875550103\" }}\nmenus.main = {{ prompt = \"x\", keys.1 = \"talk\", speech = false }}\n"
        )),
        "s.toml:4:13: no menu listens to speech, so emergency words are never heard; write speech = true in a menu\n"
    );
}

#[test]
fn emergency_words_that_dial_nobody_are_warned_about() {
    let text = format!("{LINE}emergency.keywords = [\"fire\"]\n");
    assert_eq!(
        listed(&loaded(&text).warnings),
        "s.toml:4:22: keywords without a number: said words become an event, nobody is dialled; write number = \
         \"+15875550103\", or leave it so\n"
    );
}

#[test]
fn what_is_known_is_listed_in_order() {
    let said = refused(&format!("{LINE}zebra_crossing = 1\n"));
    let known: Vec<&str> = said.trim_end().split("known here: ").nth(1).unwrap().split(", ").collect();
    assert!(known.len() > 5 && known.is_sorted(), "{said}");
}

#[test]
fn one_bracket_too_few_is_said_so() {
    let said = refused("[lines]\nname = \"a\"\n");
    assert_eq!(said, "s.toml:1:1: `[lines]` is one table; write [[lines]], with two brackets, once a line\n");
    assert!(refused("").starts_with("s.toml:1:1: there is no line; write [[lines]]"));
    assert!(refused("lines = 3\n").starts_with("s.toml:1:9: `lines` is a number; write [[lines]]"));
}

#[test]
fn an_answering_machine_with_emergency_words_listens() {
    let loaded = loaded(&format!("{LINE}emergency = {{ keywords = [\"fire\"], number = \"+15875550103\" }}\n"));
    assert!(loaded.lines[0].menus["main"].speech);
    assert_eq!(listed(&loaded.warnings), "");
}

#[test]
fn a_menu_that_no_key_leads_to_is_noted() {
    let text = format!(
        "{LINE}[lines.menus.main]\nprompt = \"x\"\nkeys.1 = \"talk\"\n[lines.menus.lost]\nprompt = \"x\"\nkeys.1 = \"talk\"\n"
    );
    let notes = listed(&loaded(&text).notes);
    assert!(notes.contains("s.toml:7:14: no key leads to menu `lost`\n"), "{notes}");
}

#[test]
fn places_of_written_and_unwritten_keys() {
    let loaded = loaded(EVERYTHING);
    let place = |index, path| loaded.places.of(index, path).map(ToString::to_string);
    assert_eq!(place(0, "menus.accueil.keys.5").as_deref(), Some("s.toml:49:1"));
    assert_eq!(place(0, "voicemail.max_s").as_deref(), Some("s.toml:73:1"));
    assert_eq!(place(1, "voicemail.max_s").as_deref(), Some("s.toml:111:1"));
    assert_eq!(place(0, "numbers.1").as_deref(), Some("s.toml:23:28"));
}
