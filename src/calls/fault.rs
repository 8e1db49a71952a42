//! When something of ours, or of the carrier's, is not as it should be: an apology, and a way on.

use super::draft::Draft;
use super::scene::Scene;
use super::state::State;
use super::{queue, screen, voicemail};
use crate::gate::{Route, Webhook};
use crate::ledger::Unit;
use crate::world::World;

/// What a caller hears when deciding or storing failed: an apology, then the mailbox. No recording verb is in it,
/// so it may be said whether or not it can be stored.
#[must_use]
pub fn fault(world: &World, webhook: &Webhook<'_>, what: &str) -> Unit {
    let scene = Scene::new(world, webhook);
    let mut draft = Draft::default();
    draft.decided("fault");
    draft.error(&scene, "webhook.fault", what);
    if webhook.somebody_listens() {
        apologise(&scene, &mut draft);
    }
    draft.finish(&scene)
}

/// A signed request that makes no sense: the caller is not left in silence because of it.
pub(super) fn malformed(scene: &Scene<'_>, draft: &mut Draft, what: &str) {
    draft.decided("malformed");
    draft.error(scene, "webhook.malformed", what);
    apologise(scene, draft);
}

/// Says sorry and leads to the mailbox; from there, or without a call that a consent could belong to, says when to
/// call and ends.
fn apologise(scene: &Scene<'_>, draft: &mut Draft) {
    let route = scene.webhook.route;
    if route == Route::Screen || scene.field("ParentCallSid").is_some() {
        return screen::let_go(draft);
    }
    if let Some(spot) = scene.state.spot {
        return queue::trouble(spot, draft);
    }
    // Somebody's mailbox is better than none, for a call whose number we cannot read.
    let line = scene.line.or_else(|| scene.world.lines().first().map(AsRef::as_ref));
    let Some(line) = line else {
        draft.tell(None, |words| words.fault);
        draft.tell(None, |words| words.call_later);
        return draft.hang_up();
    };
    if route == Route::Recording && scene.sid.is_some() && !scene.state.message.is_empty() {
        // The message that the URL names was left before this went wrong; its status callback brings the rest.
        draft.say(line, &line.voicemail.thanks);
        return draft.hang_up();
    }
    draft.tell(Some(line), |words| words.fault);
    // The mailbox itself failed: sending the caller there again could go on for ever.
    if scene.sid.is_none() || matches!(route, Route::Voicemail | Route::Recording) {
        draft.also(": says when to call");
        return voicemail::later(line, draft);
    }
    draft.also(": goes to voicemail");
    let step = scene.state.step.saturating_add(1);
    let state = State {
        step,
        line: &line.name,
        consent: scene.state.consent,
        tongue: scene.state.tongue.settled(),
        ..State::default()
    };
    draft.redirect(state.url(&scene.world.public_url, Route::Voicemail));
}

/// Routes whose rooms are not built yet: signed requests are sent to the mailbox.
pub(super) fn not_built(scene: &Scene<'_>, draft: &mut Draft) {
    draft.decided("not available");
    draft.tell(scene.line, |words| words.not_now);
    match (scene.line, &scene.sid) {
        (Some(line), Some(_)) => {
            let step = scene.state.step.saturating_add(1);
            let state = State {
                step,
                line: &line.name,
                consent: scene.state.consent,
                tongue: scene.state.tongue.settled(),
                ..State::default()
            };
            draft.redirect(state.url(&scene.world.public_url, Route::Voicemail));
        }
        (Some(line), None) => voicemail::later(line, draft),
        (None, _) => draft.hang_up(),
    }
}
