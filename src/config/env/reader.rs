//! Reads variables one by one, collecting every mistake and what came out.

use super::variable::Variable;
use crate::base::Secret;
use crate::config::mistake::{Findings, Mistake, Place, Wrong};
use crate::config::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// A variable's value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Not set, and there is no default.
    Unset,
    /// The value in force.
    Value(String),
    /// Set, and not to be shown.
    Hidden,
}

/// The environment being read.
pub(in crate::config) struct Env<'a> {
    source: &'a dyn Source,
    /// Whether the rules of production hold.
    pub(in crate::config) production: bool,
    pub(in crate::config) findings: Findings,
    shown: Vec<(&'static str, Shown)>,
}

impl<'a> Env<'a> {
    pub(in crate::config) fn new(source: &'a dyn Source) -> Self {
        Self { source, production: false, findings: Findings::default(), shown: Vec::new() }
    }

    /// What was found, and each variable's value in force, in the order they were read.
    pub(in crate::config) fn finish(self) -> (Findings, Vec<(&'static str, Shown)>) {
        (self.findings, self.shown)
    }

    pub(in crate::config) fn mistake(&mut self, variable: &Variable, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.mistakes.push(Mistake::new(Place::variable(variable.name), what, mend));
    }

    pub(in crate::config) fn warning(&mut self, name: &str, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.warnings.push(Mistake::new(Place::variable(name), what, mend));
    }

    pub(in crate::config) fn note(&mut self, name: &str, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.notes.push(Mistake::new(Place::variable(name), what, mend));
    }

    /// A plain value, its default if it is not set. `None`: neither, or a mistake (already noted).
    pub(in crate::config) fn parsed<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let given = self.value(variable);
        let text = given.as_deref().map(str::trim).or(variable.default);
        self.show(variable, text.map_or(Shown::Unset, |text| Shown::Value(text.to_owned())));
        self.judge(variable, parse(text?))
    }

    /// A value that must not be shown. What `check` says about it must not hold it either.
    pub(in crate::config) fn secret(
        &mut self,
        variable: &Variable,
        check: impl FnOnce(&str) -> Result<(), Wrong>,
    ) -> Option<Secret> {
        let value = self.value(variable);
        self.show(variable, if value.is_some() { Shown::Hidden } else { Shown::Unset });
        let value = value?;
        if value.trim() != value {
            self.warning(
                variable.name,
                "begins or ends with white space, which counts",
                "remove it if it is not meant",
            );
        }
        let checked = check(&value);
        self.judge(variable, checked).map(|()| Secret::new(value))
    }

    /// Every secret whose name begins so, whether it is there itself or in a file. What `check` says must not hold it.
    pub(in crate::config) fn secrets(
        &mut self,
        prefix: &str,
        check: impl Fn(&str) -> Result<(), Wrong>,
    ) -> BTreeMap<String, Secret> {
        let set = self.source.names();
        let names = set.iter().map(|name| name.strip_suffix("_FILE").unwrap_or(name));
        let names: BTreeSet<&str> =
            names.filter(|name| name.len() > prefix.len() && name.starts_with(prefix)).collect();
        let mut secrets = BTreeMap::new();
        for name in names {
            let direct = self.source.var(name).filter(|value| !value.trim().is_empty());
            let Some(value) = self.value_or_file(name, direct) else { continue };
            match check(&value) {
                Ok(()) => drop(secrets.insert(name.to_owned(), Secret::new(value))),
                Err(Wrong { what, mend }) => {
                    self.findings.mistakes.push(Mistake::new(Place::variable(name), what, mend));
                }
            }
        }
        secrets
    }

    /// A URL that may hold a password; `parse` gives the value and what may be shown of it.
    pub(in crate::config) fn url<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<(T, String), Wrong>,
    ) -> Option<T> {
        let given = self.value(variable);
        let text = given.as_deref().map(str::trim).or(variable.default);
        let Some(text) = text else {
            self.show(variable, Shown::Unset);
            return None;
        };
        let (value, shown) = self
            .judge(variable, parse(text))
            .map_or((None, Shown::Hidden), |(value, shown)| (Some(value), Shown::Value(shown)));
        self.show(variable, shown);
        value
    }

    /// Replaces what was shown, for a value that follows from others.
    pub(in crate::config) fn show(&mut self, variable: &Variable, shown: Shown) {
        self.shown.retain(|(name, _)| *name != variable.name);
        self.shown.push((variable.name, shown));
    }

    /// Whether somebody set it, directly or by a file.
    pub(in crate::config) fn is_set(&self, variable: &Variable) -> bool {
        let file = format!("{}_FILE", variable.name);
        let set = |name: &str| self.source.var(name).is_some_and(|value| !value.trim().is_empty());
        set(variable.name) || (variable.has_file() && set(&file))
    }

    /// Production cannot start without it.
    pub(in crate::config) fn required_in_production(&mut self, variable: &Variable, is_set: bool, mend: &str) {
        let reported = self.findings.mistakes.iter().any(|mistake| names(&mistake.place, variable));
        if self.production && !is_set && !reported {
            self.mistake(variable, "is required with ENVIRONMENT=production", mend);
        }
    }

    fn judge<T>(&mut self, variable: &Variable, result: Result<T, Wrong>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.mistake(variable, wrong.what, wrong.mend);
                None
            }
        }
    }

    /// The text of a variable or of the file that `<NAME>_FILE` names. Empty is the same as not set.
    fn value(&mut self, variable: &Variable) -> Option<String> {
        let direct = self.source.var(variable.name).filter(|value| !value.trim().is_empty());
        let value = if variable.has_file() { self.value_or_file(variable.name, direct) } else { direct }?;
        if value.contains(char::REPLACEMENT_CHARACTER) {
            self.mistake(variable, "is not UTF-8 text", "write it again");
            return None;
        }
        if variable.later {
            self.note(variable.name, "is not used by this version yet", "");
        }
        Some(value)
    }

    fn value_or_file(&mut self, variable: &str, direct: Option<String>) -> Option<String> {
        let name = format!("{variable}_FILE");
        let Some(path) = self.source.var(&name).filter(|path| !path.trim().is_empty()) else { return direct };
        let wrong = if direct.is_some() {
            Wrong::new(format!("is set, and so is {variable}"), "keep one of them")
        } else {
            match self.source.read_file(&path) {
                Ok(text) if text.trim().is_empty() => {
                    Wrong::new(format!("{path} is empty"), "write the secret into it")
                }
                Ok(text) => return Some(without_newline(&text).to_owned()),
                Err(error) => Wrong::new(format!("cannot read {path}: {error}"), "name a file that this user may read"),
            }
        };
        self.findings.mistakes.push(Mistake::new(Place::variable(name), wrong.what, wrong.mend));
        None
    }
}

/// Whether the place is this variable or its `_FILE`.
fn names(place: &Place, variable: &Variable) -> bool {
    matches!(place, Place::Variable { variable: name } if name.strip_suffix("_FILE").unwrap_or(name) == variable.name)
}

fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}
