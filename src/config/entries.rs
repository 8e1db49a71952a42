//! Callers whom operators put on a list, mostly out of the call log.

use super::pattern::Pattern;
use crate::base::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A caller whom somebody put on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `cl_…`
    pub id: String,
    /// Name of the line; none: every line.
    pub line: Option<String>,
    /// As the file writes patterns.
    pub number: String,
    /// Which list.
    pub list: List,
    /// Ends by itself then.
    pub until: Option<Time>,
    /// When it was made: of several the newest counts.
    pub made: Time,
}

/// A list that callers are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Not let in.
    Block,
    /// Never blocked.
    Allow,
    /// Led past the menu, where the line has a way for VIPs.
    Vip,
}

impl List {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Block, Self::Allow, Self::Vip];

    /// The word in tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Allow => "allow",
            Self::Vip => "vip",
        }
    }

    /// The list of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }

    /// What it does to a caller, in a rule's words.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Block => "blocked",
            Self::Allow => "allowed",
            Self::Vip => "vip",
        }
    }
}

/// All entries, found by the caller's number.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    whole: HashMap<String, Vec<Entry>>,
    prefixes: Vec<(String, Entry)>,
}

impl Entries {
    /// Sorts them; what is no pattern is passed over.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries = Self::default();
        for entry in all {
            match Pattern::parse(&entry.number) {
                Some(Pattern::Caller(number)) => entries.whole.entry(number).or_default().push(entry),
                Some(Pattern::Prefix(prefix)) => entries.prefixes.push((prefix, entry)),
                None => {}
            }
        }
        entries
    }

    /// What counts for a caller of a line at `now`: an entry of the line before one of every line, a whole number before a
    /// beginning, the newest before older ones.
    #[must_use]
    pub fn of(&self, line: &str, from: &str, now: Time) -> Option<&Entry> {
        let whole = self.whole.get(from).into_iter().flatten().map(|entry| (true, entry));
        let prefixes = self.prefixes.iter().filter(|(prefix, _)| from.starts_with(prefix.as_str()));
        let all = whole.chain(prefixes.map(|(_, entry)| (false, entry)));
        let counts = all.filter(|(_, entry)| {
            entry.line.as_deref().is_none_or(|of| of == line) && entry.until.is_none_or(|until| now < until)
        });
        counts
            .max_by_key(|(whole, entry)| (entry.line.is_some(), *whole, entry.made, &entry.id))
            .map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn the_nearest_and_newest_entry_counts() {
        let at = |minute| Time::UNIX_EPOCH + TimeDelta::minutes(minute);
        let entry = |id: &str, line: Option<&str>, number: &str, list, made, until: Option<i64>| Entry {
            id: id.to_owned(),
            line: line.map(str::to_owned),
            number: number.to_owned(),
            list,
            until: until.map(at),
            made: at(made),
        };
        let entries = Entries::new([
            entry("cl_1", None, "+1900*", List::Block, 1, None),
            entry("cl_2", None, "+19005550100", List::Allow, 0, None),
            entry("cl_3", Some("desk"), "+1900*", List::Block, 0, Some(10)),
            entry("cl_4", None, "+19005550100", List::Vip, 5, Some(20)),
            entry("cl_5", None, "nonsense", List::Block, 9, None),
        ]);
        let of = |line, from, minute| entries.of(line, from, at(minute)).map(|entry| entry.id.as_str());
        assert_eq!(of("desk", "+19005550100", 9), Some("cl_3"), "of the line");
        assert_eq!(of("desk", "+19005550100", 10), Some("cl_4"), "that one is over");
        assert_eq!(of("shop", "+19005550100", 25), Some("cl_2"), "the whole number");
        assert_eq!(of("shop", "+19005550199", 25), Some("cl_1"));
        assert_eq!(of("shop", "+15875550100", 25), None);
        assert_eq!(of("shop", "anonymous", 25), None);
    }
}
