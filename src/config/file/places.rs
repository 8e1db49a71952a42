//! Where each key stands, for checks that look at compiled lines and still want to say file, line and column.

use crate::config::mistake::Place;
use std::collections::BTreeMap;

/// Places by line and dotted path.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_path: BTreeMap<String, Place>,
}

impl Places {
    pub(super) fn put(&mut self, path: String, place: Place) {
        self.by_path.insert(path, place);
    }

    /// The place of a path, or of the closest table around it.
    pub(super) fn closest(&self, mut path: &str) -> Option<&Place> {
        loop {
            if let Some(place) = self.by_path.get(path) {
                return Some(place);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// The place of `path` in the line at `index` of the file's lines: `menus.main.keys.1`, `voicemail.max_s`. A
    /// path that is not written (a default) gives the closest table around it.
    #[must_use]
    pub fn of(&self, index: usize, path: &str) -> Option<&Place> {
        self.closest(&format!("lines.{index}.{path}"))
    }
}
