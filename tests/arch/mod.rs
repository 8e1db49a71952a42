//! The rules of the house, each a function over a directory. `tests/architecture.rs` applies them to this one.

mod circles;
mod crates;
mod floors;
mod imports;
mod packaging;
mod paths;
mod shape;
mod source;
mod sql;
mod tables;
mod words;

pub(crate) use source::Tree;

/// A place where a rule is broken, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Path from the root.
    pub(crate) path: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) wrong: String,
    /// How to mend it.
    pub(crate) mend: &'static str,
}

impl Finding {
    fn at(source: &source::Source, line: usize, wrong: impl Into<String>, mend: &'static str) -> Self {
        Self { path: source.path.clone(), line, wrong: wrong.into(), mend }
    }
}

/// A rule: its name, and what looks for places where it is broken.
pub(crate) type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

/// All rules.
pub(crate) const RULES: [Rule; 21] = [
    ("floors", floors::imports_go_down),
    ("rooms", floors::every_room_has_a_floor),
    ("circles", circles::no_circles_inside_a_room),
    ("file length", shape::files_are_short),
    ("function length", shape::functions_are_short),
    ("front doors", shape::front_doors_are_small),
    ("mod.rs style", shape::no_file_beside_its_folder),
    ("where SQL lives", sql::in_its_room),
    ("hot tables", sql::hot_tables_in_the_ledger),
    ("twin migrations", tables::migrations_are_twins),
    ("retention", tables::every_table_has_an_end),
    ("no ignored tests", words::no_ignored_test),
    ("expect, not allow", words::no_allow),
    ("no emoji", words::no_emoji),
    ("nobody's machine", words::no_local_path),
    ("paths in documents", paths::named_paths_exist),
    ("crates", crates::every_crate_has_a_reason),
    ("unused crates", crates::every_crate_is_used),
    ("settings files", packaging::settings_parse),
    ("stops", packaging::stops_wait_for_calls),
    ("variables", packaging::variables_exist),
];

/// Applies one rule to a tree of planted files, given as (path, text).
#[cfg(test)]
fn plant(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<Finding> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    rule(&Tree::read(root.path()).unwrap())
}
