//! The sound in a message: base64 of mu-law, 8 kHz, mono, of any length.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Silence in mu-law.
pub const SILENCE: u8 = 0xff;

/// Base64 characters that are decoded at once. A piece of 480 bytes is three frames.
const PIECE: usize = 640;
/// Bytes in them.
const BYTES: usize = PIECE / 4 * 3;

/// The payload of a media message, still in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload<'a>(pub(super) Cow<'a, str>);

impl<'a> Payload<'a> {
    /// Takes the text of a payload.
    #[must_use]
    pub const fn new(base64: &'a str) -> Self {
        Self(Cow::Borrowed(base64))
    }

    /// Hands the sound on in pieces, without memory of its own. What is decoded before a wrong character counts.
    ///
    /// # Errors
    /// It is not padded base64 of the standard alphabet.
    pub fn decode(&self, mut take: impl FnMut(&[u8])) -> Result<(), base64::DecodeSliceError> {
        let mut sound = [0; BYTES];
        for piece in self.0.as_bytes().chunks(PIECE) {
            let length = STANDARD.decode_slice(piece, &mut sound)?;
            take(sound.get(..length).unwrap_or_default());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        Payload::new(text).decode(|piece| all.extend_from_slice(piece)).ok().map(|()| all)
    }

    #[test]
    fn any_length_comes_out_as_it_went_in() {
        for length in [0, 1, 2, 3, 159, 160, 161, 479, 480, 481, 8000, 48_000] {
            let sound: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            assert_eq!(decoded(&STANDARD.encode(&sound)), Some(sound), "{length}");
        }
    }

    #[test]
    fn what_is_no_base64_is_said_to_be_none() {
        for odd in ["=", "A", "AB", "A===", "####", "AA==AAAA", "-_-_", "é"] {
            assert_eq!(decoded(odd), None, "{odd}");
        }
    }
}
