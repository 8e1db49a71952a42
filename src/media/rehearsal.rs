//! Playback against a carrier of our own making, on a clock of our own: pace, drift, stalls, and what was heard.

use super::playback::{LEAD, Playback, Proof};
use super::utterance::Source;
use crate::agents::port::Utt;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const MS: f64 = 0.001;

/// A carrier that plays what it gets, by a clock that may be a little fast or slow.
struct Carrier {
    /// Seconds of the carrier for one of ours.
    rate: f64,
    /// One way, in seconds.
    way: f64,
    /// When what it has will have been played.
    play_end: f64,
    marks: VecDeque<(f64, u32)>,
    played: f64,
    dry: f64,
    most_ahead: f64,
}

impl Carrier {
    fn new(rate: f64, way: f64) -> Self {
        Self { rate, way, play_end: 0.0, marks: VecDeque::new(), played: 0.0, dry: 0.0, most_ahead: 0.0 }
    }

    fn get(&mut self, sound: &[u8], mark: u32, sent: f64) {
        let at = sent + self.way;
        if self.played > 0.0 && at > self.play_end {
            self.dry += at - self.play_end;
        }
        let length = sound.len() as f64 / 8000.0 / self.rate;
        self.play_end = self.play_end.max(at) + length;
        self.played += length;
        self.most_ahead = self.most_ahead.max(self.play_end - at);
        self.marks.push_back((self.play_end + self.way, mark));
    }
}

/// Plays without a pause for so many seconds; frames, the clock of a stream, come late by what `late` says.
fn play(seconds: u32, rate: f64, way: f64, mut late: impl FnMut(u32) -> f64) -> (Carrier, Playback, Instant) {
    let begin = Instant::now();
    let at = |seconds: f64| begin + Duration::from_secs_f64(seconds);
    let (mut carrier, mut playback, mut proofs) = (Carrier::new(rate, way), Playback::default(), Vec::new());
    let (minute, mut utt) = (Bytes::from(vec![1; 60 * 8000]), 0);
    for tick in 0..seconds * 50 {
        let now = f64::from(tick) * 20.0 * MS + late(tick);
        while playback.waiting_ms() < 30_000 {
            utt += 1;
            playback.add(Source::Agent(Utt(utt)), minute.clone(), true);
            playback.finish(Source::Agent(Utt(utt)), &mut proofs);
        }
        while let Some((back, mark)) = carrier.marks.pop_front_if(|(back, _)| *back <= now) {
            playback.returned(mark, at(back), &mut proofs);
        }
        proofs.clear();
        while let Some(chunk) = playback.due(at(now)) {
            carrier.get(&chunk.sound, chunk.mark, now);
        }
    }
    (carrier, playback, at(f64::from(seconds)))
}

/// Up to 25 ms, as by chance and the same every time.
fn stalls(tick: u32) -> f64 {
    f64::from(tick.wrapping_mul(2_654_435_761) >> 7 & 1023) / 1023.0 * 25.0 * MS
}

#[test]
fn the_line_never_runs_dry_under_stalls_and_never_far_ahead() {
    for way in [0.0, 20.0 * MS, 150.0 * MS] {
        let (carrier, playback, _) = play(60, 1.0, way, stalls);
        assert_eq!(playback.late_frames, 0);
        assert!(carrier.dry < 1e-6, "dry for {} s, way {way}", carrier.dry);
        assert!(carrier.most_ahead <= LEAD.as_secs_f64() + 1e-6, "{} s ahead, way {way}", carrier.most_ahead);
    }
}

#[test]
fn in_an_hour_nothing_drifts_whatever_the_carriers_clock_does() {
    for rate in [1.0, 1.000_1, 0.999_9] {
        let (carrier, playback, end) = play(3600, rate, 20.0 * MS, stalls);
        assert!(carrier.dry < 1e-6, "dry for {} s at {rate}", carrier.dry);
        assert!(carrier.most_ahead <= LEAD.as_secs_f64() + 5.0 * MS, "{} s ahead at {rate}", carrier.most_ahead);
        // What we think was heard is what was played, to a frame (and the mark's way).
        let heard = playback.heard_ms(end) as f64 * MS;
        let played = (carrier.played - (carrier.play_end - 3600.0).max(0.0)) * rate;
        assert!((heard - played).abs() < 0.07, "{heard} s heard, {played} s played at {rate}");
    }
}

#[test]
fn a_long_stall_is_counted_and_made_up_for_without_a_burst() {
    let (carrier, playback, _) =
        play(20, 1.0, 0.0, |tick| if (500..550).contains(&tick) { (550 - tick) as f64 * 20.0 * MS } else { 0.0 });
    assert!((0.7..1.0).contains(&carrier.dry), "{}", carrier.dry);
    assert!((40..=50).contains(&playback.late_frames), "{}", playback.late_frames);
    assert!(carrier.most_ahead <= LEAD.as_secs_f64() + 1e-6, "{}", carrier.most_ahead);
}

