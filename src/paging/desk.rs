//! The door of the room: pages begin here, and end here whatever became of them.

use super::clerk::Clerk;
use super::live::{Facts, Live, Remains, Signal};
use super::lock::Locks;
use super::note::Note;
use super::pbx::{TrunkState, Trunks};
use super::plan::Plan;
use super::request::{Reason, Refused, Request, Right};
use super::seam::{Frame, PageId, Played, Speakers};
use crate::base::{Clock, Time, ulid};
use crate::config::paging::{Output, Paging as Config, Zone};
use crate::db::Db;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// What the room needs.
pub struct Parts {
    /// Zones, outputs, and who may page.
    pub config: Config,
    /// Who plays.
    pub speakers: Arc<dyn Speakers>,
    /// Where rows are kept.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Clock,
    /// Who this instance is.
    pub holder: Arc<str>,
    /// Makes names of pages unlike those of other instances.
    pub instance: u64,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Paging. Cheap to clone.
#[derive(Clone)]
pub struct Paging(pub(super) Arc<Inner>);

impl fmt::Debug for Paging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paging").finish_non_exhaustive()
    }
}

pub(super) struct Inner {
    plan: RwLock<Arc<Plan>>,
    replaced: watch::Sender<()>,
    /// PBXes that this house is a telephone of.
    pub trunks: Trunks,
    /// One lock for all outputs: a page takes all of its own in one step.
    state: Mutex<State>,
    pub speakers: Arc<dyn Speakers>,
    pub clock: Clock,
    pub db: Db,
    pub clerk: Clerk,
    pub holder: Arc<str>,
    instance: u64,
    begun: AtomicU64,
    stopping: AtomicBool,
    /// A page ended.
    ended: Notify,
}

#[derive(Default)]
pub(super) struct State {
    pub locks: Locks,
    pub live: BTreeMap<PageId, Arc<Live>>,
}

