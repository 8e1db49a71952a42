//! The text of a file: where its bytes stand, and what was found in it.

use super::places::Places;
use super::sounds::Sounds;
use super::surroundings::Surroundings;
use super::tongues::Tongues;
use crate::config::mistake::{Findings, Mistake, Place};
use std::cell::RefCell;
use std::ops::Range;

/// What `page` keys may lead to.
#[derive(Default)]
pub(super) struct Pages {
    /// Extensions of the zones.
    pub(super) zones: Vec<String>,
    /// Numbers that need no PIN, each with the zones that it may page; none: all.
    pub(super) listed: Vec<(String, Vec<String>)>,
    /// Why the keys are not offered, if they are not.
    pub(super) missing: Option<&'static str>,
}

/// The file being read.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) around: &'a Surroundings<'a>,
    pub(super) findings: RefCell<Findings>,
    pub(super) places: RefCell<Places>,
    /// Spoken texts of the present line that nobody wrote, so that English stands in.
    pub(super) unwritten: RefCell<Vec<String>>,
    /// Texts of the present line that are not in the language of this reading, so that the line's own stands in.
    pub(super) untranslated: RefCell<Vec<String>>,
    /// Sounds that were read.
    pub(super) sounds: RefCell<Sounds>,
    /// The languages of the present line.
    pub(super) tongues: RefCell<Tongues>,
    /// What `page` keys may lead to.
    pub(super) pages: RefCell<Pages>,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> File<'a> {
    pub(super) fn new(name: &'a str, text: &'a str, around: &'a Surroundings<'a>) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self {
            name,
            around,
            findings: RefCell::default(),
            places: RefCell::default(),
            unwritten: RefCell::default(),
            untranslated: RefCell::default(),
            sounds: RefCell::default(),
            tongues: RefCell::default(),
            pages: RefCell::default(),
            text,
            line_starts,
        }
    }

    /// Line and column of a byte.
    pub(super) fn place(&self, at: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= at).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = 1 + self.text.get(start..at).map_or(0, |before| before.chars().count());
        Place::File { file: self.name.to_owned(), line, column }
    }

    pub(super) fn mistake(&self, at: &Range<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.borrow_mut().mistakes.push(Mistake::new(self.place(at.start), what, mend));
    }

    /// A mistake at the key with this path, or, if it is not written, at the table around it.
    pub(super) fn mistake_of(&self, path: &str, what: impl Into<String>, mend: impl Into<String>) {
        let place = self.places.borrow().closest(path).cloned().unwrap_or_else(|| self.place(0));
        self.findings.borrow_mut().mistakes.push(Mistake::new(place, what, mend));
    }

    /// A note at the key with this path.
    pub(super) fn note_of(&self, path: &str, what: impl Into<String>) {
        let place = self.places.borrow().closest(path).cloned().unwrap_or_else(|| self.place(0));
        self.findings.borrow_mut().notes.push(Mistake::new(place, what, ""));
    }

    pub(super) fn warning(&self, at: &Range<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.borrow_mut().warnings.push(Mistake::new(self.place(at.start), what, mend));
    }

    pub(super) fn note(&self, at: &Range<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.borrow_mut().notes.push(Mistake::new(self.place(at.start), what, mend));
    }
}
