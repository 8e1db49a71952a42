//! Random walks and mutated bodies: what must hold whatever comes in.

use super::phone::{Hook, PUBLIC, builtin, document, world_of};
use proptest::prelude::*;
use switchboard::calls::{decide, fault};
use switchboard::gate::{Route, Storage};
use switchboard::ledger::Unit;
use switchboard::twiml::{Response, Started, Verb};
use switchboard::world::World;

/// Captures of a voice in a document: of the conversation, of a message.
fn captures(document: &Response) -> (bool, bool) {
    let (mut conversation, mut message) = (false, false);
    for verb in &document.verbs {
        match verb {
            Verb::Record(_) => message = true,
            Verb::Dial(dial) => conversation |= dial.record.is_some(),
            Verb::Start(start) => message |= start.nouns.iter().any(|noun| matches!(noun, Started::Transcription(_))),
            _ => {}
        }
    }
    (conversation, message)
}

/// The last word on each scope so far.
#[derive(Default)]
struct Ledger {
    conversation: bool,
    message: bool,
}

impl Ledger {
    fn take(&mut self, unit: &Unit) {
        for row in unit.facts.consents() {
            match row.scope {
                switchboard::ledger::ConsentScope::Recording => self.conversation = row.given,
                switchboard::ledger::ConsentScope::Voicemail => self.message = row.given,
            }
        }
    }
}

/// Every URL of a document, in order.
fn urls(unit: &Unit) -> Vec<String> {
    let text = String::from_utf8_lossy(&unit.answer).replace("&amp;", "&");
    let starts = text.match_indices(PUBLIC).map(|(at, _)| at);
    starts
        .map(|at| text.get(at..).unwrap_or_default().split(['"', '<']).next().unwrap_or_default().to_owned())
        .collect()
}

fn lines() -> [World; 2] {
    let recorded = r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
recording = "dial"
menus.main = { prompt = "?", speech = true, phrases = { help = 1 }, keys = { 1 = { dial = ["+15875550101", "+15875550102"] }, 2 = "talk", 3 = { say = "x", then = { dial = "+15875550103" } } } }
emergency = { keywords = ["fire"], number = "+15875550109" }
voicemail = { transcript = "carrier", max_s = 100 }
"#;
    [builtin(), world_of(recorded)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A caller, a carrier and a database that do anything at all, in any order.
    #[test]
    fn no_voice_is_captured_before_a_row(
        which in 0..2usize,
        steps in proptest::collection::vec((any::<prop::sample::Index>(), 0..16usize, 0..10u8, 0..8u8), 1..25),
    ) {
        let world = &lines()[which];
        let mut rows = Ledger::default();
        let mut hook = Hook::new(Route::Voice).with(&[("CallStatus", "ringing")]);
        for (url, input, gone, storage) in steps {
            if storage == 0 {
                hook = hook.lost();
            }
            let unit = hook.decided(world);
            prop_assert_eq!(&unit.answer, &hook.decided(world).answer);
            let (conversation, message) = captures(&document(&unit));
            if hook.storage == Storage::Durable {
                rows.take(&unit);
            } else {
                prop_assert!(!conversation && !message, "captured while nothing is stored: {:?}", unit.answer);
            }
            prop_assert!(!conversation || rows.conversation, "{:?}", unit.answer);
            prop_assert!(!message || rows.message, "{:?}", unit.answer);
            let urls = urls(&unit);
            if urls.is_empty() {
                break;
            }
            hook = happens(Hook::to(&urls[url.index(urls.len())]), input);
            if gone == 0 {
                hook = hook.with(&[("CallStatus", "completed")]);
            }
        }
    }
}

fn happens(hook: Hook, input: usize) -> Hook {
    const KEYS: [&str; 6] = ["1", "2", "3", "9", "0", ""];
    match input {
        0..6 => hook.with(&[("Digits", KEYS[input])]),
        6 => hook.with(&[("SpeechResult", "there is a fire")]),
        7 => hook.with(&[("SpeechResult", "help me")]),
        8 => hook.with(&[("DialCallStatus", "busy")]),
        9 => hook.with(&[("DialCallStatus", "completed"), ("DialBridged", "true")]),
        10 => hook.with(&[("DialCallStatus", "no-answer")]),
        11 => hook.with(&[("RecordingSid", "RE1"), ("RecordingDuration", "5")]),
        12 => hook.with(&[("RecordingDuration", "0"), ("Digits", "hangup")]),
        13 => hook.with(&[("RecordingSid", "RE1"), ("RecordingStatus", "absent")]),
        14 => hook.with(&[("ErrorCode", "11200"), ("ErrorUrl", "x")]),
        _ => hook,
    }
}

/// xorshift: the same numbers on every machine, and no crate for it.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % sides
    }
}