impl Paging {
    /// Puts the parts together. [`Paging::write_down`] must run beside it.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { config, speakers, db, clock, holder, instance } = parts;
        speakers.arrange(&wanted(&config));
        Self(Arc::new(Inner {
            plan: RwLock::new(Arc::new(Plan::new(config))),
            replaced: watch::Sender::new(()),
            trunks: Trunks::default(),
            state: Mutex::default(),
            speakers,
            clock,
            clerk: Clerk::new(Arc::clone(&holder)),
            db,
            holder,
            instance,
            begun: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            ended: Notify::new(),
        }))
    }

    /// Other zones from now on; pages that play go on as they began.
    pub fn replace(&self, config: Config) {
        self.0.speakers.arrange(&wanted(&config));
        let plan = Arc::new(Plan::new(config));
        *self.0.plan.write().unwrap_or_else(PoisonError::into_inner) = plan;
        self.0.replaced.send_replace(());
    }

    /// How it stands with the PBXes that this house is a telephone of; none before the telephone side runs.
    #[must_use]
    pub fn trunks(&self) -> Vec<TrunkState> {
        self.0.trunks.all()
    }

    /// Says when [`Paging::replace`] was called.
    pub(super) fn replaced(&self) -> watch::Receiver<()> {
        self.0.replaced.subscribe()
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.0.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a caller of the telephone may do who is let in: what the file says of the number, or what the PIN gives.
    #[must_use]
    pub fn right_of(&self, number: &str) -> Right {
        let listed =
            |known: &String| known.strip_suffix('*').map_or(known == number, |prefix| number.starts_with(prefix));
        let plan = self.plan();
        let caller = plan.config.callers.iter().find(|caller| caller.numbers.iter().any(listed));
        caller.map_or(Right::Pin, |caller| Right::Caller(Arc::clone(caller)))
    }

    /// Writes down that somebody was refused before it came to a page: a wrong PIN, a sound that cannot be played.
    pub fn refused(&self, request: &Request, why: &Refused) {
        self.refuse(request, self.name(), why, self.0.clock.now());
    }

    pub(super) fn refuse(&self, request: &Request, id: PageId, why: &Refused, at: Time) {
        let facts = Facts { priority: request.priority.unwrap_or(0), ..Facts::wanted(id, request, at) };
        self.not_begun(facts, why, why.as_str());
    }

    /// Writes down that a page never began.
    pub(super) fn not_begun(&self, facts: Facts, why: &dyn fmt::Display, word: &'static str) {
        let Facts { id, zones, origin, .. } = &facts;
        tracing::info!(page = %id, ?zones, origin = origin.as_str(), %why, "a page was refused");
        self.0.clerk.note(Note::Refused(Box::new(facts), word));
    }

    /// Writes down that a page began.
    pub(super) fn begun(&self, live: &Live) {
        let Facts { id, zones, origin, .. } = &live.facts;
        tracing::info!(page = %id, ?zones, origin = origin.as_str(), "a page begins");
        self.0.clerk.note(Note::Begun(Box::new(live.facts.clone())));
    }

    /// A page loses outputs to a more urgent one: it plays on elsewhere, or it is over.
    pub(super) fn give_way(&self, state: &mut State, page: &PageId, outputs: &[String]) {
        let Some(live) = state.live.get(page).cloned() else { return };
        if state.locks.holds(page) {
            return outputs.iter().for_each(|output| live.leave(output));
        }
        match live.take() {
            Some(playing) => {
                let played = playing.cut();
                state.live.remove(page);
                self.ended(&live, played, Reason::Preempted);
            }
            // Its last sound is playing out: that is cut, and whoever waits for it closes the page.
            None => live.cut.cancel(),
        }
    }

    pub(super) fn push(&self, live: &Live, frame: &Frame) {
        let now = self.0.clock.now();
        if live.push(frame, now) {
            self.0.clerk.note(Note::Started(Box::new(live.facts.clone()), now));
        }
    }

    /// A frame was drawn by the outputs' clock.
    pub(super) fn drawn(&self, live: &Live) {
        let now = self.0.clock.now();
        if live.heard(now) {
            self.0.clerk.note(Note::Started(Box::new(live.facts.clone()), now));
        }
    }

    /// Ends a page at once, unless it is ending already.
    pub(super) fn cut(&self, live: &Live, reason: Reason) {
        if let Some(playing) = live.take() {
            self.close(live, playing.cut(), reason);
        }
    }

    /// The outputs are closed: locks go, and the end is written.
    pub(super) fn close(&self, live: &Live, played: Played, reason: Reason) {
        let mut state = self.state();
        state.locks.release(&live.facts.id);
        state.live.remove(&live.facts.id);
        drop(state);
        self.ended(live, played, reason);
    }

    fn ended(&self, live: &Live, played: Played, reason: Reason) {
        live.signal(Signal::Ended(reason));
        let (id, at) = (&live.facts.id, self.0.clock.now());
        tracing::info!(page = %id, reason = reason.as_str(), "a page ended");
        let remains = Remains { played, received: live.received(), reason };
        self.0.clerk.note(Note::Ended(Box::new(live.facts.clone()), Box::new(remains), at));
        self.0.ended.notify_waiters();
    }

    /// Looks after every page: limits, dead lines, outputs that all failed. Call it a few times a second.
    pub fn step(&self) {
        let now = self.0.clock.now();
        for live in self.live() {
            if let Some(reason) = live.judge(now) {
                self.cut(&live, reason);
            }
        }
    }

    /// Ends a page of this process, as an operator asks. `false`: none of that name plays here.
    #[must_use]
    pub fn stop(&self, id: &str) -> bool {
        let found = self.state().live.get(&PageId::new(id)).cloned();
        found.inspect(|live| self.cut(live, Reason::Operator)).is_some()
    }

    /// No new pages; those that play may go on for the grace period.
    pub async fn drain(&self, grace: Duration) {
        self.0.stopping.store(true, Ordering::Relaxed);
        let over = async {
            loop {
                let ended = self.0.ended.notified();
                if self.live().is_empty() {
                    return;
                }
                ended.await;
            }
        };
        if tokio::time::timeout(grace, over).await.is_err() {
            self.live().iter().for_each(|live| self.cut(live, Reason::Shutdown));
        }
    }

    /// Whether no new pages are made.
    pub(super) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn live(&self) -> Vec<Arc<Live>> {
        self.state().live.values().cloned().collect()
    }

    /// What plays on each output of a zone.
    pub(super) fn holders(&self, zone: &Zone) -> Vec<Option<Arc<Live>>> {
        let state = self.state();
        let holder =
            |output: &Arc<Output>| state.locks.holder(&output.name).and_then(|page| state.live.get(page).cloned());
        zone.outputs.iter().map(holder).collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> PageId {
        let count = self.0.begun.fetch_add(1, Ordering::Relaxed);
        let seed = (u128::from(self.0.instance) << 32) | u128::from(count & 0xffff_ffff);
        PageId::new(&ulid("pg", self.0.clock.now(), seed))
    }

    /// Whether nothing is held and nothing plays.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.locks.is_empty() && state.live.is_empty()
    }
}

/// Paging that is switched off as a whole opens nothing, no contact either.
fn wanted(config: &Config) -> Config {
    if config.enabled { config.clone() } else { Config::none() }
}
