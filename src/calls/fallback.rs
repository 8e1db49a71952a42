//! The carrier could not use our answer and asks the fallback URL. Nothing here needs a database: the caller hears
//! an apology and goes on where our own URL says the call stands.

use super::draft::Draft;
use super::scene::{Scene, Turn, spoken_in};
use super::state::{State, Tongue, Why};
use super::{arrival, consent, lists, menu, queue, recording, screen, tongue, voicemail};
use crate::gate::Route;
use crate::twilio::form::Form;

/// A failure on the leg of a person who is called.
pub(super) fn elsewhere(scene: &Scene<'_>, draft: &mut Draft) {
    report(scene, draft, scene.field("ErrorUrl").unwrap_or_default());
    screen::let_go(draft);
}

/// Goes on after a failure.
pub(super) fn resume(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    let failed = turn.field("ErrorUrl").unwrap_or_default();
    report(scene, draft, failed);
    if turn.is_gone() {
        return draft.decided("the caller is gone");
    }
    let (route, query) = ours(failed);
    let query = Form::parse(query.as_bytes());
    let state = State::read(&query).or_else(|| State::read(turn.webhook.state));
    let line = state.map_or(turn.line, |state| spoken_in(turn.line, state.tongue));
    let turn = Turn { line, ..turn };
    match (route, state) {
        (_, Some(State { spot: Some(spot), .. })) => queue::trouble(spot, draft),
        // The message is with the carrier, whose status callback tells of it: the one that the failed URL names, or the
        // same recording would be two messages.
        (Some(Route::Recording), Some(state)) => {
            let Scene { world, webhook, lost, .. } = *scene;
            let scene = Scene { world, webhook, sid: scene.sid.clone(), line: Some(turn.line), state, lost };
            recording::ended(Turn { state, ..turn }, &scene, draft);
        }
        (Some(Route::Voice), _) => {
            // Who is not let in is not let in here either.
            if !lists::met(&turn, draft) {
                draft.tell(Some(turn.line), |words| words.fault);
                arrival::receive(turn, draft);
            }
        }
        (_, Some(state)) => {
            let turn = consent::settle(Turn { state, ..turn }, draft);
            // Whoever calls for help is not told of our troubles.
            if menu::asked_for_help(&turn, draft) {
                return;
            }
            draft.tell(Some(turn.line), |words| words.fault);
            if state.tongue == Tongue::Asked {
                tongue::unasked(&turn, draft);
            } else {
                menu::resumed(&turn, draft);
            }
        }
        (_, None) => voicemail::take(&turn, draft, Why::Fault),
    }
}

/// Our route and our query in the URL that failed.
fn ours(url: &str) -> (Option<Route>, &str) {
    let Some((_, rest)) = url.split_once("/twilio/") else { return (None, "") };
    let rest = rest.split('#').next().unwrap_or_default();
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    (Route::ALL.into_iter().find(|route| route.name() == name), query)
}

fn report(scene: &Scene<'_>, draft: &mut Draft, failed: &str) {
    let code = scene.field("ErrorCode").filter(|code| code.bytes().all(|b| b.is_ascii_digit())).unwrap_or("unknown");
    let path = failed.split(['?', '#']).next().unwrap_or_default();
    draft.decided("the primary URL failed");
    draft.error(scene, format!("carrier.{code}"), &format!("the carrier could not use the answer of `{path}`"));
}
