//! Tables whose keys are names that people give.

use super::super::names::menu_name;
use super::super::reader::{Table, Value};
use crate::config::mistake::{Wrong, nearest};
use std::sync::Arc;

/// The tables of `[paging.<kind>.<name>]`, in the order of the file, with their names.
pub(super) fn tables<'a>(paging: &Table<'a>, kind: &'static str, shape: &str) -> Vec<(String, Table<'a>)> {
    let named = paging.table(kind, shape).entries().into_iter();
    named
        .filter_map(|(name, span, value)| {
            if let Err(Wrong { what, mend }) = menu_name(&name) {
                value.file.mistake(&span, what, mend);
            }
            Some((name, value.table(shape)?))
        })
        .collect()
}

/// What a name stands for, or a mistake that says which names there are.
pub(super) fn find<T>(
    value: &Value<'_>,
    (what, header): (&str, &str),
    known: &[Arc<T>],
    name_of: impl Fn(&T) -> &str,
) -> Option<Arc<T>> {
    let name = value.word(&format!("the name of an {what}"))?;
    let found = known.iter().find(|one| name_of(one) == name).cloned();
    if found.is_none() {
        let near = nearest(&name, known.iter().map(|one| name_of(one)));
        let mend =
            near.map_or_else(|| format!("write [paging.{header}.{name}]"), |near| format!("did you mean `{near}`?"));
        value.mistake(format!("there is no {what} `{name}`"), mend);
    }
    found
}
