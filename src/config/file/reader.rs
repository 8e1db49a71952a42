//! Walks the parsed text. Tables are asked key by key, and every answer knows its place.

use super::expand::expand;
use super::surroundings::looks_secret;
use super::text::File;
use crate::config::mistake::{Wrong, nearest};
use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longer texts are a slip of the keyboard: nobody listens to three minutes of prompt.
const LONGEST_TEXT: usize = 3000;

/// A value, where it stands, and what it is called.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) span: Range<usize>,
    pub(super) path: String,
    value: &'a DeValue<'a>,
}

impl<'a> Value<'a> {
    fn new(file: &'a File<'a>, path: String, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { file, span: value.span(), path, value: value.get_ref() }
    }

    pub(super) fn mistake(&self, what: impl Into<String>, mend: impl Into<String>) {
        self.file.mistake(&self.span, what, mend);
    }

    pub(super) fn warning(&self, what: impl Into<String>, mend: impl Into<String>) {
        self.file.warning(&self.span, what, mend);
    }

    /// The last part of the path, as the file writes it.
    pub(super) fn key(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    fn wrong_kind(&self, wanted: &str) {
        self.mistake(format!("`{}` is {}", self.key(), kind(self.value)), format!("write {wanted}"));
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    pub(super) fn is_boolean(&self) -> bool {
        self.value.is_bool()
    }

    /// A text with its variables filled in.
    pub(super) fn text(&self, wanted: &str) -> Option<String> {
        let Some(text) = self.value.as_str() else {
            self.wrong_kind(wanted);
            return None;
        };
        let mut broken = false;
        let expanded = expand(text, |name| {
            broken |= self.file.around.broken.contains(name);
            self.file.around.lookup(name)
        });
        match expanded {
            // The variable itself has been found wrong: one message is enough.
            Ok(_) if broken => None,
            Ok(text) if text.chars().count() > LONGEST_TEXT => {
                self.mistake(format!("`{}` is longer than {LONGEST_TEXT} characters", self.key()), "shorten it");
                None
            }
            Ok(text) => Some(text),
            Err(Wrong { what, mend }) => {
                self.mistake(what, mend);
                None
            }
        }
    }

    /// A text that `parse` understands.
    pub(super) fn parsed<T>(&self, wanted: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        match parse(&self.text(wanted)?) {
            Ok(value) => Some(value),
            Err(Wrong { what, mend }) => {
                self.mistake(what, mend);
                None
            }
        }
    }

    /// A whole number, if it is one.
    pub(super) fn integer(&self) -> Option<i64> {
        let integer = self.value.as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// A text, or a number as it is written in digits: `"7"` and `7` mean the same key.
    pub(super) fn word(&self, wanted: &str) -> Option<String> {
        self.integer().map(|number| number.to_string()).or_else(|| self.text(wanted))
    }

    /// A text, or a date of TOML's own as it is written: `"2026-12-25"` and `2026-12-25` mean the same day.
    pub(super) fn date_or_text(&self, wanted: &str) -> Option<String> {
        match self.value {
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => self.text(wanted),
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.wrong_kind("true or false");
        }
        value
    }

    /// The members of a list; a single value is a list of one.
    pub(super) fn list(&self) -> Vec<Value<'a>> {
        let Some(array) = self.value.as_array() else { return vec![self.clone()] };
        let member = |(index, value): (usize, &'a Spanned<DeValue<'a>>)| {
            let path = format!("{}.{index}", self.path);
            self.file.places.borrow_mut().put(path.clone(), self.file.place(value.span().start));
            Value::new(self.file, path, value)
        };
        array.iter().enumerate().map(member).collect()
    }

    /// The tables of `[[…]]`.
    pub(super) fn tables(&self, wanted: &str) -> Vec<Table<'a>> {
        self.list().iter().filter_map(|member| member.table(wanted)).collect()
    }

    pub(super) fn table(&self, wanted: &str) -> Option<Table<'a>> {
        let Some(table) = self.value.as_table() else {
            self.wrong_kind(wanted);
            return None;
        };
        Some(Table::new(self.file, self.span.clone(), self.path.clone(), Some(table)))
    }
}

