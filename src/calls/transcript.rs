//! The caller's words: from the carrier's transcription of a recording, or piece by piece while it was spoken.

use super::draft::Draft;
use super::emergency::Place;
use super::hiding::{hidden, hides_cards};
use super::input::clean;
use super::scene::Scene;
use super::{emergency, voicemail};
use crate::ledger::{Sentence, VoicemailChange, VoicemailState};
use serde::Deserialize;

/// Longest text that is kept: a message of an hour is less.
const LONGEST: usize = 60_000;
/// Longest sentence of a conversation.
const SENTENCE: usize = 2_000;

/// A transcription callback of either kind; nobody listens to the answer.
pub(super) fn arrived(scene: &Scene<'_>, draft: &mut Draft) {
    if let Some(event) = scene.field("TranscriptionEvent") {
        real_time(scene, draft, event);
    } else {
        of_recording(scene, draft);
    }
}

fn of_recording(scene: &Scene<'_>, draft: &mut Draft) {
    match (scene.field("TranscriptionStatus"), scene.field("TranscriptionText")) {
        (Some("completed"), text) => {
            let text = clean(text.unwrap_or_default(), LONGEST);
            draft.decided("transcript arrived");
            look_for_emergency(scene, draft, &text);
            let text = Some(hidden(scene.line, &text).into_owned());
            note(scene, draft, |change| VoicemailChange { transcript: text, ..finished(change, "completed") });
        }
        (Some("failed"), _) => {
            draft.decided("the carrier could not transcribe");
            note(scene, draft, |change| finished(change, "failed"));
        }
        _ => {
            draft.decided("transcription status unknown: kept");
            draft.error(scene, "webhook.malformed", "a transcription callback without a status that we know");
        }
    }
}

fn real_time(scene: &Scene<'_>, draft: &mut Draft, event: &str) {
    match event {
        "transcription-started" => draft.decided("transcription began"),
        "transcription-content" => piece(scene, draft),
        "transcription-stopped" => {
            draft.decided("transcription ended");
            note(scene, draft, |change| finished(change, "completed"));
        }
        "transcription-error" => {
            draft.decided("transcription failed");
            draft.error(scene, error_kind(scene), scene.field("TranscriptionError").unwrap_or("transcription failed"));
            note(scene, draft, |change| finished(change, "failed"));
        }
        _ => draft.decided("transcription event unknown: kept"),
    }
}

fn error_kind(scene: &Scene<'_>) -> String {
    let code = scene.field("TranscriptionErrorCode").filter(|code| code.bytes().all(|b| b.is_ascii_digit()));
    format!("carrier.{}", code.unwrap_or("transcription"))
}

/// The carrier's JSON text inside the form.
#[derive(Deserialize)]
struct Data {
    transcript: String,
    #[serde(default)]
    confidence: Option<f64>,
}

/// A sentence that will not change any more. Its sequence is kept with it, so that pieces which come twice, or in
/// another order, read the same in the end.
fn piece(scene: &Scene<'_>, draft: &mut Draft) {
    if scene.field("Final") != Some("true") {
        return draft.decided("unfinished words: not kept");
    }
    let sequence = scene.field("SequenceId").and_then(|text| text.parse().ok());
    let data = scene.field("TranscriptionData").and_then(|json| serde_json::from_str::<Data>(json).ok());
    let (Some(sequence), Some(data)) = (sequence, data) else {
        draft.decided("words that cannot be read: kept as an error");
        return draft.error(scene, "webhook.malformed", "a transcription-content without sequence or words");
    };
    if scene.state.message.is_empty() {
        return sentence(scene, draft, sequence, &data);
    }
    draft.decided("words of the message");
    look_for_emergency(scene, draft, &data.transcript);
    let piece = Some((sequence, clean(&hidden(scene.line, &data.transcript), LONGEST).into_owned()));
    note(scene, draft, |change| VoicemailChange { transcript_piece: piece, ..change });
}

/// A sentence of a conversation: a line of the timeline, and an event. The carrier numbers each track by itself.
fn sentence(scene: &Scene<'_>, draft: &mut Draft, sequence: i64, data: &Data) {
    let from_caller = scene.field("Track").is_none_or(|track| track.starts_with("inbound"));
    let who = if from_caller { "caller" } else { "callee" };
    let text = clean(&hidden(scene.line, &data.transcript), SENTENCE).into_owned();
    draft.decided(who);
    draft.also(" spoke");
    draft.said(&text);
    if from_caller {
        look_for_emergency(scene, draft, &data.transcript);
    }
    let (Some(sid), Some(line)) = (scene.sid.as_ref(), scene.line_name()) else { return };
    let sentence = Sentence {
        call_sid: sid.as_str(),
        line,
        source: "carrier",
        who,
        of: scene.field("TranscriptionSid").unwrap_or_default(),
        sequence,
        language: scene.field("LanguageCode"),
        confidence: data.confidence,
        text: &text,
    };
    draft.facts.event(sentence.event());
}

fn finished(change: VoicemailChange, state: &'static str) -> VoicemailChange {
    VoicemailChange { transcript_state: Some(state), ..change }
}

/// In a message it is too late to connect anybody: the event tells those who can call back.
fn look_for_emergency(scene: &Scene<'_>, draft: &mut Draft, text: &str) {
    let (Some(line), Some(sid)) = (scene.line, scene.sid.as_ref()) else { return };
    if let Some(alarm) = emergency::heard(line, text) {
        draft.also(", an emergency word among them");
        let at = format!("{} {}", scene.state.message, scene.field("SequenceId").unwrap_or_default());
        let place = Place { call_sid: sid.as_str(), line, source: "transcription", at: &at };
        draft.facts.event(emergency::event(&alarm, &place, "none"));
    }
}

fn note(scene: &Scene<'_>, draft: &mut Draft, told: impl FnOnce(VoicemailChange) -> VoicemailChange) {
    if scene.state.message.is_empty() {
        // Of a conversation: there is no row that waits for it.
        if scene.field("TranscriptionEvent").is_none() {
            draft.error(scene, "webhook.malformed", "a transcript that belongs to no message");
        }
        return;
    }
    let line = scene.line_name().unwrap_or_default();
    let mailbox = scene.line.map_or(line, |line| line.voicemail.mailbox.as_str());
    // The lowest state: a transcript proves nothing about the audio.
    let change = voicemail::change(scene.state.message, line, mailbox, VoicemailState::Expected);
    let cards_in = hides_cards(scene.line).map(str::to_owned);
    draft.facts.voicemail(VoicemailChange { cards_in, ..told(change) });
}
