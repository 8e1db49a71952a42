//! Gather: keys and words, or neither (PROTOCOL.md 2.6 and 3.3).

use super::run::{Fetch, Next, Run};
use super::stage::HungUp;
use crate::simulator::http::Fields;
use crate::simulator::script::speaking_time;
use crate::simulator::transcript::{Actor, Kind, Step};
use crate::twiml::{Gather, GatherInput, StreamTrack};
use std::time::Duration;

/// What a Gather got.
#[derive(Debug)]
enum Input {
    Keys { digits: String, finished_on: Option<char> },
    Words(String),
    Nothing,
}

impl Run<'_, '_> {
    pub(super) async fn gather(&mut self, gather: &Gather) -> Result<Next, HungUp> {
        for prompt in &gather.prompts {
            self.prompt(prompt).await?;
        }
        if gather.partial_result_callback.is_some() {
            self.stage.warn(0, "partialResultCallback is not simulated by this version");
        }
        let input = self.listen(gather).await?;
        let extra = match input {
            Input::Nothing if gather.action_on_empty_result != Some(true) => {
                self.stage.did(Actor::Carrier, "no input, the document goes on");
                return Ok(Next::Verb);
            }
            Input::Nothing => keys("", None),
            Input::Keys { digits, finished_on } => keys(&digits, finished_on),
            Input::Words(words) => speech(&words, gather),
        };
        Ok(Next::Fetch(Fetch::action("gather action", gather.action.as_ref(), gather.method, extra)))
    }

    async fn listen(&mut self, gather: &Gather) -> Result<Input, HungUp> {
        let input = gather.input.unwrap_or(GatherInput::Dtmf);
        if input != GatherInput::Dtmf
            && let Some((thought, words)) = self.person.sentence()
        {
            self.stage.pass(thought).await?;
            self.caller_says(&words).await?;
            return Ok(Input::Words(words));
        }
        let timeout = Duration::from_secs(gather.timeout.unwrap_or(5).into());
        if input == GatherInput::Speech {
            return self.silence(timeout).await;
        }
        self.listen_to_keys(gather, timeout).await
    }

    async fn listen_to_keys(&mut self, gather: &Gather, timeout: Duration) -> Result<Input, HungUp> {
        let finish = gather.finish_on_key.as_deref().map_or(Some('#'), |keys| keys.chars().next());
        let most = gather.num_digits.map_or(usize::MAX, |n| n as usize);
        let mut digits = String::new();
        let mut finished_on = None;
        while digits.len() < most {
            self.perhaps_hang_up(timeout).await?;
            let Some((after, key)) = self.person.key_within(timeout) else {
                self.stage.pass(timeout).await?;
                break;
            };
            self.stage.pass(after).await?;
            if Some(key) == finish {
                finished_on = Some(key);
                break;
            }
            digits.push(key);
        }
        let pressed: String = digits.chars().chain(finished_on).collect();
        if pressed.is_empty() {
            self.stage.did(self.actor(), format!("presses nothing for {} s", timeout.as_secs()));
        } else {
            self.stage.did(self.actor(), format!("presses {pressed}"));
        }
        // The finish key alone counts as no input.
        Ok(if digits.is_empty() { Input::Nothing } else { Input::Keys { digits, finished_on } })
    }

    /// Somebody whose script says so puts the phone down instead of going on.
    pub(super) async fn perhaps_hang_up(&mut self, within: Duration) -> Result<(), HungUp> {
        let Some(after) = self.person.hangs_up_within(within) else { return Ok(()) };
        self.stage.pass(after).await?;
        Err(self.stage.hang_up())
    }

    async fn silence(&mut self, timeout: Duration) -> Result<Input, HungUp> {
        self.stage.pass(timeout).await?;
        self.stage.did(self.actor(), format!("says nothing for {} s", timeout.as_secs()));
        Ok(Input::Nothing)
    }

    /// The person on this leg speaks, sentence by sentence, as who transcribes hears it too.
    pub(super) async fn caller_says(&mut self, words: &str) -> Result<(), HungUp> {
        let (at, actor) = (self.stage.clock.at(), self.actor());
        self.stage.transcript.add(Step::new(at, actor, Kind::Said, words));
        let began = self.stage.clock.at();
        for sentence in words.split_inclusive(['.', '!', '?']).filter(|sentence| !sentence.trim().is_empty()) {
            self.stage.speaks = Some(StreamTrack::Inbound);
            let spoken = self.stage.pass(speaking_time(sentence)).await;
            self.stage.speaks = None;
            spoken?;
            self.stage.overhear(StreamTrack::Inbound, sentence.trim());
        }
        // Rounding aside, sentences take as long as the whole.
        let whole = began + speaking_time(words);
        self.stage.pass(whole.saturating_sub(self.stage.clock.at())).await
    }
}

/// `FinishedOnKey` and `msg` are not documented, but sent.
fn keys(digits: &str, finished_on: Option<char>) -> Fields {
    vec![
        ("Digits", digits.to_owned()),
        ("FinishedOnKey", finished_on.map(String::from).unwrap_or_default()),
        ("msg", "Gather End".to_owned()),
    ]
}

fn speech(words: &str, gather: &Gather) -> Fields {
    vec![
        ("SpeechResult", words.to_owned()),
        ("Confidence", "0.91274834".to_owned()),
        ("Language", gather.language.clone().unwrap_or_else(|| "en-US".to_owned())),
    ]
}
