//! Conversations in text without a socket, on a clock of our own: what comes is text, what leaves is text.

use super::talk::Relayed;
use crate::agents::port::{
    Cause, Failure, FromAgent, Next, Opening, Say, Stats, ToAgent, Tool, ToolCall, Utt, When, Why, speaking_ms,
};
use crate::agents::{Engines, Keys};
use crate::base::{Clock, Meters};
use crate::config::read_line;
use crate::ledger::StreamNext;
use crate::media::course::Course;
use crate::media::voiced::Voiced;
use crate::media::voices::Voices;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LONG: &str = "We open at seven and we close at five, on Sundays at three.";

struct Scene {
    begin: Instant,
    ms: u64,
    talk: Relayed,
    /// What the carrier got, and when.
    sent: Vec<(u64, Value)>,
}

impl Scene {
    /// The built-in script, with what a line says of the agent.
    fn new(more: &str) -> Self {
        let text = format!(
            "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\n[lines.agent]\nkind = \"conversation-relay\"\n{more}\n"
        );
        let line = Arc::new(read_line("main", &text).expect("a line"));
        let engines = Engines::new(Keys::default(), Clock::System, Arc::new(Meters::silent()));
        let link = engines.open(&line.agent, Opening::example());
        let voices = Voices {
            say: Box::new(|_, _| Voiced::Mute),
            calls_for_help: Box::new(|_, said| said.contains("fire")),
            hello: Box::new(|_| ("Good day.", None)),
            announce: Box::new(|_| Box::pin(std::future::pending())),
        };
        let begin = Instant::now();
        let call = ("CA1".to_owned(), "+15875550123".to_owned());
        let talk = Relayed::begin(Course::new(line, call, (link, Arc::new(voices)), begin));
        let mut scene = Self { begin, ms: 0, talk, sent: Vec::new() };
        scene.post();
        scene
    }

    /// A conversation whose agent is the test.
    fn quiet(more: &str) -> Self {
        let mut scene = Self::new(more);
        scene.wait(20_000);
        let now = scene.now();
        scene.talk.course.tell(now, ToAgent::Stop { why: Why::AgentStop, stats: Stats::default() });
        scene.wait(20_000);
        scene.sent.clear();
        scene
    }

    fn now(&self) -> Instant {
        self.begin + Duration::from_millis(self.ms)
    }

    fn post(&mut self) {
        for text in std::mem::take(&mut self.talk.out) {
            self.sent.push((self.ms, serde_json::from_str(&text).expect("JSON")));
        }
    }

    fn hear(&mut self, message: &Value) {
        self.text(&message.to_string());
    }

    fn text(&mut self, text: &str) {
        let now = self.now();
        self.talk.hear(text, now);
        self.post();
    }

    fn prompt(&mut self, words: &str, last: bool) {
        self.hear(&json!({ "type": "prompt", "voicePrompt": words, "lang": "en-US", "last": last }));
    }

    fn interrupt(&mut self, heard: &str, ms: u32) {
        self.hear(&json!({ "type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": ms }));
    }

    fn agent(&mut self, word: FromAgent) {
        let now = self.now();
        self.talk.obey(word, now);
        self.talk.settle(now);
        self.post();
    }

    fn say(&mut self, utt: u32, text: &str, last: bool) {
        let (text, interruptible) = (text.to_owned(), true);
        self.agent(FromAgent::Say(Say { utt: Utt(utt), text, voice: None, language: None, interruptible, last }));
    }

    fn tool(&mut self, tool: Tool, when: When) {
        self.agent(FromAgent::ToolCall(ToolCall { id: "t1".to_owned(), tool, when }));
    }

    /// Time passes; whoever runs a conversation looks when it asks for it.
    fn wait(&mut self, ms: u64) {
        let until = self.now() + Duration::from_millis(ms);
        for _ in 0..10_000 {
            let wakes = self.talk.wakes(self.now());
            assert!(wakes > self.now(), "it wakes for the past");
            if wakes > until {
                break;
            }
            self.ms = u64::try_from(wakes.duration_since(self.begin).as_millis()).expect("milliseconds") + 1;
            let now = self.now();
            self.talk.settle(now);
            self.post();
        }
        self.ms = u64::try_from(until.duration_since(self.begin).as_millis()).expect("milliseconds").max(self.ms);
        let now = self.now();
        self.talk.settle(now);
        self.post();
    }

