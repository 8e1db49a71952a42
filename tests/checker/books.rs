//! What operators were promised, and what the carrier has on its books in the end.

use std::collections::BTreeMap;

/// What every name that the house gives at the carrier begins with; the transaction follows.
const TAG: &str = "switchboard ";

/// All of it, as people and the carrier know it: nothing here was asked of our tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    /// Transactions that operators were told of.
    pub(crate) promised: Vec<String>,
    /// Transactions that were seen stuck on their way back.
    pub(crate) stuck: Vec<Stuck>,
    /// Numbers that are owned.
    pub(crate) numbers: Vec<Owned>,
    /// Every purchase that was ever billed.
    pub(crate) purchases: Vec<Purchase>,
    /// Every sub-account that was ever made.
    pub(crate) accounts: Vec<Opened>,
    /// Every order to bring a number.
    pub(crate) orders: Vec<Ordered>,
    /// Who pays for which number, by the bill.
    pub(crate) paid: BTreeMap<String, String>,
}

/// A transaction whose undo had failed.
#[derive(Clone, Debug)]
pub(crate) struct Stuck {
    pub(crate) transaction: String,
    /// Whether `failed_transactions` said so then.
    pub(crate) is_shown: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) sid: String,
    pub(crate) account_sid: String,
    pub(crate) phone_number: String,
    /// Voice, fallback, status, text: where the carrier asks.
    pub(crate) urls: [String; 4],
}

#[derive(Clone, Debug)]
pub(crate) struct Purchase {
    /// The transaction that its name says.
    pub(crate) transaction: String,
    pub(crate) sid: String,
    pub(crate) phone_number: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// The transaction that its name says.
    pub(crate) transaction: String,
    pub(crate) sid: String,
    pub(crate) is_open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) number: String,
    pub(crate) status: String,
}

impl Ordered {
    pub(crate) fn is_complete(&self) -> bool {
        self.status == "Completed"
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "Completed" | "Canceled" | "Rejected" | "Expired")
    }
}

impl Books {
    pub(crate) fn number(&self, phone_number: &str) -> Option<&Owned> {
        self.numbers.iter().find(|number| number.phone_number == phone_number)
    }

    pub(crate) fn bought_by(&self, transaction: &str) -> Vec<&Purchase> {
        self.purchases.iter().filter(|purchase| purchase.transaction == transaction).collect()
    }

    pub(crate) fn accounts_of(&self, transaction: &str) -> Vec<&Opened> {
        self.accounts.iter().filter(|account| account.transaction == transaction).collect()
    }

    pub(crate) fn orders_of(&self, number: &str) -> Vec<&Ordered> {
        self.orders.iter().filter(|order| order.number == number).collect()
    }
}

/// The transaction that a name at the carrier says.
pub(crate) fn transaction_of(name: &str) -> Option<&str> {
    name.strip_prefix(TAG)
}
