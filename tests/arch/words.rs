//! Words that have no place in the repository.

use super::source::{Source, Tree};
use super::{Finding, plant};

/// Flaky tests are mended, not parked.
pub(crate) fn no_ignored_test(tree: &Tree) -> Vec<Finding> {
    in_code(tree, concat!("#[", "ignore"), "an ignored test", "mend the test, or delete it with what it tested")
}

/// `#[expect]` complains when its cause is gone; its sibling never does.
pub(crate) fn no_allow(tree: &Tree) -> Vec<Finding> {
    let mend = "mend the cause, or `#[expect(lint, reason = \"…\")]`";
    let outer = in_code(tree, concat!("#[", "allow("), "a lint switched off", mend);
    outer.into_iter().chain(in_code(tree, concat!("#![", "allow("), "a lint switched off", mend)).collect()
}

fn in_code(tree: &Tree, word: &str, wrong: &str, mend: &'static str) -> Vec<Finding> {
    let hits = |file| numbered(file, |file: &Source| &file.code).filter(|(_, line)| line.contains(word));
    tree.rust().flat_map(|file| hits(file).map(move |(n, _)| Finding::at(file, n, wrong, mend))).collect()
}

/// Plain words say it; in a test, write the escape.
pub(crate) fn no_emoji(tree: &Tree) -> Vec<Finding> {
    let judged = tree.files.iter().filter(|file| !file.path.starts_with("tests/fixtures/"));
    let hits = judged.flat_map(|file| numbered(file, |file| &file.text).map(move |(n, line)| (file, n, line)));
    hits.filter(|(_, _, line)| line.chars().any(is_emoji))
        .map(|(file, n, _)| Finding::at(file, n, "an emoji", "say it in words; a test writes `\\u{…}`"))
        .collect()
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1_f000..=0x1_faff | 0x2600..=0x26ff | 0xfe0f | 0x2705 | 0x270a..=0x270d | 0x2728 | 0x274c
        | 0x274e | 0x2753..=0x2757 | 0x2764 | 0x2795..=0x2797 | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55)
}

/// Paths of one person's machine help nobody else.
pub(crate) fn no_local_path(tree: &Tree) -> Vec<Finding> {
    let machine = ["wo\trk", "ro\tot", "ho\tme", "Use\trs"].map(|name| format!("/{}/", name.replace('\t', "")));
    let mend = "use a path inside the repository, a temporary folder, or a variable";
    let starts_path = |line: &str, at: usize| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || "_-./}>*".contains(c))
    };
    let named = |line: &str| machine.iter().any(|path| line.match_indices(path).any(|(at, _)| starts_path(line, at)));
    let hits =
        tree.files.iter().flat_map(|file| numbered(file, |file| &file.text).map(move |(n, line)| (file, n, line)));
    hits.filter(|(_, _, line)| named(line))
        .map(|(file, n, _)| Finding::at(file, n, "a path of somebody's own machine", mend))
        .collect()
}

/// Lines with their numbers.
fn numbered(file: &Source, part: impl Fn(&Source) -> &String) -> impl Iterator<Item = (usize, &str)> {
    part(file).lines().enumerate().map(|(n, line)| (n + 1, line))
}

#[test]
fn an_ignored_test_is_found() {
    let text = concat!("#[test]\n#[", "ignore = \"flaky\"]\nfn t() {}\n// #[", "ignore] in a comment\n");
    let found = plant(no_ignored_test, &[("tests/it/a.rs", text)]);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_lint_switched_off_is_found() {
    let text = concat!("#![", "allow(dead_code)]\n#[", "allow(clippy::all)]\n#[expect(dead_code, reason = \"x\")]\n");
    assert_eq!(plant(no_allow, &[("src/base/a.rs", text)]).len(), 2);
}

#[test]
fn an_emoji_is_found_and_an_arrow_is_not() {
    let files = [("src/base/a.rs", "// \u{1f600}\n// \u{2192} \u{e9}"), ("README.md", "done \u{2705}")];
    let found = plant(no_emoji, &files);
    assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["README.md", "src/base/a.rs"]);
    assert_eq!(plant(no_emoji, &[("tests/fixtures/sms/a.json", "\u{1f600}")]), []);
}

#[test]
fn a_path_of_ones_own_machine_is_found() {
    let text = ["see /ro", "ot/x\n", "`/wo", "rk/wt`\n", "a/wo", "rk/b is fine\n"].concat();
    let found = plant(no_local_path, &[("docs/A.md", text.as_str())]);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2]);
}
