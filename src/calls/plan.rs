//! Whom a choice rings, and how.

use super::state::{Choice, Origin, State};
use crate::config::line::{Action, Line, Target};
use crate::config::text::Text;
use crate::twiml::Legs;
use std::sync::LazyLock;

/// Seconds an emergency number rings: longer than a person's phone, shorter than its mailbox.
const EMERGENCY_RING_S: u32 = 60;

/// Seconds the number rings that an operator or an agent sends a caller to.
pub(super) const TRANSFER_RING_S: u32 = 25;

/// An agent has said where the call goes; the line says nothing more.
static CONNECTING: LazyLock<Text> = LazyLock::new(Text::default);

/// Whom to ring, and how.
pub(super) struct Plan<'a> {
    pub(super) say: &'a Text,
    pub(super) phones: Vec<Ring<'a>>,
    pub(super) in_turn: bool,
    pub(super) caller_id: Option<&'a str>,
}

/// One phone.
#[derive(Clone, Copy)]
pub(super) struct Ring<'a> {
    pub(super) target: &'a Target,
    pub(super) ring_s: u32,
    /// Whether who picks up is asked for a key; `None`: as usual for such a target.
    pub(super) screen: Option<bool>,
}

impl<'a> Plan<'a> {
    /// The plan behind a choice; `None` when a reload took it away.
    pub(super) fn of(line: &'a Line, origin: Origin<'_>) -> Option<Self> {
        match origin.by {
            Choice::Emergency => {
                Some(Self::direct(line.emergency.number.as_ref()?, &line.emergency.say, EMERGENCY_RING_S))
            }
            Choice::Target => Some(Self::direct(line.agent.targets.get(origin.menu)?, &CONNECTING, TRANSFER_RING_S)),
            _ => Self::of_action(behind(line, origin)?),
        }
    }

    /// One phone that a person, or an emergency, chose: whoever picks up there has the call. A key too many costs more
    /// than a mailbox when somebody calls for help; and who transfers a call knows whom he sends it to.
    fn direct(target: &'a Target, say: &'a Text, ring_s: u32) -> Self {
        let phone = Ring { target, ring_s, screen: Some(false) };
        Self { say, phones: vec![phone], in_turn: true, caller_id: None }
    }

    fn of_action(action: &'a Action) -> Option<Self> {
        let Action::Dial(dial) = action else { return None };
        let phones = dial.phones.iter().map(|phone| Ring {
            target: &phone.target,
            ring_s: phone.ring_s.unwrap_or(dial.ring_s),
            screen: phone.screen.or(dial.screen),
        });
        Some(Self {
            say: &dial.say,
            phones: phones.collect(),
            in_turn: dial.in_turn,
            caller_id: dial.caller_id.as_ref().map(|number| number.as_str()),
        })
    }

    /// The phones of one document: one, or as many as a Dial takes.
    pub(super) fn group(&self, place: Place) -> &[Ring<'a>] {
        let most = if self.in_turn || place.again { 1 } else { Legs::MOST };
        let rest = self.phones.get(place.from as usize..).unwrap_or_default();
        rest.get(..most.min(rest.len())).unwrap_or_default()
    }
}

/// Where a dial stands among its phones.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// The first phone that rings.
    pub(super) from: u32,
    /// All rang at once, and who was first did not take the call: the carrier stopped ringing the others and does not say
    /// who it was, so all are rung once more, in turn.
    pub(super) again: bool,
}

impl Place {
    pub(super) const fn of(state: State<'_>) -> Self {
        Self { from: state.target, again: state.tries > 0 }
    }
}

/// The action that a choice led to, behind all that is said first; `None` when a reload took it away.
pub(super) fn behind<'a>(line: &'a Line, origin: Origin<'_>) -> Option<&'a Action> {
    let menu = line.menus.get(if origin.menu.is_empty() { line.entry.as_str() } else { origin.menu });
    let action = match origin.by {
        Choice::Failed => &line.agent.on_failure,
        Choice::Ended => &line.agent.on_end,
        Choice::Vip => &line.callers.vip.as_ref()?.then,
        Choice::Closed => &line.hours.as_ref()?.closed.then,
        Choice::Otherwise => &menu?.otherwise,
        Choice::Key(key) => menu?.keys.get(&key)?,
        // Numbers of their own.
        Choice::Emergency | Choice::Target => return None,
    };
    Some(action.last())
}
