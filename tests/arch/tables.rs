//! Tables: the same history on both engines, and a documented end for every row.

use super::source::{Source, Tree};
use super::{Finding, plant};

/// A migration arrives for both engines or not at all.
pub(crate) fn migrations_are_twins(tree: &Tree) -> Vec<Finding> {
    let engines = [("migrations/sqlite/", "migrations/postgres/"), ("migrations/postgres/", "migrations/sqlite/")];
    let lonely = engines.into_iter().flat_map(|(here, there)| {
        let files = tree.files.iter().filter(move |file| file.path.starts_with(here));
        files.filter(move |file| !tree.has(&file.path.replace(here, there))).map(move |file| (file, there))
    });
    let mend = "write the same step, under the same name, for the other engine";
    lonely.map(|(file, there)| Finding::at(file, 1, format!("no such migration in {there}"), mend)).collect()
}

/// Every table has a row in the table of retention.
pub(crate) fn every_table_has_an_end(tree: &Tree) -> Vec<Finding> {
    let operations = tree.files.iter().find(|file| file.path == "docs/OPERATIONS.md");
    let table = operations.map_or("", |file| file.text.split("| table |").nth(1).unwrap_or_default());
    let migrations = tree.files.iter().filter(|file| file.path.starts_with("migrations/sqlite/"));
    let created = migrations.flat_map(|file| created(file).map(move |(line, name)| (file, line, name)));
    let endless = created.filter(|(_, _, name)| !table.lines().any(|row| row.starts_with(&format!("| `{name}` |"))));
    let mend = "say in docs/OPERATIONS.md, under Retention, what it holds, how long, and what configures that";
    endless
        .map(|(file, line, name)| {
            Finding::at(file, line, format!("nobody says how long `{name}` keeps its rows"), mend)
        })
        .collect()
}

fn created(file: &Source) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(file.text.lines()).filter_map(|(n, line)| {
        let name = line.trim_start().strip_prefix("create table ")?;
        Some((n, name.trim_start_matches("if not exists ").split([' ', '(']).next()?))
    })
}

#[test]
fn a_migration_for_one_engine_is_found() {
    let files =
        [("migrations/sqlite/0001_a.sql", ""), ("migrations/postgres/0001_a.sql", ""), ("migrations/sqlite/2.sql", "")];
    let found = plant(migrations_are_twins, &files);
    assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["migrations/sqlite/2.sql"]);
}

#[test]
fn a_table_that_nobody_cleans_is_found() {
    let files = [
        ("migrations/sqlite/0001_a.sql", "-- a\ncreate table calls (\n);\ncreate table heaps(\n);\n"),
        ("docs/OPERATIONS.md", "`heaps`\n| table | what |\n|---|---|\n| `calls` | x |\n"),
    ];
    let found = plant(every_table_has_an_end, &files);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [4]);
}
