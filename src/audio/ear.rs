//! One caller's ear.

use super::activity::{Activity, Patience, Voice};
use super::level::{Floor, level_db};
use super::{Frame, Tuning};

/// One caller's ear. A few bytes while nothing plays or nothing is audible.
#[derive(Debug)]
pub struct Ear {
    tuning: Tuning,
    floor: Floor,
    activity: Activity,
}

/// What one frame told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// What the caller is doing.
    pub voice: Voice,
    /// True on the one frame where an interruption of what plays is decided.
    pub barge_in: bool,
    /// Level of the caller's frame, dB below full scale.
    pub level_db: f32,
}

impl Ear {
    /// dB over the floor from which a frame may be speech.
    const OVER_FLOOR_DB: f32 = 12.0;

    /// An ear that has heard nothing yet.
    #[must_use]
    pub fn new(tuning: &Tuning) -> Self {
        Self { tuning: *tuning, floor: Floor::new(), activity: Activity::default() }
    }

    /// One frame of the caller, and what the carrier played to him in the same 20 ms, if anything. To be called for
    /// every frame, also while nothing plays.
    pub fn hear(&mut self, caller: &Frame, played: Option<&Frame>) -> Heard {
        let level_db = level_db(caller);
        let sounds = level_db > self.floor.db() + Self::OVER_FLOOR_DB;
        self.floor.follow(level_db);
        let before = self.activity.voice();
        let patience = Patience { speaking: self.tuning.evidence as u16, silent: self.tuning.silent_after };
        self.activity.step(sounds, false, patience);
        let voice = self.activity.voice();
        let began = voice == Voice::Speaking && matches!(before, Voice::Silent | Voice::Suspected);
        Heard { voice, barge_in: began && played.is_some(), level_db }
    }

    /// Forgets what was heard, as for another call.
    pub fn reset(&mut self) {
        *self = Self::new(&self.tuning);
    }
}

#[cfg(test)]
mod tests {
    use super::super::g711;
    use super::*;

    fn hear(ear: &mut Ear, sample: i16, frames: usize) -> usize {
        let frame = [g711::encode(sample); 160];
        (0..frames).filter(|_| ear.hear(&frame, Some(&[g711::SILENCE; 160])).barge_in).count()
    }

    #[test]
    fn an_interruption_is_told_once_and_again_after_quiet() {
        let mut ear = Ear::new(&Tuning::default());
        assert_eq!([hear(&mut ear, 0, 50), hear(&mut ear, 3_000, 50)], [0, 1]);
        assert_eq!([hear(&mut ear, 0, 50), hear(&mut ear, 3_000, 50)], [0, 1]);
    }

    #[test]
    fn nothing_is_interrupted_while_nothing_plays() {
        let mut ear = Ear::new(&Tuning::default());
        let loud = [g711::encode(3_000); 160];
        let heard: Vec<_> = (0..20).map(|_| ear.hear(&loud, None)).collect();
        assert!(heard.iter().all(|heard| !heard.barge_in));
        assert_eq!(heard.last().map(|heard| heard.voice), Some(Voice::Speaking));
    }
}
