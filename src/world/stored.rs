//! Lines, numbers and sub-accounts that came at run time, and how they join what the file says.

use crate::base::E164;
use crate::config::entries::Entry;
use crate::config::hours::Override;
use crate::config::line::Line;
use crate::config::read_line;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// What the tables say. Also kept on disk, for a start without the database; tokens stay sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Changes whenever a row does.
    pub version: String,
    /// Lines that were onboarded.
    pub lines: Vec<StoredLine>,
    /// Which number leads to which line.
    pub numbers: Vec<Binding>,
    /// Accounts of tenants.
    pub subaccounts: Vec<SubaccountToken>,
    /// What operators say of lines for a while.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Callers whom operators put on a list.
    #[serde(default)]
    pub entries: Vec<Entry>,
    /// Calls that may still go on and must not be recorded any more: consent was taken back by way of an operator.
    #[serde(default)]
    pub revoked: Vec<String>,
}

/// A line that was onboarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLine {
    /// As in the definition.
    pub name: String,
    /// TOML: one `[[lines]]` table.
    pub definition: String,
}

/// A number of ours, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// E.164.
    pub number: String,
    /// Name of the line.
    pub line: String,
}

/// What signs the webhooks of a tenant's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubaccountToken {
    /// `AC…`
    pub sid: String,
    /// Sealed with DATA_KEY.
    pub sealed: String,
}

/// Lines of file and tables together, and what of the tables does not count, in words for the operator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// Those of the file first, in its order.
    pub lines: Vec<Line>,
    /// One sentence each.
    pub overruled: Vec<String>,
}

impl Stored {
    /// What operators say, by name of the line.
    #[must_use]
    pub fn overrides(&self) -> HashMap<String, Vec<Override>> {
        let mut by_line: HashMap<String, Vec<Override>> = HashMap::new();
        for said in &self.overrides {
            by_line.entry(said.line.clone()).or_default().push(said.clone());
        }
        by_line
    }

    /// Joins the lines of the file with the stored ones. The file wins: on a name, on a number, and on who answers
    /// numbers that nobody lists.
    #[must_use]
    pub fn merge(&self, file: Vec<Line>) -> Merged {
        let claimed = file.iter().flat_map(|line| line.numbers.iter().cloned()).collect();
        let mut merging = Merging { claimed, merged: Merged { lines: file, overruled: Vec::new() } };
        // A binding is newer than the definition that it belongs to, so it decides between two stored lines.
        let bound: HashMap<&str, &str> = self.numbers.iter().map(|b| (b.number.as_str(), b.line.as_str())).collect();
        for stored in &self.lines {
            merging.line(stored, |number, line| bound.get(number.as_str()).is_none_or(|to| *to == line));
        }
        for binding in &self.numbers {
            merging.bind(binding);
        }
        merging.merged
    }
}

struct Merging {
    /// Numbers that lead somewhere already.
    claimed: HashSet<E164>,
    merged: Merged,
}

impl Merging {
    fn line(&mut self, stored: &StoredLine, keeps: impl Fn(&E164, &str) -> bool) {
        let name = &stored.name;
        if self.merged.lines.iter().any(|line| line.name == *name) {
            return self.overrule(format!("the stored line {name} does not count: the file has a line of this name"));
        }
        let mut line = match read_line(name, &stored.definition) {
            Ok(line) => line,
            Err(mistakes) => {
                let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
                return self.overrule(format!("the stored line {name} cannot be read: {first}"));
            }
        };
        if std::mem::take(&mut line.default) {
            self.overrule(format!("the stored line {name} is not the default: only the file can say that"));
        }
        line.numbers.retain(|number| keeps(number, name) && self.claims(number, name));
        line.name.clone_from(name);
        self.merged.lines.push(line);
    }

    fn bind(&mut self, Binding { number, line: name }: &Binding) {
        let Ok(number) = E164::parse(number) else { return };
        let known = |line: &&mut Line| line.name == *name;
        let there = self.merged.lines.iter().any(|line| line.name == *name && line.numbers.contains(&number));
        if there || !self.claims(&number, name) {
            return;
        }
        match self.merged.lines.iter_mut().find(known) {
            Some(line) => line.numbers.push(number),
            None => self.overrule(format!("a number of ours leads to the line {name}, which does not exist")),
        }
    }

    /// Takes a number unless it leads somewhere else.
    fn claims(&mut self, number: &E164, line: &str) -> bool {
        let free = self.claimed.insert(number.clone());
        if !free {
            self.overrule(format!("a number of the line {line} leads to another line, which has it first"));
        }
        free
    }

    fn overrule(&mut self, what: String) {
        self.merged.overruled.push(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(name: &str, number: &str) -> String {
        format!("[[lines]]\nname = \"{name}\"\nnumbers = [\"{number}\"]\n")
    }

    fn stored(name: &str, number: &str) -> StoredLine {
        StoredLine { name: name.to_owned(), definition: definition(name, number) }
    }

    fn bound(number: &str, line: &str) -> Binding {
        Binding { number: number.to_owned(), line: line.to_owned() }
    }

    fn file() -> Vec<Line> {
        vec![read_line("main", &definition("main", "+15875550100")).expect("a line")]
    }

    fn numbers(merged: &Merged) -> Vec<(&str, Vec<&str>)> {
        merged.lines.iter().map(|line| (line.name.as_str(), line.numbers.iter().map(E164::as_str).collect())).collect()
    }

    #[test]
    fn stored_lines_join_those_of_the_file() {
        let all = Stored {
            lines: vec![stored("shop", "+15875550110")],
            numbers: vec![bound("+15875550111", "shop"), bound("+15875550112", "main")],
            ..Stored::default()
        };
        let merged = all.merge(file());
        assert_eq!(
            numbers(&merged),
            [("main", vec!["+15875550100", "+15875550112"]), ("shop", vec!["+15875550110", "+15875550111"])]
        );
        assert_eq!(merged.overruled, Vec::<String>::new());
    }

    #[test]
    fn the_file_wins_and_says_so() {
        let all = Stored {
            lines: vec![stored("main", "+15875550113"), stored("shop", "+15875550100")],
            numbers: vec![bound("+15875550100", "shop"), bound("+15875550114", "gone")],
            ..Stored::default()
        };
        let merged = all.merge(file());
        assert_eq!(numbers(&merged), [("main", vec!["+15875550100"]), ("shop", vec![])]);
        assert_eq!(merged.overruled.len(), 4, "{:?}", merged.overruled);
    }

    #[test]
    fn a_binding_decides_between_two_stored_lines() {
        let all = Stored {
            lines: vec![stored("a", "+15875550120"), stored("b", "+15875550121")],
            numbers: vec![bound("+15875550120", "b")],
            ..Stored::default()
        };
        assert_eq!(numbers(&all.merge(Vec::new())), [("a", vec![]), ("b", vec!["+15875550121", "+15875550120"])]);
    }

    #[test]
    fn a_definition_that_cannot_be_read_costs_only_its_line() {
        let broken = StoredLine { name: "bad".to_owned(), definition: "[[lines]]\nnmae = 1\n".to_owned() };
        let all = Stored { lines: vec![broken, stored("shop", "+15875550110")], ..Stored::default() };
        let merged = all.merge(Vec::new());
        assert_eq!(numbers(&merged), [("shop", vec!["+15875550110"])]);
        assert_eq!(merged.overruled.len(), 1);
    }
}
