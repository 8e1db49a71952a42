//! The live conversation: what follows its stream.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::state::{Choice, Origin, Why};
use super::{action, consent, dial, menu, stream, unpaged, voicemail};
use crate::base::Outcome;
use crate::config::line::Action;
use crate::ledger::{StreamEnd, StreamNext};

/// How often a conversation that broke off is taken up again.
const MOST_TRIES: u32 = 3;

/// The stream ended, or never began: nobody is left in silence.
pub(super) fn ended(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    let turn = consent::settle(turn, draft);
    if turn.field("SessionStatus") == Some("failed") {
        carrier_failed(scene, draft, ("ErrorCode", "ErrorMessage"));
    }
    // What we told the carrier comes back signed; who stored it knows more.
    let brought = turn.field("HandoffData").and_then(StreamEnd::read);
    let Some(end) = turn.webhook.end.or(brought.as_ref()) else {
        draft.decided("the stream ended, or never began");
        return match unpaged::zone(&turn) {
            Some(zone) => unpaged::told(&turn, draft, (zone, "no_output")),
            None => failed(&turn, draft),
        };
    };
    draft.decided("the stream ended: ");
    draft.also(&end.reason);
    if let Some(words) = &end.say {
        draft.say(turn.line, &words.as_str().into());
    }
    match &end.next {
        StreamNext::Line => onward(&turn, draft, &turn.line.agent.on_end, Choice::Ended),
        StreamNext::Failed => failed(&turn, draft),
        StreamNext::Voicemail => voicemail::take(&turn, draft, Why::Chosen),
        StreamNext::Transfer { to } => dial::ring(&turn, draft, Origin { menu: to, by: Choice::Target }),
        StreamNext::Emergency { said } => {
            if !menu::escalated(&turn, draft, (said, "stream")) {
                onward(&turn, draft, &turn.line.agent.on_end, Choice::Ended);
            }
        }
        StreamNext::Hangup => {
            draft.outcome(Outcome::Answered, "the conversation ended");
            draft.hang_up();
        }
        StreamNext::NotPaged { zone, why } => unpaged::told(&turn, draft, (zone, why)),
        StreamNext::Closed if turn.is_gone() => draft.hang_up(),
        StreamNext::Again | StreamNext::Closed if turn.state.tries < MOST_TRIES => {
            stream::connect(&turn, draft, turn.state.tries + 1);
        }
        StreamNext::Again | StreamNext::Closed => failed(&turn, draft),
    }
}

/// The conversation is not to be had: where the line leads then.
fn failed(turn: &Turn<'_>, draft: &mut Draft) {
    match &turn.line.agent.on_failure {
        Action::Voicemail => voicemail::take(turn, draft, Why::Talk),
        action => {
            draft.tell(Some(turn.line), |words| words.no_talk);
            onward(turn, draft, action, Choice::Failed);
        }
    }
}

fn onward(turn: &Turn<'_>, draft: &mut Draft, action: &Action, by: Choice) {
    action::perform(turn, draft, action, Origin { menu: &turn.line.entry, by });
}

/// The carrier tells how the stream fares; it does not listen to the answer.
pub(super) fn reported(scene: &Scene<'_>, draft: &mut Draft) {
    draft.decided("stream event kept");
    if scene.field("StreamEvent") == Some("stream-error") {
        carrier_failed(scene, draft, ("StreamErrorCode", "StreamError"));
    }
}

fn carrier_failed(scene: &Scene<'_>, draft: &mut Draft, (code, words): (&str, &str)) {
    let code = scene.field(code).filter(|code| code.bytes().all(|b| b.is_ascii_digit()));
    let kind = code.map_or_else(|| "carrier.stream".to_owned(), |code| format!("carrier.{code}"));
    draft.error(scene, kind, scene.field(words).unwrap_or("the stream failed"));
}
