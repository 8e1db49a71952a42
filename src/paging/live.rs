//! One page that plays, as everybody who has to do with it sees it.

use super::request::{Asker, Origin, Reason, Request, Right};
use super::seam::{Draw, Frame, PageId, Played, Playing};
use crate::base::Time;
use chrono::TimeDelta;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Silence of a caller that is taken for a dead line.
const DEAD: TimeDelta = TimeDelta::seconds(20);
/// How long before its limit a page's caller is warned; shorter pages come without.
const WARNING: TimeDelta = TimeDelta::seconds(10);

/// What whoever makes the sound has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It plays.
    Playing,
    /// Ten seconds are left: a tone for the caller.
    Warning,
    /// It is over; nothing that is pushed is heard.
    Ended(Reason),
}

/// Packets of a caller, as far as somebody counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// That were used.
    pub packets: u64,
    /// That never came.
    pub lost: u64,
    /// That came too late.
    pub late: u64,
    /// That came from elsewhere.
    pub rejected: u64,
}

/// What a page is.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub id: PageId,
    /// Extensions.
    pub zones: Vec<String>,
    /// Outputs that it got.
    pub outputs: Vec<String>,
    /// Outputs that were left to other pages.
    pub left_out: Vec<String>,
    pub priority: u8,
    pub origin: Origin,
    /// Name of the caller whose rights were used.
    pub caller: Option<String>,
    pub asker: Asker,
    pub chime: bool,
    pub at: Time,
    pub limit: TimeDelta,
}

impl Facts {
    /// A page that somebody wants, and that has nothing yet.
    pub(super) fn wanted(id: PageId, request: &Request, at: Time) -> Self {
        let caller = match &request.right {
            Right::Caller(caller) => Some(caller.name.clone()),
            Right::House | Right::Pin => None,
        };
        Self {
            id,
            zones: request.zones.clone(),
            outputs: Vec::new(),
            left_out: Vec::new(),
            priority: 0,
            origin: request.origin,
            caller,
            asker: request.asker.clone(),
            chime: false,
            at,
            limit: TimeDelta::zero(),
        }
    }
}

pub(super) struct Live {
    pub facts: Facts,
    lead: std::time::Duration,
    /// Taken out by whoever ends the page.
    playing: Mutex<Option<Box<dyn Playing>>>,
    signal: watch::Sender<Signal>,
    /// Somebody takes the outputs while the last sound plays out.
    pub cut: CancellationToken,
    frames: AtomicU64,
    /// Microseconds since 1970.
    last_frame: AtomicI64,
    started: AtomicBool,
    received: Mutex<Option<Received>>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Live {
    pub(super) fn new(facts: Facts, playing: Box<dyn Playing>) -> Self {
        Self {
            lead: playing.lead(),
            last_frame: AtomicI64::new(facts.at.timestamp_micros()),
            facts,
            playing: Mutex::new(Some(playing)),
            signal: watch::Sender::new(Signal::Playing),
            cut: CancellationToken::new(),
            frames: AtomicU64::new(0),
            started: AtomicBool::new(false),
            received: Mutex::new(None),
        }
    }

    /// From the beginning to the first word that is heard.
    pub(super) const fn lead(&self) -> std::time::Duration {
        self.lead
    }

    pub(super) fn signals(&self) -> watch::Receiver<Signal> {
        self.signal.subscribe()
    }

    pub(super) fn signal(&self, signal: Signal) {
        self.signal.send_if_modified(|now| {
            let news = !matches!(now, Signal::Ended(_)) && *now != signal;
            if news {
                *now = signal;
            }
            news
        });
    }

    /// Plays a frame; says whether it was the first that is heard.
    pub(super) fn push(&self, frame: &Frame, now: Time) -> bool {
        if let Some(playing) = self.playing().as_ref() {
            playing.push(frame);
        }
        self.heard(now)
    }

    /// From now on the outputs' clock takes the frames itself.
    pub(super) fn draw_from(&self, source: Box<dyn Draw>) {
        if let Some(playing) = self.playing().as_ref() {
            playing.draw_from(source);
        }
    }

    /// Notes that a frame came; says whether it was the first that is heard.
    pub(super) fn heard(&self, now: Time) -> bool {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.last_frame.store(now.timestamp_micros(), Ordering::Relaxed);
        let heard = now - self.facts.at >= TimeDelta::from_std(self.lead).unwrap_or_default();
        heard && !self.started.swap(true, Ordering::Relaxed)
    }

    /// The outputs, for the one who ends the page.
    pub(super) fn take(&self) -> Option<Box<dyn Playing>> {
        self.playing().take()
    }

    /// Gives up one output, if it still plays.
    pub(super) fn leave(&self, output: &str) {
        if let Some(playing) = self.playing().as_ref() {
            playing.leave(output);
        }
    }

    /// Why it should end now, if it should; warns its caller when that is near.
    pub(super) fn judge(&self, now: Time) -> Option<Reason> {
        let left = self.facts.at + self.facts.limit - now;
        if left <= TimeDelta::zero() {
            return Some(Reason::Limit);
        }
        let silent = now.timestamp_micros() - self.last_frame.load(Ordering::Relaxed);
        if self.facts.origin.is_live() && silent > DEAD.num_microseconds().unwrap_or(i64::MAX) {
            return Some(Reason::MediaTimeout);
        }
        if self.playing().as_ref().is_some_and(|playing| !playing.alive()) {
            return Some(Reason::OutputFailed);
        }
        if left <= WARNING && self.facts.limit > WARNING * 2 {
            self.signal(Signal::Warning);
        }
        None
    }

    /// What is known of the caller's packets.
    pub(super) fn received(&self) -> Received {
        let told = *self.received.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or_else(|| Received { packets: self.frames.load(Ordering::Relaxed), ..Received::default() })
    }

    pub(super) fn set_received(&self, received: Received) {
        *self.received.lock().unwrap_or_else(PoisonError::into_inner) = Some(received);
    }

    fn playing(&self) -> MutexGuard<'_, Option<Box<dyn Playing>>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of a page when its outputs are closed.
#[derive(Debug)]
pub(super) struct Remains {
    pub played: Played,
    pub received: Received,
    pub reason: Reason,
}
