//! One recording, from the carrier to the shelf.
//!
//! Order decides what a crash may leave: a draft (written over), a row that says where a copy may lie (written over, or
//! removed with the recording), and at last the row that says `stored`, which is only written when the copy is durable.

use super::error::RecorderError;
use super::pace::{Hope, next_try};
use super::recorder::Recorder;
use super::wav::{self, NotWhole, Wav};
use crate::base::Time;
use crate::carrier::{Carrier, CarrierError, Media};
use crate::config::recordings::Recordings;
use crate::db::DbError;
use crate::ledger::recordings::{self, Copied, RecordingRow};
use crate::shelf::{Draft, Place, ShelfError, Whole, path_of};
use chrono::TimeDelta;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// Copies at once.
const AT_ONCE: usize = 4;
/// How long a recording is held without a sign of life; another instance takes over then.
const HOLD: TimeDelta = TimeDelta::seconds(90);
/// Until it is asked again whether a copy can be let go.
const LET_GO: TimeDelta = TimeDelta::hours(1);
/// How often a long copy gives one. Half a minute of silence is more than the carrier's client allows.
const SIGN: TimeDelta = TimeDelta::seconds(30);
/// The same while it is put on the shelf.
const SILENCE: Duration = Duration::from_secs(30);
/// A day of two channels; nobody's disk is filled by a header.
const LARGEST: u64 = 3 << 30;

