//! The prover: for every rule flows that must fail, with the right words and path; good lines that must pass.

use super::phone::{PUBLIC, builtin, world_of};
use switchboard::calls::decide;
use switchboard::calls::prover::{Finding, Report, Rule, prove, prove_with};
use switchboard::config::line::{Action, Line, Transcript};
use switchboard::gate::{Route, Storage, Webhook};
use switchboard::ledger::{Facts, Unit};
use switchboard::twiml::{Noun, Response, Say, Verb, parse};
use switchboard::world::World;

fn line_of(world: &World) -> Line {
    world.lines().first().map(|line| Line::clone(line)).expect("a line")
}

/// The built-in line, changed past what the configuration would let through.
fn proved(change: impl FnOnce(&mut Line)) -> Report {
    let mut line = line_of(&builtin());
    change(&mut line);
    let world = World::new(PUBLIC, vec![line.clone()]);
    prove(&world, &line)
}

/// The built-in line with a flaw planted in its answers.
fn planted(flaw: impl Fn(&Webhook<'_>, Response) -> Response) -> Report {
    let world = builtin();
    prove_with(&world, &line_of(&world), &|world, webhook| {
        let unit = decide(world, webhook);
        let document = parse(std::str::from_utf8(&unit.answer).expect("text")).expect("TwiML").response;
        Unit { answer: flaw(webhook, document).render().into(), ..unit }
    })
}

/// The one finding of a rule; others may follow from the same flaw.
fn the(report: &Report, rule: Rule) -> Finding {
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule).collect();
    assert!(!found.is_empty(), "no {rule}: {:?}", report.findings);
    found[0].clone()
}

#[test]
fn the_built_in_line_is_sound() {
    let report = proved(|_| {});
    assert_eq!(report.findings, []);
    assert!(report.documents > 100 && report.paths > report.documents, "{report:?}");
}

#[test]
fn a_menu_that_leads_to_itself_in_silence() {
    let report = proved(|line| main(line).otherwise = Action::Menu("main".to_owned()));
    let found = the(&report, Rule::EndlessLoop);
    let round = "menu main: silence → menu main; menu main: silence, once too often → menu main";
    assert!(round.split("; ").all(|decision| found.message.contains(decision)), "{}", found.message);
    assert_eq!(found.place.as_deref(), Some("menus.main.otherwise"));
    assert_eq!(the(&proved(|line| main(line).otherwise = Action::Repeat), Rule::EndlessLoop).rule, Rule::EndlessLoop);
}

#[test]
fn two_menus_that_send_silence_to_each_other() {
    let report = proved(|line| {
        let mut other = main(line).clone();
        other.otherwise = Action::Say { text: "Hm.".into(), then: Box::new(Action::Menu("main".to_owned())) };
        main(line).otherwise = Action::Menu("other".to_owned());
        line.menus.insert("other".to_owned(), other);
    });
    let message = the(&report, Rule::EndlessLoop).message;
    assert!(message.contains("menu main: silence, once too often → menu other"), "{message}");
    assert!(message.contains("menu other: silence, once too often → menu main"), "{message}");
}

#[test]
fn a_menu_that_asks_for_ever() {
    let report = proved(|line| {
        line.consent.notice = "".into();
        main(line).retries = u32::MAX;
    });
    let found = the(&report, Rule::EndlessLoop);
    assert!(found.message.ends_with("101 on one way, the call still goes on"), "{}", found.message);
}

#[test]
fn a_key_that_goes_round_is_the_callers_own_choice() {
    let report = proved(|line| {
        main(line).keys.insert('4', Action::Menu("main".to_owned()));
    });
    assert_eq!(report.findings, []);
}

fn main(line: &mut Line) -> &mut switchboard::config::line::Menu {
    line.menus.get_mut("main").expect("main")
}

#[test]
fn a_document_that_just_ends() {
    let report = planted(|webhook, mut document| {
        if webhook.route == Route::Dial {
            document.verbs = vec![Say::new("Nobody is there.").into()];
        }
        document
    });
    let found = the(&report, Rule::DeadEnd);
    assert_eq!(found.message, "after the last verb nothing follows, and the call is cut");
    assert_eq!(found.path[..2], ["a call comes in", "key 1"]);
    assert_eq!(found.place.as_deref(), Some("menus.main.keys.1"));
}

#[test]
fn an_empty_document_for_somebody_who_listens() {
    let report = planted(|webhook, document| {
        let nine = webhook.fields.get("Digits") == Some("9") && webhook.route == Route::Dtmf;
        if nine { Response::new() } else { document }
    });
    let found = the(&report, Rule::DeadEnd);
    assert_eq!(found.message, "the document is empty: the call is cut without a word");
    assert_eq!(found.path, ["a call comes in", "key 9"]);
    assert_eq!(found.place.as_deref(), Some("menus.main.keys.9"));
}

