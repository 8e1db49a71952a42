//! Audio whose time is over. Rows are marked where retention is; here what they name goes.

use super::error::RecorderError;
use super::recorder::Recorder;
use crate::config::retention::Retention;
use crate::ledger::recordings;
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
        let now = self.now();
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
        let mut gone = 0;
        if let Some(before) = before(keep.recordings_days) {
            gone += recordings::expire_conversations(self.db(), before, SLICE, now).await?;
        }
        gone += self.remove_marked().await?;
        if let Some(before) = before(keep.calls_days) {
            gone += recordings::forget(self.db(), before, SLICE).await?;
        }
        Ok(gone)
    }

    /// The file first, its name after: cut in between, the next one finds the file gone and the name still there.
    async fn remove_marked(&self) -> Result<u64, RecorderError> {
        let shelf = self.parts.shelf.name().await?;
        let rows = recordings::removable(self.db(), shelf, SLICE).await?;
        for row in &rows {
            if let Some(path) = &row.path {
                self.parts.shelf.remove(path).await?;
            }
            recordings::removed(self.db(), &row.recording_sid).await?;
            tracing::info!(call.sid = row.call_sid, recording = row.recording_sid, "audio removed: its time is over");
        }
        Ok(rows.len() as u64)
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
