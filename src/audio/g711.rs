//! The telephone's two encodings (ITU-T G.711): 8 bits a sample, finer near silence.

/// Silence in mu-law.
pub const SILENCE: u8 = 0xFF;

const BIAS: i32 = 0x84;
/// Louder is clipped: with the bias it must stay within 15 bits.
const LOUDEST: i32 = 32_635;

/// One mu-law byte as a sample.
#[must_use]
pub const fn decode(byte: u8) -> i16 {
    let bits = !byte as i32;
    let size = ((((bits & 0x0F) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
    (if bits & 0x80 == 0 { size } else { -size }) as i16
}

/// One sample as a mu-law byte.
#[must_use]
pub const fn encode(sample: i16) -> u8 {
    let sample = sample as i32;
    let size = sample.abs();
    let size = (if size > LOUDEST { LOUDEST } else { size }) + BIAS;
    // The bias puts the highest bit between 7 and 14.
    let segment = 24 - size.leading_zeros() as i32;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !((sign | (segment << 4) | ((size >> (segment + 3)) & 0x0F)) as u8)
}

/// One a-law byte as a sample.
#[must_use]
pub const fn alaw_decode(byte: u8) -> i16 {
    let bits = (byte ^ 0x55) as i32;
    let step = (bits & 0x0F) << 4;
    let size = match (bits & 0x70) >> 4 {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    (if bits & 0x80 == 0 { -size } else { size }) as i16
}

/// One sample as an a-law byte.
#[must_use]
pub const fn alaw_encode(sample: i16) -> u8 {
    let sample = sample as i32;
    let (size, sign) = if sample < 0 { ((-sample - 1) >> 3, 0) } else { (sample >> 3, 0x80) };
    // Segments 0 and 1 are one straight line; from there on each has half the steps.
    let segment = 27 - (size | 0x10).leading_zeros() as i32;
    let step = if segment < 2 { size >> 1 } else { size >> segment };
    (sign | (segment << 4) | (step & 0x0F)) as u8 ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_hold() {
        assert_eq!([decode(0xFF), decode(0x7F), decode(0x80), decode(0x00)], [0, 0, 32_124, -32_124]);
        assert_eq!([encode(0), encode(32_767), encode(-32_768)], [SILENCE, 0x80, 0x00]);
        assert_eq!([alaw_decode(0xD5), alaw_decode(0x55), alaw_decode(0xAA)], [8, -8, 32_256]);
        assert_eq!([alaw_encode(0), alaw_encode(32_767), alaw_encode(-32_768)], [0xD5, 0xAA, 0x2A]);
    }

    #[test]
    fn every_byte_comes_back_and_every_sample_comes_near() {
        for byte in 0..=255u8 {
            assert_eq!(decode(encode(decode(byte))), decode(byte));
            assert_eq!(alaw_encode(alaw_decode(byte)), byte);
        }
        for sample in i16::MIN..=i16::MAX {
            let size = i32::from(sample).abs();
            let near =
                |heard: i16, least: i32| (i32::from(heard) - i32::from(sample)).abs() <= least.max(size / 25 + 2);
            assert!(size > 32_124 || near(decode(encode(sample)), 8), "mu-law {sample}: {}", decode(encode(sample)));
            assert!(near(alaw_decode(alaw_encode(sample)), 8), "a-law {sample}: {}", alaw_decode(alaw_encode(sample)));
        }
    }
}
