//! The ear, from outside: nothing it is fed makes it panic, and what it says about simple sounds is right.

use proptest::prelude::*;
use switchboard::audio::{Ear, FRAME, Frame, Heard, Played, Preset, Tuning, Voice, g711, recorded};

/// Frames of anything: silence, one byte over and over, noise at any loudness.
fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let noisy = proptest::collection::vec(any::<u8>(), FRAME).prop_map(|bytes| bytes.try_into().unwrap_or([0; FRAME]));
    let frame = prop_oneof![Just([g711::SILENCE; FRAME]), any::<u8>().prop_map(|byte| [byte; FRAME]), noisy];
    proptest::collection::vec(frame, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_frames_are_heard(caller in frames(), played in frames(), gaps in proptest::collection::vec(any::<bool>(), 60), evidence in -5.0f32..50.0) {
        let mut ear = Ear::new(&Tuning { evidence, ..Tuning::default() });
        for ((at, caller), gap) in caller.iter().enumerate().zip(gaps.iter().cycle()) {
            let played = recorded(&played, at);
            let heard = ear.hear(caller, (!gap).then_some(&played as Played<'_>));
            prop_assert!(heard.level_db.is_finite() && heard.level_db <= 0.1);
            prop_assert!(!(heard.barge_in && *gap), "nothing was playing");
            prop_assert!(!heard.barge_in || heard.voice == Voice::Speaking);
        }
    }

    #[test]
    fn a_reset_ear_is_a_new_one(first in frames(), then in frames()) {
        let mut used = Ear::new(&Tuning::default());
        first.iter().enumerate().for_each(|(at, frame)| { used.hear(frame, Some(&recorded(&first, at))); });
        used.reset();
        let mut new = Ear::new(&Tuning::default());
        for (at, frame) in then.iter().enumerate() {
            let played = recorded(&then, at);
            prop_assert_eq!(used.hear(frame, Some(&played)), new.hear(frame, Some(&played)));
        }
    }
}

fn tone(hertz: f32, loud: f32, frames: usize) -> Vec<Frame> {
    let sample = |n: usize| (n as f32 * hertz / 8_000.0 * std::f32::consts::TAU).sin() * loud;
    let frame = |at: usize| std::array::from_fn(|n| g711::encode(sample(at * FRAME + n) as i16));
    (0..frames).map(frame).collect()
}

fn barge_ins(preset: Preset, caller: &[Frame]) -> usize {
    let mut ear = Ear::new(&preset.tuning());
    let heard: Vec<Heard> = caller.iter().map(|frame| ear.hear(frame, Some(&|_| [g711::SILENCE; FRAME]))).collect();
    heard.iter().filter(|heard| heard.barge_in).count()
}

#[test]
fn a_tone_and_silence_interrupt_nothing() {
    for preset in Preset::ALL {
        assert_eq!(barge_ins(preset, &tone(440.0, 6_000.0, 200)), 0, "{preset}");
        assert_eq!(barge_ins(preset, &[[g711::SILENCE; FRAME]; 200]), 0, "{preset}");
    }
}

/// The prompt comes back 100 ms later, 20 dB quieter: nobody has spoken.
#[test]
fn an_echo_interrupts_nothing() {
    let prompt = speechlike();
    let echo: Vec<u8> = prompt.iter().map(|byte| g711::encode(g711::decode(*byte) / 10)).collect();
    let delayed: Vec<u8> = std::iter::repeat_n(g711::SILENCE, 800).chain(echo).collect();
    let mut ear = Ear::new(&Preset::Balanced.tuning());
    let (caller, played) = (cut(&delayed), cut(&prompt));
    let decides = |(at, frame): (usize, &Frame)| ear.hear(frame, Some(&recorded(&played, at))).barge_in;
    assert_eq!(caller.iter().take(played.len()).enumerate().map(decides).filter(|decided| *decided).count(), 0);
}

/// Five seconds of noise at -45 dBFS, in which no echo is found; then the prompt comes back, 20 dB quieter.
#[test]
fn an_echo_that_begins_later_interrupts_nothing() {
    let prompt = [speechlike(), speechlike()].concat();
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16 / 103
    };
    let echo = |at: usize| if at < 40_000 { 0 } else { g711::decode(prompt[at - 800]) / 10 };
    let caller: Vec<u8> = (0..prompt.len()).map(|at| g711::encode(noise() + echo(at))).collect();
    let (caller, played, mut ear) = (cut(&caller), cut(&prompt), Ear::new(&Preset::Balanced.tuning()));
    let told = caller.iter().enumerate().filter(|(at, frame)| ear.hear(frame, Some(&recorded(&played, *at))).barge_in);
    assert_eq!(told.count(), 0);
}

/// Syllables: a buzz with formants that move, four a second, for five seconds.
fn speechlike() -> Vec<u8> {
    let (mut low, mut high) = ([0.0_f32; 2], [0.0_f32; 2]);
    let resonate = |state: &mut [f32; 2], hertz: f32, input: f32| {
        let (r, w) = (0.97_f32, hertz / 8_000.0 * std::f32::consts::TAU);
        let out = input + 2.0 * r * w.cos() * state[0] - r * r * state[1];
        *state = [out, state[0]];
        out
    };
    let sample = |n: usize| {
        let t = n as f32 / 8_000.0;
        let pulse = if n.is_multiple_of(58 + (t * 3.0).sin().mul_add(8.0, 8.0) as usize) { 1.0 } else { 0.0 };
        let syllable = (t * 4.0 * std::f32::consts::PI).sin().powi(2);
        let first = resonate(&mut low, 500.0 + 250.0 * (t * 7.0).sin(), pulse);
        let second = resonate(&mut high, 1_500.0 + 500.0 * (t * 5.0).cos(), pulse);
        g711::encode(((first + 0.7 * second) * syllable * 2_500.0) as i16)
    };
    (0..40_000).map(sample).collect()
}

#[test]
fn something_like_speech_interrupts() {
    let quiet = std::iter::repeat_n(g711::SILENCE, 8_000);
    let caller: Vec<u8> = quiet.chain(speechlike()).collect();
    for preset in Preset::ALL {
        assert!(barge_ins(preset, &cut(&caller)) >= 1, "{preset}");
    }
}

fn cut(bytes: &[u8]) -> Vec<Frame> {
    bytes.chunks_exact(FRAME).map(|chunk| chunk.try_into().unwrap_or([0; FRAME])).collect()
}
