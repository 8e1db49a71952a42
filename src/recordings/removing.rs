//! Audio whose time is over. Rows are marked where retention is; here what they name goes.

use super::error::RecorderError;
use super::recorder::Recorder;
use crate::config::retention::{Retention, Terms};
use crate::ledger::recordings::{self, RecordingRow};
use crate::shelf::{Place, ShelfError};
use chrono::TimeDelta;
use std::time::SystemTime;

/// Rows of one slice.
const SLICE: i64 = 20;

impl Recorder {
    /// Marks old conversations, removes copies that are marked, forgets rows of which nothing is left. One slice; says
    /// how much it was, and is called until that is 0.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub async fn remove_old(&self, keep: &Retention) -> Result<u64, RecorderError> {
        self.remove_old_by(&Terms::from(*keep)).await
    }

    /// The same where lines may keep their conversations longer or shorter than the house.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub async fn remove_old_by(&self, terms: &Terms) -> Result<u64, RecorderError> {
        let (now, keep) = (self.now(), &terms.house);
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
        let mut gone = 0;
        for (lines, days) in terms.each(keep.recordings_days, |own| own.recordings_days) {
            if let Some(before) = before(days) {
                gone += recordings::expire_conversations(self.db(), (before, &lines), SLICE, now).await?;
            }
        }
        for store in self.parts.shelf.stores().await? {
            gone += self.remove_marked(store).await?;
        }
        if let Some(before) = before(keep.calls_days) {
            gone += recordings::forget(self.db(), before, SLICE).await?;
        }
        Ok(gone)
    }

    /// A slice of what is marked in a store. What does not let go keeps neither the others nor the rest of the work from it.
    async fn remove_marked(&self, store: &str) -> Result<u64, RecorderError> {
        let mut after = String::new();
        loop {
            let rows = recordings::removable(self.db(), store, &after, self.now(), SLICE).await?;
            let gone = self.remove_all(&rows).await?;
            let Some(last) = rows.into_iter().next_back().filter(|_| gone == 0) else { return Ok(gone) };
            after = last.recording_sid;
        }
    }

    async fn remove_all(&self, rows: &[RecordingRow]) -> Result<u64, RecorderError> {
        let mut gone = 0;
        for row in rows {
            if let Err(error) = self.remove_copy(row).await {
                tracing::warn!(call.sid = row.call_sid, recording = row.recording_sid, %error, "audio could not be removed yet");
                continue;
            }
            // The copy first, its name after: cut in between, the next one finds the copy gone and the name still there.
            recordings::removed(self.db(), &row.recording_sid).await?;
            tracing::info!(call.sid = row.call_sid, recording = row.recording_sid, "audio removed: its time is over");
            gone += 1;
        }
        Ok(gone)
    }

    async fn remove_copy(&self, row: &RecordingRow) -> Result<(), ShelfError> {
        let (Some(shelf), Some(path)) = (&row.shelf, &row.path) else { return Ok(()) };
        self.parts.shelf.remove(Place { shelf, path }).await?;
        self.parts.shelf.remove_drafts(&row.recording_sid).await
    }

    /// Drafts that nobody writes on any more.
    ///
    /// # Errors
    /// [`RecorderError::Shelf`].
    pub async fn tidy(&self) -> Result<u64, RecorderError> {
        self.forget_asked(self.now() - TimeDelta::days(1));
        Ok(self.parts.shelf.tidy(SystemTime::from(self.now())).await?)
    }
}
