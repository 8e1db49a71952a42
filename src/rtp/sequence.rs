//! Sixteen bits of counting, made whole (RFC 3550, A.1).

/// Further ahead than this is another stream under the same name.
const JUMP: u16 = 3_000;
/// So far behind still counts as the same stream.
const BEHIND: u16 = 100;

/// What a packet's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The next one, or one further on.
    New,
    /// One that was passed already: late, or a copy.
    Old,
    /// Out of all order. The stream begins anew when its successor follows.
    Odd,
}

/// The numbers of one stream.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    state: Option<State>,
    received: u64,
    /// Of parts before a restart.
    lost_before: u64,
}

#[derive(Clone, Debug)]
struct State {
    first: u64,
    highest: u64,
    received: u64,
    /// What would prove that the sender has begun anew.
    anew: Option<u16>,
}

impl State {
    const fn at(number: u16) -> Self {
        // Far from zero: one that is a little late must not count below it.
        let number = number as u64 + (1 << 16);
        Self { first: number, highest: number, received: 1, anew: None }
    }

    const fn lost(&self) -> u64 {
        (self.highest + 1 - self.first).saturating_sub(self.received)
    }
}

impl Sequence {
    /// Counts a packet.
    pub fn see(&mut self, number: u16) -> Seen {
        self.received += 1;
        let Some(state) = &mut self.state else {
            self.state = Some(State::at(number));
            return Seen::New;
        };
        let ahead = number.wrapping_sub(state.highest as u16);
        if ahead.wrapping_neg() <= BEHIND {
            state.received += u64::from(ahead != 0);
            return Seen::Old;
        }
        if ahead < JUMP {
            state.highest += u64::from(ahead);
            state.received += 1;
            state.anew = None;
            return Seen::New;
        }
        if state.anew == Some(number) {
            self.lost_before += state.lost();
            self.state = Some(State::at(number));
            return Seen::New;
        }
        state.anew = Some(number.wrapping_add(1));
        Seen::Odd
    }

    /// Packets that came.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Packets that should have come and did not, so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost_before + self.state.as_ref().map_or(0, State::lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(numbers: &[u16]) -> (Sequence, Vec<Seen>) {
        let mut sequence = Sequence::default();
        let seen = numbers.iter().map(|number| sequence.see(*number)).collect();
        (sequence, seen)
    }

    #[test]
    fn counting_survives_the_wrap_losses_and_disorder() {
        let (sequence, verdicts) = seen(&[65_533, 65_535, 65_534, 0, 3, 3]);
        assert_eq!(verdicts, [Seen::New, Seen::New, Seen::Old, Seen::New, Seen::New, Seen::Old]);
        assert_eq!((sequence.received(), sequence.lost()), (6, 2));
    }

    #[test]
    fn a_jump_counts_once_its_successor_comes() {
        let (sequence, verdicts) = seen(&[10, 11, 40_000, 12, 50_000, 50_001, 50_002]);
        assert_eq!(verdicts, [Seen::New, Seen::New, Seen::Odd, Seen::New, Seen::Odd, Seen::New, Seen::New]);
        assert_eq!(sequence.lost(), 0);
    }
}
