//! What only one line may have: its name, its numbers, being the default.

use crate::base::E164;
use crate::config::mistake::Place;
use std::collections::HashMap;

/// Who has what so far.
#[derive(Default)]
pub(super) struct Claims {
    names: HashMap<String, Place>,
    numbers: HashMap<E164, Place>,
    default: Option<Place>,
}

impl Claims {
    /// Takes a name; the place of who has it, if it is taken.
    pub(super) fn name(&mut self, name: &str, place: Place) -> Option<Place> {
        let taken = self.names.get(name).cloned();
        self.names.entry(name.to_owned()).or_insert(place);
        taken
    }

    /// Takes a number.
    pub(super) fn number(&mut self, number: &E164, place: Place) -> Option<Place> {
        let taken = self.numbers.get(number).cloned();
        self.numbers.entry(number.clone()).or_insert(place);
        taken
    }

    /// Takes the place of the default line.
    pub(super) fn default_line(&mut self, place: Place) -> Option<Place> {
        let taken = self.default.clone();
        self.default.get_or_insert(place);
        taken
    }
}
