//! Every dependency says in docs/ARCHITECTURE.md why it is here, and nothing is explained that is gone.

use super::source::{Source, Tree};
use super::{Finding, plant};
use std::collections::BTreeSet;

/// Dependencies of Cargo.toml and the rows of the table match.
pub(crate) fn every_crate_has_a_reason(tree: &Tree) -> Vec<Finding> {
    let file = |path: &str| tree.files.iter().find(|file| file.path == path);
    let (Some(manifest), Some(document)) = (file("Cargo.toml"), file("docs/ARCHITECTURE.md")) else {
        return Vec::new();
    };
    let (wanted, explained) = (dependencies(manifest), rows(document));
    let find = |from: &[(usize, String)], among: &[(usize, String)]| -> Vec<(usize, String)> {
        from.iter().filter(|(_, name)| !among.iter().any(|(_, other)| other == name)).cloned().collect()
    };
    let unexplained = find(&wanted, &explained).into_iter().map(|(line, name)| {
        let mend = "say in the table of crates in docs/ARCHITECTURE.md what it is for, or take it out";
        Finding::at(manifest, line, format!("nothing says why `{name}` is here"), mend)
    });
    let gone = find(&explained, &wanted).into_iter().map(|(line, name)| {
        Finding::at(document, line, format!("`{name}` is no dependency"), "take the row out of the table of crates")
    });
    unexplained.chain(gone).collect()
}

/// A dependency that no source names is only built.
pub(crate) fn every_crate_is_used(tree: &Tree) -> Vec<Finding> {
    let Some(manifest) = tree.files.iter().find(|file| file.path == "Cargo.toml") else { return Vec::new() };
    let ident = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named: BTreeSet<&str> = tree.rust().flat_map(|file| file.code.split(move |c| !ident(c))).collect();
    let unused =
        dependencies(manifest).into_iter().filter(|(_, name)| !named.contains(name.replace('-', "_").as_str()));
    unused.map(|(line, name)| Finding::at(manifest, line, format!("no source uses `{name}`"), "take it out")).collect()
}

/// Keys of `[dependencies]`, `[dev-dependencies]` and `[build-dependencies]`.
fn dependencies(manifest: &Source) -> Vec<(usize, String)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(manifest.text.lines()) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| inside) {
            found.push((number, name.to_owned()));
        }
    }
    found
}

/// First cells of the table headed `crate`.
fn rows(document: &Source) -> Vec<(usize, String)> {
    let lines = (1..).zip(document.text.lines());
    let table = lines.skip_while(|(_, line)| !line.starts_with("| crate |")).skip(2);
    let rows = table.take_while(|(_, line)| line.starts_with('|'));
    rows.filter_map(|(n, line)| Some((n, line.split('`').nth(1)?.to_owned()))).collect()
}

#[test]
fn a_crate_without_a_reason_and_a_reason_without_a_crate_are_found() {
    let files = [
        ("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\naxum = \"1\"\nnew = { version = \"1\" }\n"),
        ("docs/ARCHITECTURE.md", "| crate | for |\n|---|---|\n| `axum` | x |\n| `gone` | y |\n\n| `other` |\n"),
    ];
    let found = plant(every_crate_has_a_reason, &files);
    let places: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
    assert_eq!(places, [("Cargo.toml", 5), ("docs/ARCHITECTURE.md", 4)]);
}

#[test]
fn a_crate_that_is_only_built_is_found() {
    let manifest = "[dependencies]\nused-one = \"1\"\nidle = \"1\"\n";
    let files = [("Cargo.toml", manifest), ("src/base/a.rs", "use used_one::X; // idle\nconst A: &str = \"idle\";")];
    let found = plant(every_crate_is_used, &files);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
}
