//! Prices, close to Twilio's for Canada and the United States.

use super::bill::Money;

pub(super) const TRANSCRIPTION: Money = Money(5_000);
/// A begun minute of a recording.
pub(super) const RECORDING: Money = Money(250);

/// A month of a number.
pub(super) fn month(kind: &str) -> Money {
    if kind == "TollFree" { Money(215_000) } else { Money(115_000) }
}

/// A begun minute of a call.
pub(super) fn minute(direction: &str) -> Money {
    if direction == "inbound" { Money(850) } else { Money(1_400) }
}
