//! Messages, mutated: also for the tests beside `src/paging/agent`, so that both floors meet the same noise.

use std::path::Path;

/// Numbers that look random, and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below.max(1)
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// The messages of RFC 4475, in a fixed order.
pub(crate) fn torture() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sip-torture");
    let folders = ["valid", "invalid"].map(|kind| std::fs::read_dir(folder.join(kind)).expect("a folder"));
    let mut paths: Vec<_> = folders.into_iter().flatten().map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).expect("a message")).collect()
}

const WORDS: [&[u8]; 16] = [
    b"\r\n",
    b"\r\n\r\n",
    b";",
    b",",
    b"\"",
    b"<",
    b">",
    b"%00",
    b"\xff",
    b"99999999999999999999",
    b"-1",
    b"sips:",
    b"\0",
    b"tag=",
    b"m=audio 4000 RTP/AVP 0\r\n",
    b" ",
];

/// One of the seeds with up to four changes: a byte, a cut, a word, a piece of another one.
pub(crate) fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.one(seeds).clone();
    for _ in 0..dice.roll(5) {
        change(&mut bytes, seeds, dice);
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.roll(bytes.len());
    match dice.roll(6) {
        0 => bytes[at] = u8::try_from(dice.roll(256)).expect("a byte"),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..(at + dice.roll(20)).min(bytes.len()))),
        3 => drop(bytes.splice(at..at, dice.one(&WORDS).iter().copied())),
        4 => {
            let other = dice.one(seeds);
            let from = dice.roll(other.len());
            let piece = other[from..(from + dice.roll(80)).min(other.len())].to_vec();
            drop(bytes.splice(at..at, piece));
        }
        _ => bytes[at] ^= 1 << dice.roll(8),
    }
}
