//! The stream's side: plays what the agent says, hears the caller, decides interruptions. As simple as can be, and exact.

use crate::agents::port::{
    Cut, During, Ended, FromAgent, Interrupted, Ms, Stats, ToAgent, Tool, ToolResult, Transcript, Utt, When, Why,
};
use serde_json::json;
use std::collections::VecDeque;

/// From the first sound of a voice to the decision, and from its last to the end of speech.
const DECIDED_MS: Ms = 160;
const TRAILING_MS: Ms = 300;

#[derive(Debug, Default)]
struct Playing {
    utt: u32,
    sound: Vec<u8>,
    /// Bytes that were heard.
    heard: usize,
    ended: bool,
}

/// One telephone call.
#[derive(Debug, Default)]
pub(super) struct Telephone {
    queue: VecDeque<Playing>,
    /// All sound that was heard, by the millisecond at which it began.
    pub(super) heard: Vec<(Ms, u32, Vec<u8>)>,
    pub(super) said: Vec<Transcript>,
    pub(super) cuts: Vec<(Ms, u32, u32)>,
    pub(super) tools: Vec<(Ms, Tool)>,
    pub(super) failed: Option<(Ms, FromAgent)>,
    pub(super) late: Vec<Ms>,
    speaks: Option<(Ms, Ms)>,
    speaking: bool,
    waits: Option<Tool>,
    over: bool,
}

impl Telephone {
    pub(super) fn speak(&mut self, at: Ms, for_ms: Ms) {
        self.speaks = Some((at, at + for_ms));
    }

    /// What the agent says.
    pub(super) fn take(&mut self, at: Ms, word: FromAgent) -> Vec<ToAgent> {
        match word {
            FromAgent::Audio { utt, data, .. } => {
                let known = self.queue.iter_mut().find(|playing| playing.utt == utt.0);
                match known {
                    Some(playing) => playing.sound.extend_from_slice(&data),
                    None => self.queue.push_back(Playing { utt: utt.0, sound: data.to_vec(), ..Playing::default() }),
                }
            }
            FromAgent::AudioEnd { utt } => {
                self.queue.iter_mut().filter(|playing| playing.utt == utt.0).for_each(|playing| playing.ended = true);
            }
            FromAgent::Transcript(said) => self.said.push(said),
            FromAgent::Late => self.late.push(at),
            FromAgent::ToolCall(call) => {
                if call.when == When::AfterSpeech {
                    self.waits = Some(call.tool);
                } else {
                    self.tools.push((at, call.tool));
                }
                let outcome = Ok(json!({}));
                return vec![ToAgent::ToolResult(ToolResult { id: call.id, outcome, last: true })];
            }
            failed @ FromAgent::Failed(_) => self.failed = Some((at, failed)),
            _ => {}
        }
        Vec::new()
    }

    /// Twenty milliseconds pass.
    pub(super) fn frame(&mut self, at: Ms) -> Vec<ToAgent> {
        let mut words = self.caller(at);
        if let Some(playing) = self.queue.front_mut() {
            let frame: Vec<u8> = playing.sound.iter().skip(playing.heard).take(160).copied().collect();
            if playing.heard == 0 && !frame.is_empty() {
                words.push(ToAgent::Playing { utt: Utt(playing.utt) });
            }
            playing.heard += frame.len();
            if !frame.is_empty() {
                self.heard.push((at, playing.utt, frame));
            }
            if playing.ended && playing.heard == playing.sound.len() {
                let heard_ms = u32::try_from(playing.heard / 8).unwrap();
                words.push(ToAgent::Played(Ended { utt: Utt(playing.utt), heard_ms, complete: true }));
                self.queue.pop_front();
            }
        }
        if self.queue.is_empty()
            && !self.over
            && let Some(tool) = self.waits.take()
        {
            self.tools.push((at, tool));
            self.over = true;
            words.push(ToAgent::Stop { why: Why::Transferred, stats: Stats::default() });
        }
        words
    }

    fn caller(&mut self, at: Ms) -> Vec<ToAgent> {
        let Some((from, to)) = self.speaks else { return Vec::new() };
        if !self.speaking && at >= from + DECIDED_MS {
            self.speaking = true;
            let during = self.queue.front().map(|playing| During { utt: Utt(playing.utt), heard_ms: 0 });
            let started = ToAgent::SpeechStarted { speech: 1, during, decide_within_ms: None };
            return std::iter::once(started).chain(self.cut(at)).collect();
        }
        if at >= to + TRAILING_MS {
            (self.speaks, self.speaking) = (None, false);
            let duration_ms = u32::try_from(to - from).unwrap();
            return vec![ToAgent::SpeechEnded { speech: 1, duration_ms, quiet_ms: u32::try_from(at - to).unwrap() }];
        }
        Vec::new()
    }

    fn cut(&mut self, at: Ms) -> Option<ToAgent> {
        let playing = self.queue.pop_front()?;
        let dropped = self.queue.drain(..).map(|playing| Utt(playing.utt)).collect();
        let ms = |bytes: usize| u32::try_from(bytes / 8).unwrap();
        let heard_ms = ms(playing.heard);
        self.cuts.push((at, playing.utt, heard_ms));
        let (sent_ms, given_ms) = (heard_ms, ms(playing.sound.len()));
        Some(ToAgent::Interrupted(Interrupted {
            utt: Utt(playing.utt),
            heard_ms,
            sent_ms,
            given_ms,
            heard_text: None,
            dropped,
            why: Cut::Speech,
        }))
    }
}
