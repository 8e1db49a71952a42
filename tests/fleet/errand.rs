//! What an operator wants: follows from the day's seed.

use super::operators::dice;
use serde_json::{Value, json};
use std::time::Duration;

/// One thing that an operator wants.
#[derive(Clone, Debug)]
pub(super) struct Errand {
    pub(super) kind: Kind,
    number: u64,
    seed: u64,
    /// How long after the day began.
    pub(super) after: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Buy,
    /// And takes it back at once.
    BuyAndRegret,
    BuyAndRelease,
    Tenant,
    TenantAndGone,
    /// The carrier's people decide so; `regret`: the operator does.
    Port(&'static str),
}

const DAY: [(Kind, u64); 8] = [
    (Kind::Buy, 8),
    (Kind::BuyAndRegret, 4),
    (Kind::BuyAndRelease, 4),
    (Kind::Tenant, 5),
    (Kind::TenantAndGone, 2),
    (Kind::Port("Completed"), 2),
    (Kind::Port("Rejected"), 1),
    (Kind::Port("regret"), 1),
];
/// Milliseconds within which all errands begin.
const WITHIN: u64 = 6000;

/// All errands of a day.
pub(super) fn all(seed: u64) -> Vec<Errand> {
    let mut dice = dice(seed);
    let kinds = DAY.into_iter().flat_map(|(kind, times)| std::iter::repeat_n(kind, times as usize));
    let errand = |(number, kind)| Errand { kind, number, seed, after: Duration::from_millis(dice.between(0, WITHIN)) };
    (0..).zip(kinds).map(errand).collect()
}

impl Errand {
    pub(super) fn key(&self, what: &str) -> String {
        format!("{}-{}-{what}", self.seed, self.number)
    }

    pub(super) fn name(&self) -> String {
        format!("tenant-{}", self.number)
    }

    /// Of a number that is brought from elsewhere.
    pub(super) fn number(&self) -> String {
        format!("+14165550{}", 100 + self.number)
    }

    pub(super) const fn path(&self) -> &'static str {
        match self.kind {
            Kind::Buy | Kind::BuyAndRegret | Kind::BuyAndRelease => "numbers",
            Kind::Tenant | Kind::TenantAndGone => "tenants",
            Kind::Port(_) => "numbers/port",
        }
    }

    pub(super) fn body(&self) -> Value {
        match self.kind {
            Kind::Buy | Kind::BuyAndRegret | Kind::BuyAndRelease => {
                json!({ "line": "front-desk", "country": "CA", "area_code": "587" })
            }
            Kind::Tenant | Kind::TenantAndGone => {
                json!({ "name": self.name(), "number": { "country": "CA", "area_code": "780" } })
            }
            Kind::Port(_) => json!({
                "number": self.number(),
                "line": "front-desk",
                "losing_carrier": {
                    "customer_name": "Example Clinic",
                    "customer_type": "Business",
                    "authorized_representative": "Ana Example",
                    "authorized_representative_email": "ana@example.com",
                },
                "documents": ["RD1"],
                "pin": "4711",
            }),
        }
    }
}
