//! Listening allocates nothing.

use super::counter::{allocations, alone};
use switchboard::audio::{Ear, FRAME, Frame, Tuning, g711, recorded};

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
    let (caller, played): (Vec<_>, Vec<_>) = noise(1, 3_000).zip(noise(2, 8_000)).take(200).unzip();
    // The first audible frame may borrow a bench and plan the transforms.
    ear.hear(&caller[0], Some(&recorded(&played, 0)));
    let listening = allocations(|| {
        for (at, caller) in caller.iter().enumerate() {
            std::hint::black_box(ear.hear(caller, Some(&recorded(&played, at))));
        }
    });
    assert_eq!(listening, 0, "while something plays");
    let silence = [g711::SILENCE; FRAME];
    let idle = allocations(|| {
        for caller in &caller {
            ear.hear(caller, None);
            ear.hear(&silence, None);
            ear.hear(&silence, Some(&|_| silence));
        }
    });
    assert_eq!(idle, 0, "while nothing plays, or nothing is audible");
}

/// What was lent goes back and is lent again: the second caller costs nothing.
#[test]
fn the_bench_of_one_caller_serves_the_next() {
    let _turn = alone();
    let (caller, played): (Vec<_>, Vec<_>) = noise(3, 3_000).zip(noise(4, 8_000)).take(20).unzip();
    let call = || {
        let mut ear = Ear::new(&Tuning::default());
        caller.iter().enumerate().for_each(|(at, caller)| {
            ear.hear(caller, Some(&recorded(&played, at)));
        });
    };
    call();
    // The pool itself may grow once.
    call();
    assert_eq!(allocations(call), 0);
}