    /// Words that the carrier was given since the last time.
    fn words(&mut self) -> Vec<String> {
        let texts = self.sent.drain(..).filter(|(_, message)| message["type"] == "text");
        texts.map(|(_, message)| message["token"].as_str().expect("a token").to_owned()).collect()
    }

    fn next(&self) -> Option<StreamNext> {
        self.talk.course.over.as_ref().map(|over| over.end.next.clone())
    }

    fn said(&self) -> Vec<(String, String)> {
        let said = self.talk.course.minutes.as_json();
        let line = |line: &Value| (line["who"].as_str().unwrap().to_owned(), line["text"].as_str().unwrap().to_owned());
        said.as_array().expect("a list").iter().map(line).collect()
    }
}

#[test]
fn the_script_speaks_first_and_again_after_words_that_it_does_not_know() {
    let mut scene = Scene::new("");
    let first = scene.words();
    assert!(first.len() == 1 && first[0].starts_with("Hello"), "{first:?}");
    scene.wait(2_000);
    scene.interrupt("Hello, you are talking", 1_800);
    scene.prompt("What", false);
    scene.prompt("What is this?", true);
    scene.wait(100);
    assert_eq!(scene.words(), first, "said once, not twice");
    scene.hear(&json!({ "type": "dtmf", "digit": "#" }));
    assert_eq!(scene.next(), Some(StreamNext::Voicemail));
    assert_eq!(scene.talk.course.turns.count, 1);
}

#[test]
fn a_greeting_is_the_carriers_and_can_be_interrupted() {
    let mut scene = Scene::quiet("greeting = \"Welcome to the house of clocks.\"");
    assert_eq!(scene.said()[0], ("agent".to_owned(), "Welcome to the house of clocks.".to_owned()));
    let mut scene2 = Scene::new("greeting = \"Welcome to the house of clocks.\"");
    scene2.interrupt("Welcome to the", 700);
    scene2.prompt("Hey", false);
    assert_eq!(scene2.said(), [("agent".to_owned(), "Welcome to the".to_owned())]);
    scene.wait(1);
}

#[test]
fn pieces_leave_as_they_come_and_one_utterance_after_the_other() {
    let mut scene = Scene::quiet("");
    scene.say(50, "We open ", false);
    scene.say(51, "Anything else?", true);
    assert_eq!(scene.words(), ["We open "]);
    scene.say(50, "at nine.", true);
    let lasts: Vec<bool> = scene.sent.iter().map(|(_, message)| message["last"] == true).collect();
    assert_eq!(lasts, [true, true]);
    assert_eq!(scene.words(), ["at nine.", "Anything else?"]);
}

#[test]
fn an_interruption_with_words_is_one_and_what_was_heard_is_kept() {
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.say(51, "Anything else?", true);
    scene.agent(FromAgent::Mark { name: "end".to_owned() });
    scene.wait(1_000);
    scene.sent.clear();
    scene.interrupt("We open at seven", 1_100);
    scene.wait(400);
    scene.prompt("And on", false);
    assert_eq!(scene.said().last().unwrap().1, "We open at seven");
    assert!(scene.talk.marks.is_empty());
    scene.prompt("And on holidays?", true);
    scene.say(51, "late words of what was cut", true);
    scene.say(52, "On holidays we are closed.", true);
    assert_eq!(scene.words(), ["On holidays we are closed."]);
    assert_eq!((scene.talk.course.counts.interrupts(), scene.talk.course.turns.table.len()), (1, 1));
}

#[test]
fn a_cough_costs_nothing() {
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.say(51, "Anything else?", true);
    scene.wait(1_000);
    scene.sent.clear();
    let at = scene.ms;
    scene.interrupt("we open at sev", 1_000);
    scene.say(52, "And this.", true);
    scene.wait(1_500);
    assert!(scene.sent.is_empty(), "a caller may be about to speak");
    scene.wait(500);
    assert!(scene.sent.iter().all(|(sent, _)| (at + 1_700..at + 2_000).contains(sent)), "{:?}", scene.sent);
    assert_eq!(scene.words(), ["seven and we close at five, on Sundays at three.", "Anything else?", "And this."]);
    assert_eq!(scene.talk.course.counts.interrupts(), 0);
    scene.wait(20_000);
    assert!(scene.said().contains(&("agent".to_owned(), LONG.to_owned())));
}