#[test]
fn a_gather_that_forgets_silence() {
    let report = planted(|_, mut document| {
        for verb in &mut document.verbs {
            if let Verb::Gather(gather) = verb {
                gather.action_on_empty_result = None;
            }
        }
        document.verbs.retain(|verb| !matches!(verb, Verb::Redirect(_)));
        document
    });
    assert_eq!(the(&report, Rule::DeadEnd).path, ["a call comes in"]);
}

#[test]
fn a_record_without_a_verb_behind_it() {
    let report = planted(|_, mut document| {
        if let Some(at) = document.verbs.iter().position(|verb| matches!(verb, Verb::Record(_))) {
            document.verbs.truncate(at + 1);
        }
        document
    });
    assert_eq!(the(&report, Rule::DeadEnd).path, ["a call comes in", "key 9"]);
}

#[test]
fn a_stream_with_nothing_behind_it() {
    let report = planted(|_, mut document| {
        if let Some(Verb::Connect(connect)) = document.verbs.iter_mut().find(|verb| matches!(verb, Verb::Connect(_))) {
            connect.action = None;
            document.verbs.truncate(1);
        }
        document
    });
    let found = the(&report, Rule::StreamWithoutNext);
    assert_eq!(
        (found.path, found.place.as_deref()),
        (vec!["a call comes in".to_owned(), "key 3".to_owned()], Some("menus.main.keys.3"),)
    );
    assert!(!report.findings.iter().any(|finding| finding.rule == Rule::DeadEnd));
}

#[test]
fn a_recording_whose_row_is_forgotten() {
    let world = builtin();
    let report = prove_with(&world, &line_of(&world), &|world, webhook| Unit {
        facts: Facts::default(),
        ..decide(world, webhook)
    });
    let found = the(&report, Rule::RecordingBeforeConsent);
    assert!(found.message.contains("before a consent row is stored"), "{}", found.message);
    assert_eq!(found.path, ["a call comes in", "key 9"]);
}

#[test]
fn a_recording_that_cannot_be_stored() {
    let world = builtin();
    let report = prove_with(&world, &line_of(&world), &|world, webhook| {
        decide(world, &Webhook { storage: Storage::Durable, ..webhook.clone() })
    });
    let found = the(&report, Rule::RecordingBeforeConsent);
    assert!(found.message.ends_with("while nothing can be stored"), "{}", found.message);
}

#[test]
fn a_conversation_recorded_on_the_strength_of_a_message() {
    let toml = r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
recording = "dial"
menus.main = { prompt = "?", keys = { 1 = { dial = "+15875550101" } } }
"#;
    let world = world_of(toml);
    let line = line_of(&world);
    assert_eq!(prove(&world, &line).findings, []);
    // A caller who refused is recorded all the same.
    let report = prove_with(&world, &line, &|world, webhook| {
        let unit = decide(world, webhook);
        let answer = String::from_utf8_lossy(&unit.answer).replace("c=r", "c=g");
        Unit { answer: answer.into_bytes().into(), ..unit }
    });
    let found = the(&report, Rule::RecordingBeforeConsent);
    assert_eq!(found.message, "<Dial record> records the conversation before a consent row is stored");
    assert_eq!(found.path, ["a call comes in", "key 0", "key 1"]);
}

#[test]
fn a_transcript_that_never_comes() {
    let report = proved(|line| line.voicemail.transcript = Transcript::Carrier);
    let found = the(&report, Rule::CarrierTranscription);
    assert!(found.message.contains("180 s") && found.message.contains("120 s"), "{}", found.message);
    assert_eq!(found.place.as_deref(), Some("voicemail.max_s"));
    assert!(found.rule.mend().contains("real-time"));
    let short = proved(|line| {
        line.voicemail.transcript = Transcript::Carrier;
        line.voicemail.max_s = 120;
    });
    assert_eq!(short.findings, []);
    // Asked for in the document itself.
    let world = world_of(
        "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\nvoicemail = { transcript = \"carrier\", max_s = 90 }\n",
    );
    let report = prove_with(&world, &line_of(&world), &|world, webhook| {
        let unit = decide(world, webhook);
        let answer = String::from_utf8_lossy(&unit.answer).replace("maxLength=\"90\"", "maxLength=\"180\"");
        Unit { answer: answer.into_bytes().into(), ..unit }
    });
    assert_eq!(the(&report, Rule::CarrierTranscription).path.first().map(String::as_str), Some("a call comes in"));
}

