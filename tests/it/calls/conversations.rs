//! Golden conversations: every word, URL and row of the built-in line, so that a change of any of them is seen.

use super::phone::{Hook, Script, arrive, builtin, document, send, world_of};
use switchboard::base::Outcome;
use switchboard::gate::Route;
use switchboard::ledger::ConsentMethod;
use switchboard::twiml::{Noun, Verb};
use switchboard::world::StreamPass;

fn come(script: &mut Script, world: &switchboard::world::World) -> super::phone::Heard {
    script.step(world, &Hook::new(Route::Voice).with(&[("CallStatus", "ringing")]))
}

#[test]
fn a_caller_reaches_sales() {
    let (world, mut script) = (builtin(), Script::default());
    let menu = come(&mut script, &world);
    let dial = script.step(&world, &menu.presses("1"));
    let talked = dial.dialled("completed").with(&[("DialBridged", "true"), ("DialCallDuration", "42")]);
    script.step(&world, &talked);
    script.step(&world, &Hook::new(Route::Status).with(&[("CallStatus", "completed"), ("CallDuration", "63")]));
    insta::assert_snapshot!(script.text());
}

#[test]
fn nobody_answers_and_a_message_is_left() {
    let (world, mut script) = (builtin(), Script::default());
    let menu = come(&mut script, &world);
    let dial = script.step(&world, &menu.presses("2"));
    let mailbox = script.step(&world, &dial.dialled("no-answer"));
    script.step(&world, &mailbox.recorded(&[("RecordingDuration", "9"), ("Digits", "#")]));
    let status = mailbox.record().recording_status_callback.clone().expect("a callback");
    script.step(&world, &Hook::to(&status).with(&[("RecordingSid", "RE1"), ("RecordingStatus", "completed")]));
    insta::assert_snapshot!(script.text());
}

#[test]
fn silence_twice_leads_to_voicemail() {
    let (world, mut script) = (builtin(), Script::default());
    let menu = come(&mut script, &world);
    let again = script.step(&world, &menu.presses(""));
    let mailbox = script.step(&world, &again.presses("5"));
    script.step(
        &world,
        &mailbox.recorded(&[("RecordingDuration", "0"), ("Digits", "hangup"), ("CallStatus", "completed")]),
    );
    insta::assert_snapshot!(script.text());
}

#[test]
fn a_refused_consent_is_kept_and_the_menu_goes_on() {
    let (world, mut script) = (builtin(), Script::default());
    let menu = come(&mut script, &world);
    let refused = script.step(&world, &menu.presses("0"));
    let again = script.step(&world, &refused.presses("0"));
    script.step(&world, &again.presses("9"));
    insta::assert_snapshot!(script.text());
}

#[test]
fn a_live_conversation_has_the_mailbox_behind_it() {
    let (world, mut script) = (builtin(), Script::default());
    let menu = come(&mut script, &world);
    let stream = script.step(&world, &menu.presses("3"));
    let Noun::Stream(noun) = &stream.connect().noun else { panic!("no stream") };
    let url = noun.url.as_deref().expect("a url");
    let token = url.strip_prefix("wss://phone.example.com/twilio/ws/").expect("our socket");
    let pass = StreamPass::read(token, &world, switchboard::base::Time::UNIX_EPOCH).expect("a token of ours");
    assert_eq!((pass.call.as_str(), pass.step, pass.line.as_str()), (super::phone::SID, 1, "front-desk"));
    assert_eq!(noun.parameters.first().map(|told| (&*told.name, &*told.value)), Some(("token", token)));
    script.step(
        &world,
        &Hook::to(noun.status_callback.as_deref().expect("a callback")).with(&[
            ("StreamEvent", "stream-error"),
            ("StreamError", "31920: Stream - WebSocket - Handshake Error"),
            ("StreamErrorCode", "31920"),
        ]),
    );
    script.step(&world, &Hook::to(stream.connect().action.as_deref().expect("an action")));
    insta::assert_snapshot!(script.text());
}

