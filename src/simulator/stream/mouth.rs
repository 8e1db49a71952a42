//! What the caller does while a stream runs: listens, waits, speaks, presses keys.

use super::clip::Clip;
use super::{FRAME_TIME, Frame, SILENT};
use crate::simulator::act::{Act, REACTION};
use std::collections::VecDeque;
use std::time::Duration;

/// A caller who is to wait for the line's voice waits no longer than this for it to begin.
const PATIENCE: Duration = Duration::from_secs(8);

/// The caller, in the middle of a script.
#[derive(Debug)]
pub(super) struct Mouth {
    acts: VecDeque<Act>,
    clips: Vec<Clip>,
    /// Clips spoken so far; behind the last one the first comes again.
    spoken: usize,
    speaking: Option<(Clip, usize)>,
    /// When the last act was over.
    last_act: Duration,
    /// The next one does not come sooner.
    ready_at: Duration,
    /// A pause that has begun ends then.
    waits_until: Option<Duration>,
}

/// Anything but sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Presses(char),
    HangsUp,
}

/// Twenty milliseconds of the caller.
#[derive(Debug)]
pub(super) struct Uttered {
    pub(super) frame: Frame,
    /// The first voiced frame, and what is said if that is known.
    pub(super) begins: Option<Option<&'static str>>,
    /// The last voiced frame.
    pub(super) ends: bool,
}

impl Mouth {
    pub(super) fn new(acts: VecDeque<Act>, clips: Vec<Clip>) -> Self {
        let ready_at = REACTION;
        Self { acts, clips, spoken: 0, speaking: None, last_act: Duration::ZERO, ready_at, waits_until: None }
    }

    /// What is left for later.
    pub(super) fn into_acts(self) -> VecDeque<Act> {
        self.acts
    }

    /// The next thing done at this moment besides speaking; again until there is none. `hears`: the line can be heard.
    pub(super) fn deed(&mut self, now: Duration, hears: bool) -> Option<Deed> {
        while self.speaking.is_none() {
            let act = *self.acts.front()?;
            match act {
                Act::Wait(pause) if self.has_waited(now, pause, hears) => self.done(now, Duration::ZERO),
                Act::Wait(_) => return None,
                _ if now < self.ready_at => return None,
                Act::Key(key) => {
                    self.done(now, REACTION);
                    return Some(Deed::Presses(key));
                }
                Act::HangUp => {
                    self.done(now, REACTION);
                    return Some(Deed::HangsUp);
                }
                Act::Speak => {
                    let clip = self.clips.get(self.spoken.checked_rem(self.clips.len()).unwrap_or(0)).cloned();
                    self.done(now, Duration::ZERO);
                    self.spoken += 1;
                    self.speaking = clip.map(|clip| (clip, 0));
                }
            }
        }
        None
    }

    /// A pause counts from the moment the line is heard, or from the end of the caller's patience.
    fn has_waited(&mut self, now: Duration, pause: Duration, hears: bool) -> bool {
        if self.waits_until.is_none() && (hears || now >= self.last_act + PATIENCE) {
            self.waits_until = Some(now + pause);
        }
        self.waits_until.is_some_and(|until| now >= until)
    }

    fn done(&mut self, now: Duration, rest: Duration) {
        self.acts.pop_front();
        (self.last_act, self.ready_at, self.waits_until) = (now, now + rest, None);
    }

    /// The frame of this moment.
    pub(super) fn frame(&mut self, now: Duration) -> Uttered {
        let Some((clip, number)) = &mut self.speaking else {
            return Uttered { frame: SILENT, begins: None, ends: false };
        };
        let frame = clip.frame(*number).copied().unwrap_or(SILENT);
        let begins = (*number == 0).then(|| clip.words());
        let ends = clip.is_last(*number);
        *number += 1;
        if ends {
            self.speaking = None;
            (self.last_act, self.ready_at) = (now + FRAME_TIME, now + FRAME_TIME);
        }
        Uttered { frame, begins, ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::parse_acts;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// The line is heard between `from` and `to`; returns what was done when, in ms.
    fn acts(script: &str, (from, to): (u64, u64)) -> Vec<(u64, String)> {
        let clip = Clip::mulaw(&[[0; 1600].as_slice(), &[0x80; 1600]].concat()).unwrap();
        let mut mouth = Mouth::new(parse_acts(script).unwrap().into(), vec![clip]);
        let mut seen = Vec::new();
        for at in (0..20_000).step_by(20) {
            while let Some(deed) = mouth.deed(ms(at), (from..to).contains(&at)) {
                seen.push((at, format!("{deed:?}")));
            }
            let uttered = mouth.frame(ms(at));
            seen.extend(uttered.begins.map(|_| (at, "speaks".to_owned())));
            seen.extend(uttered.ends.then(|| (at, "is silent".to_owned())));
        }
        seen
    }

    #[test]
    fn a_pause_counts_from_the_moment_the_line_is_heard() {
        let heard = acts("w1.5,s,w1,#", (1000, 9000));
        let expected = [(2500, "speaks"), (2880, "is silent"), (3900, "Presses('#')")];
        assert_eq!(heard, expected.map(|(at, what)| (at, what.to_owned())));
    }

    #[test]
    fn nobody_waits_for_ever_for_a_voice_that_does_not_come() {
        assert_eq!(acts("w2,7,h", (0, 0)), [(10_000, "Presses('7')".to_owned()), (10_400, "HangsUp".to_owned())]);
    }
}
