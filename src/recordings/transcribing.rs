//! Words of messages, from our own copy of the audio, where a line names an engine for it. They are written down through the
//! ledger like the carrier's: once, and told of once.

use super::error::RecorderError;
use super::finding::Finding;
use super::recorder::Recorder;
use crate::base::{E164, Time};
use crate::config::line::Line;
use crate::config::speech::Transcription;
use crate::ledger::recordings::{self, RecordingRow};
use crate::ledger::{CallForHelp, OutboxEvent};
use crate::ledger::{Facts, OWN_TRANSCRIPT, Unit, VoicemailChange, VoicemailState, Webhook};
use crate::shelf::{Found, Place};
use crate::speech::{Heard, Speech, SpeechError};
use crate::words::{self, Listening};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Messages of one line in one round.
const ROUND: i64 = 20;
/// Older ones nobody waits for.
const OLDEST: TimeDelta = TimeDelta::days(2);
/// How long an engine may be away before a message stays without words.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// Between two tries; it doubles with the age of the message up to the longest.
const AGAIN: (TimeDelta, TimeDelta) = (TimeDelta::seconds(30), TimeDelta::minutes(30));
/// How long one instance works on one message. More than an engine is given.
const LEASE: Duration = Duration::from_secs(360);
/// For the ledger to take the words; nobody waits for it.
const DEADLINE: Duration = Duration::from_secs(5);
/// Longest text that is kept.
const LONGEST: usize = 60_000;

/// What became of a message.
enum Fate {
    Words(String),
    Silence,
    GivenUp(String),
}

impl Recorder {
    /// Writes down the words of a few messages of `lines`, and says how many were tried.
    ///
    /// # Errors
    /// [`RecorderError`]; a fault of the engine is none: it is logged, and waited for.
    pub async fn transcribe_due(&self, speech: &Speech, lines: &[Arc<Line>]) -> Result<u64, RecorderError> {
        let mut tried = 0;
        for line in lines {
            let Some(engine) = &line.speech.transcription else { continue };
            let now = self.now();
            for row in recordings::wordless(self.db(), &line.name, now - OLDEST, ROUND).await? {
                let asked = format!("words {}", row.recording_sid);
                if self.may_ask(&asked, now, now + pause(&row, now)) && self.is_ours(&row).await? {
                    tried += 1;
                    self.transcribe(speech, (line, engine), &row).await?;
                }
            }
        }
        Ok(tried)
    }

    /// One instance at a time; who dies with it leaves it to another after a while.
    async fn is_ours(&self, row: &RecordingRow) -> Result<bool, RecorderError> {
        let work = format!("words of {}", row.recording_sid);
        Ok(self.db().lease(&work, &self.parts.holder, self.now(), LEASE).await?)
    }

    async fn transcribe(
        &self,
        speech: &Speech,
        (line, engine): (&Line, &Transcription),
        row: &RecordingRow,
    ) -> Result<(), RecorderError> {
        let (sid, call) = (&row.recording_sid, &row.call_sid);
        let Some(file) = self.copy_of(row).await? else { return Ok(()) };
        let late = row.stored_at.is_some_and(|at| self.now() - at > PATIENCE);
        let fate = match speech.transcribe(engine, &file, &line.language).await {
            Ok(Heard::Words(words)) => Fate::Words(words),
            Ok(Heard::Silence) => Fate::Silence,
            Err(error) if late || is_hopeless(&error) => Fate::GivenUp(error.to_string()),
            Err(error) => {
                tracing::warn!(call.sid = call, recording = sid, %error, "a message has no words yet");
                return Ok(());
            }
        };
        if let Fate::GivenUp(problem) = &fate {
            tracing::error!(call.sid = call, recording = sid, problem, "a message stays without words");
        }
        if let Some(unit) = unit(line, row, &fate, self.now())
            && let Err(error) = self.parts.ledger.store(unit, DEADLINE).await
        {
            tracing::warn!(call.sid = call, %error, "the words of a message could not be stored yet");
        }
        Ok(())
    }

