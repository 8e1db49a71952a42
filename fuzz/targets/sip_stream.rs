//! Any stream of bytes, cut by its own first byte: the same messages come out however it arrives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::sip::{Framed, Frames};

fn framed(pieces: &mut dyn Iterator<Item = &[u8]>) -> Vec<Framed> {
    let (mut frames, mut out) = (Frames::default(), Vec::new());
    for piece in pieces {
        frames.push(piece);
        loop {
            match frames.take() {
                Ok(Some(one)) => out.push(one),
                Ok(None) => break,
                // The connection is closed.
                Err(_) => return out,
            }
        }
    }
    out
}

fuzz_target!(|input: &[u8]| {
    let Some((step, stream)) = input.split_first() else { return };
    let pieces = framed(&mut stream.chunks(usize::from(*step).max(1)));
    let length = |one: &Framed| if let Framed::Message(bytes) = one { bytes.len() } else { 4 };
    assert!(pieces.iter().map(length).sum::<usize>() <= stream.len());
    let bytes = framed(&mut stream.chunks(1));
    assert!(pieces.starts_with(&bytes) || bytes.starts_with(&pieces));
});
