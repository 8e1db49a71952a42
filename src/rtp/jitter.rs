//! Packets of any length in, at the network's pace; frames of 20 ms out, evenly.
//!
//! Paging is one way, so smoothness goes before delay: playing starts 60 ms behind the first packet, and the delay then
//! follows the network between 40 and 200 ms. It never follows the sender's clock: what comes too fast is shortened, what
//! comes too slowly is stretched, in a pause where there is one.

use super::fade::{fill, is_quiet, merge};
use super::{FRAME, Samples};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Samples in a millisecond.
const MS: i64 = 8;
const FRAME_MS: i64 = 20;
const FIRST_DELAY: i64 = 60 * MS;
const LEAST_DELAY: i64 = 40 * MS;
const MOST_DELAY: i64 = 200 * MS;
/// A delay that grew beyond what is wanted by this much is shortened even in the middle of a word.
const FAR_OFF: i64 = 60 * MS;
/// More waiting than this is cut off at once.
const HEAP: i64 = MOST_DELAY + 4 * FRAME_MS * MS;
/// A timestamp further away than this is another sound.
const OTHER: i64 = 2_000 * MS;
/// Frames without a packet after which the sender counts as silent.
const SILENT: usize = 10;
/// Frames over which the least delay is looked for: 1 s.
const WINDOW: u32 = 50;
/// Longer packets than this are no telephone sound: 200 ms.
const LONGEST: usize = 1_600;

const TICK: i64 = FRAME as i64;

/// What a frame is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// Of what the sender said.
    Sound,
    /// Of the frame before, because a packet did not come.
    Filled,
    /// Nothing is said.
    Silence,
}

/// The buffer of one stream.
#[derive(Debug)]
pub struct Jitter {
    /// By their timestamps, made whole.
    packets: BTreeMap<i64, Box<[i16]>>,
    stage: Stage,
    /// Timestamp of the frame that is played next.
    next: i64,
    /// Behind the newest packet.
    newest: i64,
    last: Samples,
    /// Frames in a row without sound.
    missing: usize,
    /// The sender said that he is silent now.
    resting: bool,
    delay: Delay,
    /// Keys that are pressed are not played: some senders leave their tone in.
    muted: Option<(i64, i64)>,
    late: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody speaks.
    Idle,
    /// The first packet came then.
    Filling(Instant),
    Playing,
}

/// How much is kept waiting, and how much should be.
#[derive(Debug)]
struct Delay {
    wanted: i64,
    /// Mean difference of neighbours' travel times (RFC 3550, 6.4.1), in 16ths of a sample.
    jitter: i64,
    travel: Option<(Instant, i64)>,
    /// Samples in a packet.
    packet: i64,
    least: i64,
    frames: u32,
    /// Least delay of the last window, until it was acted upon.
    seen: Option<i64>,
}

impl Default for Jitter {
    fn default() -> Self {
        Self {
            packets: BTreeMap::new(),
            stage: Stage::Idle,
            next: 0,
            newest: 0,
            last: [0; FRAME],
            missing: 0,
            resting: false,
            delay: Delay {
                wanted: FIRST_DELAY,
                jitter: 0,
                travel: None,
                packet: TICK,
                least: i64::MAX,
                frames: 0,
                seen: None,
            },
            muted: None,
            late: 0,
        }
    }
}

impl Jitter {
    /// Takes the sound of a packet that came `now`.
    pub fn push(&mut self, timestamp: u32, samples: &[i16], now: Instant) {
        if samples.is_empty() || samples.len() > LONGEST {
            return;
        }
        let at = self.whole(timestamp);
        let (length, far) = (samples.len() as i64, (at - self.next).abs() > OTHER);
        if self.stage == Stage::Idle || far {
            self.begin(at, now);
        }
        self.resting = false;
        if self.missing > 0 && self.newest <= self.next {
            self.delay.too_short();
        }
        self.delay.arrived(now, at, length);
        if at + length <= self.next {
            self.late += 1;
            self.delay.too_short();
            return;
        }
        if matches!(self.stage, Stage::Filling(_)) {
            self.next = self.next.min(at);
        }
        self.newest = self.newest.max(at + length);
        self.packets.entry(at).or_insert_with(|| samples.into());
        self.cut_heap();
    }

