//! Paths that a file names: `crate::a::{b::C, d}` is `a::b::C` and `a::d`.

use super::source::{Source, Tree, line_of};

/// A path from the root of the crate, and the line that names it.
pub(crate) struct Import {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Segments from the root of the crate.
    pub(crate) path: Vec<String>,
}

/// Everything of our own crate that `code` (of this file) names with `crate::`, `switchboard::`, `self::` or `super::`.
pub(crate) fn imports(file: &Source, code: &str) -> Vec<Import> {
    let here = module_of(&file.path);
    let rooted = ["crate", "switchboard"].into_iter().flat_map(|root| paths_after(code, root));
    let inside = paths_after(code, "self").into_iter().map(|(at, path)| (at, joined(&here, 0, path)));
    let above = paths_after(code, "super").into_iter().map(|(at, path)| (at, joined(&here, climbs(code, at), path)));
    rooted.chain(inside).chain(above).map(|(at, path)| Import { line: line_of(code, at), path }).collect()
}

/// `src/calls/flow/menu.rs` is `calls::flow::menu`; `src/calls/mod.rs` is `calls`.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap_or(path);
    path.split('/').filter(|part| !["lib", "main"].contains(part)).map(str::to_owned).collect()
}

/// Child modules of a folder: names of its files and folders.
pub(crate) fn children<'a>(tree: &'a Tree, folder: &str) -> Vec<&'a str> {
    let inside = tree.paths.iter().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
    let names = inside.filter_map(|rest| rest.strip_suffix(".rs").or_else(|| rest.strip_suffix('/')));
    names.filter(|name| !name.is_empty() && !name.contains('/') && *name != "mod").collect()
}

/// One for the `super::` at `at`, one for each directly before it.
fn climbs(code: &str, at: usize) -> usize {
    let before = code.get(..at).unwrap_or_default();
    1 + before.bytes().rev().zip("super::".bytes().rev().cycle()).take_while(|(a, b)| a == b).count() / "super::".len()
}

fn joined(here: &[String], climbs: usize, path: Vec<String>) -> Vec<String> {
    here.iter().take(here.len().saturating_sub(climbs)).cloned().chain(path).collect()
}

/// The paths after each `word::`, groups opened, with their offsets.
fn paths_after(code: &str, word: &str) -> Vec<(usize, Vec<String>)> {
    let start = format!("{word}::");
    let stands_alone = |at: usize| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let hits = code.match_indices(&start).filter(|(at, _)| stands_alone(*at));
    let opened = hits.flat_map(|(at, _)| {
        let rest = code.get(at + start.len()..).unwrap_or_default();
        open(rest).into_iter().map(move |path| (at, path))
    });
    opened.filter(|(_, path)| path.first().is_some_and(|first| first != "super")).collect()
}

/// `a::{b::C, d}, …` gives `a::b::C` and `a::d`.
fn open(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        return items(group).iter().flat_map(|item| open(item)).collect();
    }
    let ident: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if ident.is_empty() {
        return Vec::new();
    }
    let rest = text.get(ident.len()..).and_then(|rest| rest.strip_prefix("::")).map(open).unwrap_or_default();
    if rest.is_empty() {
        return vec![vec![ident]];
    }
    rest.into_iter().map(|tail| std::iter::once(ident.clone()).chain(tail).collect()).collect()
}

/// The items of a group whose opening brace is already read.
fn items(group: &str) -> Vec<String> {
    let mut depth = 0i32;
    let mut items = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        items.iter_mut().next_back().into_iter().for_each(|item| item.push(c));
    }
    items
}

#[test]
fn groups_are_opened_and_climbs_followed() {
    let read = |path: &str, text: &str| -> Vec<String> {
        let file = Source::of(path, text);
        imports(&file, &file.code).iter().map(|import| import.path.join("::")).collect()
    };
    assert_eq!(read("src/a/b.rs", "use crate::{c::{D, e::F}, g};"), ["c::D", "c::e::F", "g"]);
    assert_eq!(read("src/a/b.rs", "use super::D; fn f() { super::super::g::h() }"), ["a::D", "g::h"]);
    assert_eq!(read("src/a/mod.rs", "pub use self::b::C;"), ["a::b::C"]);
    assert_eq!(read("src/a/mod.rs", "use supercrate::b; // crate::c"), Vec::<String>::new());
}
