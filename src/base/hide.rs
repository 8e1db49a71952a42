//! How much of the numbers that callers say is kept.

/// What is hidden in the words of callers before they are stored, logged or sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hide {
    /// Cards (by their check digit), security codes, social insurance numbers.
    #[default]
    Cards,
    /// Also every number of seven digits or more, except the line's own.
    Digits,
    /// Nothing.
    Off,
}
