//! SQL lives in the room that owns the table, in files that hold nothing else; the hot tables belong to the ledger.

use super::source::{Source, Tree};
use super::{Finding, plant};

/// Rooms that are about storage, file by file.
const STORAGE_ROOMS: [&str; 2] = ["db", "ledger"];
/// Files that hold the SQL of any other room.
const SQL_FILES: [&str; 2] = ["queries.rs", "read.rs"];
/// Tables that every webhook writes, and the folder that owns them.
const HOT: [&str; 7] =
    ["calls", "call_events", "consents", "voicemails", "events", "idempotency_keys", "rate_limit_buckets"];

/// SQL outside of its files.
pub(crate) fn in_its_room(tree: &Tree) -> Vec<Finding> {
    let mend = "move the statement to queries.rs of the room that owns the table, and call it by name";
    let outside = tree.rooms().filter(|(room, file)| !holds_sql(room, &file.path));
    let found = outside.flat_map(|(_, file)| statements(file).chain(calls(file)).map(move |line| (file, line)));
    found.map(|(file, line)| Finding::at(file, line, "SQL outside of queries.rs, db and ledger", mend)).collect()
}

/// A hot table named in SQL outside of the ledger.
pub(crate) fn hot_tables_in_the_ledger(tree: &Tree) -> Vec<Finding> {
    let mend = "ask the ledger (its facts write, its queries read), or read a view";
    let elsewhere = tree.rooms().filter(|(room, _)| *room != "ledger");
    let literals = elsewhere.flat_map(|(_, file)| file.strings.iter().map(move |literal| (file, literal)));
    let named = literals.filter_map(|(file, (line, text))| Some((file, line, hot_table(text)?)));
    named.map(|(file, line, table)| Finding::at(file, *line, format!("SQL on the hot table `{table}`"), mend)).collect()
}

fn holds_sql(room: &str, path: &str) -> bool {
    STORAGE_ROOMS.contains(&room) || SQL_FILES.iter().any(|name| path.ends_with(&format!("/{name}")))
}

fn statements(file: &Source) -> impl Iterator<Item = usize> {
    file.strings.iter().filter(|(_, text)| is_sql(&words(text))).map(|(line, _)| *line)
}

fn calls(file: &Source) -> impl Iterator<Item = usize> {
    file.code
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.contains("sqlx::query") || line.contains("QueryBuilder"))
        .map(|(_, n)| n)
}

/// Lower-case words; punctuation that SQL glues to them is cut off.
fn words(text: &str) -> Vec<String> {
    let ends = |c: char| matches!(c, '(' | ')' | ',' | ';' | '"' | '\\');
    text.split_whitespace().map(|word| word.trim_matches(ends).to_lowercase()).collect()
}

fn is_sql(words: &[String]) -> bool {
    let word = |n: usize| words.get(n).map_or("", String::as_str);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    match word(0) {
        "select" => has("from") && !has("a") && !has("the"),
        "insert" => word(1) == "into",
        "delete" => word(1) == "from" && has("where"),
        "update" => word(2) == "set",
        "with" => word(2) == "as" && has("select"),
        "create" => ["table", "view", "index"].contains(&word(1)),
        "begin" => word(1) == "immediate",
        "pragma" => words.len() > 1,
        _ => false,
    }
}

fn hot_table(text: &str) -> Option<&'static str> {
    let words = words(text);
    if !is_sql(&words) {
        return None;
    }
    let after = |pair: &[String]| match pair {
        [before, table] if ["from", "into", "join", "update"].contains(&before.as_str()) => {
            HOT.into_iter().find(|hot| table == hot)
        }
        _ => None,
    };
    words.windows(2).find_map(after)
}

#[test]
fn sql_outside_of_its_files_is_found() {
    let sql = "fn f() {\n    g(\"select id\n  from extensions where x = $1\");\n}";
    let lines = |path: &str, text: &str| plant(in_its_room, &[(path, text)]).iter().map(|f| f.line).collect::<Vec<_>>();
    assert_eq!(lines("src/ops/routes.rs", sql), [2]);
    assert_eq!(lines("src/ops/routes.rs", "fn f() { sqlx::query(TEXT); }"), [1]);
    assert_eq!(lines("src/ops/queries.rs", sql), [0usize; 0]);
    assert_eq!(lines("src/ledger/claim.rs", sql), [0usize; 0]);
    assert_eq!(lines("src/ops/routes.rs", "fn f() { g(\"select a key, update nothing\") }"), [0usize; 0]);
}

#[test]
fn a_hot_table_outside_of_the_ledger_is_found() {
    let sql = "const A: &str = \"update calls set state = $1\";\nconst B: &str = \"select 1 from numbers join consents on true\";";
    let lines = |path: &str| plant(hot_tables_in_the_ledger, &[(path, sql)]).iter().map(|f| f.line).collect::<Vec<_>>();
    assert_eq!(lines("src/ops/queries.rs"), [1, 2]);
    assert_eq!(lines("src/ledger/write.rs"), [0usize; 0]);
}
