//! A telephone's keys as sound: two tones each (ITU-T Q.23), for whoever listens on the other side of a line.

use super::{g711, tone};

const RATE: u32 = 8_000;
const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f64; 3] = [1_209.0, 1_336.0, 1_477.0];
const PAD: [&str; 4] = ["123", "456", "789", "*0#"];
/// How long a key sounds, and the pause behind it; 40 ms of each would do.
const SOUNDS_MS: u32 = 100;
const RESTS_MS: u32 = 80;
/// `w`.
const WAIT_MS: u32 = 500;
/// Shares of full scale; the high tone is a little louder, because lines dampen it.
const LOUD: [f64; 2] = [0.2, 0.25];

/// The keys in mu-law, one after the other; `w` is half a second of nothing, and what is no key is nothing at all.
#[must_use]
pub fn mulaw(keys: &str) -> Vec<u8> {
    keys.chars().flat_map(|key| if key == 'w' { silence(WAIT_MS) } else { sounded(key) }).collect()
}

fn sounded(key: char) -> Vec<u8> {
    let place = PAD.iter().zip(LOW).find_map(|(row, low)| Some((low, row.find(key)?)));
    let Some((low, high)) = place.and_then(|(low, column)| Some((low, *HIGH.get(column)?))) else { return Vec::new() };
    let [quiet, loud] = LOUD;
    let (low, high) = (tone::sine(low, SOUNDS_MS, quiet, RATE), tone::sine(high, SOUNDS_MS, loud, RATE));
    let both = low.into_iter().zip(high).map(|(low, high)| g711::encode(low.saturating_add(high)));
    both.chain(silence(RESTS_MS)).collect()
}

fn silence(ms: u32) -> Vec<u8> {
    vec![g711::SILENCE; (ms * RATE / 1_000) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_two_tones_and_no_other() {
        for (row, keys) in PAD.iter().enumerate() {
            for (column, key) in keys.chars().enumerate() {
                let sound: Vec<i16> = mulaw(&key.to_string())[..800].iter().map(|byte| g711::decode(*byte)).collect();
                let heard = |hz: &f64| tone::level(&sound, *hz, RATE) > 0.1;
                assert_eq!(LOW.iter().map(heard).collect::<Vec<_>>(), [0, 1, 2, 3].map(|n| n == row), "{key}");
                assert_eq!(HIGH.iter().map(heard).collect::<Vec<_>>(), [0, 1, 2].map(|n| n == column), "{key}");
            }
        }
    }

    #[test]
    fn keys_follow_each_other_and_a_wait_is_half_a_second() {
        assert_eq!(mulaw("12").len(), 2 * 180 * 8);
        assert_eq!(mulaw("w"), [g711::SILENCE; 4_000]);
        assert_eq!(mulaw("x"), [0; 0]);
    }
}
