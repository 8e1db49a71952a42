//! Telephone keys as events (RFC 4733): several packets for one press, all with the timestamp of its beginning.

/// Ticks after which a long press goes on under a new timestamp: its length has sixteen bits.
const LONGEST: u32 = 0xFFFF;

/// The payload of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// 0 to 15 are keys.
    pub code: u8,
    /// The key was let go; sent three times.
    pub end: bool,
    /// Since its timestamp, in samples.
    pub duration: u16,
}

impl TelephoneEvent {
    /// None for fewer than four bytes; more are ignored.
    #[must_use]
    pub const fn parse(payload: &[u8]) -> Option<Self> {
        match payload {
            [code, flags, high, low, ..] => {
                Some(Self { code: *code, end: *flags & 0x80 != 0, duration: u16::from_be_bytes([*high, *low]) })
            }
            _ => None,
        }
    }

    /// `0` to `9`, `*`, `#`, `A` to `D`; none for tones that are no keys.
    #[must_use]
    pub fn key(&self) -> Option<char> {
        "0123456789*#ABCD".chars().nth(usize::from(self.code))
    }
}

/// Acts once a press, whichever of its packets arrive, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    last: Option<(u32, u8)>,
}

impl Keys {
    /// The key, when this is the first that is heard of a press.
    pub fn press(&mut self, timestamp: u32, event: TelephoneEvent) -> Option<char> {
        let (before, continued) = match self.last {
            Some((last, code)) => {
                let ahead = timestamp.wrapping_sub(last);
                (ahead == 0 && code == event.code || ahead > u32::MAX / 2, ahead == LONGEST && code == event.code)
            }
            None => (false, false),
        };
        if before {
            return None;
        }
        self.last = Some((timestamp, event.code));
        if continued { None } else { event.key() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: u8) -> TelephoneEvent {
        TelephoneEvent { code, end: false, duration: 160 }
    }

    #[test]
    fn a_press_counts_once() {
        let mut keys = Keys::default();
        let pressed: Vec<_> = [(160, 7), (160, 7), (160, 7), (8_000, 7), (160, 7), (9_000, 11), (8_000, 7)]
            .map(|(at, code)| keys.press(at, event(code)))
            .into();
        assert_eq!(pressed, [Some('7'), None, None, Some('7'), None, Some('#'), None]);
    }

    #[test]
    fn a_long_press_is_one_and_the_wrap_is_none_of_its_business() {
        let mut keys = Keys::default();
        let start = u32::MAX - 100;
        assert_eq!(keys.press(start, event(1)), Some('1'));
        assert_eq!(keys.press(start.wrapping_add(LONGEST), event(1)), None);
        assert_eq!(keys.press(start.wrapping_add(LONGEST).wrapping_add(4_000), event(1)), Some('1'));
    }

    #[test]
    fn payloads_are_read() {
        let read = TelephoneEvent::parse(&[11, 0x8A, 0x03, 0x20]);
        assert_eq!(read, Some(TelephoneEvent { code: 11, end: true, duration: 800 }));
        assert_eq!(read.and_then(|event| event.key()), Some('#'));
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
        assert_eq!(event(16).key(), None);
    }
}
