//! Prices, close to Twilio's for Canada and the United States.

use super::bill::Money;

/// A month of a number.
pub(super) fn month(kind: &str) -> Money {
    if kind == "TollFree" { Money(215_000) } else { Money(115_000) }
}
