//! What the carrier reports afterwards: recordings and transcripts, in any order.

use super::phone::{Heard, Hook, arrive, builtin, send, world_of};
use switchboard::base::Outcome;
use switchboard::gate::Route;
use switchboard::ledger::{VoicemailChange, VoicemailState};
use switchboard::twiml::{Start, Started, Verb};
use switchboard::world::World;

fn mailbox(world: &World) -> Heard {
    send(world, &arrive(world).presses("9"))
}

fn change(heard: &Heard) -> &VoicemailChange {
    let [change] = heard.unit.facts.voicemails() else { panic!("{:?}", heard.unit.facts) };
    change
}

#[test]
fn the_row_is_there_before_the_verb_and_every_report_names_it() {
    let world = builtin();
    let taken = mailbox(&world);
    let expected = change(&taken);
    assert_eq!((expected.state, expected.transcript_state), (VoicemailState::Expected, Some("wanted")));
    assert_eq!((expected.from.as_deref(), expected.mailbox.as_str()), (Some("+15875550111"), "front-desk"));
    let action = send(&world, &taken.recorded(&[("RecordingDuration", "14"), ("Digits", "5")]));
    let done = change(&action);
    assert_eq!((done.state, done.duration_s, &done.id), (VoicemailState::Recorded, Some(14), &expected.id));
    assert_eq!(action.unit.call.as_ref().and_then(|call| call.reason.as_deref()), Some("message left"));
}

#[test]
fn every_recording_status_is_a_state() {
    let world = builtin();
    let callback = mailbox(&world).record().recording_status_callback.clone().expect("a callback");
    // As the carrier sends it: without From, To and CallStatus.
    let bare = ["From", "To", "Direction", "CallStatus"].into_iter().fold(Hook::to(&callback), Hook::without);
    for (status, state) in [
        ("in-progress", VoicemailState::Expected),
        ("completed", VoicemailState::Ready),
        ("absent", VoicemailState::Absent),
        ("failed", VoicemailState::Failed),
    ] {
        let fields = [("RecordingStatus", status), ("RecordingSid", "RE9"), ("RecordingSource", "RecordVerb")];
        let report = send(&world, &bare.clone().with(&fields));
        assert_eq!((change(&report).state, change(&report).recording_sid.as_deref()), (state, Some("RE9")));
        assert!(report.document.verbs.is_empty());
        assert_eq!(report.unit.call.as_ref().and_then(|call| call.state), None);
    }
    let odd = send(&world, &bare.with(&[("RecordingStatus", "melted")]));
    assert!(odd.unit.facts.voicemails().is_empty());
    assert_eq!(odd.unit.facts.errors().len(), 1);
}

#[test]
fn nothing_said_is_not_a_message_yet() {
    let world = builtin();
    let taken = mailbox(&world);
    let gone = [("RecordingDuration", "0"), ("Digits", "hangup"), ("CallStatus", "completed")];
    let hung_up = send(&world, &taken.recorded(&gone));
    assert_eq!(change(&hung_up).state, VoicemailState::Expected);
    assert!(hung_up.document.verbs.is_empty());
    let key_at_once = send(&world, &taken.recorded(&[("RecordingDuration", "0"), ("Digits", "#")]));
    assert_eq!(change(&key_at_once).state, VoicemailState::Expected);
    assert!(key_at_once.said().starts_with("We did not hear"), "{}", key_at_once.said());
    let hung_up_after_words = [("RecordingDuration", "9"), ("Digits", "hangup"), ("CallStatus", "completed")];
    assert_eq!(change(&send(&world, &taken.recorded(&hung_up_after_words))).state, VoicemailState::Recorded);
}

#[test]
fn a_recording_is_named_by_its_url_when_the_sid_is_missing() {
    let world = builtin();
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE0123456789abcdef";
    let hook = mailbox(&world).recorded(&[("RecordingUrl", url), ("RecordingDuration", "4")]).without("RecordingSid");
    assert_eq!(change(&send(&world, &hook)).recording_sid.as_deref(), Some("RE0123456789abcdef"));
}

