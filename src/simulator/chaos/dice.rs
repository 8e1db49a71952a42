//! Chance that follows from its seed: the same on every machine and in every version.

/// A row of numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The row of a call: neighbours and similar seeds have nothing in common.
    #[must_use]
    pub const fn of(seed: u64, call: u64) -> Self {
        let mut dice = Self(seed);
        let start = dice.next();
        Self(start ^ call.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, but not including, `high`; `low` if there is nothing between.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low);
        low + if width == 0 { 0 } else { self.next() % width }
    }

    /// True `percent` times in a hundred.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_its_neighbours_others() {
        let row = |seed, call| {
            let mut dice = Dice::of(seed, call);
            [dice.next(), dice.next(), dice.next()]
        };
        assert_eq!(row(7, 1), row(7, 1));
        assert_ne!(row(7, 1), row(7, 2));
        assert_ne!(row(7, 1), row(8, 1));
        // Pinned: a seed that failed last year still names the same calls.
        assert_eq!(Dice::of(1, 0).next(), 6_791_897_765_849_424_158);
    }

    #[test]
    fn percents_are_about_right() {
        let mut dice = Dice::of(3, 0);
        let hits = (0..10_000).filter(|_| dice.percent(20)).count();
        assert!((1800..2200).contains(&hits), "{hits}");
        assert!((5..9).contains(&dice.between(5, 9)) && dice.between(5, 5) == 5);
    }
}
