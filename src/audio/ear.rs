//! One caller's ear.

use super::activity::{Activity, Patience, Voice};
use super::attention::Attention;
use super::evidence::Evidence;
use super::level::{Floor, level_db};
use super::network::Memory;
use super::{Frame, Played, Tuning};

/// dB over the floor from which a frame counts as speech while nothing plays.
const OVER_FLOOR_DB: f32 = 12.0;

/// One caller's ear: about 300 bytes. The memory of the echo canceller is lent while something is audible under a prompt.
#[derive(Debug)]
pub struct Ear {
    tuning: Tuning,
    floor: Floor,
    attention: Attention,
    memory: Memory,
    evidence: Evidence,
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
    /// An ear that has heard nothing yet.
    #[must_use]
    pub fn new(tuning: &Tuning) -> Self {
        Self {
            tuning: *tuning,
            floor: Floor::new(),
            attention: Attention::new(),
            memory: Memory::new(),
            evidence: Evidence::default(),
            activity: Activity::default(),
        }
    }

    /// One frame of the caller, and what the carrier played to him in the same 20 ms, if anything. To be called for
    /// every frame, also while nothing plays.
    ///
    /// When it is not known exactly what played, say rather what plays a little later: an echo is found up to 400 ms
    /// behind, and not before what caused it.
    pub fn hear(&mut self, caller: &Frame, played: Option<Played<'_>>) -> Heard {
        let level_db = level_db(caller);
        let (sounds, barge_in) = match played {
            Some(played) => self.over(played, caller, level_db),
            None => (self.alone(level_db), false),
        };
        self.floor.follow(level_db);
        let patience = Patience { speaking: self.tuning.speaking_after, silent: self.tuning.silent_after };
        self.activity.step(sounds, barge_in, patience);
        Heard { voice: self.activity.voice(), barge_in, level_db }
    }

    /// Forgets what was heard, as for another call.
    pub fn reset(&mut self) {
        *self = Self::new(&self.tuning);
    }

    /// While something plays: the network judges what is left without its echo.
    fn over(&mut self, played: Played<'_>, caller: &Frame, level_db: f32) -> (bool, bool) {
        let Some(features) = self.attention.attend(caller, played, level_db) else {
            self.memory = Memory::new();
            self.evidence.rest();
            return (false, false);
        };
        let log_odds = self.memory.judge(&features);
        self.attention.suspect(log_odds);
        (log_odds > 0.0, self.evidence.weigh(log_odds, self.tuning.evidence))
    }

    /// While nothing plays, loudness over the line's floor will do.
    fn alone(&mut self, level_db: f32) -> bool {
        self.attention.rest();
        self.memory = Memory::new();
        self.evidence = Evidence::default();
        level_db > self.floor.db() + OVER_FLOOR_DB
    }
}
