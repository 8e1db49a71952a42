//! Documents name only what exists: paths in backticks and code blocks, and links.

use super::source::{Source, Tree};
use super::{Finding, plant};

/// Top of the repository: what begins with one of these is a path of ours, whether it still exists or not.
const TOPS: [&str; 10] =
    ["src", "tests", "docs", "templates", "migrations", "benches", "packaging", "scripts", "fuzz", ".ci"];
/// What ends like this is a path of ours, wherever it begins.
const ENDINGS: [&str; 3] = [".rs", ".sql", ".md"];

/// Every path that README.md, CONTRIBUTING.md, CHANGELOG.md or docs/ names exists.
pub(crate) fn named_paths_exist(tree: &Tree) -> Vec<Finding> {
    let mend = "name what exists: a path from the root, or from src/ for a room's file";
    let documents = tree.files.iter().filter(|file| is_document(&file.path));
    let named = documents.flat_map(|file| named(file).into_iter().map(move |(line, path)| (file, line, path)));
    let links =
        tree.files.iter().filter(|file| file.path.ends_with(".md") && !file.path.starts_with("tests/fixtures/"));
    let links = links.flat_map(|file| links_of(file).into_iter().map(move |(line, path)| (file, line, path)));
    let missing = named.filter(|(_, _, path)| is_ours(tree, path) && !exists(tree, path));
    let broken = links.filter(|(file, _, path)| !tree.has(&beside(&file.path, path)));
    missing
        .chain(broken)
        .map(|(file, line, path)| Finding::at(file, line, format!("`{path}` does not exist"), mend))
        .collect()
}

/// README.md and its siblings, and docs/.
pub(crate) fn is_document(path: &str) -> bool {
    path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'))
}

/// Words in backticks or code blocks that contain a slash.
fn named(file: &Source) -> Vec<(usize, String)> {
    let mut in_block = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let quoted = line.split('`').enumerate().filter(|(n, _)| in_block || n % 2 == 1).map(|(_, text)| text);
        let words = quoted.flat_map(str::split_whitespace).map(clean).filter(|word| word.contains('/'));
        found.extend(words.map(|word| (number, word.to_owned())));
    }
    found
}

/// Without the punctuation around it, a line number behind it, and a leading `./`.
fn clean(word: &str) -> &str {
    let word = word.trim_matches(|c: char| "\"'(),;:".contains(c)).trim_end_matches('.');
    let word = word.strip_prefix("./").unwrap_or(word);
    match word.rsplit_once(':') {
        Some((path, line)) if line.chars().all(|c| c.is_ascii_digit()) => path,
        _ => word,
    }
}

fn is_ours(tree: &Tree, path: &str) -> bool {
    let strange = path.starts_with(['/', '~', '$', '<', '{', '-', '@']) || path.contains("://") || path.contains("..");
    let first = path.split('/').next().unwrap_or_default();
    let is_room = tree.has(&format!("src/{first}"));
    !strange && (TOPS.contains(&first) || ENDINGS.iter().any(|end| path.ends_with(end)) || is_room)
}

/// From the root or from src; up to the first part that stands for something else (`<engine>`, `*`).
fn exists(tree: &Tree, path: &str) -> bool {
    let wild = |part: &&str| part.contains(['*', '<', '{', '$', '\u{2026}']);
    let fixed: Vec<&str> = path.split('/').take_while(|part| !wild(part)).collect();
    let fixed = fixed.join("/");
    tree.has(&fixed) || tree.has(&format!("src/{fixed}"))
}

/// Targets of `[text](target)` that are files.
fn links_of(file: &Source) -> Vec<(usize, String)> {
    let targets = |line: &str| -> Vec<String> {
        let after = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files =
            after.filter(|target| !target.contains("://") && !target.starts_with(['#', '/']) && !target.contains(':'));
        files.map(|target| target.split('#').next().unwrap_or_default().to_owned()).filter(|t| !t.is_empty()).collect()
    };
    (1..).zip(file.text.lines()).flat_map(|(n, line)| targets(line).into_iter().map(move |t| (n, t))).collect()
}

/// `target`, seen from the folder of `document`.
fn beside(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn a_path_that_is_gone_is_found() {
    let text = "See `src/gate/order.rs`, `gate/order.rs:12` and `gate/gone.rs`.\n\n```\nscripts/gone --fast\n```\n\
                `text/xml`, `America/Edmonton`, `/twilio/voice`, `https://a/b.md`, `migrations/<engine>/views`\n\
                [a](OPERATIONS.md) [b](GONE.md) [c](https://example.com/x.md)\n";
    let files = [
        ("docs/ARCHITECTURE.md", text),
        ("docs/OPERATIONS.md", ""),
        ("src/gate/order.rs", ""),
        ("migrations/sqlite/0001.sql", ""),
    ];
    let found = plant(named_paths_exist, &files);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [1, 4, 7], "{found:?}");
}
