//! What a live stream holds, and what it allocates.

use super::counter::{Held, alone};
use super::ear::noise;
use super::stage::Stage;
use switchboard::audio::{Frame, g711};

/// More than the pool of echo cancellers keeps, which is the process's and no stream's.
const FIRST: usize = 20;
const STREAMS: usize = 50;
const KIB: f64 = 1024.0;

/// A caller's noise that is no speech: it is listened to closely, and interrupts nothing.
fn hiss() -> impl Iterator<Item = Frame> {
    noise(1, 1_500)
}

/// A stage where the process has all that it makes but once.
fn stage(first: usize) -> Stage {
    let mut stage = Stage::open();
    stage.join(first);
    stage.send(&hiss().take(30).collect::<Vec<_>>());
    hush(&mut stage);
    stage
}

/// A key ends what plays, and who makes noise is not talked to again.
fn hush(stage: &mut Stage) {
    stage.press('1');
    stage.send(&hiss().take(30).collect::<Vec<_>>());
    assert_eq!(stage.playing(), 0);
}

#[test]
fn a_stream_holds_little_and_more_only_while_it_cancels_an_echo() {
    let _turn = alone();
    let mut stage = stage(FIRST);
    let before = Held::now();
    let holds = |what: &str, most: f64| {
        let now = Held::now();
        let table = now.table(&before, STREAMS);
        println!("{what}: {table}");
        assert!((now.bytes - before.bytes) as f64 / STREAMS as f64 <= most * KIB, "{what}: {table}");
    };
    stage.join(STREAMS);
    stage.send(&[[g711::SILENCE; 160]; 20]);
    holds("a prompt plays, the caller is silent", 20.0);
    stage.send(&hiss().take(30).collect::<Vec<_>>());
    assert!(stage.playing() >= STREAMS, "nobody was interrupted");
    // Each holds 64 KiB more; sixteen of those lay in the pool before.
    holds("a prompt plays, the caller is heard", 66.0);
    hush(&mut stage);
    holds("nothing plays", 20.0);
}

/// From the text of a message to the text of an answer, sockets and clocks included. The house's own allocations (it feels its
/// pulse, looks whether there is work) are few of each size; what a frame or its answer made would be as many as those.
#[test]
fn a_frame_allocates_nothing() {
    let _turn = alone();
    const CALLERS: usize = 40;
    const FRAMES: usize = 100;
    let mut stage = stage(4);
    stage.join(CALLERS);
    let frames: Vec<Frame> = hiss().take(FRAMES).collect();
    stage.send(&frames);
    let before = Held::now();
    stage.send(&frames);
    let now = Held::now();
    assert!(stage.playing() >= CALLERS, "nobody was interrupted");
    let (made, size) = now.most_often(&before);
    println!("{made} blocks of {size} bytes in {} frames", CALLERS * FRAMES);
    assert!(made < (CALLERS * FRAMES / 8) as i64, "{made} blocks of {size} bytes");
}