#[test]
fn a_voice_without_words_is_waited_for() {
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.wait(1_000);
    scene.sent.clear();
    scene.hear(&json!({ "type": "info", "name": "clientSpeaking", "value": "on" }));
    scene.interrupt("We open", 500);
    scene.wait(4_000);
    assert!(scene.sent.is_empty());
    scene.hear(&json!({ "type": "info", "name": "clientSpeaking", "value": "off" }));
    assert_eq!(scene.words().len(), 1);
    // A television is not waited for.
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.hear(&json!({ "type": "info", "name": "clientSpeaking", "value": "on" }));
    scene.interrupt("We open", 500);
    scene.sent.clear();
    scene.wait(35_000);
    assert_eq!(scene.words().len(), 1);
}

#[test]
fn words_that_are_never_finished_are_all_there_are() {
    let mut scene = Scene::quiet("");
    scene.prompt("I wanted to", false);
    scene.wait(2_900);
    assert_eq!(scene.talk.course.turns.count, 0);
    scene.wait(200);
    assert_eq!(scene.talk.course.turns.count, 1);
    assert_eq!(scene.said().last().unwrap(), &("caller".to_owned(), "I wanted to".to_owned()));
    // Silence that is told as a prompt is no turn.
    scene.prompt("", true);
    assert_eq!(scene.talk.course.turns.count, 1);
}

#[test]
fn an_emergency_word_ends_it_even_unfinished() {
    for last in [false, true] {
        let mut scene = Scene::quiet("");
        scene.say(50, LONG, true);
        scene.prompt("there is a fire, my card is 4242 4242 4242 4242", last);
        let Some(StreamNext::Emergency { said }) = scene.next() else { panic!("{:?}", scene.next()) };
        assert!(said.contains("fire") && !said.contains("4242 4242"), "{said}");
        let said = scene.said();
        assert!(said.iter().any(|(who, text)| who == "caller" && text.contains("[card")), "{said:?}");
        let reason = &scene.talk.course.over.as_ref().unwrap().end.reason;
        assert!(!reason.contains("4242"), "{reason}");
    }
}

#[test]
fn an_end_waits_for_the_last_word() {
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.tool(Tool::HangUp, When::AfterSpeech);
    let word = u64::from(speaking_ms(LONG));
    scene.wait(word - 100);
    assert_eq!(scene.next(), None);
    scene.wait(500);
    assert_eq!(scene.next(), Some(StreamNext::Hangup));
    // The carrier may know better.
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.agent(FromAgent::Stop { next: Next::Line, when: When::AfterSpeech });
    scene.hear(&json!({ "type": "info", "name": "agentSpeaking", "value": "off" }));
    assert_eq!(scene.next(), None, "that was about what was said before");
    scene.hear(&json!({ "type": "info", "name": "agentSpeaking", "value": "on" }));
    scene.wait(word + 500);
    assert_eq!(scene.next(), None, "a slow voice");
    scene.hear(&json!({ "type": "info", "name": "agentSpeaking", "value": "off" }));
    assert_eq!(scene.next(), Some(StreamNext::Line));
    // And may never say so.
    let mut scene = Scene::quiet("");
    scene.hear(&json!({ "type": "info", "name": "agentSpeaking", "value": "on" }));
    scene.say(50, LONG, true);
    scene.tool(Tool::HangUp, When::AfterSpeech);
    scene.wait(2 * word + 2_000);
    assert_eq!(scene.next(), Some(StreamNext::Hangup));
}

#[test]
fn one_moment_is_said_once_nobody_speaks() {
    let mut scene = Scene::quiet("");
    scene.prompt("When?", true);
    scene.wait(1_300);
    scene.agent(FromAgent::Late);
    scene.agent(FromAgent::Late);
    assert_eq!(scene.words(), ["One moment, please."]);
    scene.wait(5_000);
    scene.prompt("Hello", false);
    scene.agent(FromAgent::Late);
    assert!(scene.words().is_empty());
}

