//! Reads the repository and fails where a rule of the house is broken: floors, circles, sizes, front doors, SQL in its
//! room, words that have no place here, documents that name what is gone. The rules and their own tests: tests/arch.

mod arch;

use arch::{RULES, Tree};
use std::path::Path;

#[test]
fn the_house_keeps_its_rules() {
    let tree = Tree::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository can be read");
    assert!(tree.rust().count() > 10, "the sources were not found");
    let mut report = String::new();
    for (rule, check) in RULES {
        for found in check(&tree) {
            report += &format!(
                "\n{}:{}: {}\n    rule: {rule}\n    mend: {}\n",
                found.path, found.line, found.wrong, found.mend
            );
        }
    }
    assert!(report.is_empty(), "the rules of the house are broken:\n{report}");
}
