//! What is decided of a text, without a database: pure.

use crate::calls::phone::{PUBLIC, world_of};
use switchboard::base::Time;
use switchboard::calls::decide;
use switchboard::gate::{Route, Storage, Webhook};
use switchboard::ledger::{TextKind, TextState, Unit};
use switchboard::twilio::form::Form;
use switchboard::twiml::parse_text_response;
use switchboard::world::World;

const LINE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n";
const WRITTEN: [(&str, &str); 5] = [
    ("MessageSid", "SM00112233445566778899aabbccddeeff"),
    ("AccountSid", "AC00000000000000000000000000000001"),
    ("From", "+15875550111"),
    ("To", "+15875550100"),
    ("NumMedia", "0"),
];

fn line(more: &str) -> World {
    world_of(&format!("{LINE}{more}"))
}

fn decided(world: &World, query: &str, more: &[(&str, &str)], at: &str) -> Unit {
    let mut fields = WRITTEN.to_vec();
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(more);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let (state, fields) = (Form::parse(query.as_bytes()), Form::parse(body.as_bytes()));
    let at: Time = at.parse().expect("a time");
    let storage = Storage::Durable;
    let webhook = Webhook {
        route: Route::Sms,
        state: &state,
        fields: &fields,
        at,
        key: [7; 16],
        storage,
        carrier_token: None,
        by_get: false,
        end: None,
    };
    decide(world, &webhook)
}

fn writes(world: &World, body: &str) -> Unit {
    decided(world, "", &[("Body", body)], "2026-11-20T18:00:00Z")
}

/// What the line would reply.
fn reply(unit: &Unit) -> Option<String> {
    let reply = unit.facts.reply()?;
    let text = std::str::from_utf8(&reply.answer).expect("UTF-8");
    let (document, warnings) = parse_text_response(text).expect("TwiML");
    assert!(warnings.is_empty(), "{warnings:?}");
    let messages: Vec<_> = document.messages().collect();
    assert_eq!(messages.len(), 1);
    let told = format!("{PUBLIC}/twilio/sms?v=1&n=1&l=desk&id={}", reply.text.id);
    assert_eq!(messages[0].status_callback.as_deref(), Some(told.as_str()));
    assert_eq!(reply.text.in_reply_to.as_deref(), Some(unit.facts.texts()[0].id.as_str()));
    Some(messages[0].words())
}

#[test]
fn a_text_is_kept_and_told_and_says_nothing_before_it_may() {
    let world = line("[lines.texts]\nreply = \"We call you back.\"\n");
    let unit = writes(&world, "Are you open on Sunday?");
    assert!(unit.answer.ends_with(b"<Response/>"), "until a bucket says so");
    assert_eq!(reply(&unit).as_deref(), Some("We call you back."));
    let text = &unit.facts.texts()[0];
    assert_eq!((text.kind, text.state, text.line.as_deref()), (TextKind::Received, TextState::Received, Some("desk")));
    assert_eq!(text.body.as_deref(), Some("Are you open on Sunday?"));
    let event = &unit.facts.events()[0];
    assert_eq!((event.kind, event.subject.as_str()), ("message.received", format!("messages/{}", text.id).as_str()));
    assert_eq!(event.data["message"]["body"], "Are you open on Sunday?");
    assert_eq!(
        (unit.call.is_none(), unit.webhook.input.contains("Sunday")),
        (true, false),
        "the timeline needs no words"
    );
    assert_eq!(writes(&world, "Are you open on Sunday?").facts.texts(), unit.facts.texts());
}