#[test]
fn urls_that_lead_nowhere() {
    for (ours, theirs) in [
        ("/twilio/dial?", "/twilio/dialled?"),
        ("https://phone.example.com/twilio/dtmf", "/twilio/dtmf"),
        ("https://phone.example.com/twilio/recording", "https://elsewhere.example/twilio/recording"),
        ("wss://", "ws://"),
        (
            "statusCallback=\"https://phone.example.com/twilio/status",
            "statusCallback=\"https://phone.example.com/status",
        ),
    ] {
        let world = builtin();
        let report = prove_with(&world, &line_of(&world), &|world, webhook| {
            let unit = decide(world, webhook);
            let answer = String::from_utf8_lossy(&unit.answer).replace(ours, theirs);
            Unit { answer: answer.into_bytes().into(), ..unit }
        });
        assert!(the(&report, Rule::UnknownRoute).message.contains("is none of our routes"), "{theirs}");
    }
}

#[test]
fn answers_that_the_carrier_cannot_read() {
    let world = builtin();
    for answer in ["Hello", "<Response><Say>", "<response/>", "<Response><Shout>Hi</Shout><Hangup/></Response>"] {
        let report = prove_with(&world, &line_of(&world), &|world, webhook| Unit {
            answer: answer.to_owned().into_bytes().into(),
            ..decide(world, webhook)
        });
        assert_eq!(the(&report, Rule::Unreadable).path, ["a call comes in"], "{answer}");
    }
    let long = proved(|line| line.greeting = "x".repeat(70_000).into());
    assert!(the(&long, Rule::Unreadable).message.contains("too long"));
}

#[test]
fn a_stream_is_followed_to_its_mailbox() {
    let report = planted(|_, mut document| {
        // The action goes; the verb behind the stream must carry the caller.
        for verb in &mut document.verbs {
            if let Verb::Connect(connect) = verb {
                connect.action = None;
                assert!(matches!(connect.noun, Noun::Stream(_)));
            }
        }
        document
    });
    assert_eq!(report.findings, []);
}

/// Ten lines as businesses write them.
const GOOD: [&str; 10] = [
    "",
    "menus.main = { prompt = \"Leave a message.\", keys = { 9 = \"voicemail\" } }",
    "consent = { notice = \"\" }\nmenus.main = { prompt = \"?\", keys = { 1 = { dial = \"+15875550101\" } } }",
    "recording = \"dial\"\nmenus.main = { prompt = \"?\", retries = 5, keys = { 1 = { dial = [\"+15875550101\", \"sip:a@b.example\", \"+15875550103\"], order = \"in-turn\" } } }",
    "menus.main = { prompt = \"?\", keys = { 1 = { dial = [\"+15875550101\", \"+15875550102\"], order = \"all\" }, \"#\" = \"hangup\" }, otherwise = { hangup = \"Bye.\" } }",
    "menus.main = { prompt = \"?\", keys = { 1 = { menu = \"a\" } } }\nmenus.a = { prompt = \"?\", keys = { 1 = { menu = \"b\" }, 2 = { menu = \"main\" } }, otherwise = { menu = \"main\" } }\nmenus.b = { prompt = \"?\", keys = { 0 = { menu = \"a\" } } }",
    "menus.main = { prompt = \"?\", speech = true, phrases = { sales = 1, hours = 2 }, keys = { 1 = { dial = \"+15875550101\" }, 2 = { say = \"Nine to five.\", then = \"repeat\" } } }\nemergency = { keywords = [\"fire\", \"chest pain\"], number = \"+15875550109\" }",
    "voicemail = { transcript = \"carrier\", max_s = 120 }\nmenus.main = { prompt = \"?\", keys = { 1 = \"voicemail\", 2 = \"talk\" } }",
    "voicemail = { transcript = \"off\" }\nrecording = \"dial\"\nmenus.main = { prompt = \"?\", retries = 0, keys = { 1 = \"talk\" }, otherwise = { say = \"Hold on.\", then = { dial = \"+15875550101\" } } }",
    "menus.main = { prompt = \"?\", keys = { 7 = { page = \"701\", offer = \"Press 7 to page.\" }, 8 = { say = \"a\", then = { say = \"b\", then = { menu = \"main\" } } } } }",
];

#[test]
fn good_lines_pass() {
    for toml in GOOD {
        let world = world_of(&format!("[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n{toml}"));
        let report = prove(&world, &line_of(&world));
        assert_eq!(report.findings, [], "{toml}");
        assert!(report.documents > 10, "{toml}: {report:?}");
    }
}
