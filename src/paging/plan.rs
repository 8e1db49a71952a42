//! What the file says, ready to be used: zones found by extension, chimes as samples.

use super::request::{Refused, Right};
use super::{schedule, sound};
use crate::base::Time;
use crate::config::paging::{Chime, Output, Paging as Config, Zone};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nothing is more urgent, and it is never kept out by a schedule.
pub(super) const EMERGENCY: u8 = 9;

#[derive(Debug)]
pub(super) struct Plan {
    pub config: Config,
    /// Samples by the announcements' names, for those that are chimes.
    chimes: BTreeMap<String, Arc<[i16]>>,
}

/// Zones that one page plays in, and what follows from all of them together.
#[derive(Debug)]
pub(super) struct Choice<'p> {
    pub zones: Vec<&'p Arc<Zone>>,
    pub outputs: Vec<Arc<Output>>,
    pub priority: u8,
}

impl Plan {
    /// Reads the files of chimes; one that cannot be read is silent, and said.
    pub(super) fn new(config: Config) -> Self {
        let named = config.zones.iter().filter_map(|zone| match &zone.chime {
            Chime::Announcement(name) => config.announcements.iter().find(|known| known.name == *name),
            _ => None,
        });
        let chimes = named.filter_map(|known| Some((known.name.clone(), sound::announcement(known).ok()?.all())));
        Self { chimes: chimes.collect(), config }
    }

    /// The zones with these extensions, if they may be paged by this right at this time.
    pub(super) fn choose(
        &self,
        extensions: &[String],
        (right, wanted): (&Right, Option<u8>),
        now: Time,
    ) -> Result<Choice<'_>, Refused> {
        let mut choice = Choice { zones: Vec::new(), outputs: Vec::new(), priority: 0 };
        for extension in extensions {
            let zone = self.config.zone(extension).ok_or_else(|| Refused::UnknownZone(extension.clone()))?;
            if !self.config.enabled || !zone.enabled {
                return Err(Refused::Disabled(extension.clone()));
            }
            allowed(right, zone)?;
            choice.priority = choice.priority.max(zone.priority);
            choice.zones.push(zone);
            for output in &zone.outputs {
                if !choice.outputs.iter().any(|known| known.name == output.name) {
                    choice.outputs.push(Arc::clone(output));
                }
            }
        }
        choice.priority = wanted.unwrap_or(choice.priority);
        if choice.zones.is_empty() {
            return Err(Refused::UnknownZone(String::new()));
        }
        self.urgent(&choice, right, now)?;
        Ok(choice)
    }

    fn urgent(&self, choice: &Choice<'_>, right: &Right, now: Time) -> Result<(), Refused> {
        let highest = match right {
            Right::House => EMERGENCY,
            Right::Caller(caller) => caller.priority,
            Right::Pin => EMERGENCY - 1,
        };
        if choice.priority > highest {
            return Err(Refused::TooUrgent(choice.priority));
        }
        let shut = |zone: &&&Arc<Zone>| !schedule::is_open(&zone.schedule, self.config.timezone, now);
        match choice.zones.iter().find(shut) {
            Some(zone) if choice.priority < EMERGENCY => Err(Refused::Closed(zone.extension.clone())),
            _ => Ok(()),
        }
    }

    /// The chime of the first zone that has one.
    pub(super) fn chime(&self, zones: &[&Arc<Zone>]) -> Arc<[i16]> {
        let of = |zone: &&Arc<Zone>| match &zone.chime {
            Chime::Announcement(name) => self.chimes.get(name).cloned().unwrap_or_default(),
            own => sound::chime(own),
        };
        zones.iter().map(of).find(|samples| !samples.is_empty()).unwrap_or_default()
    }
}

fn allowed(right: &Right, zone: &Zone) -> Result<(), Refused> {
    let fine = match right {
        Right::House => true,
        Right::Pin => zone.callers.is_empty(),
        Right::Caller(caller) => {
            (caller.zones.is_empty() || caller.zones.contains(&zone.extension))
                && (zone.callers.is_empty() || zone.callers.contains(&caller.name))
        }
    };
    if fine { Ok(()) } else { Err(Refused::NotAllowed(zone.extension.clone())) }
}

/// The longest page that every zone allows.
pub(super) fn limit(zones: &[&Arc<Zone>], priority: u8) -> TimeDelta {
    let of = |zone: &&Arc<Zone>| if priority == EMERGENCY { zone.emergency_limit_s } else { zone.limit_s };
    TimeDelta::seconds(zones.iter().map(of).min().unwrap_or(60).into())
}
