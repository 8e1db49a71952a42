//! How many calls come in: `[lines.limits]` of `switchboard.toml`.

use super::pattern::Pattern;

/// Limits of a line. What is absent limits nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls of one caller. A withheld number has none.
    pub caller: Option<Rate>,
    /// Calls to the line.
    pub line: Option<Rate>,
    /// Calls to the carrier's account (a sub-account, where it has some).
    pub account: Option<Rate>,
    /// Calls that agree in some of the carrier's fields.
    pub custom: Option<Custom>,
    /// Callers that no limit refuses.
    pub allow: Vec<Pattern>,
}

/// So many at once, then one after each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls at once. 1 to 10,000.
    pub burst: u32,
    /// Microseconds for each further call; 10 ms to a day.
    pub every_us: i64,
}

/// A limit by fields of the operator's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    /// The carrier's names of the fields: `FromCountry`. At least one.
    pub by: Vec<String>,
    /// How many calls agree in all of them.
    pub rate: Rate,
}

impl Limits {
    /// Whether no limit refuses this caller.
    #[must_use]
    pub fn allows(&self, from: &str) -> bool {
        self.allow.iter().any(|allowed| allowed.matches(from))
    }
}

impl Default for Limits {
    fn default() -> Self {
        let caller = Some(Rate { burst: 10, every_us: 6_000_000 });
        Self { caller, line: None, account: None, custom: None, allow: Vec::new() }
    }
}
