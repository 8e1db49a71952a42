//! What was answered and could not be stored, summed up: in an outage one line each would be a flood.

use crate::ledger::NotStored;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts webhooks that were answered without being stored.
#[derive(Debug, Default)]
pub struct Unstored(Mutex<Option<Loss>>);

/// What was counted between two looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How many.
    pub webhooks: u64,
    /// Call of the first of them, for whoever wants an example.
    pub call_sid: Option<String>,
    /// Why the first of them was not stored.
    pub cause: NotStored,
}

impl Unstored {
    pub(super) fn count(&self, call_sid: Option<&str>, cause: NotStored) {
        let mut loss = self.lock();
        match loss.as_mut() {
            Some(loss) => loss.webhooks += 1,
            None => *loss = Some(Loss { webhooks: 1, call_sid: call_sid.map(ToOwned::to_owned), cause }),
        }
    }

    /// What was counted since the last call. A worker logs it once a second.
    #[must_use]
    pub fn take(&self) -> Option<Loss> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Loss>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
