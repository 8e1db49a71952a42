//! A script, played.

use crate::agents::link::Conversation;
use crate::agents::port::{
    BargeIn, FromAgent, Ms, Next, Paged, Ready, Say, ToAgent, Tool, ToolCall, Transcript, Utt, When, Who,
};
use crate::base::folded;
use crate::config::agent::{On, Prompt, Script, Then};
use crate::config::line::Target;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// Sound of prompts, by the file that the script names; shared by all calls.
pub(in crate::agents) type Sounds = Arc<HashMap<String, Bytes>>;

/// Words that a rule waits for may come this long after the caller has stopped.
const WORDS_LATE_MS: Ms = 3_000;

/// One call's way through a script.
pub(in crate::agents) struct Written {
    script: Arc<Script>,
    sounds: Sounds,
    targets: Arc<BTreeMap<String, Target>>,
    ahead: VecDeque<FromAgent>,
    /// The last utterance.
    utt: Utt,
    /// It has not ended yet.
    playing: bool,
    /// What follows when it has.
    then: Then,
    /// For each page on its way what is said if it is refused.
    pages: VecDeque<Option<Prompt>>,
    /// Pages that were asked for.
    paged: u32,
    speaking: bool,
    /// The words of this speech came before its end.
    worded: bool,
    /// When the prompt is said again.
    again_at: Option<Ms>,
    /// When the silence of the caller is long.
    silence_at: Ms,
    over: bool,
}

impl Written {
    pub(in crate::agents) fn new(script: Arc<Script>, sounds: Sounds, targets: Arc<BTreeMap<String, Target>>) -> Self {
        Self {
            script,
            sounds,
            targets,
            ahead: VecDeque::new(),
            utt: Utt(0),
            playing: false,
            then: Then::Listen,
            pages: VecDeque::new(),
            paged: 0,
            speaking: false,
            worded: false,
            again_at: None,
            silence_at: Ms::MAX,
            over: false,
        }
    }

    fn begin(&mut self) {
        let ready = Ready { speaks_first: true, barge_in: BargeIn::House, text_only: false, name: "script".to_owned() };
        self.ahead.push_back(FromAgent::Ready(ready));
        self.prompt();
    }

    /// Something of the caller was heard or felt.
    fn alive(&mut self, at: Ms) {
        self.silence_at = at + Ms::from(self.script.silence_s) * 1_000;
    }

    fn prompt(&mut self) {
        let script = Arc::clone(&self.script);
        self.say(&script.prompt, Then::Listen);
    }

    fn say(&mut self, prompt: &Prompt, then: Then) {
        if self.playing {
            self.ahead.push_back(FromAgent::Clear { utt: None });
        }
        self.utt.0 += 1;
        (self.playing, self.then, self.again_at) = (true, then, None);
        let (utt, interruptible) = (self.utt, prompt.interruptible);
        match prompt.file.as_ref().and_then(|file| self.sounds.get(file)) {
            Some(sound) => {
                self.ahead.push_back(FromAgent::Audio { utt, data: sound.clone(), interruptible });
                self.ahead.push_back(FromAgent::AudioEnd { utt });
            }
            None => {
                let text = prompt.text.clone();
                let (voice, language) = (None, None);
                self.ahead.push_back(FromAgent::Say(Say { utt, text, voice, language, interruptible, last: true }));
            }
        }
    }

    /// The first rule that fits.
    fn rule(&mut self, fits: impl Fn(&On) -> bool) -> bool {
        let script = Arc::clone(&self.script);
        let Some(rule) = script.rules.iter().find(|rule| fits(&rule.on)) else { return false };
        match &rule.say {
            Some(prompt) => self.say(prompt, rule.then.clone()),
            None => self.act(rule.then.clone(), When::Now),
        }
        true
    }

    fn act(&mut self, then: Then, when: When) {
        match then {
            Then::Listen => {}
            Then::Repeat => self.prompt(),
            Then::Line => self.stop(Next::Line, when),
            Then::Voicemail => self.stop(Next::Voicemail, when),
            Then::Hangup => self.stop(Next::Hangup, when),
            Then::Transfer(name) => self.transfer(name, when),
            Then::Page { zone, text, refused } => self.page(zone, text, refused),
        }
    }

    fn page(&mut self, zone: String, text: String, refused: Option<Prompt>) {
        self.paged += 1;
        self.pages.push_back(refused);
        let (id, tool) = (format!("page {}", self.paged), Tool::Page { zone, what: Paged::Text(text) });
        self.ahead.push_back(FromAgent::ToolCall(ToolCall { id, tool, when: When::Now }));
    }

