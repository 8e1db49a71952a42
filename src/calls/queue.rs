//! Queues: a caller waits until somebody takes the call, presses the key that leaves, or has waited long enough; staff who
//! phone in take one caller after the other.
//!
//! What is heard while waiting is asked for again and again by the carrier, with the caller's place and how long he has
//! waited; so nothing here goes round by itself, and the longest wait is counted by the carrier's clock.

use super::draft::Draft;
use super::plan::behind;
use super::scene::{Scene, Turn};
use super::state::{Origin, Spot, State, Why};
use super::words::Words;
use super::{consent, gather, spoken, voicemail};
use crate::base::{Outcome, derived_id};
use crate::config::line::{Action, Answering, Line, Queue};
use crate::gate::Route;
use crate::ledger::OutboxEvent;
use crate::twiml::{self, Dial, Enqueue, Gather, GatherInput, Leave, Pause, Play, Prompted};
use serde_json::{Value, json};

/// Seconds of silence, before and after the friendly sentence.
const SILENCE_S: u32 = 10;

/// The name that the carrier knows: lines of one account keep theirs apart.
fn full_name(line: &Line, queue: &str) -> String {
    format!("{}.{queue}", line.name)
}

/// The next step of a caller whom `origin` led here.
fn chose<'a>(turn: &Turn<'a>, origin: Origin<'a>) -> State<'a> {
    let menu = if origin.menu == turn.line.entry { "" } else { origin.menu };
    State { menu, choice: Some(origin.by), ..turn.next() }
}

/// What led to the queue that a URL is about.
fn origin<'a>(state: State<'a>) -> Option<Origin<'a>> {
    Some(Origin { menu: state.menu, by: state.choice? })
}

/// The caller joins a queue.
pub(super) fn join(turn: &Turn<'_>, draft: &mut Draft, queue: &Queue, origin: Origin<'_>) {
    draft.decided("waits in the queue ");
    draft.also(&queue.name);
    draft.say(turn.line, &queue.say);
    let state = chose(turn, origin);
    let wait = turn.url(Route::Queue, State { spot: Some(Spot::Waits), ..state });
    let enqueue =
        Enqueue::queue(full_name(turn.line, &queue.name)).action(turn.url(Route::Queue, state)).wait_url(wait);
    draft.verb(enqueue.max_queue_size(queue.max_size));
    draft.redirect(turn.url(Route::Voicemail, State { why: Why::Nobody, ..turn.next() }));
}

/// The carrier asks what a caller hears who waits, or tells that he waits no longer.
pub(super) fn met(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    match turn.state.spot {
        Some(Spot::Waits | Spot::Pressed) if turn.is_gone() => draft.decided("the caller is gone"),
        Some(Spot::Waits) => waits(&turn, draft),
        Some(Spot::Pressed) => pressed(&turn, draft),
        Some(Spot::Taken) => taken(&turn, draft),
        // A URL that we do not understand, on its way through the queue: he is led on to the mailbox.
        None if turn.field("QueuePosition").is_some() => leave(draft, "leaves the queue"),
        None => left(turn, scene, draft),
    }
}

/// Something failed while a caller waits: he leaves the queue, and what follows it goes on. One who is being connected is.
pub(super) fn trouble(spot: Spot, draft: &mut Draft) {
    match spot {
        Spot::Waits | Spot::Pressed => leave(draft, "leaves the queue"),
        Spot::Taken => draft.verb(Pause::seconds(1)),
    }
}

fn leave(draft: &mut Draft, why: &str) {
    draft.decided(why);
    draft.verb(Leave {});
}

/// The queue that a URL is about; `None` when a reload took it away.
fn queue_of<'a>(turn: &Turn<'a>) -> Option<&'a Queue> {
    match behind(turn.line, origin(turn.state)?)? {
        Action::Queue(queue) => Some(queue),
        _ => None,
    }
}

fn number(turn: &Turn<'_>, field: &str) -> Option<u32> {
    turn.field(field).and_then(|text| text.parse().ok())
}

