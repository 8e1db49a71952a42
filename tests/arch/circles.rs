//! Inside a room, files and folders do not import each other in a circle.
//!
//! Looked at folder by folder: what a folder holds are the nodes, `mod.rs` is only their door. A name taken from the
//! door counts as taken from the file it comes from. Tests beside the code may look around freely.

use super::imports::{children, imports, module_of};
use super::source::{Source, Tree};
use super::{Finding, plant};
use std::collections::BTreeMap;

/// `from` uses `to`, both in `folder`; seen at a line of a file.
struct Edge<'a> {
    folder: String,
    from: String,
    to: String,
    file: &'a Source,
    line: usize,
}

/// No circles.
pub(crate) fn no_circles_inside_a_room(tree: &Tree) -> Vec<Finding> {
    let edges: Vec<Edge<'_>> = tree.rooms().flat_map(|(_, file)| edges_of(tree, file)).collect();
    let mut graph: BTreeMap<(&str, &str), Vec<&Edge<'_>>> = BTreeMap::new();
    for edge in &edges {
        graph.entry((&edge.folder, &edge.from)).or_default().push(edge);
    }
    edges.iter().filter_map(|edge| Some(finding(edge, &way_back(&graph, edge)?))).collect()
}

fn finding(edge: &Edge<'_>, back: &[&str]) -> Finding {
    Finding::at(
        edge.file,
        edge.line,
        format!("circle in {}: {} -> {}", edge.folder, edge.from, back.join(" -> ")),
        "move what both need into a third file, or hand it in as an argument",
    )
}

/// From the end of an edge to its start, if there is such a way. Reported once: by its alphabetically first file.
fn way_back<'a>(graph: &BTreeMap<(&str, &str), Vec<&'a Edge<'_>>>, edge: &'a Edge<'_>) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![&edge.to]];
    let mut seen = vec![edge.to.as_str()];
    while let Some(way) = ways.pop() {
        let last = way.last()?;
        if *last == edge.from {
            return way.iter().all(|stop| edge.from.as_str() <= *stop).then_some(way);
        }
        for next in graph.get(&(edge.folder.as_str(), *last)).into_iter().flatten() {
            if !seen.contains(&next.to.as_str()) {
                seen.push(&next.to);
                ways.push(way.iter().copied().chain([next.to.as_str()]).collect());
            }
        }
    }
    None
}

fn edges_of<'a>(tree: &Tree, file: &'a Source) -> Vec<Edge<'a>> {
    let here = module_of(&file.path);
    let mut edges: Vec<Edge<'a>> = Vec::new();
    for import in imports(file, &file.product_code()) {
        let shared = here.iter().zip(&import.path).take_while(|(a, b)| a == b).count();
        let folder = format!("src/{}", here.iter().take(shared).cloned().collect::<Vec<_>>().join("/"));
        let (Some(from), Some(name)) = (here.get(shared), import.path.get(shared)) else { continue };
        let Some(to) = home_of(tree, &folder, name).filter(|to| shared > 0 && to != from) else { continue };
        if !edges.iter().any(|edge| edge.folder == folder && edge.to == to) {
            edges.push(Edge { folder, from: from.clone(), to, file, line: import.line });
        }
    }
    edges
}

/// The child of `folder` that is `name`, or from which its door re-exports `name`.
fn home_of(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    let children = children(tree, folder);
    if children.contains(&name) {
        return Some(name.to_owned());
    }
    let door = tree.files.iter().find(|file| file.path == format!("{folder}/mod.rs"))?;
    let exports = door.code.split(';').filter_map(|item| item.split_once("use ")).map(|(_, path)| path.trim_start());
    let mut exports = exports.filter_map(|path| path.trim_start_matches("self::").split_once("::"));
    let words = |names: &str| names.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name);
    exports.find(|(child, names)| children.contains(child) && words(names)).map(|(child, _)| child.to_owned())
}

#[test]
fn a_circle_of_files_is_found_once() {
    let files = [
        ("src/calls/a.rs", "//! a\nuse super::b::B;"),
        ("src/calls/b.rs", "use crate::calls::c::deep::C;"),
        ("src/calls/c/deep.rs", "use super::super::a::A;"),
    ];
    let found = plant(no_circles_inside_a_room, &files);
    let seen: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.line, f.wrong.as_str())).collect();
    assert_eq!(seen, [("src/calls/a.rs", 2, "circle in src/calls: a -> b -> c -> a")]);
}

#[test]
fn a_circle_through_the_door_is_found() {
    let door = ("src/calls/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::{B, C};");
    let circle = [door, ("src/calls/a.rs", "use super::B;"), ("src/calls/b.rs", "use super::{A};")];
    assert_eq!(plant(no_circles_inside_a_room, &circle).len(), 1);
    let line = [door, ("src/calls/a.rs", "use super::B;"), ("src/calls/b.rs", "mod x;")];
    assert_eq!(plant(no_circles_inside_a_room, &line), []);
}

#[test]
fn tests_beside_the_code_may_look_around() {
    let files = [
        ("src/calls/a.rs", "use super::b::B;"),
        ("src/calls/b.rs", "#[cfg(test)]\nmod tests { use super::super::a::A; use crate::calls::a::A2; }"),
    ];
    assert_eq!(plant(no_circles_inside_a_room, &files), []);
}