    /// The whole copy; None where another instance has it, or it is gone.
    async fn copy_of(&self, row: &RecordingRow) -> Result<Option<Vec<u8>>, RecorderError> {
        let (Some(shelf), Some(path), Some(bytes)) = (&row.shelf, &row.path, row.bytes) else { return Ok(None) };
        match self.parts.shelf.open(Place { shelf, path }, bytes.unsigned_abs(), None).await? {
            Found::Open(open) => {
                let pieces: Vec<Bytes> =
                    open.into_stream().try_collect().await.map_err(crate::shelf::ShelfError::from)?;
                Ok(Some(pieces.concat()))
            }
            Found::Nowhere(_) | Found::Absent | Found::Elsewhere => Ok(None),
        }
    }
}

/// The longer it waits, the longer it may wait: no engine is woken for an old message every half minute.
fn pause(row: &RecordingRow, now: Time) -> TimeDelta {
    let age = row.stored_at.map_or(TimeDelta::zero(), |at| now - at);
    age.clamp(AGAIN.0, AGAIN.1)
}

/// What no time mends: the audio, or a request that the engine does not take.
fn is_hopeless(error: &SpeechError) -> bool {
    match error {
        SpeechError::Refused { status, .. } => !matches!(status, 401 | 403 | 404),
        SpeechError::TooLong(_) => true,
        _ => false,
    }
}

/// The words as one row of the call's timeline. The same message twice is one.
fn unit(line: &Line, row: &RecordingRow, fate: &Fate, now: Time) -> Option<Unit> {
    let id = row.voicemail_id.clone()?;
    let named = format!("transcribed/{id}/{}", row.recording_sid);
    let (text, state, decision) = match fate {
        Fate::Words(words) => {
            (Some(kept(line, words)), "completed", "words of the message, from our own copy".to_owned())
        }
        Fate::Silence => (None, "completed", "nobody speaks in the message".to_owned()),
        Fate::GivenUp(problem) => (None, "failed", format!("the message stays without words: {problem}")),
    };
    let mut facts = Facts::default();
    if let Fate::Words(words) = fate {
        call_for_help(line, row, &id, words).into_iter().for_each(|event| facts.event(event));
    }
    facts.voicemail(VoicemailChange {
        id,
        line: line.name.clone(),
        mailbox: line.voicemail.mailbox.clone(),
        from: None,
        // The lowest: words prove nothing about the audio.
        state: VoicemailState::Expected,
        recording_sid: None,
        duration_s: None,
        transcript: text,
        transcript_piece: None,
        cards_in: None,
        transcript_state: Some(state),
    });
    let input = json!({ "RecordingSid": row.recording_sid, "TranscriptionStatus": state }).to_string();
    let webhook = Webhook { kind: OWN_TRANSCRIPT, input, decision, ..Webhook::default() };
    Finding { named, call_sid: &row.call_sid, webhook, facts }.unit(now)
}

/// Without the numbers of cards.
fn kept(line: &Line, words: &str) -> String {
    let own: Vec<&str> = line.numbers.iter().map(E164::as_str).collect();
    let mut text = words::masked(words, &line.language, line.speech.hide, &own).into_owned();
    text.retain(|c| c == '\n' || !c.is_control());
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// In a message it is too late to connect anybody: the event tells those who can call back.
fn call_for_help(line: &Line, row: &RecordingRow, at: &str, words: &str) -> Option<OutboxEvent> {
    let emergency = &line.emergency;
    let listening = Listening {
        language: &line.language,
        own: &emergency.keywords,
        ignored: &emergency.ignore,
        built_in: emergency.built_in,
    };
    let alarm = words::heard(&listening, words)?;
    let help = CallForHelp {
        call_sid: &row.call_sid,
        line: &line.name,
        source: "transcription",
        at,
        keyword: &alarm.keyword,
        excerpt: &kept(line, &alarm.excerpt),
        action: "none",
    };
    Some(help.event())
}
