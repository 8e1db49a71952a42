//! How a mail lets its reader hear the message: attached, or by a link.

use super::error::MailError;
use super::post::Post;
use crate::base::Time;
use crate::config::mail::Mailing;
use crate::db::DbError;
use crate::ledger::inbox::VoicemailRow;
use crate::ledger::recordings::{self, RecordingRow};
use crate::shelf::{Found, Place, ShelfError};
use chrono::TimeDelta;
use chrono_tz::Tz;
use futures_util::TryStreamExt;

/// Our own copy is there within seconds; who waits longer gets a link.
const COPYING: TimeDelta = TimeDelta::minutes(3);

/// How the reader hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// With the mail.
    Attached {
        /// Name of the file.
        name: String,
        /// A WAV file.
        audio: Vec<u8>,
    },
    /// By a link to us.
    Link {
        /// It needs no password.
        url: String,
        /// It plays nothing from then on.
        until: Time,
    },
    /// Nowhere but in the inbox: there is no secret to seal a link with.
    Elsewhere,
}

/// What is known of the sound so far.
pub(super) enum Ready {
    /// All there is to know.
    Now(Sound),
    /// Our copy is being made: worth waiting for.
    Soon,
}

impl Post {
    /// The sound of a message, as its line wants it to go out.
    ///
    /// # Errors
    /// [`MailError::Db`]; a shelf that cannot be read is none, the link may play it later.
    pub(super) async fn sound(
        &self,
        (message, made_at): (&VoicemailRow, Time),
        mailing: &Mailing,
        zone: Tz,
    ) -> Result<Ready, MailError> {
        if !mailing.attach {
            return Ok(Ready::Now(self.link(message, mailing)));
        }
        let copy = self.copy(message).await?;
        let largest = i64::from(mailing.max_mb) * 1_000_000;
        match copy {
            Some(row) if row.state == "stored" && row.bytes.is_some_and(|bytes| bytes <= largest) => {
                let audio = self.audio(&row).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, recording = row.recording_sid, "a copy could not be attached to a mail");
                    None
                });
                let attached = audio.map(|audio| Sound::Attached { name: name_of(message, zone), audio });
                Ok(Ready::Now(attached.unwrap_or_else(|| self.link(message, mailing))))
            }
            Some(row) if matches!(row.state.as_str(), "expected" | "fetching") && self.is_young(made_at) => {
                Ok(Ready::Soon)
            }
            // The recorder reads of it within a second or so.
            None if self.is_young(made_at) => Ok(Ready::Soon),
            _ => Ok(Ready::Now(self.link(message, mailing))),
        }
    }

    fn is_young(&self, made_at: Time) -> bool {
        self.now() - made_at < COPYING
    }

    async fn copy(&self, message: &VoicemailRow) -> Result<Option<RecordingRow>, DbError> {
        match &message.recording_sid {
            Some(sid) => recordings::recording(self.db(), sid).await,
            None => Ok(None),
        }
    }

    /// `None`: another instance has it, or it is gone.
    async fn audio(&self, row: &RecordingRow) -> Result<Option<Vec<u8>>, ShelfError> {
        let (Some(shelf), Some(path), Some(bytes)) = (&row.shelf, &row.path, row.bytes) else { return Ok(None) };
        match self.shelf().open(Place { shelf, path }, bytes.unsigned_abs(), None).await? {
            Found::Open(open) => {
                let pieces: Vec<bytes::Bytes> = open.into_stream().try_collect().await?;
                Ok(Some(pieces.concat()))
            }
            Found::Nowhere(_) | Found::Absent | Found::Elsewhere => Ok(None),
        }
    }

    pub(super) fn link(&self, message: &VoicemailRow, mailing: &Mailing) -> Sound {
        let until = self.now() + TimeDelta::days(i64::from(mailing.link_days));
        self.links().url(&message.id, until).map_or(Sound::Elsewhere, |url| Sound::Link { url, until })
    }
}

/// `voicemail-main-20261120-0912.wav`, by the line's clock.
fn name_of(message: &VoicemailRow, zone: Tz) -> String {
    let came = message.received_at.unwrap_or(message.expected_at).with_timezone(&zone);
    format!("voicemail-{}-{}.wav", message.line, came.format("%Y%m%d-%H%M"))
}