    /// The sender says that he is silent from this timestamp on: what comes next is a new beginning.
    pub fn rest(&mut self) {
        self.resting = true;
    }

    /// Mutes what has these timestamps.
    pub fn mute(&mut self, timestamp: u32, samples: u16) {
        let from = self.whole(timestamp);
        // A frame more: the tone of a detector ends late.
        let to = from + i64::from(samples) + TICK;
        self.muted = match self.muted {
            Some((first, _)) if first == from => Some((from, to)),
            Some((first, last)) if from <= last => Some((first, to.max(last))),
            _ => Some((from, to)),
        };
    }

    /// The frame that is due `now`: once every 20 ms.
    pub fn pull(&mut self, now: Instant) -> (Samples, Pulled) {
        if let Stage::Filling(since) = self.stage {
            let waited = now.saturating_duration_since(since) >= duration(self.delay.wanted);
            if waited || self.waiting() > self.delay.wanted {
                self.stage = Stage::Playing;
            }
        }
        if self.stage != Stage::Playing {
            return ([0; FRAME], Pulled::Silence);
        }
        let waiting = self.waiting();
        if waiting < TICK {
            return self.starved();
        }
        self.delay.measured(waiting);
        self.missing = 0;
        let frame = self.paced();
        self.last = frame;
        (frame, Pulled::Sound)
    }

    /// Samples that wait to be played.
    #[must_use]
    pub const fn waiting(&self) -> i64 {
        if self.newest > self.next { self.newest - self.next } else { 0 }
    }

    /// Packets that came after their time.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// How long sound waits here once it flows evenly.
    #[must_use]
    pub const fn wanted(&self) -> Duration {
        duration(self.delay.wanted)
    }

    /// Thirty-two bits of counting, made whole next to what is played.
    const fn whole(&self, timestamp: u32) -> i64 {
        self.next + timestamp.wrapping_sub(self.next as u32) as i32 as i64
    }

    fn begin(&mut self, at: i64, now: Instant) {
        self.packets.clear();
        (self.next, self.newest, self.missing) = (at, at, 0);
        self.last = [0; FRAME];
        self.stage = Stage::Filling(now);
        self.delay.travel = None;
        self.delay.start_window();
    }

    /// Nothing to play: time stands still, so that what comes is played later and not dropped. That is how the delay grows
    /// when the network gets worse.
    fn starved(&mut self) -> (Samples, Pulled) {
        self.delay.start_window();
        if self.resting || self.missing >= SILENT {
            self.stage = Stage::Idle;
            return ([0; FRAME], Pulled::Silence);
        }
        let frame = fill(&self.last, self.missing);
        self.missing += 1;
        let what = if self.missing <= 2 { Pulled::Filled } else { Pulled::Silence };
        (frame, what)
    }

    /// The next frame, shortened or stretched where the delay has gone astray.
    fn paced(&mut self) -> Samples {
        let first = self.read(self.next);
        let off = self.delay.off();
        let quiet = is_quiet(&first);
        if off > 0 && (quiet || off >= FAR_OFF) && self.waiting() >= 2 * TICK {
            let second = self.read(self.next + TICK);
            self.delay.start_window();
            self.advance(2 * TICK);
            return merge(&first, &second);
        }
        if off < 0 && quiet {
            self.delay.start_window();
            return first;
        }
        self.advance(TICK);
        first
    }

    fn advance(&mut self, samples: i64) {
        self.next += samples;
        while let Some(first) = self.packets.first_entry() {
            if *first.key() + first.get().len() as i64 > self.next {
                break;
            }
            first.remove();
        }
    }

