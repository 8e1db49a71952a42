//! Recording of dialled conversations: leave of the caller, and notice for the person called.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{Choice, State};
use super::{consent, spoken};
use crate::config::line::{Recording, Taping, TellCalled};
use crate::gate::Route;
use crate::twiml::{Dial, DialRecord, Permit, Prompted, RecordingEvent};

/// How the conversation behind this choice is recorded, and the leave to do so: where the line wants it, the caller agreed and
/// the row is stored; never an emergency.
fn wanted<'a>(turn: &Turn<'a>, draft: &Draft, choice: Option<Choice>) -> Option<(&'a Taping, Permit)> {
    match &turn.line.recording {
        Recording::Dial(taping) if choice != Some(Choice::Emergency) => {
            Some((taping, consent::of_conversation(turn, draft)?))
        }
        _ => None,
    }
}

/// Whether the person called has to hear that the conversation is recorded.
pub(super) fn tells_called(turn: &Turn<'_>, draft: &Draft, choice: Option<Choice>) -> bool {
    wanted(turn, draft, choice).is_some_and(|(taping, _)| taping.tell_called != TellCalled::No)
}

/// The dial, recorded if that is wanted and allowed.
pub(super) fn recorded(turn: &Turn<'_>, draft: &Draft, dial: Dial, state: State<'_>) -> Dial {
    let Some((taping, permit)) = wanted(turn, draft, state.choice) else { return dial };
    let mode = if taping.dual { DialRecord::FromAnswerDual } else { DialRecord::FromAnswer };
    dial.record(permit.to(mode))
        .recording_status_callback(turn.url(Route::Recording, state))
        .recording_status_callback_event([
            RecordingEvent::InProgress,
            RecordingEvent::Completed,
            RecordingEvent::Absent,
        ])
}

/// Says to the person called that the conversation is recorded, if it is; what follows connects the two.
pub(super) fn tell_called(turn: &Turn<'_>, draft: &mut Draft) {
    draft.decided("told of the recording");
    notice(turn).into_iter().for_each(|said| draft.verb(said));
}

/// What the person called hears of the recording; nothing where there is none.
pub(super) fn notice(turn: &Turn<'_>) -> Vec<Prompted> {
    let usual = || vec![spoken::sentence(Some(turn.line), |words| words.recorded).into()];
    match &turn.line.recording {
        _ if !turn.state.told => Vec::new(),
        // The dial records whatever a reload says meanwhile.
        Recording::Off => usual(),
        Recording::Dial(taping) => match &taping.tell_called {
            TellCalled::Words(words) => spoken::text(turn.line, words).collect(),
            TellCalled::Usual | TellCalled::No => usual(),
        },
    }
}
