//! Conversations without a socket, on a clock of our own: what comes is text, what leaves is a list.

use super::course::Course;
use super::stages::{Greeting, Met, Started};
use super::talk::{Outgoing, Talk};
use super::utterance::Source;
use super::voiced::Voiced;
use super::voices::Voices;
use crate::agents::port::{
    BargeIn, Cause, Failure, FromAgent, Next, Opening, Ready, Stats, ToAgent, Tool, ToolCall, Transcript, Utt, When,
    Who, Why,
};
use crate::agents::{Engines, Keys};
use crate::audio::prompts;
use crate::base::{Clock, Meters};
use crate::config::read_line;
use crate::ledger::StreamNext;
use crate::twilio::stream::Pen;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

const STREAM: &str = "MZ1";
const QUIET: [u8; 160] = [0xff; 160];

/// A stream, and a carrier that plays what it gets.
struct Scene {
    begin: Instant,
    /// Milliseconds since then.
    ms: u64,
    stream: Started,
    play_end: u64,
    marks: VecDeque<(u64, u32)>,
    cleared: Vec<u64>,
    /// When sound came, and how much.
    sounds: Vec<(u64, usize)>,
    spoken: usize,
}

impl Scene {
    fn new() -> Self {
        let line = read_line("main", "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\n").expect("a line");
        let line = Arc::new(line);
        let engines = Engines::new(Keys::default(), Clock::System, Arc::new(Meters::silent()));
        let link = engines.open(&line.agent, Opening::example());
        let voices = Voices {
            say: Box::new(|_, _| Voiced::Ready(Bytes::from_static(prompts::TALK.sound))),
            calls_for_help: Box::new(|_, said| said.contains("fire")),
            hello: Box::new(|_| ("Good day.", None)),
            announce: Box::new(|_| Box::pin(std::future::pending())),
        };
        let begin = Instant::now();
        let call = ("CA1".to_owned(), "+15875550123".to_owned());
        let talk = Talk::begin(Course::new(line, call, (link, Arc::new(voices)), begin));
        let stream = Started { stream_sid: STREAM.to_owned(), pen: Pen::new(STREAM), talk };
        let mut scene = Self {
            begin,
            ms: 0,
            stream,
            play_end: 0,
            marks: VecDeque::new(),
            cleared: Vec::new(),
            sounds: Vec::new(),
            spoken: 0,
        };
        scene.post();
        scene
    }

    fn now(&self) -> Instant {
        self.begin + Duration::from_millis(self.ms)
    }

    /// The carrier takes what was sent.
    fn post(&mut self) {
        for out in std::mem::take(&mut self.stream.talk.out) {
            match out {
                Outgoing::Sound(sound) => {
                    self.play_end = self.play_end.max(self.ms) + sound.len() as u64 / 8;
                    self.sounds.push((self.ms, sound.len()));
                }
                Outgoing::Mark(mark) => self.marks.push_back((self.play_end, mark)),
                Outgoing::Clear => {
                    self.cleared.push(self.ms);
                    self.play_end = self.ms;
                    self.marks.iter_mut().for_each(|(due, _)| *due = self.ms);
                }
            }
        }
    }

