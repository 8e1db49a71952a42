//! What a call must pass to come in, and what its caller hears otherwise. The ledger judges.

use super::draft::Draft;
use super::input::clean;
use super::scene::{Scene, Turn};
use super::state::Why;
use super::voicemail;
use crate::base::{Caller, Outcome};
use crate::config::limits::{Custom, Rate};
use crate::config::line::Busy;
use crate::gate::{Storage, Webhook};
use crate::ledger::{Facts, Rule, STATUS_429, TurnedAway, Wish};
use crate::twiml::{Reject, Response};
use crate::world::World;
use bytes::Bytes;
use std::sync::LazyLock;

/// Said on most lines, so made once.
static REJECT: LazyLock<Bytes> = LazyLock::new(|| Response::new().then(Reject::busy()).render().into());

/// Longest part of a bucket's name; nothing real is longer.
const LONGEST: usize = 100;

/// Asks for the limits of a call that comes in. A call that we placed is not one, and a later step that comes here
/// again is not either.
pub(super) fn ask(turn: &Turn<'_>, scene: &Scene<'_>, draft: &mut Draft) {
    if comes_in(turn) {
        draft.limited(wishes(turn), busy(turn, scene));
    }
}

/// A call that comes in: not one that we placed, and not a later step.
pub(super) fn comes_in(turn: &Turn<'_>) -> bool {
    let placed = turn.field("Direction").is_some_and(|direction| direction.starts_with("outbound"));
    !placed && turn.state.step == 0
}

/// What a caller hears when too many call at once. `None`: not a call that may be turned away.
#[must_use]
pub fn full_house(world: &World, webhook: &Webhook<'_>) -> Option<Bytes> {
    // Nothing is stored of it, so nothing may be recorded either.
    let webhook = Webhook { storage: Storage::Lost, ..webhook.clone() };
    let scene = Scene::new(world, &webhook);
    let turn = scene.turn().filter(comes_in)?;
    Some(busy(&turn, &scene).answer)
}

/// In the order in which a refusal is named: whose calls are too many, before whom they are too many for.
fn wishes(turn: &Turn<'_>) -> Vec<Wish> {
    let limits = &turn.line.limits;
    let from = turn.field("From").unwrap_or_default();
    let caller = Caller::parse(from);
    if caller != Caller::Withheld && limits.allows(from) {
        return Vec::new();
    }
    let line = turn.line.name.as_str();
    let by_caller = limits.caller.filter(|_| caller != Caller::Withheld);
    let account = turn.field("AccountSid").zip(limits.account);
    [
        by_caller.map(|rate| wish(Rule::Caller, &[line, from], rate)),
        limits.custom.as_ref().map(|custom| by_fields(turn, custom)),
        limits.line.map(|rate| wish(Rule::Line, &[line], rate)),
        account.map(|(account, rate)| wish(Rule::Account, &[account], rate)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn by_fields(turn: &Turn<'_>, custom: &Custom) -> Wish {
    let values = custom.by.iter().map(|field| turn.field(field).unwrap_or("-"));
    let parts: Vec<&str> = std::iter::once(turn.line.name.as_str()).chain(values).collect();
    wish(Rule::Custom, &parts, custom.rate)
}

fn wish(rule: Rule, whom: &[&str], rate: Rate) -> Wish {
    let mut key = rule.as_str().to_owned();
    for part in whom {
        key.push('/');
        key.push_str(&clean(part, LONGEST));
    }
    Wish { rule, key, burst: rate.burst, every_us: rate.every_us }
}

/// What the line wants a caller to hear who is over a limit.
fn busy(turn: &Turn<'_>, scene: &Scene<'_>) -> TurnedAway {
    let mut draft = Draft::default();
    match &turn.line.busy {
        Busy::Reject => short("busy", REJECT.clone()),
        Busy::Status429 => short("429", Bytes::from_static(STATUS_429)),
        wanted @ Busy::Message(_) => {
            turn_away(turn, &mut draft, wanted);
            draft.turned_away(scene, "message")
        }
        wanted @ Busy::Voicemail => {
            turn_away(turn, &mut draft, wanted);
            draft.turned_away(scene, "voicemail")
        }
    }
}

/// Says it to a caller who is not let in. A plain 429 is a wish of limits only: elsewhere it is busy.
pub(super) fn turn_away(turn: &Turn<'_>, draft: &mut Draft, wanted: &Busy) {
    match wanted {
        Busy::Reject | Busy::Status429 => draft.verb(Reject::busy()),
        Busy::Message(text) => {
            draft.say(turn.line, text);
            draft.hang_up();
        }
        Busy::Voicemail => voicemail::take(turn, draft, Why::Chosen),
    }
}

fn short(action: &'static str, answer: Bytes) -> TurnedAway {
    TurnedAway { action, outcome: Outcome::Rejected, facts: Facts::default(), answer }
}