const RELAYED: &str = r#"
[[lines]]
name = "bakery"
numbers = ["+15875550100"]
language = "fr-CA"
[lines.menus.main]
prompt = "Appuyez sur le 3."
[lines.menus.main.keys]
3 = "talk"
[lines.emergency]
number = "+15875550109"
[lines.agent]
kind = "conversation-relay"
url = "wss://agent.example.com/calls"
greeting = "Bonjour, ici l'assistant."
tts_provider = "Google"
voice = "fr-CA-Chirp3-HD-Aoede"
transcription_provider = "Deepgram"
speech_model = "nova-3-general"
interruptible = "speech"
interrupt_sensitivity = "low"
hints = ["croissants", "heures d'ouverture"]
targets = { sales = "+15875550101" }
on_failure = { dial = "+15875550102" }
on_end = { menu = "main" }
"#;

#[test]
fn a_conversation_in_text_is_the_carriers_and_brings_back_how_it_ended() {
    let (world, mut script) = (world_of(RELAYED), Script::default());
    let menu = come(&mut script, &world);
    let talk = script.step(&world, &menu.presses("3"));
    let Noun::ConversationRelay(noun) = &talk.connect().noun else { panic!("no conversation in text") };
    let url = noun.url.as_deref().expect("a url");
    let token = url.strip_prefix("wss://phone.example.com/twilio/ws/").expect("our socket");
    let pass = StreamPass::read(token, &world, switchboard::base::Time::UNIX_EPOCH).expect("a token of ours");
    assert_eq!((pass.call.as_str(), pass.line.as_str()), (super::phone::SID, "bakery"));
    let action = talk.connect().action.clone().expect("an action");
    let ended = |handoff| [("SessionStatus", "ended"), ("HandoffData", handoff)];
    let to_sales = r#"{"next":{"transfer":{"to":"sales"}},"reason":"the agent puts the caller through to sales"}"#;
    script.step(&world, &Hook::to(&action).with(&ended(to_sales)));
    script.step(&world, &Hook::to(&action).with(&ended(r#"{"next":"again","reason":"this instance stops"}"#)));
    let failed =
        [("SessionStatus", "failed"), ("ErrorCode", "64102"), ("ErrorMessage", "Unable to connect to WebSocket")];
    script.step(&world, &Hook::to(&action).with(&failed));
    script.step(&world, &Hook::to(&action).with(&[("SessionStatus", "completed"), ("CallStatus", "completed")]));
    insta::assert_snapshot!(script.text());
    // What nobody of us wrote is not believed to be an end.
    let odd = send(&world, &Hook::to(&action).with(&ended(r#"{"reason":"wants a person"}"#)));
    assert_eq!(odd.dial().timeout, send(&world, &Hook::to(&action).with(&failed)).dial().timeout);
    let help = r#"{"next":{"emergency":{"said":""}},"reason":"an emergency word was said"}"#;
    let help = send(&world, &Hook::to(&action).with(&ended(help)));
    assert_eq!(help.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Emergency));
}

const CLINIC: &str = r#"
[[lines]]
name = "clinic"
numbers = ["+15875550100"]
language = "en-CA"
voice = "Polly.Joanna-Neural"
greeting = "Harbour Clinic."
recording = "dial"
[lines.consent]
notice = "This call may be recorded."
version = "7"
refuse_key = "0"
[lines.menus.main]
prompt = "For an appointment, press 1 or say appointment. For the pharmacy, press 2. For our hours, press 3."
speech = true
phrases = { "appointment" = 1, "book a visit" = 1, "drug store" = 2 }
retries = 2
otherwise = { menu = "last" }
[lines.menus.main.keys]
1 = { dial = ["+15875550101", "sip:ana@pbx.example", "+15875550103"], order = "in-turn", ring_s = 15, say = "One moment." }
2 = { dial = ["+15875550104", "+15875550105"], order = "all", caller_id = "+15875550100" }
3 = { say = "We open at nine.", then = "repeat" }
4 = { menu = "last" }
7 = { page = "701", offer = "To page, press 7." }
[lines.menus.last]
prompt = "Press 1 to leave a message, 0 for the operator."
otherwise = { hangup = "Goodbye then." }
[lines.menus.last.keys]
1 = "voicemail"
0 = { dial = "+15875550106" }
[lines.voicemail]
transcript = "carrier"
max_s = 90
[lines.emergency]
keywords = ["chest pain", "can't breathe", "stroke"]
number = "+15875550109"
say = "Stay on the line."
"#;

#[test]
fn an_emergency_word_goes_before_everything() {
    let (world, mut script) = (world_of(CLINIC), Script::default());
    let menu = come(&mut script, &world);
    let dial = script.step(&world, &menu.says("I have CHEST... pain, I can\u{2019}t breathe"));
    assert_eq!(dial.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Emergency));
    assert!(dial.dial().record.is_none(), "help is not recorded");
    script.step(&world, &dial.dialled("busy"));
    insta::assert_snapshot!(script.text());
    let menu = arrive(&world);
    let no_emergency = send(&world, &menu.says("I hit a keystroke"));
    assert!(no_emergency.unit.facts.events().is_empty());
}

#[test]
fn a_weak_word_is_asked_about_once() {
    let world = world_of(CLINIC);
    let menu = arrive(&world);
    let asked = send(&world, &menu.says("Police"));
    let event = asked.unit.facts.events().first().expect("an event");
    assert_eq!((event.kind, &event.data["action"]), ("emergency.detected", &serde_json::json!("asked")));
    assert_eq!(asked.unit.call.as_ref().and_then(|call| call.outcome), None);
    for yes in [asked.says("Yes it is!"), asked.presses("1"), asked.says("He is not breathing")] {
        let rung = send(&world, &yes);
        assert_eq!(rung.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Emergency));
        assert_eq!(rung.dial().timeout, Some(60));
    }
    for no in [
        asked.says("No, the police report"),
        asked.presses("2"),
        Hook::to(asked.gather().action.as_deref().expect("a URL")),
    ] {
        let menu = send(&world, &no);
        assert!(menu.unit.webhook.decision.starts_with("no emergency → menu main"), "{}", menu.unit.webhook.decision);
        assert!(!menu.gather().action.as_deref().unwrap_or_default().contains("q=1"));
    }
}

#[test]
fn a_card_that_was_said_to_a_menu_is_not_kept() {
    let world = world_of(CLINIC);
    let heard = send(&world, &arrive(&world).says("My card is 4242 4242 4242 4242"));
    assert!(heard.unit.webhook.input.contains("[card ...4242]"), "{}", heard.unit.webhook.input);
    assert!(!heard.unit.webhook.input.contains("4242 4242"));
}

#[test]
fn targets_ring_in_turn_and_are_recorded_with_consent() {
    let (world, mut script) = (world_of(CLINIC), Script::default());
    let menu = come(&mut script, &world);
    let first = script.step(&world, &menu.says("Appointment, please!"));
    let second = script.step(&world, &first.dialled("busy"));
    let third = script.step(&world, &second.dialled("completed").with(&[("DialBridged", "false")]));
    let mailbox = script.step(&world, &third.dialled("failed"));
    assert!(mailbox.has(|verb| matches!(verb, Verb::Record(_))));
    insta::assert_snapshot!(script.text());
}

#[test]
fn sub_menus_sayings_and_all_at_once() {
    let (world, mut script) = (world_of(CLINIC), Script::default());
    let menu = come(&mut script, &world);
    let hours = script.step(&world, &menu.presses("3"));
    let sub = script.step(&world, &hours.presses("4"));
    let operator = script.step(&world, &sub.presses("0"));
    assert!(operator.unit.facts.consents().is_empty(), "in this menu 0 is the operator");
    let bye = send(&world, &send(&world, &sub.presses("5")).presses(""));
    assert!(bye.said().ends_with("Goodbye then."), "{}", bye.said());
    assert_eq!(bye.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Rejected));
    script.step(&world, &menu.says("the drug store"));
    insta::assert_snapshot!(script.text());
}

#[test]
fn paging_that_is_not_set_up_is_not_offered() {
    let world = world_of(CLINIC);
    let menu = arrive(&world);
    assert!(!menu.said().contains("page"));
    let again = send(&world, &menu.presses("7"));
    assert_eq!(again.gather().action.as_deref().map(|url| url.contains("&r=1")), Some(true), "{:?}", again.unit.answer);
}

#[test]
fn the_row_of_a_heard_notice_comes_with_the_next_webhook_and_only_once() {
    let world = builtin();
    let menu = arrive(&world);
    assert!(menu.unit.facts.consents().is_empty(), "nothing is proven yet");
    let next = send(&world, &menu.presses("*"));
    let methods: Vec<_> = next.unit.facts.consents().iter().map(|row| (row.method, row.given)).collect();
    assert_eq!(methods, [(ConsentMethod::NoticeHeard, true)]);
    let later = send(&world, &next.presses("*"));
    assert!(later.unit.facts.consents().is_empty());
    // Taken back later: the row says so, and no conversation is recorded from then on.
    let back = send(&world, &later.presses("0"));
    assert_eq!(back.unit.facts.consents().iter().map(|row| row.given).collect::<Vec<_>>(), [false]);
}

#[test]
fn a_caller_who_hung_up_proves_nothing() {
    let world = builtin();
    let gone = send(&world, &arrive(&world).presses("").with(&[("CallStatus", "completed")]));
    assert!(gone.unit.facts.consents().is_empty());
    assert!(gone.document.verbs.is_empty());
}

#[test]
fn an_unknown_number_hears_an_apology_and_a_default_line_answers_it() {
    let world = builtin();
    let hook = Hook::new(Route::Voice).with(&[("To", "+15875550177")]);
    let apology = send(&world, &hook);
    assert!(apology.said().contains("not in service"));
    assert!(matches!(apology.document.verbs.last(), Some(Verb::Hangup(_))));
    assert_eq!(apology.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Rejected));
    let world = world_of("[[lines]]\nname = \"any\"\nnumbers = []\ndefault = true\n");
    assert!(!send(&world, &hook).said().contains("not in service"));
}

#[test]
fn an_unreadable_state_starts_the_menu_again() {
    let world = builtin();
    for query in ["v=9&n=4&l=front-desk", "v=1&n=x", "v=1&n=3&l=gone&m=gone&r=1"] {
        // Whatever 9 meant where it was pressed, it is not taken for voicemail.
        let hook = Hook { query: query.to_owned(), ..Hook::new(Route::Dtmf).with(&[("Digits", "9")]) };
        let said = send(&world, &hook).said();
        assert!(said.starts_with("For sales, press 1."), "{query}: {said}");
    }
    let bare = Hook::new(Route::Dtmf).with(&[("Digits", "1")]);
    assert_eq!(send(&world, &bare).dial().timeout, Some(20), "without any state the first menu is meant");
}

#[test]
fn what_says_the_same_is_the_same() {
    let world = builtin();
    let hook = arrive(&world).presses("9");
    let (one, other) = (hook.decided(&world), hook.decided(&builtin()));
    assert_eq!(one.answer, other.answer);
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert!(!document(&one).verbs.is_empty());
}

#[test]
fn a_language_we_do_not_speak_hears_our_sentences_in_english() {
    let toml = "[[lines]]\nname = \"pl\"\nnumbers = [\"+15875550100\"]\nlanguage = \"pl-PL\"\nvoice = \"Polly.Ewa\"\n";
    let world = world_of(toml);
    let mailbox = send(&world, &Hook { query: "v=1&n=1&l=pl&w=nobody".to_owned(), ..Hook::new(Route::Voicemail) });
    let answer = String::from_utf8_lossy(&mailbox.unit.answer).into_owned();
    assert!(answer.contains(r#"<Say language="en-US">Sorry, nobody could take your call."#), "{answer}");
}
