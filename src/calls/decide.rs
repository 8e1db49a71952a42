//! The page to read first: which webhook is answered by which file.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::{
    arrival, dial, fallback, fault, menu, queue, recording, screen, status, talk, text, transcript, transfer, voicemail,
};
use crate::calls::consent;
use crate::gate::{Route, Webhook};
use crate::ledger::Unit;
use crate::world::World;

/// Decides one verified webhook. Pure: the same webhook in the same world is the same unit, byte for byte, on every
/// instance and every time, so an answer may be repeated, compared and played back.
#[must_use]
pub fn decide(world: &World, webhook: &Webhook<'_>) -> Unit {
    let scene = Scene::new(world, webhook);
    let mut draft = Draft::default();
    match webhook.route {
        Route::Status => status::changed(&scene, &mut draft),
        Route::Transcription => transcript::arrived(&scene, &mut draft),
        Route::Recording if scene.field("RecordingStatus").is_some() => recording::reported(&scene, &mut draft),
        Route::Stream if scene.field("StreamEvent").is_some() => talk::reported(&scene, &mut draft),
        Route::Sms => text::taken(&scene, &mut draft),
        Route::Conference => draft.decided("kept"),
        _ => speak(&scene, &mut draft),
    }
    draft.finish(&scene)
}

/// Somebody is listening.
fn speak(scene: &Scene<'_>, draft: &mut Draft) {
    let called = scene.field("ParentCallSid").is_some();
    match (scene.turn(), scene.called()) {
        _ if called && scene.webhook.route == Route::Fallback => fallback::elsewhere(scene, draft),
        (None, _) if called => fault::malformed(scene, draft, "a leg of a line that is not here"),
        (Some(turn), _) => answer(turn, scene, draft),
        (None, _) if scene.sid.is_none() => fault::malformed(scene, draft, "no CallSid that can be one"),
        (None, None) => fault::malformed(scene, draft, "no number that was called"),
        (None, Some(_)) => arrival::turn_away(scene, draft),
    }
}

fn answer(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    match turn.webhook.route {
        Route::Voice => arrival::answer(turn, scene, draft),
        Route::Dial => dial::ended(turn, scene, draft),
        Route::Recording => recording::ended(turn, scene, draft),
        Route::Fallback => fallback::resume(turn, scene, draft),
        Route::Queue => queue::met(turn, scene, draft),
        Route::Screen => screen::met(&turn, scene, draft),
        _ if turn.is_gone() => draft.decided("the caller is gone"),
        Route::Dtmf => menu::chosen(turn, draft),
        Route::Voicemail => {
            transfer::tell(&turn, draft, "completed", None);
            voicemail::take(&consent::settle(turn, draft), draft, turn.state.why);
        }
        Route::Stream => talk::ended(turn, scene, draft),
        _ => fault::not_built(scene, draft),
    }
}
