//! The bill: what was bought and used, line by line.

use crate::base::Time;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// US dollars, in hundred-thousandths: the smallest price Twilio has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub i64);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:05}", self.0.unsigned_abs() / 100_000, self.0.unsigned_abs() % 100_000)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(|money| money.0).sum())
    }
}

/// What a line of the bill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BillKind {
    /// A number was bought; its first month.
    NumberPurchase,
    /// A further month of a number.
    NumberMonth,
    /// A number went to another account. Costs nothing.
    NumberMove,
    /// A number was given back. Costs nothing, and ends the months.
    NumberRelease,
    /// A number was ported in; its first month.
    NumberPort,
    /// Minutes of a call, begun ones count.
    Call,
    /// Minutes of a recording.
    Recording,
    /// A transcript.
    Transcription,
    /// A message.
    Message,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BillLine {
    /// When.
    pub at: Time,
    /// Who pays.
    pub account_sid: String,
    /// What for.
    pub kind: BillKind,
    /// SID of the number, call, recording or message.
    pub resource_sid: String,
    /// In words: the number, the length.
    pub what: String,
    /// How much.
    pub amount: Money,
}

/// All lines, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The lines.
    pub lines: Vec<BillLine>,
}

impl Bill {
    /// What it comes to.
    #[must_use]
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// Numbers that are still paid for: bought and not given back. Number, and the account that pays.
    #[must_use]
    pub fn numbers_paid_for(&self) -> BTreeMap<String, String> {
        let mut open = BTreeMap::new();
        for line in &self.lines {
            match line.kind {
                BillKind::NumberPurchase | BillKind::NumberPort | BillKind::NumberMonth | BillKind::NumberMove => {
                    open.insert(line.what.clone(), line.account_sid.clone());
                }
                BillKind::NumberRelease => {
                    open.remove(&line.what);
                }
                BillKind::Call | BillKind::Recording | BillKind::Transcription | BillKind::Message => {}
            }
        }
        open
    }

    /// As a person reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let BillLine { at, account_sid, kind, resource_sid, what, amount } = line;
            let kind = serde_json::to_value(kind).unwrap_or_default();
            let kind = kind.as_str().unwrap_or_default();
            let at = at.format("%Y-%m-%d %H:%M:%S");
            text.push_str(&format!("{at}  {account_sid}  {kind:15}  {resource_sid}  {what:16}  {amount:>9} USD\n"));
        }
        text.push_str(&format!("{} lines, {} USD\n", self.lines.len(), self.total()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_twilio_writes_prices() {
        assert_eq!(Money(115_000).to_string(), "1.15000");
        assert_eq!(Money(-850).to_string(), "-0.00850");
        assert_eq!([Money(1), Money(2)].into_iter().sum::<Money>(), Money(3));
    }
}
