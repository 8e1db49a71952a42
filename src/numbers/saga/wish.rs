//! What was asked for, and what the steps have found out: both travel as JSON in the journal, without secrets.

use super::change::Bought;
use super::words::Kind;
use crate::carrier::LosingCarrier;
use serde::{Deserialize, Serialize};

/// Which number: a certain one, or any that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// A certain one, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// ISO 3166, two letters.
    pub country: String,
    /// `Local`, `Mobile` or `TollFree`, as the carrier says it.
    pub kind: String,
    /// Three digits, in Canada and the United States.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// Digits, letters of the keypad, `*` for any digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// A number to be bought for a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// Name of the line.
    pub line: String,
    /// Which number.
    pub choice: Choice,
    /// A sub-account of ours; the operator's own account when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_sid: Option<String>,
}

/// A tenant to be set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onboard {
    /// Name of the line and of the tenant.
    pub name: String,
    /// TOML: one `[[lines]]` table; the number is bound to it.
    pub definition: String,
    /// Whether the tenant gets an account of its own.
    pub own_account: bool,
    /// Which number.
    pub choice: Choice,
}

/// A number to be ported in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// E.164.
    pub number: String,
    /// Name of the line.
    pub line: String,
    /// Who has it now, and who may sign there.
    pub losing_carrier: LosingCarrier,
    /// SIDs of documents at the carrier, such as the utility bill.
    pub documents: Vec<String>,
    /// Who is told by mail.
    #[serde(default)]
    pub notification_emails: Vec<String>,
    /// `2026-12-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_date: Option<String>,
    /// The PIN that the losing carrier wants, sealed for the transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_pin: Option<String>,
}

/// A number to be given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// E.164.
    pub number: String,
    /// `PN…`
    pub sid: String,
    /// Account that owns it.
    pub account_sid: String,
}

impl Release {
    /// Which purchase of the number it gives back.
    pub(in crate::numbers) fn bought(&self) -> Bought {
        Bought { phone_number: self.number.clone(), sid: self.sid.clone() }
    }
}

/// What a transaction is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Buy a number.
    Provision(Provision),
    /// Set up a tenant.
    Onboard(Onboard),
    /// Port a number in.
    Port(Port),
    /// Give a number back.
    Release(Release),
}

impl Wish {
    /// What kind of transaction it takes.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Provision(_) => Kind::Provision,
            Self::Onboard(_) => Kind::Onboard,
            Self::Port(_) => Kind::Port,
            Self::Release(_) => Kind::Release,
        }
    }

    /// Name of the line that the number shall lead to.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        match self {
            Self::Provision(wish) => Some(&wish.line),
            Self::Onboard(wish) => Some(&wish.name),
            Self::Port(wish) => Some(&wish.line),
            Self::Release(_) => None,
        }
    }

    /// What only one transaction may work on at a time, as far as it is known from the start.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::Provision(wish) => wish.choice.number.clone(),
            Self::Onboard(wish) => Some(format!("tenants/{}", wish.name)),
            Self::Port(wish) => Some(wish.number.clone()),
            Self::Release(wish) => Some(wish.number.clone()),
        }
    }

    /// Which number to buy, if one is to be bought.
    pub(in crate::numbers) const fn choice(&self) -> Option<&Choice> {
        match self {
            Self::Provision(wish) => Some(&wish.choice),
            Self::Onboard(wish) => Some(&wish.choice),
            Self::Port(_) | Self::Release(_) => None,
        }
    }

    /// As it is kept in `transactions.input`.
    pub(in crate::numbers) fn to_json(&self) -> String {
        // Strings and numbers under string keys: serde_json cannot fail on them.
        match self {
            Self::Provision(wish) => serde_json::to_string(wish),
            Self::Onboard(wish) => serde_json::to_string(wish),
            Self::Port(wish) => serde_json::to_string(wish),
            Self::Release(wish) => serde_json::to_string(wish),
        }
        .unwrap_or_default()
    }

    /// Reads what [`Wish::to_json`] wrote.
    pub(in crate::numbers) fn read(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Provision => Self::Provision(serde_json::from_str(json)?),
            Kind::Onboard => Self::Onboard(serde_json::from_str(json)?),
            Kind::Port => Self::Port(serde_json::from_str(json)?),
            Kind::Release => Self::Release(serde_json::from_str(json)?),
        })
    }
}

/// What steps have found out. Each step keeps only what is new; later steps see all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Numbers that were for sale, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// The tenant's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_sid: Option<String>,
    /// The number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// `PN…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_sid: Option<String>,
    /// The order of a port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_sid: Option<String>,
    /// How the carrier says that it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_state: Option<String>,
    /// Where the customer signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_url: Option<String>,
}

impl Known {
    /// The number as it was bought, once that is known.
    pub(in crate::numbers) fn bought(self) -> Option<Bought> {
        Some(Bought { phone_number: self.number?, sid: self.number_sid? })
    }

    /// What both know; `later` wins.
    #[must_use]
    pub(in crate::numbers) fn and(self, later: Self) -> Self {
        Self {
            candidates: if later.candidates.is_empty() { self.candidates } else { later.candidates },
            account_sid: later.account_sid.or(self.account_sid),
            number: later.number.or(self.number),
            number_sid: later.number_sid.or(self.number_sid),
            order_sid: later.order_sid.or(self.order_sid),
            order_state: later.order_state.or(self.order_state),
            signature_url: later.signature_url.or(self.signature_url),
        }
    }
}
