//! Names of things: the carrier's call SIDs and our own prefixed ids.

use super::Time;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The carrier's name of a call. Twilio's are `CA` + 32 hex digits, compatible carriers use others, so any
/// printable text of 1 to 64 bytes will do (PROTOCOL.md 2.2: a signed request is never refused for its SID's shape).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct CallSid(String);

impl CallSid {
    /// The SID, if it is 1 to 64 bytes of printable ASCII.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        (printable && (1..=64).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The SID as the carrier wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for CallSid {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the name of a call"))
    }
}

impl fmt::Display for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `prefix_` and 26 characters that follow from `parts` alone. Two instances that decide the same step of the
/// same call give the same id, so an answer that carries one is the same everywhere.
#[must_use]
pub fn derived_id(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    encode(prefix, u128::from_be_bytes(bytes))
}

/// `prefix_` and a ULID: 48 bits of milliseconds, then 80 bits taken from `seed`. Sorts by time.
#[must_use]
pub fn ulid(prefix: &str, at: Time, seed: u128) -> String {
    let millis = u128::from(u64::try_from(at.timestamp_millis()).unwrap_or(0));
    encode(prefix, (millis << 80) | (seed & ((1 << 80) - 1)))
}

/// Crockford's base 32, 26 characters for 128 bits.
fn encode(prefix: &str, value: u128) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut text = String::with_capacity(prefix.len() + 27);
    text.push_str(prefix);
    text.push('_');
    for place in (0..26).rev() {
        let digit = (value >> (place * 5)) & 31;
        text.push(char::from(ALPHABET.get(digit as usize).copied().unwrap_or(b'0')));
    }
    text
}

/// Integer ids of call events, unique over instances and rising with time:
/// 41 bits of milliseconds since 2024, 15 bits of instance, 7 bits of counter. When more than 128 are asked for in a
/// millisecond the next ones borrow from the millisecond to come.
#[derive(Debug)]
pub struct EventIds {
    instance: u64,
    /// Milliseconds and counter of the last id, without the instance between them.
    last: AtomicU64,
}

impl EventIds {
    /// `instance` is any number that other instances are unlikely to have; its low 15 bits count.
    #[must_use]
    pub fn new(instance: u64) -> Self {
        Self { instance: instance & 0x7fff, last: AtomicU64::new(0) }
    }

    /// The next id.
    #[must_use]
    pub fn next(&self, now: Time) -> i64 {
        const EPOCH_MS: i64 = 1_704_067_200_000;
        let earliest = u64::try_from(now.timestamp_millis() - EPOCH_MS).unwrap_or(0) << 7;
        let after = |last: u64| earliest.max(last + 1);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        let next = after(last.unwrap_or_else(|last| last));
        i64::try_from(((next >> 7) << 22) | (self.instance << 7) | (next & 0x7f)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_follow_from_their_parts() {
        assert_eq!(derived_id("vm", &["CA1", "3"]), derived_id("vm", &["CA1", "3"]));
        assert_ne!(derived_id("vm", &["CA1", "3"]), derived_id("vm", &["CA13", ""]));
        assert_eq!(derived_id("vm", &["CA1"]).len(), 29);
    }

    #[test]
    fn ulids_sort_by_time() {
        let at = Time::UNIX_EPOCH;
        assert!(ulid("evt", at, u128::MAX) < ulid("evt", at + chrono::TimeDelta::milliseconds(1), 0));
    }

    #[test]
    fn event_ids_rise_and_never_repeat_even_while_the_clock_stands() {
        let (one, two) = (EventIds::new(1), EventIds::new(2));
        let at = Time::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
        let ids: Vec<i64> = (0..1000).map(|_| one.next(at)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((0..1000).all(|_| !ids.contains(&two.next(at))));
        assert!(one.next(at + chrono::TimeDelta::seconds(1)) > ids[999]);
    }

    #[test]
    fn a_sid_is_short_printable_text() {
        assert!(CallSid::parse("CA00112233445566778899aabbccddeeff").is_some());
        for bad in ["", "CA 1", "CA\u{e9}", &"x".repeat(65)] {
            assert!(CallSid::parse(bad).is_none(), "{bad:?}");
        }
    }
}
