//! What is wrong, where, and how to mend it; the same shape serves warnings and notes.

use serde::Serialize;
use std::fmt;

/// Where something stands: an environment variable, or a place in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// An environment variable.
    Variable {
        /// Its name; for a secret read from a file, the name that ends in `_FILE`.
        variable: String,
    },
    /// A place in a file.
    File {
        /// As the file was named.
        file: String,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
}

impl Place {
    /// The variable `name`.
    pub(super) fn variable(name: impl Into<String>) -> Self {
        Self::Variable { variable: name.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable { variable } => f.write_str(variable),
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
        }
    }
}

/// A setting that cannot stay as it is. Displays like a compiler's message: `place: what; how to mend it`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong. Never holds a secret.
    pub what: String,
    /// What to write instead; may be empty where `what` says it all.
    pub how_to_mend: String,
}

/// Settings that are legal alone and harmful together, or likely not meant.
pub type Warning = Mistake;

/// What an operator may want to know; nothing is wrong.
pub type Note = Mistake;

impl Mistake {
    /// A mistake at `place`.
    #[must_use]
    pub fn new(place: Place, what: impl Into<String>, how_to_mend: impl Into<String>) -> Self {
        Self { place, what: what.into(), how_to_mend: how_to_mend.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        if self.how_to_mend.is_empty() { Ok(()) } else { write!(f, "; {}", self.how_to_mend) }
    }
}

impl std::error::Error for Mistake {}

/// Everything found while reading; nothing stops at the first mistake.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) mistakes: Vec<Mistake>,
    pub(super) warnings: Vec<Warning>,
    pub(super) notes: Vec<Note>,
}

impl Findings {
    /// Takes what was found when the same was read once more, unless it is known.
    pub(super) fn add_new(&mut self, found: Self) {
        for (mine, theirs) in
            [(&mut self.mistakes, found.mistakes), (&mut self.warnings, found.warnings), (&mut self.notes, found.notes)]
        {
            for theirs in theirs {
                if !mine.contains(&theirs) {
                    mine.push(theirs);
                }
            }
        }
    }

    /// Takes what was found in a file, in the order in which it stands there.
    pub(super) fn add(&mut self, found: Self) {
        for (mine, mut theirs) in
            [(&mut self.mistakes, found.mistakes), (&mut self.warnings, found.warnings), (&mut self.notes, found.notes)]
        {
            theirs.sort_by(|one, other| one.place.cmp(&other.place));
            mine.append(&mut theirs);
        }
    }
}

/// Why a text is not what it should be: what is wrong with it, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) mend: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

/// The known word closest to `word`, if one is close enough to have been meant.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let far = word.chars().count().div_ceil(3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, candidate)| candidate)
}
