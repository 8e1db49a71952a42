//! How zones are right now.

use super::desk::Paging;
use super::live::Live;
use super::schedule;
use crate::base::Time;
use crate::config::paging::Zone;
use std::sync::Arc;

/// A zone as it is right now.
#[derive(Clone, Debug)]
pub struct ZoneState {
    /// What the file says.
    pub zone: Arc<Zone>,
    /// How it is.
    pub state: State,
    /// Whether its hours allow a page now.
    pub open: bool,
    /// What plays on each of its outputs, in their order.
    pub outputs: Vec<OutputState>,
    /// The page that plays here; of several the most urgent.
    pub page: Option<PlayingPage>,
}

/// How a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing plays.
    Idle,
    /// A page plays on every output.
    Paging,
    /// A page plays on some outputs.
    Partly,
    /// Switched off.
    Disabled,
}

impl State {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Paging => "paging",
            Self::Partly => "partly",
            Self::Disabled => "disabled",
        }
    }
}

/// An output as it is right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputState {
    /// Its name.
    pub name: String,
    /// The word of the file for how sound gets there.
    pub kind: &'static str,
    /// Name of the page that plays on it.
    pub page: Option<String>,
}

/// A page that plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayingPage {
    /// `pg_…`
    pub id: String,
    /// 0 to 9.
    pub priority: u8,
    /// Where its sound comes from.
    pub source: &'static str,
    /// Since when.
    pub since: Time,
    /// When its limit ends it.
    pub until: Time,
}

impl PlayingPage {
    fn of(live: &Live) -> Self {
        let facts = &live.facts;
        Self {
            id: facts.id.as_str().to_owned(),
            priority: facts.priority,
            source: facts.origin.as_str(),
            since: facts.at,
            until: facts.at + facts.limit,
        }
    }
}

impl Paging {
    /// Every zone, in the order of the file.
    #[must_use]
    pub fn zones(&self) -> Vec<ZoneState> {
        let (plan, now) = (self.plan(), self.0.clock.now());
        let config = &plan.config;
        let open = |zone: &Zone| schedule::is_open(&zone.schedule, config.timezone, now);
        config.zones.iter().map(|zone| self.zone_state(zone, (config.enabled, open(zone)))).collect()
    }

    /// What people call a zone; its extension where nobody has named it.
    #[must_use]
    pub fn zone_name(&self, extension: &str) -> String {
        let plan = self.plan();
        plan.config.zone(extension).map_or(extension, |zone| zone.name.as_str()).to_owned()
    }

    fn zone_state(&self, zone: &Arc<Zone>, (enabled, open): (bool, bool)) -> ZoneState {
        let holders = self.holders(zone);
        let busy = holders.iter().flatten().count();
        let state = match busy {
            _ if !enabled || !zone.enabled => State::Disabled,
            0 => State::Idle,
            all if all == zone.outputs.len() => State::Paging,
            _ => State::Partly,
        };
        let most = holders.iter().flatten().max_by_key(|live| live.facts.priority).map(|live| PlayingPage::of(live));
        let outputs = zone.outputs.iter().zip(&holders).map(|(output, holder)| OutputState {
            name: output.name.clone(),
            kind: output.kind.name(),
            page: holder.as_ref().map(|live| live.facts.id.as_str().to_owned()),
        });
        ZoneState { zone: Arc::clone(zone), state, open, outputs: outputs.collect(), page: most }
    }
}
