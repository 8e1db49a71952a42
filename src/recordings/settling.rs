//! After the copy: the carrier's own, and who is told.

use super::error::RecorderError;
use super::recorder::Recorder;
use crate::config::recordings::Recordings;
use crate::ledger::recordings::{self, RecordingRow};
use crate::shelf::{Place, ShelfError};
use chrono::TimeDelta;

/// Rows of one round.
const ROUND: i64 = 50;
/// How long the carrier may take to transcribe what it holds.
const TRANSCRIBED: TimeDelta = TimeDelta::days(1);
/// Between two tries to delete something that the carrier did not delete.
const AGAIN: TimeDelta = TimeDelta::minutes(15);

impl Recorder {
    /// Deletes at the carrier what we hold, if that is wanted, and tells `recording.stored` of every new copy.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub async fn settle(&self, how: &Recordings) -> Result<(), RecorderError> {
        if how.delete_at_carrier {
            self.delete_at_carrier().await?;
        }
        loop {
            let untold = recordings::untold(self.db(), ROUND).await?;
            for row in &untold {
                let carrier_copy = if row.carrier_deleted_at.is_some() { "deleted" } else { "kept" };
                recordings::tell_stored(self.db(), row, carrier_copy, self.now()).await?;
            }
            if untold.is_empty() {
                return Ok(());
            }
        }
    }

    async fn delete_at_carrier(&self) -> Result<(), RecorderError> {
        for store in self.parts.shelf.stores().await? {
            self.delete_what_is_in(store).await?;
        }
        Ok(())
    }

    async fn delete_what_is_in(&self, store: &str) -> Result<(), RecorderError> {
        let now = self.now();
        let mut after = String::new();
        loop {
            let rows = recordings::deletable(self.db(), store, &after, now - TRANSCRIBED, ROUND).await?;
            for row in rows.iter().filter(|row| self.may_ask(&row.recording_sid, now, now + AGAIN)) {
                self.delete_one(row).await?;
            }
            let Some(last) = rows.into_iter().next_back() else { return Ok(()) };
            after = last.recording_sid;
        }
    }

    /// The carrier's copy goes only after ours was read again, whole.
    async fn delete_one(&self, row: &RecordingRow) -> Result<(), RecorderError> {
        let Some(carrier) = self.carrier_of(row.account_sid.as_deref())? else { return Ok(()) };
        let (sid, call) = (&row.recording_sid, &row.call_sid);
        match self.is_whole(row).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!(call.sid = call, recording = sid, "our copy of a recording is damaged: fetched again");
                return Ok(recordings::lost(self.db(), sid, self.now()).await?);
            }
            Err(error) => {
                tracing::warn!(call.sid = call, recording = sid, %error, "our copy of a recording could not be read again yet");
                return Ok(());
            }
        }
        // Reading takes a while: somebody may have put it on hold meanwhile, or removed it.
        if recordings::recording(self.db(), sid).await?.is_none_or(|now| now.legal_hold || now.state != "stored") {
            return Ok(());
        }
        match carrier.delete_recording(sid).await {
            Ok(_removed_now_or_before) => Ok(recordings::carrier_deleted(self.db(), sid, self.now()).await?),
            Err(error) => {
                tracing::warn!(call.sid = call, recording = sid, %error, "the carrier's copy could not be deleted yet");
                Ok(())
            }
        }
    }

    async fn is_whole(&self, row: &RecordingRow) -> Result<bool, ShelfError> {
        let (Some(shelf), Some(path)) = (&row.shelf, &row.path) else { return Ok(false) };
        let (Some(bytes), Some(sha256)) = (row.bytes, &row.sha256) else { return Ok(false) };
        self.parts.shelf.holds(Place { shelf, path }, bytes.unsigned_abs(), sha256).await
    }
}
