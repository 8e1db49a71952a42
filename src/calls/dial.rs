//! Other people's phones: ringing them, and what follows when they were reached or not.

use super::draft::Draft;
use super::plan::{Place, Plan, Ring, TRANSFER_RING_S};
use super::scene::{Scene, Turn};
use super::state::{Choice, Origin, State, Why};
use super::{answered, consent, queue, screen, taping, transfer, voicemail};
use crate::base::{E164, Outcome};
use crate::config::line::Target;
use crate::gate::Route;
use crate::twiml::{Dial, Leg, LegEvent, Legs, Number, Sip};

/// Rings the phones of a step; without one the caller comes to the mailbox.
pub(super) fn ring(turn: &Turn<'_>, draft: &mut Draft, origin: Origin<'_>) {
    ring_from(turn, draft, origin, Place::default());
}

fn ring_from(turn: &Turn<'_>, draft: &mut Draft, origin: Origin<'_>, place: Place) {
    let Some(plan) = Plan::of(turn.line, origin).filter(|plan| !plan.group(place).is_empty()) else {
        return voicemail::take(turn, draft, Why::Nobody);
    };
    let group = plan.group(place);
    let from = place.from;
    draft.decided(&format!("dial {} of {}", from as usize + group.len(), plan.phones.len()));
    if from == 0 && !place.again {
        draft.say(turn.line, plan.say);
    }
    let is_entry = origin.by != Choice::Target && origin.menu == turn.line.entry;
    let menu = if is_entry { "" } else { origin.menu };
    let told = taping::tells_called(turn, draft, Some(origin.by));
    let state = State { menu, choice: Some(origin.by), target: from, tries: place.again.into(), told, ..turn.next() };
    let legs = (from..).zip(group).map(|(place, phone)| leg(turn, *phone, State { target: place, ..state }));
    let longest = group.iter().map(|phone| phone.ring_s).max().unwrap_or(TRANSFER_RING_S);
    connect(turn, draft, legs.collect(), state, (longest, plan.caller_id));
}

/// Rings the number that an operator sends the caller to.
fn hand_over(turn: &Turn<'_>, draft: &mut Draft) {
    draft.decided("transfer to ");
    draft.also(turn.state.to);
    let Ok(number) = E164::parse(turn.state.to) else {
        return voicemail::take(turn, draft, Why::Nobody);
    };
    let told = taping::tells_called(turn, draft, None);
    let state = State { transfer: turn.state.transfer, to: turn.state.to, told, ..turn.next() };
    let target = Target::Number(number);
    let phone = Ring { target: &target, ring_s: TRANSFER_RING_S, screen: Some(false) };
    let legs = vec![leg(turn, phone, state)];
    connect(turn, draft, legs, state, (TRANSFER_RING_S, None));
}

/// The verb that rings, and the mailbox behind it.
fn connect(
    turn: &Turn<'_>,
    draft: &mut Draft,
    legs: Vec<Leg>,
    state: State<'_>,
    (ring_s, caller_id): (u32, Option<&str>),
) {
    let Ok(legs) = Legs::new(legs) else {
        return voicemail::take(turn, draft, Why::Nobody);
    };
    let state = State { told: false, ..state };
    let mut dial = Dial::new(legs).action(turn.url(Route::Dial, state)).timeout(ring_s).answer_on_bridge(true);
    dial.caller_id = caller_id.map(ToOwned::to_owned);
    draft.verb(taping::recorded(turn, draft, dial, state));
    draft.redirect(turn.url(Route::Voicemail, State { why: Why::Nobody, ..turn.next() }));
}

/// One phone; the carrier tells us how it fares, and asks us what who picks up there is to hear.
fn leg(turn: &Turn<'_>, phone: Ring<'_>, state: State<'_>) -> Leg {
    const EVENTS: [LegEvent; 4] = [LegEvent::Initiated, LegEvent::Ringing, LegEvent::Answered, LegEvent::Completed];
    let state = State { screen: screened(turn, phone), tries: 0, ..state };
    let status = turn.url(Route::Status, State { told: false, ..state });
    let url = (state.screen || state.told).then(|| screen::url(turn, state));
    let number = |number: &str| {
        let number = Number::new(number).status_callback(status.as_str()).status_callback_event(EVENTS);
        Leg::from(Number { url: url.clone(), ..number })
    };
    match phone.target {
        Target::Number(e164) => number(e164.as_str()),
        Target::Public(short) => number(short),
        Target::Sip(uri) => {
            let sip = Sip::new(uri.as_str()).status_callback(status.as_str()).status_callback_event(EVENTS);
            Leg::from(Sip { url: url.clone(), ..sip })
        }
    }
}