    /// A page began, or was refused: the script listens again.
    fn page_decided(&mut self, at: Ms, begun: bool) {
        if let Some(Some(words)) = self.pages.pop_front().filter(|_| !begun) {
            return self.say(&words, Then::Listen);
        }
        if !self.playing && !self.speaking && self.again_at.is_none() {
            self.again_at = self.script.again_ms.map(|wait| at + Ms::from(wait));
        }
    }

    fn stop(&mut self, next: Next, when: When) {
        self.over = true;
        self.ahead.push_back(FromAgent::Stop { next, when });
    }

    fn transfer(&mut self, name: String, when: When) {
        // The configuration has proved that the name is there.
        let Some(to) = self.targets.get(&name).cloned() else { return self.stop(Next::Line, when) };
        self.over = true;
        let tool = Tool::Transfer { name, to, announce: None };
        self.ahead.push_back(FromAgent::ToolCall(ToolCall { id: "script".to_owned(), tool, when }));
    }

    /// What was being said is over.
    fn ended(&mut self, at: Ms, again_ms: Option<u32>) {
        self.playing = false;
        let then = std::mem::replace(&mut self.then, Then::Listen);
        if then != Then::Listen {
            return self.act(then, When::AfterSpeech);
        }
        if !self.speaking {
            self.again_at = again_ms.map(|wait| at + Ms::from(wait));
        }
    }

    fn key(&mut self, at: Ms, digit: char) {
        self.alive(at);
        let fits = self.rule(|on| *on == On::Key(digit));
        if !fits && !self.playing && !self.speaking {
            self.again_at = Some(at + Ms::from(self.script.quiet_ms));
        }
    }

    fn speech_ended(&mut self, at: Ms, quiet_ms: u32) {
        self.alive(at);
        self.speaking = false;
        if std::mem::take(&mut self.worded) {
            return;
        }
        let waits_for_words = self.script.rules.iter().any(|rule| matches!(rule.on, On::Words(_)));
        if waits_for_words {
            self.again_at = (!self.playing).then_some(at + WORDS_LATE_MS);
        } else if !self.rule(|on| *on == On::Speech) && !self.playing {
            self.again_at = Some((at + Ms::from(self.script.quiet_ms)).saturating_sub(Ms::from(quiet_ms)).max(at));
        }
    }

    fn words(&mut self, at: Ms, said: &Transcript) {
        if said.who != Who::Caller || !said.last {
            return;
        }
        self.alive(at);
        self.worded = self.speaking;
        let said = format!(" {} ", folded(&said.text));
        let fits = |on: &On| match on {
            On::Words(words) => words.iter().any(|word| said.contains(&format!(" {word} "))),
            _ => false,
        };
        if !self.rule(fits) && !self.rule(|on| *on == On::Speech) && !self.playing {
            self.again_at = Some(at);
        }
    }

    fn silent(&mut self) {
        self.silence_at = Ms::MAX;
        if !self.rule(|on| *on == On::Silence) {
            self.stop(Next::Line, When::AfterSpeech);
        }
    }
}

impl Conversation for Written {
    fn told(&mut self, at: Ms, word: ToAgent) {
        if self.over {
            return;
        }
        match word {
            ToAgent::Begin => {
                self.alive(at);
                self.begin();
            }
            ToAgent::SpeechStarted { .. } => {
                self.alive(at);
                (self.speaking, self.worded, self.again_at) = (true, false, None);
            }
            ToAgent::SpeechEnded { quiet_ms, .. } => self.speech_ended(at, quiet_ms),
            ToAgent::Interrupted(cut) if cut.utt == self.utt => self.ended(at, Some(self.script.quiet_ms)),
            ToAgent::Played(played) if played.utt == self.utt => self.ended(at, self.script.again_ms),
            ToAgent::Dtmf { digit } => self.key(at, digit),
            ToAgent::Transcript(said) => self.words(at, &said),
            ToAgent::ToolResult(result) => self.page_decided(at, result.outcome.is_ok()),
            ToAgent::Stop { .. } => self.over = true,
            _ => {}
        }
    }

    fn next(&mut self, at: Ms) -> Option<FromAgent> {
        if self.ahead.is_empty() && !self.over {
            if at >= self.silence_at {
                self.silent();
            } else if self.again_at.is_some_and(|again| at >= again) {
                self.prompt();
            }
        }
        self.ahead.pop_front()
    }

    fn wakes(&self) -> Option<Ms> {
        let timers = [self.again_at, Some(self.silence_at).filter(|at| *at < Ms::MAX)];
        timers.into_iter().flatten().min().filter(|_| !self.over)
    }
}
