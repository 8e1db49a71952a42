//! Under what a call comes in: everything that a line tells apart before its first menu.

use crate::base::{Secret, Time};
use crate::config::callers::{Pattern, Verdict};
use crate::config::hours::Override;
use crate::config::line::{Action, Line};
use crate::world::World;
use std::borrow::Cow;

/// Callers without a name in any list; the first that this line's lists do not know either is everybody.
const STRANGERS: [&str; 5] = ["+15875550111", "+14035550111", "+442079460111", "+4930555011", "+819055501111"];

/// One call to walk.
pub(super) struct Circumstance<'w> {
    /// With the line open, or closed.
    pub world: Cow<'w, World>,
    /// The caller, as the carrier names him.
    pub from: &'w str,
    /// What the carrier found out about his number.
    pub verstat: Option<&'static str>,
    /// In the words of a path.
    pub label: &'static str,
    /// The setting that decides what is heard at once, unless it is the first menu.
    pub blame: Option<&'static str>,
}

/// All circumstances of a line; the plainest first, so that paths in findings are plain.
pub(super) fn of<'w>(world: &'w World, line: &'w Line) -> Vec<Circumstance<'w>> {
    let open = || if line.hours.is_some() || has_desk(line) { said(world, line, true) } else { Cow::Borrowed(world) };
    let call = |from, label, blame| Circumstance { world: open(), from, verstat: None, label, blame };
    let lists = &line.callers;
    let first = |patterns: &'w [Pattern]| patterns.first().map(Pattern::text);
    let mut all = vec![call(stranger(line), "a call comes in", None)];
    if let Some(from) = pager(line) {
        all.push(call(from, "somebody calls who may page", None));
    }
    if let Some(from) = desk_callers(line).next() {
        all.push(call(from, "somebody calls who may open and close the line", None));
    }
    if let Some(from) = staff(line) {
        all.push(call(from, "somebody calls who takes the calls of a queue", None));
    }
    if let Some(from) = lists.vip.as_ref().and_then(|vip| first(&vip.numbers)) {
        all.push(call(from, "a VIP calls", Some("callers.vip")));
    }
    if let Some(block) = &lists.block {
        let blame = Some("callers.block");
        all.extend(first(&block.numbers).map(|from| call(from, "a blocked caller calls", blame)));
        if block.withheld {
            all.push(call("anonymous", "somebody calls who withholds his number", blame));
        }
        if block.unverified {
            let forged = call(stranger(line), "somebody calls whose number is not his", blame);
            all.push(Circumstance { verstat: Some("TN-Validation-Failed-A"), ..forged });
        }
    }
    all.push(Circumstance {
        world: said(world, line, false),
        from: stranger(line),
        verstat: None,
        label: "a call comes in while the line is closed",
        blame: Some("hours.closed"),
    });
    all
}

/// The world while the line is open, or closed: operators close lines without hours too.
fn said<'w>(world: &'w World, line: &Line, open: bool) -> Cow<'w, World> {
    let (id, from) = ("ov_prover".to_owned(), Time::MIN_UTC);
    let said = Override { id, line: line.name.clone(), open, from, until: None, say: String::new() };
    let mut world = world.clone();
    world.overrides.insert(line.name.clone(), vec![said]);
    // One key, so that a walk that presses each of them enters it.
    world.hours_pin = world.hours_pin.map(|_| Secret::new("1"));
    Cow::Owned(world)
}

/// Somebody whom no list of the line knows.
fn stranger(line: &Line) -> &'static str {
    let unknown = |from: &&&str| {
        line.callers.verdict(from, None) == Verdict::Usual
            && pages(line, from).is_none()
            && !desk_callers(line).any(|listed| listed == **from)
    };
    STRANGERS.iter().find(unknown).copied().unwrap_or(STRANGERS[0])
}

/// Somebody who takes the calls of a queue.
fn staff(line: &Line) -> Option<&str> {
    let actions = line.menus.values().flat_map(|menu| menu.keys.values().chain([&menu.otherwise]));
    let from = actions.filter_map(|action| match action.last() {
        Action::Answer(answer) => answer.from.first(),
        _ => None,
    });
    from.map(Pattern::text).next()
}

/// Somebody who pages without a PIN.
fn pager(line: &Line) -> Option<&str> {
    listed(line).next().map(|number| number.strip_suffix('*').unwrap_or(number))
}

fn pages<'l>(line: &'l Line, from: &str) -> Option<&'l str> {
    listed(line).find(|number| number.strip_suffix('*').map_or(*number == from, |prefix| from.starts_with(prefix)))
}

fn listed(line: &Line) -> impl Iterator<Item = &str> {
    let actions = line.menus.values().flat_map(|menu| menu.keys.values().chain([&menu.otherwise]));
    let lists = actions.filter_map(|action| match action.last() {
        Action::Page { listed, .. } => Some(listed),
        _ => None,
    });
    lists.flatten().map(String::as_str)
}

/// Whether a key opens and closes the line.
fn has_desk(line: &Line) -> bool {
    line.menus.values().flat_map(|menu| menu.keys.values()).any(|action| matches!(action.last(), Action::Hours { .. }))
}

/// Who opens and closes the line without a PIN.
fn desk_callers(line: &Line) -> impl Iterator<Item = &str> {
    let actions = line.menus.values().flat_map(|menu| menu.keys.values());
    let callers = actions.filter_map(|action| match action.last() {
        Action::Hours { callers } => Some(callers),
        _ => None,
    });
    callers.flatten().map(|pattern| match pattern {
        Pattern::Caller(number) | Pattern::Prefix(number) => number.as_str(),
    })
}
