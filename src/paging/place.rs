//! Outputs that are taken for a page, and the page that begins on them: at once, or a little later.

use super::desk::Paging;
use super::live::{Facts, Live};
use super::lock::Taken;
use super::plan::{Choice, EMERGENCY, Plan, limit};
use super::request::{Refused, Request};
use super::seam::{Options, PageId};
use crate::base::Time;
use crate::config::paging::{Output, Zone};
use std::sync::Arc;
use std::time::Duration;

/// Outputs that are taken, and still closed. Whoever has it opens it or gives it back.
#[derive(Debug)]
pub(super) struct Place {
    facts: Facts,
    outputs: Vec<Arc<Output>>,
    options: Options,
}

impl Place {
    /// Whether nothing is more urgent.
    pub(super) const fn is_emergency(&self) -> bool {
        self.facts.priority == EMERGENCY
    }
}

impl Paging {
    /// Takes what a page needs, all or nothing, and writes down if it may not. Whoever is less urgent gives way now.
    pub(super) fn take_place(&self, request: &Request) -> Result<Place, Refused> {
        let (id, now) = (request.id.clone().unwrap_or_else(|| self.name()), self.0.clock.now());
        let taken = self.judged(request, &id, now);
        taken.inspect_err(|why| self.refuse(request, id, why, now))
    }

    fn judged(&self, request: &Request, id: &PageId, now: Time) -> Result<Place, Refused> {
        if self.is_stopping() {
            return Err(Refused::Stopping);
        }
        let plan = self.plan();
        let choice = plan.choose(&request.zones, (&request.right, request.priority), now)?;
        self.lock(request, id, (&plan, &choice), now)
    }

    fn lock(
        &self,
        request: &Request,
        id: &PageId,
        (plan, choice): (&Plan, &Choice<'_>),
        now: Time,
    ) -> Result<Place, Refused> {
        let names: Vec<&str> = choice.outputs.iter().map(|output| output.name.as_str()).collect();
        let partly = choice.zones.iter().any(|zone| zone.partly);
        let mut state = self.state();
        let won = state.locks.take(id, choice.priority, &names, partly).map_err(|Taken { by }| Refused::Taken {
            zone: choice.zones.first().map_or_else(String::new, |zone| zone.extension.clone()),
            by,
        })?;
        for (page, outputs) in &won.lost {
            self.give_way(&mut state, page, outputs);
        }
        drop(state);
        let outputs = choice.outputs.iter().filter(|output| won.outputs.contains(&output.name)).cloned().collect();
        let chime = plan.chime(&choice.zones);
        let facts = Facts {
            outputs: won.outputs,
            left_out: won.left_out,
            priority: choice.priority,
            chime: !chime.is_empty(),
            limit: limit(&choice.zones, choice.priority),
            ..Facts::wanted(id.clone(), request, now)
        };
        Ok(Place { facts, outputs, options: options(choice, chime) })
    }

    /// Opens the outputs: the page begins. What more urgent pages took meanwhile is theirs.
    pub(super) fn open_place(&self, place: Place) -> Result<Arc<Live>, Refused> {
        let Place { mut facts, mut outputs, options } = place;
        facts.at = self.0.clock.now();
        let mut state = self.state();
        let first = outputs.first().map(|output| output.name.clone()).unwrap_or_default();
        let by = state.locks.holder(&first).cloned();
        outputs.retain(|output| state.locks.holder(&output.name) == Some(&facts.id));
        let (kept, lost) = facts.outputs.into_iter().partition(|name| outputs.iter().any(|kept| kept.name == *name));
        (facts.outputs, facts.left_out) = (kept, [facts.left_out, lost].concat());
        let opened = match by {
            _ if self.is_stopping() => Err(Refused::Stopping),
            Some(by) if outputs.is_empty() => Err(Refused::Taken { zone: facts.zones.concat(), by }),
            _ => {
                let opened = self.0.speakers.open(&facts.id, &outputs, options);
                opened.map_err(|fault| Refused::NoOutput(fault.to_string()))
            }
        };
        match opened {
            Ok(playing) => {
                let live = Arc::new(Live::new(facts, playing));
                state.live.insert(live.facts.id.clone(), Arc::clone(&live));
                drop(state);
                self.begun(&live);
                Ok(live)
            }
            Err(why) => {
                state.locks.release(&facts.id);
                drop(state);
                self.not_begun(facts, &why, why.as_str());
                Err(why)
            }
        }
    }

    /// Nobody wants the page any more: the outputs are free again, and were never opened.
    pub(super) fn give_back(&self, place: Place) {
        self.state().locks.release(&place.facts.id);
        self.not_begun(place.facts, &"the caller gave up", "cancelled");
    }
}

fn options(choice: &Choice<'_>, chime: Arc<[i16]>) -> Options {
    let longest =
        |of: fn(&Zone) -> u32| Duration::from_millis(choice.zones.iter().map(|z| of(z)).max().unwrap_or(0).into());
    Options { priority: choice.priority, settle: longest(|z| z.settle_ms), chime, tail: longest(|z| z.tail_ms) }
}
