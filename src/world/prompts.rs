//! Sounds of the lines, by the names under which they are served.

use crate::config::line::Line;
use crate::config::text::Sound;
use std::collections::HashMap;
use std::sync::Arc;

/// What the lines play, and what they played before the last reload: an answer that named it may still be on its way.
#[derive(Clone, Debug, Default)]
pub struct Prompts {
    now: HashMap<String, Arc<Sound>>,
    before: HashMap<String, Arc<Sound>>,
}

impl Prompts {
    pub(super) fn of(lines: &[Arc<Line>]) -> Self {
        let sounds = lines.iter().flat_map(|line| &line.sounds);
        Self { now: sounds.map(|sound| (sound.name(), Arc::clone(sound))).collect(), before: HashMap::new() }
    }

    /// The sound of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Sound>> {
        self.now.get(name).or_else(|| self.before.get(name))
    }

    /// These, after what was played until now.
    pub fn follow(&mut self, earlier: &Self) {
        self.before.clone_from(&earlier.now);
    }
}
