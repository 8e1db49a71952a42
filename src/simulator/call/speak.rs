//! Say, Play, Pause: what takes time and nothing else.

use super::run::{Next, Role, Run};
use super::stage::HungUp;
use crate::audio::wav;
use crate::simulator::script::speaking_time;
use crate::simulator::transcript::{Actor, Kind, Step};
use crate::twiml::{Pause, Play, PlayDigits, Prompted, Say, StreamTrack};
use std::time::Duration;

/// What a sound costs in time that is not fetched and so cannot be measured.
pub(super) const UNKNOWN_SOUND: Duration = Duration::from_secs(3);
/// `loop="0"`, and the most Twilio repeats anything.
const MOST_LOOPS: u32 = 1000;

impl Run<'_, '_> {
    pub(super) async fn say(&mut self, say: &Say) -> Result<Next, HungUp> {
        let words = say.words();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        self.speak(&words, times(say.loops)).await?;
        Ok(Next::Verb)
    }

    /// The line speaks to its caller; who transcribes hears it too.
    pub(super) async fn speak(&mut self, words: &str, times: u32) -> Result<(), HungUp> {
        if words.is_empty() {
            return Ok(());
        }
        if self.role == Role::Callee {
            return self.whisper_to_callee(words, times).await;
        }
        let at = self.stage.clock.at();
        self.stage.transcript.add(Step::new(at, Actor::Line, Kind::Said, words));
        if times > 1 {
            self.stage.did(Actor::Line, format!("says that {times} times"));
        }
        self.stage.overhear(StreamTrack::Outbound, words);
        self.stage.speaks = Some(StreamTrack::Outbound);
        let result = self.stage.pass(speaking_time(words) * times).await;
        self.stage.speaks = None;
        result
    }

    /// Heard by whoever picked up, and not by the caller: for him it rings on.
    async fn whisper_to_callee(&mut self, words: &str, times: u32) -> Result<(), HungUp> {
        self.stage.did(Actor::Line, format!("tells whoever picked up: \u{201c}{words}\u{201d}"));
        self.stage.pass(speaking_time(words) * times).await
    }

    pub(super) async fn play(&mut self, play: &Play) -> Result<Next, HungUp> {
        let url = play.url.trim();
        if url.is_empty() {
            return Ok(Next::Verb);
        }
        let times = times(play.loops);
        let sound = match self.here.join(url) {
            Ok(url) => self.stage.carrier.client.sound(&url).await,
            Err(_) => None,
        };
        let (lasts, how) = match sound {
            Some(Ok(bytes)) => match duration(&bytes) {
                Some(lasts) => (lasts, format!("{:.1} s", lasts.as_secs_f64())),
                None => (UNKNOWN_SOUND, format!("taken to be {} s", UNKNOWN_SOUND.as_secs())),
            },
            // The call goes on with the next verb.
            Some(Err(fault)) => {
                self.stage.blame(fault);
                return Ok(Next::Verb);
            }
            None => (UNKNOWN_SOUND, format!("not fetched, taken to be {} s", UNKNOWN_SOUND.as_secs())),
        };
        self.stage.did(Actor::Line, format!("plays {url} ({how}), {times} x"));
        self.stage.pass(lasts * times).await?;
        Ok(Next::Verb)
    }

    pub(super) async fn play_digits(&mut self, play: &PlayDigits) -> Result<Next, HungUp> {
        let digits = play.digits.as_deref().unwrap_or_default();
        self.stage.did(Actor::Line, format!("plays the keys {digits}"));
        let once: u64 = digits
            .chars()
            .map(|c| {
                if c == 'W' {
                    1000
                } else if c == 'w' {
                    500
                } else {
                    250
                }
            })
            .sum();
        self.stage.pass(Duration::from_millis(once) * times(play.loops)).await?;
        Ok(Next::Verb)
    }

    pub(super) async fn pause(&mut self, pause: &Pause) -> Result<Next, HungUp> {
        let seconds = pause.length.unwrap_or(1);
        self.stage.did(Actor::Line, format!("is silent for {seconds} s"));
        self.stage.pass(Duration::from_secs(seconds.into())).await?;
        Ok(Next::Verb)
    }

    pub(super) async fn prompt(&mut self, prompt: &Prompted) -> Result<(), HungUp> {
        match prompt {
            Prompted::Say(say) => self.say(say).await,
            Prompted::Play(play) => self.play(play).await,
            Prompted::Pause(pause) => self.pause(pause).await,
        }
        .map(drop)
    }
}

/// How long a WAV file plays.
fn duration(bytes: &[u8]) -> Option<Duration> {
    let sound = wav::read(bytes).ok()?;
    let frames = sound.samples.len() / usize::from(sound.channels.max(1));
    Some(Duration::from_secs_f64(frames as f64 / f64::from(sound.rate.max(1))))
}

fn times(loops: Option<u32>) -> u32 {
    match loops.unwrap_or(1) {
        0 => MOST_LOOPS,
        some => some.min(MOST_LOOPS),
    }
}
