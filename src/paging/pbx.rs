//! How it stands with the PBXes that this house is a telephone of.

use std::sync::{Mutex, PoisonError};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkState {
    /// Its name in the file.
    pub name: String,
    /// Whether it has us.
    pub registered: bool,
    /// Why not, as far as it is known.
    pub cause: Option<String>,
}

/// All of them, as the telephone side told last.
#[derive(Debug, Default)]
pub(super) struct Trunks(Mutex<Vec<TrunkState>>);

impl Trunks {
    pub(super) fn set(&self, states: Vec<TrunkState>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = states;
    }

    pub(super) fn all(&self) -> Vec<TrunkState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
