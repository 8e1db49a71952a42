//! Callers by what the carrier says of them: patterns of numbers, and the lists of a line.

pub use super::pattern::Pattern;

use super::action::Action;
use super::busy::Busy;
use super::entries::{Entry, List};
use super::text::Text;
use crate::base::Caller;

/// The lists of a line. Who is allowed is never blocked; who is a VIP goes before hours, menus and limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lists {
    /// Never blocked.
    pub allow: Vec<Pattern>,
    /// Not let in.
    pub block: Option<Block>,
    /// Led past the menu.
    pub vip: Option<Vip>,
}

/// Who is not let in, and what he hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Numbers.
    pub numbers: Vec<Pattern>,
    /// Whoever withholds his number.
    pub withheld: bool,
    /// Whoever's number the carrier found to be false: `TN-Validation-Failed` and its levels (PROTOCOL.md 2.1). A call without
    /// a verdict is no spam.
    pub unverified: bool,
    /// What he hears.
    pub then: Busy,
}

/// Who is led past the menu, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Vip {
    /// Numbers.
    pub numbers: Vec<Pattern>,
    /// Said first; may be empty.
    pub greeting: Text,
    /// What follows.
    pub then: Action,
}

/// What the lists say of a caller, with the rule that says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<'l> {
    /// No list knows him, or one allows him.
    Usual,
    /// He is not let in.
    Blocked(&'l Block, String),
    /// He is led past the menu.
    Vip(&'l Vip, String),
}

impl Lists {
    /// Looks a caller up, by the carrier's `From` and `StirVerstat`.
    #[must_use]
    pub fn verdict(&self, from: &str, verstat: Option<&str>) -> Verdict<'_> {
        if let Some((vip, pattern)) = self.vip.as_ref().and_then(|vip| Some((vip, found(&vip.numbers, from)?))) {
            return Verdict::Vip(vip, format!("vip {pattern}"));
        }
        if found(&self.allow, from).is_some() {
            return Verdict::Usual;
        }
        let Some(block) = &self.block else { return Verdict::Usual };
        let rule = if let Some(pattern) = found(&block.numbers, from) {
            format!("block {pattern}")
        } else if block.withheld && Caller::parse(from) == Caller::Withheld {
            "block withheld numbers".to_owned()
        } else if block.unverified && verstat.is_some_and(|verdict| verdict.starts_with("TN-Validation-Failed")) {
            "block unverified numbers".to_owned()
        } else {
            return Verdict::Usual;
        };
        Verdict::Blocked(block, rule)
    }
}

/// Said of a caller whom an entry blocks, where the file says nothing of blocked ones.
static REJECTED: Block = Block { numbers: Vec::new(), withheld: false, unverified: false, then: Busy::Reject };

impl Lists {
    /// The same with the entries that operators made: they go before what the file says, as overrides go before hours.
    #[must_use]
    pub fn verdict_with<'l>(&'l self, entry: Option<&Entry>, (from, verstat): (&str, Option<&str>)) -> Verdict<'l> {
        let rule = |entry: &Entry| format!("{} by the list of the call log: row {}", entry.list.done(), entry.id);
        match (entry, &self.vip) {
            (Some(entry @ Entry { list: List::Block, .. }), _) => {
                Verdict::Blocked(self.block.as_ref().unwrap_or(&REJECTED), rule(entry))
            }
            (Some(entry @ Entry { list: List::Vip, .. }), Some(vip)) => Verdict::Vip(vip, rule(entry)),
            // A line that leads no VIPs lets them in like everybody who is allowed.
            (Some(_), _) => Verdict::Usual,
            (None, _) => self.verdict(from, verstat),
        }
    }
}

fn found<'p>(patterns: &'p [Pattern], from: &str) -> Option<&'p Pattern> {
    patterns.iter().find(|pattern| pattern.matches(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_allowed_is_never_blocked_and_no_verdict_is_no_spam() {
        let block = Block {
            numbers: vec![Pattern::Prefix("+1900".to_owned()), Pattern::Caller("+14035550199".to_owned())],
            withheld: true,
            unverified: true,
            then: Busy::Reject,
        };
        let allow = vec![Pattern::Caller("+19005550101".to_owned())];
        let vip = Vip {
            numbers: vec![Pattern::Caller("+19005550102".to_owned())],
            greeting: Text::default(),
            then: Action::Voicemail,
        };
        let lists = Lists { allow, block: Some(block), vip: Some(vip) };
        for (from, verstat, rule) in [
            ("+19005550100", None, Some("block +1900*")),
            ("+19005550101", Some("TN-Validation-Failed-A"), None),
            ("+19005550102", None, Some("vip +19005550102")),
            ("+14035550199", None, Some("block +14035550199")),
            ("anonymous", None, Some("block withheld numbers")),
            ("", None, Some("block withheld numbers")),
            ("+15875550100", Some("TN-Validation-Failed"), Some("block unverified numbers")),
            ("+15875550100", Some("TN-Validation-Passed-C"), None),
            ("+15875550100", Some("No-TN-Validation"), None),
            ("+15875550100", None, None),
        ] {
            let found = match lists.verdict(from, verstat) {
                Verdict::Usual => None,
                Verdict::Blocked(_, rule) | Verdict::Vip(_, rule) => Some(rule),
            };
            assert_eq!(found.as_deref(), rule, "{from} {verstat:?}");
        }
        assert_eq!(Lists::default().verdict("", None), Verdict::Usual);
    }
}
