//! Resources by SID, in the order they were made.

use std::collections::{BTreeMap, HashMap};

/// Items with a place each; a place is never used again.
#[derive(Clone, Debug)]
pub(crate) struct Shelf<T> {
    items: BTreeMap<u64, (String, T)>,
    places: HashMap<String, u64>,
    last: u64,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), places: HashMap::new(), last: 0 }
    }
}

impl<T> Shelf<T> {
    pub(crate) fn put(&mut self, sid: &str, item: T) {
        self.last += 1;
        self.items.insert(self.last, (sid.to_owned(), item));
        self.places.insert(sid.to_owned(), self.last);
    }

    pub(crate) fn get(&self, sid: &str) -> Option<&T> {
        self.items.get(self.places.get(sid)?).map(|(_, item)| item)
    }

    pub(crate) fn get_mut(&mut self, sid: &str) -> Option<&mut T> {
        self.items.get_mut(self.places.get(sid)?).map(|(_, item)| item)
    }

    pub(crate) fn take(&mut self, sid: &str) -> Option<T> {
        self.items.remove(&self.places.remove(sid)?).map(|(_, item)| item)
    }

    /// Forgets the oldest until at most `most` are left.
    pub(crate) fn forget_beyond(&mut self, most: usize) {
        while self.items.len() > most
            && let Some((_, (sid, _))) = self.items.pop_first()
        {
            self.places.remove(&sid);
        }
    }

    /// Newest first, with the places: as lists are shown.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (u64, &T)> {
        self.items.iter().rev().map(|(place, (_, item))| (*place, item))
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.values().map(|(_, item)| item)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.values_mut().map(|(_, item)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_never_used_again() {
        let mut shelf = Shelf::default();
        for sid in ["a", "b", "c"] {
            shelf.put(sid, sid);
        }
        assert_eq!((shelf.take("c"), shelf.get("c")), (Some("c"), None));
        shelf.put("d", "d");
        assert_eq!(shelf.newest().collect::<Vec<_>>(), [(4, &"d"), (2, &"b"), (1, &"a")]);
        shelf.forget_beyond(2);
        assert_eq!((shelf.get("a"), shelf.iter().count()), (None, 2));
    }
}