const NAMES: [&str; 22] = [
    "CallSid",
    "From",
    "To",
    "CallStatus",
    "Digits",
    "SpeechResult",
    "DialCallStatus",
    "DialBridged",
    "DialCallSid",
    "DialCallDuration",
    "RecordingStatus",
    "RecordingSid",
    "RecordingDuration",
    "RecordingUrl",
    "TranscriptionEvent",
    "TranscriptionData",
    "Final",
    "SequenceId",
    "StreamEvent",
    "ErrorUrl",
    "ParentCallSid",
    "Direction",
];
const VALUES: [&str; 22] = [
    "",
    "1",
    "0",
    "*",
    "hangup",
    "completed",
    "in-progress",
    "busy",
    "true",
    "-1",
    "99999999999999999999",
    "+15875550100",
    "+266696687",
    "CA1",
    "\u{0}\u{1}",
    "<Say>&\"'",
    "\u{1f4de}\u{202e}",
    "{\"transcript\":\"fire\"}",
    "https://phone.example.com/twilio/dtmf?v=1&n=3&l=front-desk&c=p",
    "transcription-content",
    "stream-error",
    "\u{fffe}",
];
const STATES: [&str; 10] = [
    "",
    "v=1",
    "v=1&n=1&l=front-desk&c=p",
    "v=1&n=7&l=front-desk&c=g&r=1",
    "v=1&n=2&l=front-desk&k=1",
    "v=1&n=4294967295",
    "v=1&n=3&l=front-desk&id=vm_1",
    "v=2&n=1&l=x",
    "v=1&n=2&l=%00&m=%ff&k=e&t=4294967295",
    "n=1&n=2&v=1&c=zzz",
];

fn mutated(dice: &mut Dice) -> Hook {
    let route = Route::ALL[dice.roll(Route::ALL.len())];
    let mut hook = Hook { query: STATES[dice.roll(STATES.len())].to_owned(), ..Hook::new(route) };
    for _ in 0..dice.roll(5) {
        let name = NAMES[dice.roll(NAMES.len())];
        hook =
            if dice.roll(4) == 0 { hook.without(name) } else { hook.with(&[(name, VALUES[dice.roll(VALUES.len())])]) };
    }
    if dice.roll(500) == 0 {
        let long = "x".repeat(60_000);
        hook = hook.with(&[(NAMES[dice.roll(NAMES.len())], &long)]);
    }
    if dice.roll(4) == 0 { hook.lost() } else { hook }
}

/// 100,000 signed bodies, mutated field by field: always TwiML, never over 64 kB, and never silence for somebody who
/// listens.
#[test]
fn whatever_is_signed_is_answered() {
    let world = builtin();
    let mut dice = Dice(0x5eed_cafe_f00d_beef);
    for _ in 0..100_000 {
        let hook = mutated(&mut dice);
        let unit = hook.given(|webhook| decide(&world, webhook));
        assert!(unit.answer.len() <= 64 * 1024);
        let document = document(&unit);
        if hook.storage == Storage::Lost {
            assert_eq!(captures(&document), (false, false), "{hook:?}");
        }
        let field = |name: &str| hook.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let told = hook.route.is_status_kind() || matches!(hook.route, Route::Sms);
        let reported = ["RecordingStatus", "StreamEvent"].iter().any(|name| field(name).is_some_and(|v| !v.is_empty()));
        let gone = matches!(field("CallStatus"), Some("completed" | "busy"));
        // The end of the document connects a person who was called.
        let connected = hook.route == Route::Screen && field("Digits") == Some("1");
        assert!(told || reported || gone || connected || !document.verbs.is_empty(), "silence: {hook:?}");
    }
}

/// The same bodies when deciding failed.
#[test]
fn whatever_fails_is_answered() {
    let world = builtin();
    let mut dice = Dice(0x0dd_b411);
    for _ in 0..10_000 {
        let hook = mutated(&mut dice);
        let unit = hook.given(|webhook| fault(&world, webhook, "a fault"));
        assert_eq!(captures(&document(&unit)), (false, false));
    }
}
