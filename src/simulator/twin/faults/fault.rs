//! One fault, and the requests it is meant for.

use super::kind::FaultKind;

/// A fault that waits for its requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// An operation (`IncomingPhoneNumbers.create`, `Calls.*`, `*`) or a path (`/2010-04-01/Accounts/*/Calls.json`);
    /// a star stands for anything.
    pub on: String,
    /// What happens.
    pub kind: FaultKind,
    /// This many matching requests are let through first.
    pub skip: u32,
    /// This many fail then; `None`: all.
    pub times: Option<u32>,
    /// How likely each of them is to fail, 0 to 1.
    pub probability: f64,
    /// Seconds for the `Retry-After` of an answer that has a status.
    pub retry_after: Option<u32>,
}

impl Fault {
    /// The next request of this operation fails; the one after it does not.
    #[must_use]
    pub fn next(on: impl Into<String>, kind: FaultKind) -> Self {
        Self { on: on.into(), kind, skip: 0, times: Some(1), probability: 1.0, retry_after: None }
    }

    /// The n-th request of this operation from now on fails, counted from 1; no other does.
    #[must_use]
    pub fn nth(on: impl Into<String>, n: u32, kind: FaultKind) -> Self {
        Self { skip: n.saturating_sub(1), ..Self::next(on, kind) }
    }

    /// Every request of this operation fails until the fault is taken away.
    #[must_use]
    pub fn always(on: impl Into<String>, kind: FaultKind) -> Self {
        Self { times: None, ..Self::next(on, kind) }
    }

    pub(super) fn is_meant_for(&self, operation: &str, path: &str) -> bool {
        fits(&self.on, if self.on.starts_with('/') { path } else { operation })
    }
}

/// `*` stands for any run of characters.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(tail) = text.strip_prefix(head) else { return false };
    rest.is_empty()
        || tail
            .char_indices()
            .map(|(at, _)| at)
            .chain([tail.len()])
            .any(|at| tail.get(at..).is_some_and(|tail| fits(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let fault = |on: &str| Fault::next(on, FaultKind::Slow);
        let path = "/2010-04-01/Accounts/AC1/Calls.json";
        for on in ["*", "Calls.*", "*.create", "Calls.create", "/2010-04-01/Accounts/*/Calls.json", "/*"] {
            assert!(fault(on).is_meant_for("Calls.create", path), "{on}");
        }
        for on in ["Call.*", "*.fetch", "Calls", "/2010-04-01/Accounts/*/Messages.json", ""] {
            assert!(!fault(on).is_meant_for("Calls.create", path), "{on}");
        }
    }
}
