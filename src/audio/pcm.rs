//! Samples out of bytes that arrive in pieces of any size.

/// Little-endian 16 bit samples, piece by piece. An odd byte at the end of a piece belongs to the next one.
#[derive(Debug, Default)]
pub struct Pcm16 {
    odd: Option<u8>,
}

impl Pcm16 {
    /// Adds the whole samples of this piece to `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<i16>) {
        if let (Some(low), Some((high, rest))) = (self.odd, bytes.split_first()) {
            out.push(i16::from_le_bytes([low, *high]));
            self.odd = None;
            bytes = rest;
        }
        let (pairs, rest) = bytes.as_chunks::<2>();
        out.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
        self.odd = rest.first().copied().or(self.odd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_samples(bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1usize..9) {
            let (mut whole, mut pieces) = (Vec::new(), Vec::new());
            Pcm16::default().push(&bytes, &mut whole);
            let mut reader = Pcm16::default();
            for piece in bytes.chunks(size) {
                reader.push(piece, &mut pieces);
                reader.push(&[], &mut pieces);
            }
            prop_assert_eq!(whole.len(), bytes.len() / 2);
            prop_assert_eq!(pieces, whole);
        }
    }
}