fn three_seconds() -> (Playback, Vec<Proof>, Instant) {
    let (mut playback, mut proofs) = (Playback::default(), Vec::new());
    for utt in [1, 2] {
        playback.add(Source::Agent(Utt(utt)), Bytes::from(vec![7; 3 * 8000]), true);
        playback.finish(Source::Agent(Utt(utt)), &mut proofs);
    }
    (playback, proofs, Instant::now())
}

/// Sends what is due each 20 ms of so many, and gives marks back when their sound was played.
fn run(playback: &mut Playback, proofs: &mut Vec<Proof>, begin: Instant, ms: std::ops::Range<u64>) -> Vec<u8> {
    let (mut sent, mut marks, mut end) = (Vec::new(), VecDeque::new(), begin + Duration::from_millis(ms.start));
    for now in ms.step_by(20).map(|ms| begin + Duration::from_millis(ms)) {
        while let Some((_, mark)) = marks.pop_front_if(|(back, _)| *back <= now) {
            playback.returned(mark, now, proofs);
        }
        while let Some(chunk) = playback.due(now) {
            end += Duration::from_micros(chunk.sound.len() as u64 * 125);
            marks.push_back((end, chunk.mark));
            sent.extend_from_slice(&chunk.sound);
        }
    }
    sent
}

#[test]
fn what_is_cut_is_told_and_marks_that_come_back_then_prove_nothing() {
    let (mut playback, mut proofs, begin) = three_seconds();
    let sent = run(&mut playback, &mut proofs, begin, 0..1000);
    let now = begin + Duration::from_millis(1000);
    assert!(playback.has_sound_out());
    let cut = playback.cut(now, &mut proofs).expect("something was audible");
    assert_eq!((cut.source, cut.dropped.as_slice()), (Source::Agent(Utt(1)), [Utt(2)].as_slice()));
    assert_eq!(u64::from(cut.sent_ms), sent.len() as u64 / 8);
    assert!((980..=1000).contains(&cut.heard_ms), "{}", cut.heard_ms);
    assert_eq!(cut.given_ms, 3000);
    assert_eq!(playback.due(now), None);
    proofs.clear();
    playback.returned(u32::MAX, now, &mut proofs);
    assert_eq!(proofs, []);
    // Late sound of what was cut is dropped; a new utterance plays.
    playback.add(Source::Agent(Utt(2)), Bytes::from_static(&[7; 160]), true);
    assert!(!playback.is_busy());
    playback.add(Source::Agent(Utt(3)), Bytes::from_static(&[7; 160]), true);
    assert_eq!(playback.due(now).map(|chunk| chunk.sound.len()), Some(160));
    assert!(playback.cut(now, &mut proofs).is_none_or(|cut| cut.heard_ms == 0));
}

#[test]
fn what_was_held_goes_on_where_it_was_heard() {
    let (mut playback, mut proofs, begin) = three_seconds();
    let before = run(&mut playback, &mut proofs, begin, 0..1010);
    let now = begin + Duration::from_millis(1010);
    playback.hold(now);
    assert_eq!(playback.due(now + Duration::from_millis(500)), None);
    playback.resume();
    let after = run(&mut playback, &mut proofs, begin, 1600..3500);
    assert!(before.len() > 1000 * 8);
    // One second was heard; almost two more were sent since.
    assert!((1880 * 8..=2100 * 8).contains(&after.len()), "{}", after.len() / 8);
    let cut = playback.cut(begin + Duration::from_millis(3500), &mut proofs).expect("something was audible");
    assert_eq!(cut.source, Source::Agent(Utt(1)));
    assert!((2880..=2920).contains(&cut.heard_ms), "{}", cut.heard_ms);
}

#[test]
fn marks_of_an_agent_tell_the_truth() {
    let (mut playback, mut proofs, begin) = three_seconds();
    playback.mark("all".to_owned(), &mut proofs);
    run(&mut playback, &mut proofs, begin, 0..500);
    playback.cut(begin + Duration::from_millis(500), &mut proofs);
    assert!(proofs.contains(&Proof::Mark { name: "all".to_owned(), heard: false }));
    proofs.clear();
    playback.mark("nothing".to_owned(), &mut proofs);
    assert_eq!(proofs, [Proof::Mark { name: "nothing".to_owned(), heard: true }]);
}

#[test]
fn an_utterance_is_told_from_its_first_frame_to_its_last() {
    let (mut playback, mut proofs, begin) = three_seconds();
    run(&mut playback, &mut proofs, begin, 0..6500);
    let source = |utt| Source::Agent(Utt(utt));
    let played = |utt| Proof::Played { source: source(utt), heard_ms: 3000 };
    assert_eq!(proofs, [Proof::Playing(source(1)), played(1), Proof::Playing(source(2)), played(2)]);
    assert!(!playback.is_busy());
}