/// One round of waiting.
fn waits(turn: &Turn<'_>, draft: &mut Draft) {
    let Some(queue) = queue_of(turn) else { return leave(draft, "the queue is gone") };
    let (waited, place) = (number(turn, "QueueTime").unwrap_or(0), number(turn, "QueuePosition"));
    draft.facts.event(joined(turn, queue));
    if waited >= queue.max_wait_s {
        return leave(draft, "has waited long enough");
    }
    if place.is_some_and(|place| place > queue.max_size) {
        return leave(draft, "the queue is full");
    }
    draft.decided("waits");
    let mut heard = Vec::new();
    if let Some(place) = place {
        draft.also(&format!(" as number {place}"));
        heard.push(spoken::filled(turn.line, |words| words.place_in_line.replace("{}", &place.to_string())).into());
    }
    heard.extend(queue.leave_key.map(|key| Prompted::from(spoken::filled(turn.line, |words| leaving(words, key)))));
    match &queue.music {
        Some(url) => heard.push(Play::new(url.as_str()).into()),
        None => heard.extend([
            Pause::seconds(SILENCE_S).into(),
            Prompted::from(spoken::sentence(Some(turn.line), |words| words.still_waiting)),
            Pause::seconds(SILENCE_S).into(),
        ]),
    }
    // Where the document ends the carrier asks again.
    match queue.leave_key {
        None => heard.into_iter().for_each(|prompt| draft.verb(prompt)),
        Some(_) => draft.verb(listening(turn, heard)),
    }
}

fn listening(turn: &Turn<'_>, prompts: Vec<Prompted>) -> Gather {
    let step = turn.state.step.saturating_add(1);
    let url = turn.url(Route::Queue, State { step, spot: Some(Spot::Pressed), ..turn.state });
    let gather = Gather::new().input(GatherInput::Dtmf).action(url).timeout(1).num_digits(1).finish_on_key("");
    Gather { prompts, ..gather }
}

fn leaving(words: &Words, key: char) -> String {
    let name = match key {
        '*' => words.star.to_owned(),
        '#' => words.hash.to_owned(),
        digit => digit.to_string(),
    };
    words.leave_the_line.replace("{}", &name)
}

/// A key was pressed while waiting.
fn pressed(turn: &Turn<'_>, draft: &mut Draft) {
    let key = turn.field("Digits").and_then(|digits| digits.chars().next());
    match queue_of(turn).map(|queue| queue.leave_key) {
        Some(leaves) if leaves.is_none() || leaves != key => waits(turn, draft),
        _ => leave(draft, "leaves the queue by a key"),
    }
}

/// Somebody takes the call: told by the caller's own leg before the two are connected.
fn taken(turn: &Turn<'_>, draft: &mut Draft) {
    draft.decided("is taken out of the queue");
    let Some(queue) = answering_of(turn).map(|(answer, _)| answer.queue.as_str()) else { return };
    draft.outcome(Outcome::Answered, "answered");
    let leg = turn.field("DequeingCallSid").unwrap_or_default();
    draft.facts.event(answered(turn, queue, turn.state.caller));
    draft.facts.event(OutboxEvent {
        id: Some(derived_id("evt", &["call.answered", turn.sid.as_str(), leg])),
        kind: "call.answered",
        line: Some(turn.line.name.clone()),
        subject: format!("calls/{}", turn.sid),
        data: json!({ "answered_by": { "kind": "number", "id": leg, "number": turn.state.caller } }),
    });
}

/// The caller waits no longer.
fn left(turn: Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    let result = turn.field("QueueResult").unwrap_or("no result");
    draft.decided("left the queue: ");
    draft.also(if result.len() < 30 { result } else { "odd" });
    let queue = queue_of(&turn);
    match result {
        "bridged" | "bridging-in-process" => {
            draft.outcome(Outcome::Answered, "the conversation ended");
            queue.into_iter().for_each(|queue| draft.facts.event(answered(&turn, &queue.name, "")));
            if !turn.is_gone() {
                draft.tell(Some(turn.line), |words| words.goodbye);
                draft.hang_up();
            }
        }
        // Somebody led the call elsewhere: this answer is not heard, or leads on.
        "redirected" | "redirected-from-bridged" => {
            draft.redirect(turn.url(Route::Voicemail, State { why: Why::Nobody, ..turn.next() }));
        }
        _ if turn.is_gone() || result == "hangup" => {
            draft.outcome(Outcome::Abandoned, "caller hung up in the queue");
            queue.into_iter().for_each(|queue| draft.facts.event(abandoned(&turn, queue, "hangup")));
            draft.hang_up();
        }
        _ => {
            let reason = reason(result, &turn, queue);
            queue.into_iter().for_each(|queue| draft.facts.event(abandoned(&turn, queue, reason)));
            if reason == "error" {
                draft.error(scene, "carrier.queue", "the carrier could not keep a caller in the queue");
            }
            let why = if reason == "pressed_out" { Why::Chosen } else { Why::Nobody };
            voicemail::take(&consent::settle(turn, draft), draft, why);
        }
    }
}

