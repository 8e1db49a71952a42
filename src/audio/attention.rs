//! Whether it is worth listening closely: what costs memory and time is lent while something is audible.

use super::echo::{Canceller, PIECES};
use super::features::{Features, Sense};
use super::spectrum::Samples;
use super::{Frame, Played, g711};
use std::sync::{Mutex, PoisonError};

/// A frame below this is silence: quieter than the quietest caller, and than most lines.
const AUDIBLE_DB: f32 = -60.0;
/// Frames of silence until attention ends (the pauses of a sentence are shorter).
const PATIENCE: u16 = 15;
/// Frames of silence under a prompt until the memory is given back.
const LENT_FOR: u16 = 100;
/// The same where an echo was found, also between prompts: its path would have to be learnt anew.
const KNOWN_FOR: u16 = 500;
/// Frames without suspicion until the search for an echo rests, on a line on which none was found.
const CALM: u16 = 50;
/// Log-odds of speech from which a frame is suspicious.
const SUSPICIOUS: f32 = -3.0;
/// Benches that are kept for the next who needs one; in a crowd some are made anew.
const POOL: usize = 16;

static BENCHES: Mutex<[Option<Box<Bench>>; POOL]> = Mutex::new([const { None }; POOL]);

/// What listening closely needs: about 64 KiB.
#[derive(Debug)]
struct Bench {
    canceller: Canceller,
    sense: Sense,
}

/// Listens closely when something is audible.
#[derive(Debug)]
pub(super) struct Attention {
    bench: Option<Box<Bench>>,
    /// Frames of silence in a row.
    silent: u16,
    /// Frames in a row that did not sound like speech.
    calm: u16,
    /// Whether the bench has followed what was played up to now.
    awake: bool,
}

impl Attention {
    pub(super) fn new() -> Self {
        Self { bench: None, silent: KNOWN_FOR, calm: 0, awake: false }
    }

    /// One frame: its features, or nothing where nothing is audible.
    pub(super) fn attend(&mut self, caller: &Frame, played: Played<'_>, level_db: f32) -> Option<Features> {
        self.silent = if level_db > AUDIBLE_DB { 0 } else { self.silent.saturating_add(1) };
        if self.silent > PATIENCE {
            self.nod(LENT_FOR);
            return None;
        }
        let bench = self.bench.get_or_insert_with(borrow);
        if !self.awake {
            (self.awake, self.calm) = (true, 0);
            bench.begin(played);
        }
        bench.play(&played(0));
        let caller = samples(caller);
        if self.calm >= CALM && bench.canceller.found_no_echo() {
            return Some(bench.sense.feel_alone(&caller));
        }
        Some(bench.sense.feel(&bench.canceller.split(&caller)))
    }

    /// What was thought of the frame: the log-odds that it is speech. Where an echo may still be found, or explain what sounds
    /// like speech, it is searched for.
    pub(super) fn suspect(&mut self, log_odds: f32) {
        self.calm = if log_odds > SUSPICIOUS { 0 } else { self.calm.saturating_add(1) };
    }

    /// Nothing is played: nothing can be interrupted, and no echo comes.
    pub(super) fn rest(&mut self) {
        self.silent = self.silent.saturating_add(1).max(PATIENCE);
        self.nod(0);
    }

    /// Attention ends, and after so many frames of silence the loan, or later where an echo is known.
    fn nod(&mut self, lent_for: u16) {
        self.awake = false;
        let knows = self.bench.as_ref().is_some_and(|bench| bench.canceller.knows_an_echo());
        if self.silent > if knows { KNOWN_FOR } else { lent_for } {
            self.release();
        }
    }

    fn release(&mut self) {
        if let Some(bench) = self.bench.take() {
            give_back(bench);
        }
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        self.release();
    }
}

impl Bench {
    /// Hears what was played of late, but for the newest frame: an echo may come 400 ms later.
    fn begin(&mut self, played: Played<'_>) {
        self.sense = Sense::new();
        (1..PIECES).rev().for_each(|ago| self.play(&played(ago)));
    }

    fn play(&mut self, played: &Frame) {
        let spectrum = self.canceller.play(&samples(played));
        self.sense.play(&spectrum);
    }
}

/// The sample of each byte.
#[expect(clippy::indexing_slicing, reason = "computed when it is compiled: it would not compile")]
static SAMPLES: [f32; 256] = {
    let (mut samples, mut byte) = ([0.0; 256], 0);
    while byte < 256 {
        samples[byte] = g711::decode(byte as u8) as f32 / 32_768.0;
        byte += 1;
    }
    samples
};

/// Full scale is 1.
fn samples(frame: &Frame) -> Samples {
    frame.map(|byte| SAMPLES.get(usize::from(byte)).copied().unwrap_or(0.0))
}

fn borrow() -> Box<Bench> {
    let kept = BENCHES.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().find_map(Option::take);
    kept.unwrap_or_else(|| Box::new(Bench { canceller: Canceller::new(), sense: Sense::new() }))
}

fn give_back(mut bench: Box<Bench>) {
    bench.canceller.forget();
    let mut benches = BENCHES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = benches.iter_mut().find(|place| place.is_none()) {
        *place = Some(bench);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{FRAME, prompts, recorded};

    fn frames(sound: &[u8]) -> &[Frame] {
        sound.as_chunks().0
    }

    #[test]
    fn who_speaks_into_a_prompt_without_an_echo_needs_nothing_behind_it() {
        for spoken in [4, 8, 40, 80, 150] {
            let mut attention = Attention::new();
            for (at, caller) in frames(prompts::CALLER.sound).iter().enumerate().take(spoken) {
                attention.attend(caller, &recorded(frames(prompts::TALK.sound), at), -20.0);
            }
            assert!(attention.bench.is_some());
            attention.rest();
            assert!(attention.bench.is_none(), "{spoken} frames");
        }
    }

    #[test]
    fn the_path_of_an_echo_is_remembered_between_prompts() {
        let mut attention = Attention::new();
        let quieter = |frame: &Frame| frame.map(|byte| g711::encode(g711::decode(byte) / 4));
        let played = frames(prompts::TALK.sound);
        let echo = std::iter::repeat_n([g711::SILENCE; FRAME], 3).chain(played.iter().map(quieter));
        for (at, echo) in echo.enumerate().take(150) {
            attention.attend(&echo, &recorded(played, at), -30.0);
        }
        (0..400).for_each(|_| attention.rest());
        assert!(attention.bench.is_some());
        (0..100).for_each(|_| attention.rest());
        assert!(attention.bench.is_none());
    }
}