    /// 20 ms from there on; holes are filled from the frame before.
    fn read(&self, from: i64) -> Samples {
        let mut frame = fill(&self.last, 0);
        let reach = from - LONGEST as i64;
        for (at, samples) in self.packets.range(reach..from + TICK) {
            let skip = usize::try_from(from - at).unwrap_or(0);
            let start = usize::try_from(at - from).unwrap_or(0);
            let sound = samples.iter().skip(skip);
            frame.iter_mut().skip(start).zip(sound).for_each(|(to, sample)| *to = *sample);
        }
        if let Some((first, last)) = self.muted {
            (from..).zip(&mut frame).filter(|(at, _)| (first..last).contains(at)).for_each(|(_, sample)| *sample = 0);
        }
        frame
    }

    /// A burst after a stall: the old part of it is left out.
    fn cut_heap(&mut self) {
        if self.waiting() > HEAP.max(self.delay.wanted + 2 * self.delay.packet) {
            self.advance(self.waiting() - self.delay.wanted);
            self.delay.start_window();
        }
    }
}

impl Delay {
    fn arrived(&mut self, now: Instant, at: i64, packet: i64) {
        self.packet = packet;
        if let Some((then, before)) = self.travel {
            let passed = i64::try_from(now.saturating_duration_since(then).as_micros() * MS as u128 / 1_000);
            let difference = (passed.unwrap_or(OTHER) - (at - before)).abs().min(OTHER);
            self.jitter += difference - (self.jitter + 8) / 16;
        }
        self.travel = Some((now, at));
    }

    fn too_short(&mut self) {
        self.wanted = (self.wanted + FRAME_MS * MS).min(MOST_DELAY);
    }

    const fn start_window(&mut self) {
        (self.least, self.frames, self.seen) = (i64::MAX, 0, None);
    }

    /// So much was waiting before a frame was taken.
    fn measured(&mut self, waiting: i64) {
        self.least = self.least.min(waiting);
        self.frames += 1;
        if self.frames == WINDOW {
            let needed = (FRAME_MS * MS + 4 * (self.jitter / 16)).clamp(LEAST_DELAY, MOST_DELAY);
            // Up at once, down by 5 ms a second.
            self.wanted = needed.max(self.wanted - 5 * MS);
            // What is left behind a frame is what the next packet may be late by.
            self.seen = Some(self.least - TICK);
            (self.least, self.frames) = (i64::MAX, 0);
        }
    }

    /// How much too long (or, below zero, too short) sound waits; 0 while that is nothing to speak of.
    fn off(&self) -> i64 {
        let off = self.seen.map_or(0, |seen| seen - self.wanted);
        if (-TICK..=2 * TICK).contains(&off) { 0 } else { off }
    }
}

