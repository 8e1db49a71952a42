//! Which snapshot is the current one.

use super::snapshot::World;
use std::sync::{Arc, RwLock};

/// The current world: read by every request, replaced as a whole.
#[derive(Clone, Debug)]
pub struct Worlds(Arc<RwLock<Arc<World>>>);

impl Worlds {
    /// Starts with one.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(world))))
    }

    /// The world as it is now; stays the same for whoever holds it.
    #[must_use]
    pub fn current(&self) -> Arc<World> {
        Arc::clone(&self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Replaces it.
    pub fn replace(&self, world: World) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(world);
    }
}
