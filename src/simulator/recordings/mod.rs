//! The carrier's recordings: kept while the simulator runs, fetched and deleted over HTTP as Twilio's are.

mod endpoint;
mod tone;

pub use endpoint::MediaServer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All recordings of one carrier, by SID. Shared by everybody who holds a copy.
#[derive(Clone, Debug, Default)]
pub struct Recordings(Arc<Mutex<HashMap<String, u64>>>);

impl Recordings {
    /// Keeps a recording of `seconds`.
    pub(super) fn keep(&self, sid: &str, seconds: u64) {
        self.lock().insert(sid.to_owned(), seconds);
    }

    /// Its length in seconds.
    fn find(&self, sid: &str) -> Option<u64> {
        self.lock().get(sid).copied()
    }

    /// Forgets it; whether there was one.
    fn delete(&self, sid: &str) -> bool {
        self.lock().remove(sid).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