    /// 20 ms of the caller.
    fn frame(&mut self, frame: &[u8]) {
        self.ms += 20;
        while let Some((_, mark)) = self.marks.pop_front_if(|(due, _)| *due <= self.ms) {
            self.text(&format!(r#"{{"event":"mark","streamSid":"{STREAM}","mark":{{"name":"m{mark}"}}}}"#));
        }
        let payload = STANDARD.encode(frame);
        self.text(&format!(
            r#"{{"event":"media","streamSid":"{STREAM}","media":{{"track":"inbound","payload":"{payload}"}}}}"#
        ));
    }

    fn text(&mut self, text: &str) {
        let now = self.now();
        self.stream.hear(text, now);
        self.post();
    }

    fn quiet(&mut self, ms: u64) {
        (0..ms / 20).for_each(|_| self.frame(&QUIET));
    }

    /// The caller says something.
    fn speak(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            let said: Vec<u8> = prompts::CALLER.sound.iter().copied().cycle().skip(self.spoken).take(160).collect();
            self.spoken += 160;
            self.frame(&said);
        }
    }

    fn agent(&mut self, word: FromAgent) {
        let now = self.now();
        self.stream.talk.obey(word, now);
        self.stream.talk.settle(now);
        self.post();
    }

    fn next(&self) -> Option<StreamNext> {
        self.stream.talk.course.over.as_ref().map(|over| over.end.next.clone())
    }

    /// An agent that says something new, so that the script's own voice is not in the way.
    fn says(&mut self, utt: u32, ms: usize, interruptible: bool) {
        self.agent(FromAgent::Audio { utt: Utt(utt), data: Bytes::from(vec![0x30; ms * 8]), interruptible });
        self.agent(FromAgent::AudioEnd { utt: Utt(utt) });
    }

    /// The script says nothing more: the test is the agent.
    fn hush(&mut self) {
        self.agent(FromAgent::Clear { utt: None });
        let now = self.now();
        self.stream.talk.course.tell(now, ToAgent::Stop { why: Why::AgentStop, stats: Stats::default() });
        self.cleared.clear();
    }

    fn ready(&mut self, barge_in: BargeIn) {
        let ready = Ready { speaks_first: true, barge_in, text_only: false, name: String::new() };
        self.agent(FromAgent::Ready(ready));
    }
}

#[test]
fn a_voice_cuts_the_prompt_and_it_is_said_again_after_quiet() {
    let mut scene = Scene::new();
    scene.quiet(2000);
    assert!(scene.cleared.is_empty());
    let begun = scene.ms;
    scene.speak(1500);
    assert_eq!(scene.cleared.len(), 1, "{:?}", scene.cleared);
    let cut = scene.cleared[0];
    assert!((begun + 40..begun + 600).contains(&cut), "{} ms", cut - begun);
    scene.quiet(1900);
    let after: Vec<u64> = scene.sounds.iter().map(|(at, _)| *at).filter(|at| *at >= cut).collect();
    let again = *after.first().expect("the prompt is said again");
    assert!(again >= begun + 1500 + 300, "not one frame more of what was cut: {} ms", again - cut);
    let turn = scene.stream.talk.course.turns.table.first().copied().expect("a turn");
    // What was measured is what happened: from the last voice to the first frame of the answer, to the frame.
    let voiced = scene.begin + Duration::from_millis(turn.at_ms - turn.answer_ms);
    let last = scene.stream.talk.speeches.last_voiced().expect("a voice");
    assert!(voiced.max(last) - voiced.min(last) <= Duration::from_millis(20));
    assert!((again..=again + 40).contains(&turn.at_ms), "{turn:?}, sent at {again}");
}

#[test]
fn one_moment_is_timed_apart() {
    let mut scene = Scene::new();
    scene.hush();
    scene.quiet(1000);
    scene.speak(800);
    scene.quiet(1800);
    scene.agent(FromAgent::Late);
    scene.quiet(200);
    scene.says(50, 500, true);
    scene.quiet(12_000);
    let turn = scene.stream.talk.course.turns.table.last().copied().expect("a turn");
    let filler = turn.filler_ms.expect("filler");
    assert!((1800..2500).contains(&filler) && turn.answer_ms > filler + 8000, "{turn:?}");
}

#[test]
fn an_agent_that_is_asked_may_say_no() {
    for (verdict, cut) in [(Some(false), false), (Some(true), true), (None, true)] {
        let mut scene = Scene::new();
        scene.ready(BargeIn::Ask);
        scene.quiet(1000);
        while scene.stream.talk.asked.is_none() {
            scene.speak(20);
            assert!(scene.ms < 4000, "the ear hears a voice");
        }
        assert!(scene.stream.talk.playback.is_held());
        let speech = scene.stream.talk.speeches.number();
        if let Some(confirm) = verdict {
            scene.agent(FromAgent::Verdict { speech, confirm });
        }
        let sent = scene.sounds.len();
        scene.quiet(400);
        assert_eq!(scene.sounds.len() > sent, verdict == Some(false), "{verdict:?}");
        scene.speak(200);
        assert_eq!(scene.stream.talk.course.counts.total_interruptions[0] == 1, cut, "{verdict:?}");
    }
}

#[test]
fn what_must_be_heard_is_not_cut() {
    let mut scene = Scene::new();
    scene.hush();
    scene.says(50, 3000, false);
    scene.quiet(200);
    scene.speak(2000);
    assert!(scene.cleared.is_empty());
}

#[test]
fn a_tool_waits_for_the_last_word_and_not_for_ever() {
    let hang_up = |when| FromAgent::ToolCall(ToolCall { id: "t1".to_owned(), tool: Tool::HangUp, when });
    let mut scene = Scene::new();
    scene.agent(hang_up(When::AfterSpeech));
    scene.quiet(5000);
    assert_eq!(scene.next(), None, "ten seconds are said");
    // A caller who speaks does not take it back.
    scene.speak(500);
    scene.quiet(5500);
    assert_eq!(scene.next(), Some(StreamNext::Hangup));
    let mut scene = Scene::new();
    scene.agent(hang_up(When::Now));
    assert_eq!((scene.next(), scene.cleared.len()), (Some(StreamNext::Hangup), 1));
}

#[test]
fn an_agent_that_fails_is_not_waited_for() {
    let failure = Failure { cause: Cause::Dead, detail: "gone".to_owned() };
    let mut scene = Scene::new();
    scene.quiet(1000);
    scene.agent(FromAgent::Failed(failure));
    assert_eq!((scene.next(), scene.cleared.as_slice()), (Some(StreamNext::Failed), [1000].as_slice()));
}

#[test]
fn an_agent_gives_the_call_back() {
    for (next, leads) in
        [(Next::Line, StreamNext::Line), (Next::Voicemail, StreamNext::Voicemail), (Next::Hangup, StreamNext::Hangup)]
    {
        let mut scene = Scene::new();
        scene.agent(FromAgent::Stop { next, when: When::Now });
        assert_eq!(scene.next(), Some(leads));
    }
}

#[test]
fn a_call_for_help_ends_the_conversation_at_once() {
    let said = |who, text: &str| {
        FromAgent::Transcript(Transcript {
            who,
            text: text.to_owned(),
            last: false,
            utt: None,
            start_ms: None,
            end_ms: None,
            interrupted: false,
        })
    };
    let mut scene = Scene::new();
    scene.agent(said(Who::Agent, "if there is a fire, hang up"));
    assert_eq!(scene.next(), None);
    scene.agent(said(Who::Caller, "there is a fire"));
    assert_eq!(scene.next(), Some(StreamNext::Emergency { said: "there is a fire".to_owned() }));
}

#[test]
fn keys_end_a_prompt_and_the_pound_key_the_conversation() {
    let key = |digit| format!(r#"{{"event":"dtmf","streamSid":"{STREAM}","dtmf":{{"digit":"{digit}"}}}}"#);
    let mut scene = Scene::new();
    scene.quiet(1000);
    scene.text(&key('5'));
    assert_eq!((scene.next(), scene.cleared.as_slice()), (None, [1000].as_slice()));
    scene.text(&key('#'));
    assert_eq!(scene.next(), Some(StreamNext::Voicemail));
}

#[test]
fn a_caller_who_says_nothing_comes_to_the_mailbox() {
    let mut scene = Scene::new();
    scene.quiet(70_000);
    assert_eq!(scene.next(), Some(StreamNext::Voicemail));
    assert!(scene.sounds.iter().map(|(_, bytes)| bytes).sum::<usize>() > 40 * 8000, "the prompt was repeated");
}

#[test]
fn a_carrier_that_does_not_read_gets_nothing_more() {
    let mut scene = Scene::new();
    scene.stream.talk.blocked = true;
    let sent = scene.sounds.len();
    scene.quiet(3000);
    assert_eq!(scene.sounds.len(), sent);
    assert!(scene.stream.talk.out.is_empty());
    scene.stream.talk.blocked = false;
    scene.quiet(20);
    assert!(scene.sounds.iter().skip(sent).map(|(_, bytes)| bytes).sum::<usize>() <= 1600, "no burst");
}

#[test]
fn recorded_streams_begin_and_end_as_they_should() {
    let recorded = [
        ("bidirectional-basic", include_str!("../../tests/fixtures/streams/bidirectional-basic.jsonl"), true),
        ("bidirectional-dtmf", include_str!("../../tests/fixtures/streams/bidirectional-dtmf.jsonl"), true),
        ("forward-compatible", include_str!("../../tests/fixtures/streams/forward-compatible.jsonl"), true),
        ("no-stop", include_str!("../../tests/fixtures/streams/no-stop-abrupt-close.jsonl"), false),
        ("both-tracks", include_str!("../../tests/fixtures/streams/unidirectional-both-tracks.jsonl"), true),
        ("stop-before-start", include_str!("../../tests/fixtures/streams/stop-before-start.jsonl"), false),
    ];
    for (name, lines, ends) in recorded {
        let mut greeting = Some(Greeting { pass: None });
        let mut scene = Scene::new();
        for line in lines.lines() {
            let Some(waiting) = greeting.take() else {
                scene.ms += 20;
                scene.text(line);
                continue;
            };
            match waiting.hear(line) {
                Met::NotYet(still) => greeting = Some(still),
                Met::Begun(_, start) => {
                    assert!(start.is_telephone_sound, "{name}");
                    scene.stream.stream_sid.clone_from(&start.stream_sid);
                }
                Met::Over => assert_eq!(name, "stop-before-start"),
                Met::Relayed(..) => panic!("{name} is a stream"),
            }
        }
        assert_eq!(scene.next().is_some(), ends, "{name}");
        assert_eq!(scene.stream.talk.course.counts.take().odd[0], 0, "{name}: all of it was understood");
    }
}

fn noise() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("media".to_owned()),
        Just("mark".to_owned()),
        Just("dtmf".to_owned()),
        Just("start".to_owned()),
        Just("connected".to_owned()),
        "[a-z]{0,8}",
    ];
    let payload = prop_oneof!["[A-Za-z0-9+/]{0,900}={0,2}", "\\PC{0,40}"];
    let parts = (word, payload, "m?[0-9]{0,11}", "\\PC{0,3}", any::<Option<u64>>());
    prop_oneof![
        1 => "\\PC{0,200}",
        4 => parts.prop_map(|(event, payload, name, digit, at)| {
            serde_json::json!({
                "event": event, "streamSid": STREAM, "sequenceNumber": at,
                "media": {"payload": payload, "timestamp": at.map(|at| at.to_string())},
                "mark": {"name": name}, "dtmf": {"digit": digit},
            })
            .to_string()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes: no panic, nothing piles up, and the stream goes on.
    #[test]
    fn noise_breaks_nothing(texts in proptest::collection::vec((noise(), 0_u64..300), 1..200)) {
        let mut scene = Scene::new();
        for (text, later) in texts {
            scene.ms += later;
            scene.text(&text);
            prop_assert!(scene.stream.talk.out.is_empty());
            prop_assert!(scene.stream.talk.playback.waiting_ms() <= 20_000);
        }
        scene.quiet(100);
    }

    /// Whatever an agent says, in whatever order.
    #[test]
    fn an_agent_that_babbles_breaks_nothing(words in proptest::collection::vec((0_u8..7, 0_u32..5, 0_usize..9000), 1..300)) {
        let mut scene = Scene::new();
        for (word, utt, length) in words {
            let utt = Utt(utt);
            scene.agent(match word {
                0 | 1 => FromAgent::Audio { utt, data: Bytes::from(vec![1; length]), interruptible: length % 2 == 0 },
                2 => FromAgent::AudioEnd { utt },
                3 => FromAgent::Clear { utt: (length % 2 == 0).then_some(utt) },
                4 => FromAgent::Mark { name: length.to_string() },
                5 => FromAgent::Verdict { speech: utt.0, confirm: length % 2 == 0 },
                _ => FromAgent::BargeIn,
            });
            scene.frame(&QUIET);
            prop_assert!(scene.stream.talk.playback.waiting_ms() <= 6 * 120_000);
        }
    }
}

/// Of a house's own words nothing is told to the agent.
#[test]
fn the_houses_own_words_are_no_utterance_of_the_agent() {
    assert_eq!(Source::House(1).utt(), None);
    assert_eq!(Source::Agent(Utt(7)).utt(), Some(Utt(7)));
}