#[test]
fn a_message_whose_url_we_cannot_read_still_gets_a_row() {
    let world = builtin();
    let hook = Hook::new(Route::Recording).with(&[("RecordingSid", "RE7"), ("RecordingDuration", "4")]);
    let (one, other) = (send(&world, &hook), send(&world, &hook.clone().with(&[("RecordingStatus", "completed")])));
    assert_eq!(change(&one).id, change(&other).id);
    assert!(one.said().contains("Thank you"));
}

#[test]
fn a_conversations_recording_is_no_message() {
    let world = builtin();
    let hook = Hook { query: "v=1&n=2&l=front-desk&k=1".to_owned(), ..Hook::new(Route::Recording) };
    let report = send(&world, &hook.with(&[("RecordingStatus", "completed"), ("RecordingSid", "RE7")]));
    assert!(report.unit.facts.voicemails().is_empty() && report.unit.facts.errors().is_empty());
}

#[test]
fn words_come_in_pieces_that_know_their_place() {
    let world = builtin();
    let taken = mailbox(&world);
    let start = taken.document.verbs.iter().find_map(|verb| match verb {
        Verb::Start(Start { nouns, .. }) => nouns.iter().find_map(|noun| match noun {
            Started::Transcription(transcription) => Some(transcription),
            _ => None,
        }),
        _ => None,
    });
    let url = start.and_then(|start| start.status_callback_url.clone()).expect("real-time transcription");
    let bare = ["From", "To", "Direction", "CallStatus"].into_iter().fold(Hook::to(&url), Hook::without);
    let event = |kind, more: &[(&str, &str)]| {
        send(&world, &bare.clone().with(&[("TranscriptionEvent", kind), ("SequenceId", "3")]).with(more))
    };
    let data = ("TranscriptionData", r#"{"transcript":"I need to move.","confidence":0.98}"#);
    let piece = event("transcription-content", &[data, ("Final", "true")]);
    assert_eq!(change(&piece).transcript_piece, Some((3, "I need to move.".to_owned())));
    assert_eq!(change(&piece).cards_in.as_deref(), Some("en-US"), "a card may go on in the next one");
    assert!(!piece.unit.webhook.input.contains("move"), "words are kept with the message only");
    let partial = event("transcription-content", &[data, ("Final", "false")]);
    assert!(partial.unit.facts.voicemails().is_empty());
    assert_eq!(change(&event("transcription-stopped", &[])).transcript_state, Some("completed"));
    let failed = event("transcription-error", &[("TranscriptionErrorCode", "32650")]);
    assert_eq!(change(&failed).transcript_state, Some("failed"));
    assert_eq!(failed.unit.facts.errors().first().map(|error| error.kind.as_str()), Some("carrier.32650"));
    let broken = event("transcription-content", &[("TranscriptionData", "{"), ("Final", "true")]);
    assert_eq!(broken.unit.facts.errors().len(), 1);
    for heard in [&piece, &failed, &broken] {
        assert!(heard.document.verbs.is_empty());
    }
}

const CARRIER: &str = r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
voicemail = { transcript = "carrier", max_s = 60 }
emergency = { keywords = ["gas leak"], number = "+15875550109" }
"#;

#[test]
fn the_carriers_transcript_is_asked_for_short_messages_only() {
    let world = world_of(CARRIER);
    let hook = Hook::new(Route::Voicemail);
    let taken = send(&world, &hook);
    assert_eq!(taken.record().transcribe, Some(true));
    let callback = Hook::to(taken.record().transcribe_callback.as_deref().expect("a callback"));
    let text = [("TranscriptionStatus", "completed"), ("TranscriptionText", "There is a gas leak!")];
    let arrived = send(&world, &callback.clone().with(&text));
    assert_eq!(change(&arrived).transcript.as_deref(), Some("There is a gas leak!"));
    assert_eq!(arrived.unit.facts.events().first().map(|event| event.kind), Some("emergency.detected"));
    let failed = send(&world, &callback.with(&[("TranscriptionStatus", "failed")]));
    assert_eq!((change(&failed).transcript.as_ref(), change(&failed).transcript_state), (None, Some("failed")));
}

#[test]
fn a_line_that_listens_itself_asks_the_carrier_for_no_words() {
    let speech = "speech.transcription.url = \"http://127.0.0.1:8000/inference\"\n";
    for transcript in ["carrier", "real-time"] {
        let world = world_of(
            &CARRIER
                .replace("\"carrier\"", &format!("\"{transcript}\""))
                .replace("emergency", &format!("{speech}emergency")),
        );
        let taken = send(&world, &Hook::new(Route::Voicemail));
        assert_eq!((taken.record().transcribe, taken.record().transcribe_callback.as_ref()), (None, None));
        assert!(!taken.has(|verb| matches!(verb, Verb::Start(_))));
        assert_eq!(change(&taken).transcript_state, Some("wanted"));
    }
    let off = world_of(&CARRIER.replace("\"carrier\"", "\"off\"").replace("emergency", &format!("{speech}emergency")));
    assert_eq!(change(&send(&off, &Hook::new(Route::Voicemail))).transcript_state, None);
}

#[test]
fn numbers_of_cards_are_hidden_before_anything_is_stored() {
    let world = world_of(CARRIER);
    let taken = send(&world, &Hook::new(Route::Voicemail));
    let callback = Hook::to(taken.record().transcribe_callback.as_deref().expect("a callback"));
    let said =
        [("TranscriptionStatus", "completed"), ("TranscriptionText", "It is 4242 4242 4242 4242, call 587 555 0142.")];
    let arrived = send(&world, &callback.with(&said));
    assert_eq!(change(&arrived).transcript.as_deref(), Some("It is [card ...4242], call 587 555 0142."));
}

#[test]
fn sentences_of_a_conversation_are_lines_of_the_timeline_and_events() {
    let world = world_of(CARRIER);
    let say = |track: &str, sequence: &str, text: &str| {
        let data = serde_json::json!({ "transcript": text, "confidence": 0.9 }).to_string();
        let hook = Hook::new(Route::Transcription).with(&[
            ("TranscriptionEvent", "transcription-content"),
            ("TranscriptionSid", "GT1"),
            ("Track", track),
            ("SequenceId", sequence),
            ("Final", "true"),
            ("LanguageCode", "en-US"),
            ("TranscriptionData", &data),
        ]);
        send(&world, &hook).unit
    };
    let caller = say("inbound_track", "2", "my card is 4242 4242 4242 4242");
    assert_eq!(caller.webhook.decision, "caller spoke");
    assert!(caller.webhook.input.ends_with(r#""Said":"my card is [card ...4242]"}"#), "{}", caller.webhook.input);
    let event = &caller.facts.events()[0];
    assert_eq!((event.kind, &event.data["transcript"]["of"]), ("transcript.ready", &serde_json::json!("call")));
    assert_eq!(event.data["transcript"]["text"], "my card is [card ...4242]");
    assert_eq!(event.data["transcript"]["sequence"], 2);
    assert!(caller.facts.errors().is_empty() && caller.facts.voicemails().is_empty());
    let callee = say("outbound_track", "2", "is there a gas leak");
    assert_eq!(callee.webhook.decision, "callee spoke");
    assert_eq!(callee.facts.events().len(), 1, "only callers call for help");
    assert_ne!(callee.facts.events()[0].id, event.id);
    let help = say("inbound_track", "3", "there is a gas leak");
    assert_eq!(
        help.facts.events().iter().map(|event| event.kind).collect::<Vec<_>>(),
        ["emergency.detected", "transcript.ready"]
    );
}

#[test]
fn the_end_of_a_call_hides_nothing_that_was_reached() {
    let world = builtin();
    for (status, reason) in [("completed", "caller hung up"), ("no-answer", "no answer"), ("failed", "failed")] {
        let hook = Hook::new(Route::Status).with(&[("CallStatus", status), ("CallDuration", "93")]);
        let call = send(&world, &hook).unit.call.expect("a call");
        assert_eq!((call.outcome, call.reason.as_deref()), (Some(Outcome::Abandoned), Some(reason)));
        assert_eq!(call.duration_s, Some(93));
    }
    let ringing = send(&world, &Hook::new(Route::Status).with(&[("CallStatus", "ringing")]));
    assert_eq!(ringing.unit.call.and_then(|call| call.outcome), None);
    let odd = Hook::new(Route::Status).with(&[("CallStatus", "completed"), ("CallDuration", "a while")]);
    assert_eq!(send(&world, &odd).unit.facts.errors().len(), 1);
}
