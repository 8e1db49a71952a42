//! Sizes, and front doors.

use super::source::{Source, Tree, closing, line_of};
use super::{Finding, plant};

const FILE: usize = 500;
const FUNCTION: usize = 70;
const DOOR: usize = 60;
const DOOR_FUNCTION: usize = 15;

/// Files stop at 500 lines, tests included.
pub(crate) fn files_are_short(tree: &Tree) -> Vec<Finding> {
    let mend = "find its inner nouns and make a folder of them";
    let long = |file: &&Source| file.text.lines().count() > FILE;
    let finding = |file: &Source| {
        Finding::at(file, FILE + 1, format!("{} lines, at most {FILE}", file.text.lines().count()), mend)
    };
    tree.rust().filter(long).map(finding).collect()
}

/// Functions stop at 70 lines of code, unless the reason stands there.
pub(crate) fn functions_are_short(tree: &Tree) -> Vec<Finding> {
    let mend =
        "split it, or say why not: `#[expect(clippy::too_many_lines, reason = \"…\")]` or `// long: reason` behind it";
    let long = |file| functions(file).into_iter().filter(|f| f.lines > FUNCTION && !f.excused).map(move |f| (file, f));
    let found = tree.rust().flat_map(long);
    found
        .map(|(file, f)| {
            Finding::at(file, f.line, format!("`{}` has {} lines, at most {FUNCTION}", f.name, f.lines), mend)
        })
        .collect()
}

/// A `mod.rs` tells what the room is for and what leaves it.
pub(crate) fn front_doors_are_small(tree: &Tree) -> Vec<Finding> {
    let doors = || tree.rust().filter(|file| file.path.ends_with("/mod.rs"));
    let crowded = doors().filter_map(|file| {
        let lines = lines_of_code(&file.product_code());
        (lines > DOOR).then(|| {
            let mend = "move the contents into files named by noun, keep room docs and `pub use` here";
            Finding::at(file, 1, format!("{lines} lines of code in a front door, at most {DOOR}"), mend)
        })
    });
    let busy = doors().flat_map(|file| functions(file).into_iter().map(move |f| (file, f)));
    let busy = busy.filter(|(_, f)| f.lines > DOOR_FUNCTION).map(|(file, f)| {
        let wrong = format!("`{}` has {} lines in a front door, at most {DOOR_FUNCTION}", f.name, f.lines);
        Finding::at(file, f.line, wrong, "move the function into a file of its own")
    });
    crowded.chain(busy).collect()
}

/// `mod.rs` style everywhere: no `room.rs` beside `room/`.
pub(crate) fn no_file_beside_its_folder(tree: &Tree) -> Vec<Finding> {
    let beside = |file: &&Source| file.path.strip_suffix(".rs").is_some_and(|stem| tree.has(&format!("{stem}/mod.rs")));
    let orphan = |file: &&Source| file.path.strip_suffix(".rs").is_some_and(|stem| tree.has(&format!("{stem}/")));
    let mend = "move the file to mod.rs in that folder";
    let wrong = "a file beside the folder of the same name";
    tree.rust().filter(|file| beside(file) || orphan(file)).map(|file| Finding::at(file, 1, wrong, mend)).collect()
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
    excused: bool,
}

fn functions(file: &Source) -> Vec<Function> {
    file.code.match_indices("fn ").filter_map(|(at, _)| function(file, at)).collect()
}

fn function(file: &Source, at: usize) -> Option<Function> {
    let code = &file.code;
    let before = code.get(..at)?;
    if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let rest = code.get(at + 3..)?;
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let open = at + 3 + body_start(rest)?;
    let body = code.get(open + 1..closing(code, open)? - 1)?;
    let line = line_of(code, at);
    let excused =
        file.text.lines().nth(line - 1)?.contains("// long: ") || attributes(file, line).contains("too_many_lines");
    (!name.is_empty()).then(|| Function { name, line, lines: lines_of_code(body), excused })
}

/// The brace that opens a body; none where a semicolon ends the signature (brackets hold types such as `[u8; 4]`).
fn body_start(signature: &str) -> Option<usize> {
    let mut depth = 0i32;
    for (at, c) in signature.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' if depth == 0 => return None,
            '{' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// The attribute and comment lines right above a line.
fn attributes(file: &Source, line: usize) -> String {
    let above: Vec<&str> = file.text.lines().take(line - 1).collect();
    let belongs =
        |text: &&&str| ["#[", "//", ")]", "reason", "clippy::"].iter().any(|start| text.trim().starts_with(start));
    above.iter().rev().take_while(belongs).copied().collect::<Vec<_>>().join("\n")
}

fn lines_of_code(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn a_long_file_is_found() {
    let found =
        plant(files_are_short, &[("src/base/a.rs", &"// x\n".repeat(501)), ("tests/it/b.rs", &"\n".repeat(500))]);
    assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["src/base/a.rs"]);
}

#[test]
fn a_long_function_is_found_unless_it_says_why() {
    let body = "    let _ = '}';\n".repeat(71);
    let found = |text: String| plant(functions_are_short, &[("src/base/a.rs", &text)]);
    let long = found(format!("//! a\n\nfn long(a: [u8; 2]) -> X\nwhere\n    X: Y,\n{{\n{body}}}\nfn short() {{}}\n"));
    assert_eq!(long.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
    assert_eq!(found(format!("fn table() {{ // long: one row a verb\n{body}}}\n")), []);
    let reason = "#[expect(clippy::too_many_lines, reason = \"one row a verb\")]\n#[test]\n";
    assert_eq!(found(format!("{reason}fn table() {{\n{body}}}\n")), []);
    assert_eq!(found(format!("fn noted() {{\n{}{}}}\n", "    // why\n\n".repeat(40), "    x();\n".repeat(70))), []);
}

#[test]
fn a_crowded_front_door_is_found() {
    let crowd = "pub use x::Y;\n".repeat(61);
    let busy = format!("//! door\nfn busy() {{\n{}}}\n", "    x();\n".repeat(16));
    let files = [("src/a/mod.rs", crowd.as_str()), ("src/b/mod.rs", &busy), ("src/c/d.rs", &crowd)];
    let found = plant(front_doors_are_small, &files);
    assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["src/a/mod.rs", "src/b/mod.rs"]);
}

#[test]
fn a_file_beside_its_folder_is_found() {
    let files = [("src/calls.rs", ""), ("src/calls/flow.rs", ""), ("src/gate/mod.rs", ""), ("src/gate/order.rs", "")];
    let found = plant(no_file_beside_its_folder, &files);
    assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["src/calls.rs"]);
}
