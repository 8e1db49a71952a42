//! Whether it is worth listening closely: what costs memory and time is lent while something is audible.

use super::echo::{Canceller, PIECES};
use super::features::{Features, Sense};
use super::spectrum::Samples;
use super::{FRAME, Frame, g711};
use std::sync::{Mutex, PoisonError};

/// A frame below this is silence: quieter than the quietest caller, and than most lines.
const AUDIBLE_DB: f32 = -60.0;
/// Frames of silence until attention ends (the pauses of a sentence are shorter).
const PATIENCE: u16 = 15;
/// Frames of silence until the memory is given back, and with it what is known of the echo.
const LENT_FOR: u16 = 500;
/// Benches that are kept for the next who needs one.
const POOL: usize = 64;

static BENCHES: Mutex<Vec<Box<Bench>>> = Mutex::new(Vec::new());

/// What listening closely needs: about 70 KiB.
#[derive(Debug)]
struct Bench {
    canceller: Canceller,
    sense: Sense,
}

/// Listens closely when something is audible.
#[derive(Debug)]
pub(super) struct Attention {
    /// What was played of late, as it was sent: an echo may come 400 ms later.
    played: [Frame; PIECES],
    newest: usize,
    bench: Option<Box<Bench>>,
    /// Frames of silence in a row.
    silent: u16,
    /// Whether the bench has followed what was played up to now.
    awake: bool,
}

impl Attention {
    pub(super) fn new() -> Self {
        Self { played: [[g711::SILENCE; FRAME]; PIECES], newest: 0, bench: None, silent: LENT_FOR, awake: false }
    }

    /// One frame: its features, or nothing where nothing is audible.
    pub(super) fn attend(&mut self, caller: &Frame, played: &Frame, level_db: f32) -> Option<Features> {
        self.remember(played);
        self.silent = if level_db > AUDIBLE_DB { 0 } else { self.silent.saturating_add(1) };
        if self.silent > PATIENCE {
            self.awake = false;
            if self.silent > LENT_FOR {
                self.release();
            }
            return None;
        }
        if !self.awake {
            self.wake();
        }
        let bench = self.bench.as_mut()?;
        bench.play(played);
        let split = bench.canceller.split(&samples(caller));
        Some(bench.sense.feel(&split))
    }

    /// Nothing is played: nothing can be interrupted, and no echo comes.
    pub(super) fn rest(&mut self) {
        self.silent = self.silent.saturating_add(1).max(PATIENCE);
        self.awake = false;
        self.remember(&[g711::SILENCE; FRAME]);
        if self.silent > LENT_FOR {
            self.release();
        }
    }

    fn remember(&mut self, played: &Frame) {
        self.newest = (self.newest + 1) % PIECES;
        if let Some(newest) = self.played.get_mut(self.newest) {
            *newest = *played;
        }
    }

    /// Takes a bench and lets it hear what was played of late, but for the newest frame.
    fn wake(&mut self) {
        let bench = self.bench.get_or_insert_with(borrow);
        bench.sense = Sense::new();
        let (newer, older) = self.played.split_at(self.newest + 1);
        let before = older.iter().chain(newer).take(PIECES - 1);
        before.for_each(|played| bench.play(played));
        self.awake = true;
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
    fn play(&mut self, played: &Frame) {
        self.canceller.play(&samples(played));
        if let Some(newest) = self.canceller.newest() {
            self.sense.play(newest);
        }
    }
}

/// Full scale is 1.
fn samples(frame: &Frame) -> Samples {
    let mut samples = [0.0; FRAME];
    let decoded = frame.iter().map(|byte| f32::from(g711::decode(*byte)) / 32_768.0);
    samples.iter_mut().zip(decoded).for_each(|(to, sample)| *to = sample);
    samples
}

fn borrow() -> Box<Bench> {
    let kept = BENCHES.lock().unwrap_or_else(PoisonError::into_inner).pop();
    kept.unwrap_or_else(|| Box::new(Bench { canceller: Canceller::new(), sense: Sense::new() }))
}

fn give_back(mut bench: Box<Bench>) {
    bench.canceller.forget();
    let mut benches = BENCHES.lock().unwrap_or_else(PoisonError::into_inner);
    if benches.len() < POOL {
        benches.push(bench);
    }
}