const fn duration(samples: i64) -> Duration {
    Duration::from_micros(samples.unsigned_abs() * 1_000 / MS as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a sound in packets and pulls frames, on a clock of its own.
    fn played(packet_ms: i64, ms: i64, travel: impl Fn(i64) -> i64) -> (Vec<(Samples, Pulled)>, Jitter) {
        let (mut jitter, start) = (Jitter::default(), Instant::now());
        let at = |us: i64| start + Duration::from_micros(us.unsigned_abs());
        let mut frames = Vec::new();
        let mut arrivals: Vec<(i64, i64)> =
            (0..ms / packet_ms).map(|n| ((n + 1) * packet_ms * 1_000 + travel(n), n)).collect();
        arrivals.sort_unstable();
        let mut arrivals = arrivals.into_iter().peekable();
        for tick in 0..ms / 20 {
            let now = tick * 20_000 + 7_000;
            while let Some((came, n)) = arrivals.next_if(|(came, _)| *came <= now) {
                let from = n * packet_ms * MS;
                // Loud, and every sample tells its place.
                let sound: Vec<i16> = (from..from + packet_ms * MS).map(|n| 2_000 + (n % 8_000) as i16).collect();
                jitter.push(u32::MAX.wrapping_sub(5_000).wrapping_add(from as u32), &sound, at(came));
            }
            frames.push(jitter.pull(at(now)));
        }
        (frames, jitter)
    }

    fn sound(frames: &[(Samples, Pulled)]) -> Vec<i16> {
        frames.iter().filter(|(_, what)| *what == Pulled::Sound).flat_map(|(samples, _)| *samples).collect()
    }

    fn unbroken(samples: &[i16]) -> bool {
        samples.windows(2).all(|pair| (pair[1] - pair[0] == 1) || (pair[0] == 9_999 && pair[1] == 2_000))
    }

    #[test]
    fn packets_of_any_length_become_even_frames() {
        for packet in [10, 20, 30, 40, 60] {
            let (frames, jitter) = played(packet, 3_000, |_| 0);
            let samples = sound(&frames);
            assert!(unbroken(&samples) && samples[0] == 2_000, "{packet} ms");
            assert!(samples.len() as i64 >= (3_000 - packet - 60 - 2 * 20) * MS, "{packet} ms: {}", samples.len());
            assert_eq!(jitter.late(), 0);
        }
    }

    #[test]
    fn the_first_frame_comes_60_ms_behind_the_first_packet() {
        let (frames, _) = played(20, 1_000, |_| 0);
        let first = frames.iter().position(|(_, what)| *what == Pulled::Sound);
        // The packet came at 20 ms; ticks are at 7 ms past each 20.
        assert_eq!(first, Some(4), "at 87 ms");
    }

    #[test]
    fn disorder_within_the_delay_is_not_heard() {
        let (frames, jitter) = played(20, 4_000, |n| [0, 35_000, 3_000, 21_000][(n % 4) as usize]);
        assert!(unbroken(&sound(&frames)));
        assert_eq!(jitter.late(), 0);
    }

    #[test]
    fn a_lost_packet_is_filled_and_time_goes_on() {
        let (frames, _) = played(20, 1_000, |n| if n == 20 { 60_000_000 } else { 0 });
        let samples = sound(&frames);
        assert_eq!(samples[20 * FRAME], samples[19 * FRAME], "the frame before, fading");
        assert_eq!(samples[21 * FRAME], 2_000 + 21 * 160);
    }

    #[test]
    fn neither_a_fast_nor_a_slow_clock_makes_the_delay_grow() {
        for ppm in [-1_000, -200, 200, 1_000] {
            let (frames, jitter) = played(20, 300_000, |n| n * 20 * ppm / 1_000);
            assert!((0..=120 * MS).contains(&jitter.waiting()), "{ppm} ppm: {} samples wait", jitter.waiting());
            let silent = frames.iter().skip(10).filter(|(_, what)| *what != Pulled::Sound).count();
            assert!(silent <= 20, "{ppm} ppm: {silent} frames without sound in five minutes");
        }
    }

    #[test]
    fn a_bad_network_gets_more_delay_and_a_better_one_less() {
        let (frames, bad) = played(20, 20_000, |n| (n * 7_919 % 13) * 12_000);
        assert!(bad.wanted() > Duration::from_millis(100), "{:?}", bad.wanted());
        let later = frames.iter().skip(500).filter(|(_, what)| *what != Pulled::Sound).count();
        assert!(later <= 5, "{later} frames without sound once it has adapted");
        let (_, better) = played(20, 60_000, |n| if n < 500 { (n * 7_919 % 13) * 12_000 } else { 0 });
        assert!(better.wanted() <= Duration::from_millis(60), "{:?}", better.wanted());
    }

    #[test]
    fn a_pause_of_the_sender_starts_anew_and_a_burst_is_shortened() {
        let (frames, _) = played(20, 4_000, |n| if n > 50 { 1_000_000 } else { 0 });
        assert!(frames[75..100].iter().all(|(samples, what)| *what == Pulled::Silence && *samples == [0; FRAME]));
        assert!(frames[110..150].iter().all(|(_, what)| *what == Pulled::Sound));
        let (frames, jitter) = played(20, 4_000, |n| if (50..90).contains(&n) { (90 - n) * 20_000 } else { 0 });
        assert!(jitter.waiting() <= 140 * MS, "{}", jitter.waiting());
        assert!(frames[120..].iter().all(|(_, what)| *what == Pulled::Sound));
    }
}
