//! The configuration, changed in one place.

mod lines;
mod loops;
mod people;
mod ways;

use super::good::{good, source};
use switchboard::cli::check::{Verdict, judge};

/// A change that must be refused.
struct Mutation {
    what: &'static str,
    base: &'static str,
    /// Each text is there once at least; its first place is written anew.
    edits: &'static [(&'static str, &'static str)],
    /// The line of the file that is to blame holds this.
    at: &'static str,
    /// What is said there.
    says: &'static [&'static str],
}

const fn change(
    what: &'static str,
    (base, edits): (&'static str, &'static [(&'static str, &'static str)]),
    at: &'static str,
    says: &'static [&'static str],
) -> Mutation {
    Mutation { what, base, edits, at, says }
}

/// What is said of a file.
pub(super) fn judged(text: &str) -> Verdict {
    judge(&source().with_file("switchboard.toml", text), Some("switchboard.toml"))
}

impl Mutation {
    fn text(&self) -> String {
        let mut text = good(self.base).to_owned();
        for (from, to) in self.edits {
            assert!(text.contains(from), "{}: {} is not in {}", self.what, from, self.base);
            // 2,900 characters, each of which is five bytes in XML.
            let to = to.replace("LONGLONG", &"x".repeat(3001)).replace("LONG", &"&".repeat(2900));
            text = text.replacen(from, &to, 1);
        }
        text
    }

    /// Why it was not refused as it should be.
    fn trouble(&self) -> Option<String> {
        let text = self.text();
        let verdict = judged(&text);
        let said = verdict.text();
        if verdict.ok {
            return Some(format!("{}: let through\n{said}", self.what));
        }
        let blamed = text.split_inclusive('\n').position(|line| line.contains(self.at));
        let place = blamed.map(|line| format!("switchboard.toml:{}:", line + 1)).unwrap_or_default();
        let sound =
            said.lines().any(|line| line.starts_with(&place) && self.says.iter().all(|words| line.contains(words)));
        (!sound || place.is_empty()).then(|| format!("{}: wanted {place} {:?}\n{said}", self.what, self.says))
    }
}

#[test]
fn every_change_of_a_good_file_is_refused_in_its_place() {
    let all: Vec<&Mutation> = [loops::LOOPS, ways::WAYS, people::PEOPLE, lines::LINES].into_iter().flatten().collect();
    let troubles: Vec<String> = all.iter().filter_map(|mutation| mutation.trouble()).collect();
    println!("{} mutations of files, {} refused", all.len(), all.len() - troubles.len());
    assert!(all.len() >= 40 && troubles.is_empty(), "{}", troubles.join("\n"));
}