/// Whether who picks up is asked for a key. A telephone may have a mailbox; a line of this house and a SIP telephone have none
/// that we would not know of.
fn screened(turn: &Turn<'_>, phone: Ring<'_>) -> bool {
    phone.screen.unwrap_or_else(|| matches!(phone.target, Target::Number(number) if !turn.world.is_ours(number)))
}

/// How a dial ended.
enum Result {
    /// The two talked.
    Talked,
    /// Nobody was there, or something answered that was not connected.
    Missed,
    /// The carrier said something we do not know.
    Odd,
}

/// `completed` alone does not mean that somebody answered (PROTOCOL.md 2.8).
fn result(turn: &Turn<'_>) -> Result {
    let lasted = || turn.field("DialCallDuration").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0) > 0;
    match (turn.field("DialCallStatus"), turn.field("DialBridged")) {
        (Some("completed" | "answered"), Some("true")) => Result::Talked,
        (Some("completed"), None) if lasted() => Result::Talked,
        // A conference has neither duration nor bridge.
        (Some("answered"), None) => Result::Talked,
        (Some("completed" | "answered" | "busy" | "no-answer" | "failed" | "canceled"), _) => Result::Missed,
        _ => Result::Odd,
    }
}

/// A dialled leg ended: farewell, or the next target, or the mailbox.
pub(super) fn ended(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    if transfer::begins(&turn) {
        return if turn.is_gone() { draft.decided("the caller is gone") } else { hand_over(&turn, draft) };
    }
    let result = result(&turn);
    if let Some(key) = queue::answering_of(&turn) {
        return queue::served(&turn, draft, key, matches!(result, Result::Talked));
    }
    draft.decided("dial ended: ");
    draft.also(turn.field("DialCallStatus").filter(|word| word.len() < 20).unwrap_or("no status"));
    if matches!(result, Result::Odd) {
        draft.error(scene, "webhook.malformed", "a dial's end without a DialCallStatus that we know");
    }
    match result {
        Result::Talked => {
            talked(&turn, draft);
            if !turn.is_gone() {
                draft.tell(Some(turn.line), |words| words.goodbye);
                draft.hang_up();
            }
        }
        Result::Missed | Result::Odd if turn.is_gone() => {
            draft.decided("the caller hung up");
            transfer::tell(&turn, draft, "cancelled", Some("caller hung up"));
            draft.outcome(Outcome::Abandoned, "caller hung up while it rang");
        }
        Result::Missed | Result::Odd => {
            transfer::tell(&turn, draft, "failed", turn.field("DialCallStatus").filter(|word| word.len() < 20));
            onwards(&consent::settle(turn, draft), draft);
        }
    }
}

fn onwards(turn: &Turn<'_>, draft: &mut Draft) {
    let Some(by) = turn.state.choice else {
        return voicemail::take(turn, draft, Why::Nobody);
    };
    let origin = Origin { menu: turn.state.menu, by };
    let place = Place::of(turn.state);
    let done = Plan::of(turn.line, origin).map_or(0, |plan| plan.group(place).len());
    // Somebody picked up, and it was not for him: the others have not been asked yet.
    let picked_up = matches!(turn.field("DialCallStatus"), Some("completed" | "answered"));
    if picked_up && done > 1 {
        return ring_from(turn, draft, origin, Place { again: true, ..place });
    }
    let next = place.from.saturating_add(u32::try_from(done.max(1)).unwrap_or(u32::MAX));
    ring_from(turn, draft, origin, Place { from: next, ..place });
}

fn talked(turn: &Turn<'_>, draft: &mut Draft) {
    draft.outcome(Outcome::Answered, "the conversation ended");
    let step = turn.state.step.to_string();
    let leg = turn.field("DialCallSid").unwrap_or(&step);
    draft.facts.event(answered::event(turn.line, turn.state, turn.sid.as_str(), leg));
    transfer::tell(turn, draft, "completed", None);
}
