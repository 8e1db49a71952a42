//! Lines that ring each other: what one line alone cannot show.

use super::loops::{Edge, circles};
use super::report::{Finding, Report};
use super::rule::Rule;
use crate::base::E164;
use crate::twiml::{Callee, Leg, Response, Verb};
use crate::world::World;
use std::collections::{BTreeSet, VecDeque};

/// Numbers that a document rings.
pub(super) fn numbers(document: &Response) -> impl Iterator<Item = String> {
    let legs = document.verbs.iter().flat_map(|verb| match verb {
        Verb::Dial(dial) => match &dial.callee {
            Callee::Legs(legs) => legs.as_slice(),
            _ => &[],
        },
        _ => &[],
    });
    legs.filter_map(|leg| match leg {
        Leg::Number(number) => Some(number.number.clone()),
        _ => None,
    })
}

/// Places that the first two, where a call comes in, lead to along these ways.
pub(super) fn reached(places: usize, ways: &[Edge]) -> BTreeSet<usize> {
    let mut out = vec![Vec::new(); places];
    for way in ways {
        if let Some(ends) = out.get_mut(way.from) {
            ends.push(way.to);
        }
    }
    let mut reached: BTreeSet<usize> = (0..places.min(2)).collect();
    let mut next: VecDeque<usize> = reached.iter().copied().collect();
    while let Some(at) = next.pop_front() {
        let new = out.get(at).into_iter().flatten().filter(|to| reached.insert(**to));
        next.extend(new.copied().collect::<Vec<_>>());
    }
    reached
}

/// Lines that ring each other in a circle though no caller asked for it: each call makes another one, for ever and for
/// money. `reports` are those of [`World::lines`], in their order.
#[must_use]
pub fn prove_together(world: &World, reports: &[Report]) -> Vec<Finding> {
    let lines = world.lines();
    let of_number = |number: &str| {
        let number = E164::parse(number).ok()?;
        lines.iter().position(|line| line.numbers.contains(&number))
    };
    let mut ways = Vec::new();
    let mut rings = Vec::new();
    for (from, report) in reports.iter().enumerate() {
        for unasked in &report.unasked {
            if let Some(to) = of_number(&unasked.number) {
                ways.push(Edge { from, to });
                rings.push(unasked);
            }
        }
    }
    let found = circles(lines.len(), &ways).into_iter().filter_map(|circle| {
        let round: Vec<_> = circle.iter().filter_map(|way| Some(lines.get(way.to)?.name.as_str())).collect();
        let at = ways.iter().position(|way| Some(&way) == circle.first())?;
        let (way, unasked) = (ways.get(at)?, rings.get(at)?);
        let line = lines.get(way.from)?.name.clone();
        let message = format!(
            "without the caller {} is rung, which leads back to this service: {line} → {}, each call makes another",
            unasked.number,
            round.join(" → ")
        );
        let (path, place) = (unasked.path.clone(), unasked.place.clone());
        Some(Finding { rule: Rule::CallsItself, line, message, path, place })
    });
    found.collect()
}
