//! The mailbox: greeting, tone, message.

use super::draft::Draft;
use super::input::clean;
use super::scene::Turn;
use super::state::{State, Why};
use super::{consent, spoken};
use crate::base::{Outcome, derived_id};
use crate::config::line::{Line, Transcript};
use crate::gate::Route;
use crate::ledger::{OutboxEvent, VoicemailChange, VoicemailState};
use crate::twiml::{Permit, Record, RecordingEvent, Start, StreamTrack, Transcription, Trim};
use serde_json::json;

/// The carrier transcribes no longer recording, and says nothing about it (PROTOCOL.md 2.7).
pub(super) const CARRIER_TRANSCRIBES_S: u32 = 120;

/// Takes a message. Its row and its consent are in the unit that carries the verb.
pub(super) fn take(turn: &Turn<'_>, draft: &mut Draft, why: Why) {
    draft.decided("voicemail");
    match why {
        Why::Chosen => {}
        Why::Nobody => draft.tell(Some(turn.line), |words| words.nobody),
        Why::Talk => draft.tell(Some(turn.line), |words| words.no_talk),
        Why::Fault => draft.tell(Some(turn.line), |words| words.fault),
    }
    if !turn.can_store() {
        return if may_redirect(turn) { redirect(turn, draft) } else { refer_to_later(turn, draft) };
    }
    let id = derived_id("vm", &[turn.sid.as_str(), &turn.state.step.to_string()]);
    let wanted = transcript(turn.line) != Transcript::Off || transcribes_itself(turn.line);
    draft.facts.voicemail(VoicemailChange {
        from: turn.field("From").map(|from| clean(from, 256).into_owned()),
        transcript_state: wanted.then_some("wanted"),
        ..change(&id, &turn.line.name, &turn.line.voicemail.mailbox, VoicemailState::Expected)
    });
    draft.facts.event(reached(turn));
    draft.outcome(Outcome::Voicemail, "sent to voicemail");
    let permit = consent::of_message(turn, draft);
    draft.say(turn.line, &turn.line.voicemail.greeting);
    record(turn, draft, &id, permit);
    // Twilio calls what follows unreachable, and reaches it when there was no sound (PROTOCOL.md 2.7).
    draft.tell(Some(turn.line), |words| words.nothing_heard);
    draft.hang_up();
}

/// The fallback waits for no database and so may not record; the mailbox's own URL may. Unless that is what failed.
fn may_redirect(turn: &Turn<'_>) -> bool {
    let failed = turn.field("ErrorUrl").unwrap_or_default();
    turn.webhook.route == Route::Fallback && !failed.contains("/twilio/voicemail")
}

fn redirect(turn: &Turn<'_>, draft: &mut Draft) {
    let step = turn.state.step.saturating_add(1);
    let state = State { step, ..turn.next() };
    draft.redirect(turn.url(Route::Voicemail, state));
}

/// Nothing can be stored, so nothing may be recorded: says when to call instead.
fn refer_to_later(turn: &Turn<'_>, draft: &mut Draft) {
    draft.also(", but nothing can be stored: no recording");
    draft.outcome(Outcome::Rejected, "mailbox not available");
    later(turn.line, draft);
}

/// The line's word on when to call, and the end of the call.
pub(super) fn later(line: &Line, draft: &mut Draft) {
    if line.voicemail.unavailable.is_empty() {
        draft.verb(spoken::sentence(Some(line), |words| words.call_later));
    } else {
        draft.say(line, &line.voicemail.unavailable);
    }
    draft.hang_up();
}

/// What the carrier is asked for to make a text of a message. A message that may be too long for it is not sent to it, and
/// none is where we listen to our own copy.
pub(super) fn transcript(line: &Line) -> Transcript {
    match line.voicemail.transcript {
        _ if transcribes_itself(line) => Transcript::Off,
        Transcript::Carrier if line.voicemail.max_s > CARRIER_TRANSCRIBES_S => Transcript::Off,
        wanted => wanted,
    }
}

/// Whether words come from our own job on the stored audio.
fn transcribes_itself(line: &Line) -> bool {
    line.voicemail.transcript != Transcript::Off && line.speech.transcription.is_some()
}

fn record(turn: &Turn<'_>, draft: &mut Draft, id: &str, permit: Permit) {
    let voicemail = &turn.line.voicemail;
    let state = State { message: id, ..turn.next() };
    let done = turn.url(Route::Recording, state);
    let mut record = Record::new()
        .action(done.as_str())
        .timeout(voicemail.silence_s)
        // Any key, as the greeting of the built-in line says.
        .finish_on_key("1234567890*#")
        .max_length(voicemail.max_s)
        .play_beep(true)
        .trim(Trim::DoNotTrim)
        .recording_status_callback(done)
        .recording_status_callback_event([
            RecordingEvent::InProgress,
            RecordingEvent::Completed,
            RecordingEvent::Absent,
        ]);
    match transcript(turn.line) {
        Transcript::Off => {}
        Transcript::Carrier => {
            record = record.transcribe(true).transcribe_callback(turn.url(Route::Transcription, state));
        }
        Transcript::RealTime => draft.verb(Start::new(
            permit.to(Transcription::default()
                .name(id)
                .status_callback_url(turn.url(Route::Transcription, state))
                .language_code(turn.line.language.as_str())
                .track(StreamTrack::Inbound)),
        )),
    }
    draft.verb(permit.to(record));
}

/// A mailbox answered: once a call, however often the caller comes here.
fn reached(turn: &Turn<'_>) -> OutboxEvent {
    let mailbox = turn.line.voicemail.mailbox.as_str();
    OutboxEvent {
        id: Some(derived_id("evt", &["call.answered", turn.sid.as_str(), "mailbox", mailbox])),
        kind: "call.answered",
        line: Some(turn.line.name.clone()),
        subject: format!("calls/{}", turn.sid),
        data: json!({ "answered_by": { "kind": "mailbox", "id": mailbox, "number": "" } }),
    }
}

/// A change that says where a message stands, and nothing else yet.
pub(super) fn change(id: &str, line: &str, mailbox: &str, state: VoicemailState) -> VoicemailChange {
    VoicemailChange {
        id: id.to_owned(),
        line: line.to_owned(),
        mailbox: mailbox.to_owned(),
        from: None,
        state,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    }
}
