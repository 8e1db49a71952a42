//! What training sees: the features of each frame, by the code that decides on a call.

use super::attention::Attention;
use super::{Frame, Played, level_db};

/// An ear that only feels.
#[derive(Debug)]
pub struct Study(Attention);

impl Study {
    /// Numbers a frame.
    pub const FEATURES: usize = super::features::FEATURES;

    /// One that has heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Attention::new())
    }

    /// The features of one frame, or nothing where nothing is audible.
    pub fn feel(&mut self, caller: &Frame, played: Played<'_>) -> Option<[f32; Self::FEATURES]> {
        self.0.attend(caller, played, level_db(caller))
    }
}

impl Default for Study {
    fn default() -> Self {
        Self::new()
    }
}