#[test]
fn pictures_are_counted_and_never_fetched() {
    let url = "https://api.example.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME0011";
    let media = [
        ("NumMedia", "2"),
        ("MediaUrl0", url),
        ("MediaContentType0", "image/png"),
        ("MediaContentType1", "text/vcard"),
    ];
    let unit = decided(&line(""), "", &media, "2026-11-20T18:00:00Z");
    let text = &unit.facts.texts()[0];
    assert_eq!(
        text.media.as_deref(),
        Some(r#"[{"sid":"ME0011","type":"image/png"},{"sid":null,"type":"text/vcard"}]"#)
    );
    assert_eq!(text.media_count, 2);
    assert!(!format!("{unit:?}").contains("api.example.com"));
}

#[test]
fn a_number_without_a_line_keeps_the_text() {
    let world = line("[lines.texts]\nreply = \"We call you back.\"\n");
    let unit = decided(&world, "", &[("To", "+15875550199"), ("Body", "hello")], "2026-11-20T18:00:00Z");
    assert_eq!((unit.facts.texts()[0].line.as_deref(), unit.facts.reply().is_none()), (None, true));
    assert!(unit.answer.ends_with(b"<Response/>"));
}

#[test]
fn a_closed_line_says_when_it_opens() {
    let world = line(
        "timezone = \"America/Edmonton\"\n[lines.hours]\nweekdays = \"09:00-17:00\"\n[lines.texts]\nreply = \"We are here.\"\n\
         reply_closed = \"Closed. We open {opens}.\"\n",
    );
    let at = |at: &str| reply(&decided(&world, "", &[("Body", "hello")], at));
    assert_eq!(at("2026-11-20T18:00:00Z").as_deref(), Some("We are here."));
    assert_eq!(at("2026-11-20T05:00:00Z").as_deref(), Some("Closed. We open tomorrow at 9 AM."));
}

#[test]
fn words_that_the_carrier_answers_get_no_second_answer() {
    let world = line("[lines.texts]\nreply = \"We call you back.\"\n");
    for (word, out) in [
        ("STOP", Some(true)),
        (" stop. ", Some(true)),
        ("Unsubscribe", Some(true)),
        ("ARRÊT", Some(true)),
        ("start", Some(false)),
        ("UNSTOP", Some(false)),
        ("help", None),
    ] {
        let unit = writes(&world, word);
        assert!(unit.facts.reply().is_none(), "{word}");
        assert_eq!(unit.facts.opt_outs().first().map(|said| said.out), out, "{word}");
        assert_eq!(unit.facts.texts().len(), 1, "it is kept all the same");
    }
    let told = decided(&world, "", &[("Body", "basta"), ("OptOutType", "STOP")], "2026-11-20T18:00:00Z");
    assert!(told.facts.opt_outs()[0].out, "the carrier may know words of its own");
    let yes = writes(&world, "Yes");
    assert_eq!((yes.facts.opt_outs()[0].out, reply(&yes).is_some()), (false, true));
    for words in ["please stop by at nine", "I need help with my bill", "the end of the road"] {
        let unit = writes(&world, words);
        assert!(unit.facts.opt_outs().is_empty() && unit.facts.reply().is_some(), "{words}");
    }
}

#[test]
fn machines_and_blocked_callers_get_no_reply() {
    let world = world_of(&format!(
        "{LINE}[lines.callers]\nblock = {{ numbers = [\"+1900*\"] }}\n[lines.texts]\nreply = \"Hello.\"\n\
         [[lines]]\nname = \"shop\"\nnumbers = [\"+15875550101\"]\n"
    ));
    for (from, replied) in [
        ("+15875550111", true),
        ("+15875550101", false),
        ("12345", false),
        ("+19005550100", false),
        ("ACME", false),
        ("", false),
    ] {
        let unit = decided(&world, "", &[("From", from), ("Body", "hello")], "2026-11-20T18:00:00Z");
        assert_eq!((unit.facts.reply().is_some(), unit.facts.texts().len()), (replied, 1), "{from}");
    }
}

#[test]
fn a_call_for_help_is_told_and_a_card_is_not_kept() {
    let unit = writes(&line(""), "my father is not breathing, card 4242 4242 4242 4242");
    let event = &unit.facts.events()[1];
    assert_eq!(
        (event.kind, &event.data["source"], &event.data["action"]),
        ("emergency.detected", &"text".into(), &"none".into())
    );
    assert_eq!(event.data["message"]["from"], "+15875550111");
    assert!(unit.webhook.decision.contains("emergency"), "{}", unit.webhook.decision);
    assert!(!format!("{unit:?}").contains("4242 4242"));
    assert_eq!(writes(&line(""), "see you at nine").facts.events().len(), 1);
}

#[test]
fn reports_say_what_became_of_a_text_of_ours() {
    let world = line("");
    let query = "v=1&n=1&l=desk&id=msg_1";
    let ours = [("From", "+15875550100"), ("To", "+15875550111")];
    let report = |word, more: &[(&str, &str)]| {
        let fields = [ours.as_slice(), &[("MessageStatus", word), ("SmsStatus", word)], more].concat();
        decided(&world, query, &fields, "2026-11-20T18:00:00Z")
    };
    let told = |unit: &Unit| unit.facts.events().iter().map(|event| event.kind).collect::<Vec<_>>();
    for (word, state, events) in [
        ("queued", TextState::Accepted, vec!["message.sent"]),
        ("sent", TextState::Sent, vec!["message.sent"]),
        ("delivered", TextState::Delivered, vec!["message.sent"]),
        ("undelivered", TextState::Undelivered, vec!["message.failed"]),
        ("canceled", TextState::Failed, vec!["message.failed"]),
    ] {
        let unit = report(word, &[]);
        let text = &unit.facts.texts()[0];
        assert_eq!((text.id.as_str(), text.state, told(&unit)), ("msg_1", state, events), "{word}");
        assert!(unit.answer.ends_with(b"<Response/>") && unit.facts.reply().is_none());
    }
    let refused = report("failed", &[("ErrorCode", "21610")]);
    assert_eq!((refused.facts.texts()[0].error_code, refused.facts.opt_outs()[0].out), (Some(21610), true));
    assert_eq!(refused.facts.opt_outs()[0].peer, "+15875550111");
    let odd = report("teleported", &[]);
    assert_eq!((odd.facts.errors().len(), odd.facts.texts().len()), (1, 0));
    let nameless = decided(&world, "", &[("MessageSid", ""), ("Body", "hello")], "2026-11-20T18:00:00Z");
    assert_eq!(nameless.facts.errors()[0].kind, "webhook.malformed");
}
