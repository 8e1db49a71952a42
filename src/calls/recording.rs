//! What became of a message: the caller finished it, the carrier has it, or has not.

use super::draft::Draft;
use super::input::clean;
use super::scene::{Scene, Turn};
use super::{consent, voicemail};
use crate::base::{Outcome, derived_id};
use crate::config::line::Transcript;
use crate::ledger::{VoicemailChange, VoicemailState};
use crate::twiml::{Stop, StopTranscription};

/// Record's action: the caller pressed a key, fell silent or hung up.
pub(super) fn ended(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    let seconds = seconds(scene, draft);
    let empty = seconds == Some(0) || (seconds.is_none() && recording_sid(scene).is_none());
    // Whether an empty one exists at all is the status callback's to say.
    let state = if empty { VoicemailState::Expected } else { VoicemailState::Recorded };
    note(scene, draft, state, seconds);
    draft.decided(if empty { "no message" } else { "message taken" });
    draft.outcome(Outcome::Voicemail, if empty { "no message left" } else { "message left" });
    let turn = consent::settle(turn, draft);
    if turn.is_gone() {
        return;
    }
    if voicemail::transcript(turn.line) == Transcript::RealTime && !turn.state.message.is_empty() {
        draft.verb(Stop::new(StopTranscription::default().name(turn.state.message)));
    }
    if empty {
        draft.tell(Some(turn.line), |words| words.nothing_heard);
    } else {
        draft.say(turn.line, &turn.line.voicemail.thanks);
    }
    draft.hang_up();
}

/// The recording's status callback. It may come twice, late, or before the action: the row only moves forward.
pub(super) fn reported(scene: &Scene<'_>, draft: &mut Draft) {
    let word = scene.field("RecordingStatus").unwrap_or_default();
    let (state, what) = match word {
        "in-progress" => (VoicemailState::Expected, "recording began"),
        "completed" => (VoicemailState::Ready, "recording is ready"),
        "absent" => (VoicemailState::Absent, "there is no recording"),
        "failed" => (VoicemailState::Failed, "recording failed"),
        _ => {
            draft.decided("recording status unknown: kept");
            return draft.error(scene, "webhook.malformed", "a RecordingStatus that we do not know");
        }
    };
    draft.decided(what);
    let seconds = seconds(scene, draft);
    note(scene, draft, state, seconds);
    if state == VoicemailState::Failed {
        draft.error(scene, "carrier.recording", "the carrier could not make a recording");
    }
}

/// Writes where the message stands. A conversation's recording is no message: its timeline row is all.
fn note(scene: &Scene<'_>, draft: &mut Draft, state: VoicemailState, duration_s: Option<i64>) {
    let of_a_dial = scene.state.choice.is_some() || scene.field("RecordingSource").is_some_and(|s| s != "RecordVerb");
    if of_a_dial {
        return draft.also(" (conversation)");
    }
    let recording_sid = recording_sid(scene).map(|sid| clean(sid, 64).into_owned());
    let Some(id) = message_id(scene, recording_sid.as_deref()) else {
        return draft.error(scene, "webhook.malformed", "a recording that belongs to no message");
    };
    let line = scene.line_name().unwrap_or_default();
    let mailbox = scene.line.map_or(line, |line| line.voicemail.mailbox.as_str());
    let from = scene.field("From").map(|from| clean(from, 256).into_owned());
    let change = voicemail::change(&id, line, mailbox, state);
    draft.facts.voicemail(VoicemailChange { from, recording_sid, duration_s, ..change });
}

/// The message that the URL names. A URL without a name, from a version we no longer read, still means a message:
/// it gets a row of its own, so that it is not lost.
fn message_id(scene: &Scene<'_>, recording_sid: Option<&str>) -> Option<String> {
    if !scene.state.message.is_empty() {
        return Some(scene.state.message.to_owned());
    }
    Some(derived_id("vm", &[scene.sid.as_ref()?.as_str(), recording_sid?]))
}

/// `RecordingSid`, or the end of `RecordingUrl`: only the name is taken, the URL is never fetched.
fn recording_sid<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    let of_url = || scene.field("RecordingUrl")?.rsplit('/').next()?.split('.').next();
    scene.field("RecordingSid").or_else(|| of_url().filter(|sid| sid.starts_with("RE")))
}

fn seconds(scene: &Scene<'_>, draft: &mut Draft) -> Option<i64> {
    let text = scene.field("RecordingDuration")?;
    let seconds = text.parse().ok().filter(|seconds| (0..=i64::from(u32::MAX)).contains(seconds));
    if seconds.is_none() {
        draft.error(scene, "webhook.malformed", "a RecordingDuration that is no number of seconds");
    }
    seconds
}