/// Why a caller left whom nobody took, in the words of the event.
fn reason(result: &str, turn: &Turn<'_>, queue: Option<&Queue>) -> &'static str {
    let waited = number(turn, "QueueTime").unwrap_or(0);
    match (result, queue) {
        ("leave", Some(queue)) if waited >= queue.max_wait_s => "timed_out",
        ("leave", Some(queue)) if queue.leave_key.is_some() => "pressed_out",
        ("leave", _) | ("queue-full", _) => "queue_full",
        _ => "error",
    }
}

/// Somebody of the staff takes calls, if he is listed.
pub(super) fn take_calls(turn: &Turn<'_>, draft: &mut Draft, answer: &Answering, origin: Origin<'_>) {
    let from = turn.field("From").unwrap_or_default();
    if !answer.from.iter().any(|pattern| pattern.matches(from)) {
        draft.decided("the caller may not take calls");
        draft.tell(Some(turn.line), |words| words.not_now);
        return voicemail::take(turn, draft, Why::Chosen);
    }
    draft.decided("takes a call from the queue ");
    draft.also(&answer.queue);
    let state = chose(turn, origin);
    let url = turn.url(Route::Queue, State { spot: Some(Spot::Taken), caller: from, ..state });
    let queue = twiml::Queue { url: Some(url), ..twiml::Queue::new(full_name(turn.line, &answer.queue)) };
    // Never recorded: who takes the call has agreed to nothing for the one who waits.
    draft.verb(Dial::new(queue).action(turn.url(Route::Dial, state)).timeout(answer.wait_s));
    draft.tell(Some(turn.line), |words| words.goodbye);
    draft.hang_up();
}

/// The key behind a URL that takes calls out of a queue.
pub(super) fn answering_of<'a>(turn: &Turn<'a>) -> Option<(&'a Answering, Origin<'a>)> {
    let origin = origin(turn.state)?;
    match behind(turn.line, origin)? {
        Action::Answer(answer) => Some((answer, origin)),
        _ => None,
    }
}

/// A conversation with somebody from the queue is over, or nobody was in it.
pub(super) fn served(turn: &Turn<'_>, draft: &mut Draft, (answer, origin): (&Answering, Origin<'_>), talked: bool) {
    draft.decided(if talked { "has taken a call" } else { "nobody waits in the queue" });
    if talked {
        draft.outcome(Outcome::Answered, "took calls of a queue");
    }
    match (turn.is_gone(), talked) {
        (true, _) => {}
        (false, true) => take_calls(turn, draft, answer, origin),
        (false, false) => {
            draft.tell(Some(turn.line), |words| words.nobody_waits);
            gather::play(turn, draft, &turn.line.entry, 0, Vec::new());
        }
    }
}

/// Told with every round, once: the first request of a caller who waits may be lost.
fn joined(turn: &Turn<'_>, queue: &Queue) -> OutboxEvent {
    let place = number(turn, "QueuePosition").unwrap_or(0);
    let size = number(turn, "CurrentQueueSize").unwrap_or(place);
    let more = json!({
        "position": place,
        "size": size,
        "expected_wait_s": number(turn, "AvgQueueTime").unwrap_or(0),
    });
    event(turn, ("queue.call_added", &queue.name), more)
}

fn answered(turn: &Turn<'_>, queue: &str, by: &str) -> OutboxEvent {
    let more = json!({
        "wait_s": number(turn, "QueueTime").unwrap_or(0),
        "agent": { "kind": "number", "number": by },
        "how": "dequeued",
    });
    event(turn, ("queue.call_answered", queue), more)
}

fn abandoned(turn: &Turn<'_>, queue: &Queue, reason: &str) -> OutboxEvent {
    let more = json!({
        "wait_s": number(turn, "QueueTime").unwrap_or(0),
        "position": number(turn, "QueuePosition").unwrap_or(0),
        "reason": reason,
    });
    event(turn, ("queue.call_abandoned", &queue.name), more)
}

/// One of each kind for a call and a queue, whoever tells of it and however often.
fn event(turn: &Turn<'_>, (kind, queue): (&'static str, &str), more: Value) -> OutboxEvent {
    let mut data = json!({ "queue": { "name": queue, "line": turn.line.name } });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    OutboxEvent {
        id: Some(derived_id("evt", &[kind, turn.sid.as_str(), queue])),
        kind,
        line: Some(turn.line.name.clone()),
        subject: format!("calls/{}", turn.sid),
        data,
    }
}