/// Why a recording was not copied this time.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error("what the carrier sent is not the whole recording: {0}")]
    NotWhole(#[from] NotWhole),
    #[error("the carrier sent {sent} bytes and had announced {announced}")]
    Length { announced: u64, sent: u64 },
    #[error("the carrier answered with a part of it")]
    Part,
    #[error("it is larger than a recording can be")]
    TooLarge,
    #[error("another instance took it over")]
    TakenOver,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure {
    fn hope(&self) -> Hope {
        match self {
            Self::Carrier(CarrierError::NotFound) => Hope::NotThere,
            Self::Carrier(CarrierError::BadSid) | Self::TooLarge => Hope::None,
            Self::Carrier(error) => Hope::Later(error.retry_after_s()),
            Self::Shelf(error) => Hope::Later(error.retry_after_s()),
            _ => Hope::Later(None),
        }
    }
}

impl Recorder {
    /// Copies a few of the recordings that are due, and says how many were tried.
    ///
    /// # Errors
    /// [`RecorderError::Db`]; what was claimed is tried again when its time has run out.
    pub async fn copy_due(&self, how: &Recordings) -> Result<u64, RecorderError> {
        let Some(carrier) = self.parts.carrier.as_ref().filter(|_| how.copy) else { return Ok(0) };
        let due = recordings::due(self.db(), self.now(), AT_ONCE as i64).await?;
        let copies = stream::iter(due).map(|row| self.copy_one(carrier, row, how));
        copies.buffer_unordered(AT_ONCE).try_fold(0, async |sum, tried| Ok(sum + u64::from(tried))).await
    }

    /// Whether it was tried at all.
    async fn copy_one(&self, carrier: &Carrier, row: RecordingRow, how: &Recordings) -> Result<bool, RecorderError> {
        let now = self.now();
        let claim = recordings::claim(self.db(), &row.recording_sid, &self.parts.holder, now, now + HOLD);
        let Some(row) = claim.await? else { return Ok(false) };
        match self.copy(carrier, &row).await {
            Ok(copied) => self.write_down(&row, &copied).await?,
            Err(Failure::Db(error)) => return Err(error.into()),
            Err(Failure::TakenOver) => {}
            Err(failure) => self.put_off(&row, &failure, how).await?,
        }
        Ok(true)
    }

    async fn write_down(&self, row: &RecordingRow, copied: &Copied) -> Result<(), RecorderError> {
        let (sid, call) = (&row.recording_sid, &row.call_sid);
        if recordings::stored(self.db(), sid, copied, self.now()).await? {
            tracing::info!(call.sid = call, recording = sid, bytes = copied.bytes, "recording stored");
            return Ok(());
        }
        // Not wanted any more, or somebody else was faster, and then it may be the same file.
        let row = recordings::recording(self.db(), sid).await?;
        let place =
            |row: &RecordingRow| (row.shelf.as_ref(), row.path.as_ref()) == (Some(&copied.shelf), Some(&copied.path));
        if row.is_none_or(|row| row.state != "stored" || !place(&row)) {
            self.parts.shelf.remove(Place { shelf: &copied.shelf, path: &copied.path }).await?;
        }
        Ok(())
    }

    async fn put_off(&self, row: &RecordingRow, failure: &Failure, how: &Recordings) -> Result<(), RecorderError> {
        let (sid, now) = (&row.recording_sid, self.now());
        let problem = failure.to_string();
        if let Some(next_at) = next_try(failure.hope(), row.attempts, sid, how, now) {
            tracing::debug!(call.sid = row.call_sid, recording = sid, problem, %next_at, "recording not copied yet");
            if matches!(failure, Failure::Shelf(_)) {
                tracing::warn!(problem, "recordings cannot be kept; they are tried again");
            }
            return Ok(recordings::later(self.db(), sid, &self.parts.holder, &problem, next_at).await?);
        }
        match self.leave(row).await {
            Ok(Some(copied)) => return self.write_down(row, &copied).await,
            Ok(None) => {}
            Err(RecorderError::Db(error)) => return Err(error.into()),
            // What may lie there is neither taken nor removed before the store answers.
            Err(_) => return Ok(recordings::later(self.db(), sid, &self.parts.holder, &problem, now + LET_GO).await?),
        }
        if recordings::failed(self.db(), sid, &problem, now).await? {
            let attempts = row.attempts;
            tracing::error!(call.sid = row.call_sid, recording = sid, problem, attempts, "recording given up");
        }
        Ok(())
    }

    async fn found_on_the_shelf(&self, row: &RecordingRow) -> Result<Option<Copied>, RecorderError> {
        let path = path_of(&row.recording_sid, row.found_at);
        let Some(kept) = self.parts.shelf.find(&path).await? else { return Ok(None) };
        // One that was found damaged does not become whole by being found again.
        if row.sha256.as_ref().is_some_and(|sha256| *sha256 != kept.sha256) {
            return Ok(None);
        }
        let Ok(wav) = wav::read(&kept.head, kept.bytes) else { return Ok(None) };
        let bytes = i64::try_from(kept.bytes).unwrap_or(i64::MAX);
        let Wav { duration_s, channels } = wav;
        Ok(Some(Copied { shelf: kept.shelf, path, bytes, sha256: kept.sha256, duration_s, channels }))
    }

    /// Whoever gives up takes what somebody left whole who died between shelf and row, and leaves nothing else that nobody
    /// names. What was whole once, or is held, stays: it may be all there is.
    async fn leave(&self, row: &RecordingRow) -> Result<Option<Copied>, RecorderError> {
        if let Some(copied) = self.found_on_the_shelf(row).await? {
            return Ok(Some(copied));
        }
        let row = recordings::recording(self.db(), &row.recording_sid).await?;
        let row = row.filter(|row| row.stored_at.is_none() && !row.legal_hold);
        if let Some((shelf, path)) = row.and_then(|row| row.shelf.zip(row.path)) {
            self.parts.shelf.remove(Place { shelf: &shelf, path: &path }).await?;
        }
        Ok(None)
    }

    async fn copy(&self, carrier: &Carrier, row: &RecordingRow) -> Result<Copied, Failure> {
        let media = carrier.media(row.account_sid.as_deref(), &row.recording_sid, None).await?;
        let announced = announced(&media);
        match (media.status(), announced) {
            (200, length) if length.is_none_or(|length| length <= LARGEST) => {}
            (200, _) => return Err(Failure::TooLarge),
            _ => return Err(Failure::Part),
        }
        let mut draft = self.parts.shelf.draft(&row.recording_sid, &self.parts.holder).await?;
        match self.receive(media, &mut draft, row).await.and_then(|()| complete(&draft, announced)) {
            Ok(wav) => self.shelve(draft.finish().await?, wav, row).await,
            Err(failure) => {
                draft.abandon().await;
                Err(failure)
            }
        }
    }

    /// Piece by piece, with a sign of life now and then.
    async fn receive(&self, media: Media, draft: &mut Draft, row: &RecordingRow) -> Result<(), Failure> {
        let mut pieces = pin!(media.into_stream());
        let mut sign = self.now() + SIGN;
        while let Some(piece) = pieces.next().await {
            draft.write(&piece?).await?;
            if draft.bytes() > LARGEST {
                return Err(Failure::TooLarge);
            }
            if self.now() >= sign {
                sign = self.still_ours(row).await?;
            }
        }
        Ok(())
    }

    async fn still_ours(&self, row: &RecordingRow) -> Result<Time, Failure> {
        let now = self.now();
        let renewed = recordings::renew(self.db(), &row.recording_sid, &self.parts.holder, now + HOLD).await?;
        if renewed { Ok(now + SIGN) } else { Err(Failure::TakenOver) }
    }

    async fn shelve(&self, whole: Whole, wav: Wav, row: &RecordingRow) -> Result<Copied, Failure> {
        let path = path_of(&row.recording_sid, row.found_at);
        let shelf = self.parts.shelf.name().await?.to_owned();
        if !recordings::placing(self.db(), &row.recording_sid, &self.parts.holder, (&shelf, &path)).await? {
            return Err(Failure::TakenOver);
        }
        self.kept(&whole, &path, row).await?;
        Ok(Copied {
            shelf,
            path,
            bytes: i64::try_from(whole.bytes).unwrap_or(i64::MAX),
            sha256: whole.sha256,
            duration_s: wav.duration_s,
            channels: wav.channels,
        })
    }
}

impl Recorder {
    /// Kept, with a sign of life now and then: a bucket may be far away.
    async fn kept(&self, whole: &Whole, path: &str, row: &RecordingRow) -> Result<(), Failure> {
        let mut kept = pin!(self.parts.shelf.keep(whole, path));
        loop {
            match timeout(SILENCE, kept.as_mut()).await {
                Ok(kept) => return Ok(kept?),
                Err(_) => self.still_ours(row).await.map(drop)?,
            }
        }
    }
}

fn announced(media: &Media) -> Option<u64> {
    media.headers().get("content-length")?.to_str().ok()?.parse().ok()
}

/// Both lengths that we were told: the carrier's, and the audio's own.
fn complete(draft: &Draft, announced: Option<u64>) -> Result<Wav, Failure> {
    let sent = draft.bytes();
    match announced.filter(|announced| *announced != sent) {
        Some(announced) => Err(Failure::Length { announced, sent }),
        None => Ok(wav::read(draft.head(), sent)?),
    }
}