#[test]
fn an_agent_that_fails_leads_on_at_once_and_a_tool_before_it_is_carried_through() {
    let failure = || FromAgent::Failed(Failure { cause: Cause::Dead, detail: "gone".to_owned() });
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.agent(failure());
    assert_eq!(scene.next(), Some(StreamNext::Failed));
    let mut scene = Scene::quiet("");
    scene.say(50, LONG, true);
    scene.tool(Tool::TakeMessage { prompt: None }, When::AfterSpeech);
    scene.agent(failure());
    assert_eq!(scene.next(), Some(StreamNext::Voicemail));
}

#[test]
fn keys_and_languages_go_to_the_carrier() {
    let mut scene = Scene::quiet("");
    scene.tool(Tool::SendDigits { digits: "9ww1#".to_owned() }, When::Now);
    scene.agent(FromAgent::Language { language: "fr-CA".to_owned() });
    let url = "https://sounds.example/hold.mp3".to_owned();
    scene.agent(FromAgent::Play { utt: Utt(50), url, interruptible: false });
    let sent: Vec<&str> = scene.sent.iter().map(|(_, message)| message["type"].as_str().unwrap()).collect();
    assert_eq!(sent, ["sendDigits", "language", "play"]);
}

#[test]
fn a_carrier_that_understands_nothing_is_not_talked_to_for_ever() {
    let mut scene = Scene::quiet("");
    for _ in 0..3 {
        assert_eq!(scene.next(), None);
        scene.hear(&json!({ "type": "error", "description": "Invalid message received: {}" }));
    }
    assert_eq!(scene.next(), Some(StreamNext::Failed));
}

#[test]
fn no_conversation_lasts_longer_than_its_line_allows() {
    let mut scene = Scene::new("max_s = 10");
    scene.wait(10_100);
    assert_eq!(scene.next(), Some(StreamNext::Line));
}

/// Anything that can happen.
#[derive(Clone, Debug)]
enum Happens {
    Message(Value),
    Text(String),
    Say(u32, String, bool),
    Late,
    Mark,
    Clear,
    End,
    Time(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let words = "[a-f ]{0,30}|We open at seven|\\PC{0,20}";
    prop_oneof![
        4 => (words, any::<bool>())
            .prop_map(|(words, last)| Happens::Message(json!({"type": "prompt", "voicePrompt": words, "last": last}))),
        3 => (words, any::<u32>()).prop_map(|(words, ms)| Happens::Message(
            json!({"type": "interrupt", "utteranceUntilInterrupt": words, "durationUntilInterruptMs": ms}))),
        2 => ("agentSpeaking|clientSpeaking", "on|off")
            .prop_map(|(name, value)| Happens::Message(json!({"type": "info", "name": name, "value": value}))),
        1 => "[0-9#*]".prop_map(|digit| Happens::Message(json!({"type": "dtmf", "digit": digit}))),
        1 => ".{0,40}".prop_map(Happens::Text),
        4 => (40u32..60, words, any::<bool>()).prop_map(|(utt, text, last)| Happens::Say(utt, text, last)),
        1 => Just(Happens::Late),
        1 => Just(Happens::Mark),
        1 => Just(Happens::Clear),
        1 => Just(Happens::End),
        5 => (0u64..6_000).prop_map(Happens::Time),
    ]
}

proptest! {
    /// Whatever comes in whatever order: no panic, it wakes in the future, what waits stays small, and an end that was
    /// decided comes.
    #[test]
    fn nothing_breaks_it(all in prop::collection::vec(happens(), 0..60)) {
        let mut scene = Scene::quiet("");
        let mut ends = false;
        for happens in all {
            match happens {
                Happens::Message(message) => scene.hear(&message),
                Happens::Text(text) => scene.text(&text),
                Happens::Say(utt, text, last) => scene.say(utt, &text, last),
                Happens::Late => scene.agent(FromAgent::Late),
                Happens::Mark => scene.agent(FromAgent::Mark { name: "m".to_owned() }),
                Happens::Clear => scene.agent(FromAgent::Clear { utt: None }),
                Happens::End => {
                    ends = true;
                    scene.tool(Tool::HangUp, When::AfterSpeech);
                }
                Happens::Time(ms) => scene.wait(ms),
            }
        }
        scene.wait(31_000);
        prop_assert!(!ends || scene.next().is_some());
        prop_assert!(scene.talk.marks.len() <= 64);
    }
}
