//! Listening allocates nothing.

use super::counter::{allocations, alone};
use switchboard::audio::{Ear, Frame, Tuning, g711};

/// Noise of a linear congruential generator, about `loud` of 32768.
pub(super) fn noise(seed: u32, loud: i32) -> impl Iterator<Item = Frame> {
    let mut state = seed;
    let mut sample = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let centred = i32::from((state >> 16) as u16) - 32_768;
        g711::encode((centred * loud / 32_768) as i16)
    };
    std::iter::repeat_with(move || std::array::from_fn(|_| sample()))
}

#[test]
fn listening_allocates_nothing() {
    let _turn = alone();
    let mut ear = Ear::new(&Tuning::default());
    let mut frames = noise(1, 3_000).zip(noise(2, 8_000));
    // The first audible frame may borrow a bench and plan the transforms.
    for (caller, played) in frames.by_ref().take(3) {
        ear.hear(&caller, Some(&played));
    }
    let frames: Vec<_> = frames.take(200).collect();
    let listening = allocations(|| {
        for (caller, played) in &frames {
            std::hint::black_box(ear.hear(caller, Some(played)));
        }
    });
    assert_eq!(listening, 0, "while something plays");
    let silence = [g711::SILENCE; 160];
    let idle = allocations(|| {
        for (caller, _) in &frames {
            ear.hear(caller, None);
            ear.hear(&silence, None);
            ear.hear(&silence, Some(&silence));
        }
    });
    assert_eq!(idle, 0, "while nothing plays, or nothing is audible");
}

/// What was lent goes back and is lent again: the second caller costs nothing.
#[test]
fn the_bench_of_one_caller_serves_the_next() {
    let _turn = alone();
    let frames: Vec<_> = noise(3, 3_000).zip(noise(4, 8_000)).take(20).collect();
    let call = || {
        let mut ear = Ear::new(&Tuning::default());
        frames.iter().for_each(|(caller, played)| {
            ear.hear(caller, Some(played));
        });
    };
    call();
    // The pool itself may grow once.
    call();
    assert_eq!(allocations(call), 0);
}