/// A table, and which of its keys were asked for.
pub(super) struct Table<'a> {
    pub(super) file: &'a File<'a>,
    /// Its header, or its opening brace.
    pub(super) span: Range<usize>,
    pub(super) path: String,
    entries: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<&'static str>>,
    /// Already refused, each with its own words.
    later: RefCell<Vec<&'a str>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(file: &'a File<'a>, span: Range<usize>, path: String, entries: Option<&'a DeTable<'a>>) -> Self {
        Self { file, span, path, entries, asked: RefCell::default(), later: RefCell::default() }
    }

    /// The same table, of which nothing was asked yet.
    pub(super) fn again(&self) -> Self {
        Self::new(self.file, self.span.clone(), self.path.clone(), self.entries)
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn mistake(&self, what: impl Into<String>, mend: impl Into<String>) {
        self.file.mistake(&self.span, what, mend);
    }

    /// The value of `key`, if it is written.
    pub(super) fn get(&self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        let (written, value) = self.entries?.get_key_value(key)?;
        Some(self.found(written, value))
    }

    /// Whether `key` is written; does not count as asking.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.is_some_and(|entries| entries.contains_key(key))
    }

    /// All values with their keys' places, for tables whose keys are names.
    pub(super) fn entries(&self) -> Vec<(String, Range<usize>, Value<'a>)> {
        let entries = self.entries.into_iter().flat_map(DeTable::iter);
        entries.map(|(key, value)| (key.get_ref().to_string(), key.span(), self.found(key, value))).collect()
    }

    fn found(&self, key: &Spanned<std::borrow::Cow<'a, str>>, value: &'a Spanned<DeValue<'a>>) -> Value<'a> {
        let path = self.path_of(key.get_ref());
        self.file.places.borrow_mut().put(path.clone(), self.file.place(key.span().start));
        Value::new(self.file, path, value)
    }

    /// A sub-table; one that is not written has only defaults.
    pub(super) fn table(&self, key: &'static str, wanted: &str) -> Table<'a> {
        let absent = || Table::new(self.file, self.span.clone(), self.path_of(key), None);
        self.get(key).and_then(|value| value.table(wanted)).unwrap_or_else(absent)
    }

    /// A text, or `default`.
    pub(super) fn text(&self, key: &'static str, default: &str) -> String {
        let wanted = || format!("{key} = \"…\"");
        self.get(key).and_then(|value| value.text(&wanted())).unwrap_or_else(|| default.to_owned())
    }

    /// A text that `parse` understands, if it is written.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.get(key)?.parsed(wanted, parse)
    }

    /// A whole number within `range`, or `default`.
    pub(super) fn number(&self, key: &'static str, range: RangeInclusive<u32>, default: u32) -> u32 {
        let Some(value) = self.get(key) else { return default };
        let wanted = format!("write a whole number from {} to {}", range.start(), range.end());
        let number = value.integer().and_then(|number| u32::try_from(number).ok()).filter(|n| range.contains(n));
        number.unwrap_or_else(|| {
            let what = match value.integer() {
                Some(number) => format!("`{key}` is {number}"),
                None => format!("`{key}` is {}", kind(value.value)),
            };
            value.mistake(what, wanted);
            default
        })
    }

    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        self.get(key)?.boolean()
    }

    /// A key that is known and does not belong here.
    pub(super) fn not_here(&self, key: &'static str, why: &str, mend: &str) {
        let written = self.entries.and_then(|entries| entries.get_key_value(key));
        if let Some((key, _)) = written {
            self.later.borrow_mut().push(key.get_ref());
            self.file.mistake(&key.span(), format!("`{}` {why}", key.get_ref()), mend);
        }
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries.into_iter().flat_map(DeTable::iter) {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) && !self.later.borrow().contains(&name) {
                let (what, mend) = unknown(name, &asked);
                self.file.mistake(&key.span(), what, mend);
            }
        }
    }
}

/// What to say of an unknown key. Never its value: it may be a secret in the wrong place.
fn unknown(name: &str, known: &[&'static str]) -> (String, String) {
    if looks_secret(name) {
        let mend = "take it out: secrets come from the environment (.env.example lists them)";
        return (format!("`{name}` looks like a secret, and this file never holds one"), mend.to_owned());
    }
    let mend = nearest(name, known.iter().copied()).map_or_else(
        || {
            let mut known = known.to_vec();
            known.sort_unstable();
            format!("known here: {}", known.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    );
    (format!("unknown key `{name}`"), mend)
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
