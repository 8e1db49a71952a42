//! Sounds of one file, each read once.

use crate::config::text::Sound;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sounds that were read, by path.
#[derive(Default)]
pub(super) struct Sounds {
    pub(super) known: BTreeMap<String, Arc<Sound>>,
    pub(super) bytes: usize,
    /// Those of the present line.
    pub(super) played: Vec<Arc<Sound>>,
}
