//! The agent's calls as pages of this room.

use super::super::desk::Paging;
use super::super::live::{Received, Signal};
use super::super::page::{self, Page};
use super::super::pbx::TrunkState;
use super::super::plan::Plan;
use super::super::request::{Asker, Origin, Reason, Refused, Request, Right};
use super::super::seam::{Draw, Frame};
use super::pages::{Admitted, Ending, Held, Over, Pages, Reserved, Wish};
use crate::config::paging::Paging as Config;
use crate::rtp::Counts;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// The room as the agent sees it.
pub(super) struct Desk {
    paging: Paging,
    /// What the file said last, and from which plan.
    seen: Mutex<(Arc<Plan>, Arc<Config>)>,
}

impl Desk {
    pub(super) fn new(paging: Paging) -> Self {
        let plan = paging.plan();
        let config = Arc::new(plan.config.clone());
        Self { paging, seen: Mutex::new((plan, config)) }
    }
}

impl Pages for Desk {
    fn config(&self) -> Arc<Config> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = self.paging.plan();
        if !Arc::ptr_eq(&seen.0, &plan) {
            *seen = (Arc::clone(&plan), Arc::new(plan.config.clone()));
        }
        Arc::clone(&seen.1)
    }

    fn reserve(&self, wish: Wish) -> Result<Box<dyn Reserved>, u16> {
        let reserved = self.paging.reserve(&request(wish)).map_err(|why: Refused| why.sip())?;
        Ok(Box::new(reserved))
    }

    fn trunks(&self, states: Vec<TrunkState>) {
        self.paging.0.trunks.set(states);
    }
}

impl Reserved for page::Reserved {
    fn is_emergency(&self) -> bool {
        page::Reserved::is_emergency(self)
    }

    fn begin(self: Box<Self>) -> Result<Box<dyn Held>, u16> {
        let page = page::Reserved::begin(*self).map_err(|why| why.sip())?;
        let signals = page.signals();
        Ok(Box::new(Sheet { page, signals }))
    }
}

/// A page in the hand of a call.
struct Sheet {
    page: Page,
    signals: watch::Receiver<Signal>,
}

impl Held for Sheet {
    fn id(&self) -> String {
        self.page.id().to_string()
    }

    fn draw_from(&self, source: Box<dyn Draw>) {
        self.page.draw_from(Boxed(source));
    }

    fn received(&self, counts: Counts) {
        let Counts { packets, lost, late, refused, .. } = counts;
        self.page.received(Received { packets, lost, late, rejected: refused });
    }

    fn over(&self) -> Option<Over> {
        match *self.signals.borrow() {
            Signal::Ended(Reason::Preempted) => Some(Over::Preempted),
            Signal::Ended(_) => Some(Over::Otherwise),
            Signal::Playing | Signal::Warning => None,
        }
    }

    fn end(self: Box<Self>, ending: Ending) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let reason = match ending {
            Ending::Hangup => Reason::Hangup,
            Ending::NoAck => Reason::NoAck,
            Ending::MediaTimeout => Reason::MediaTimeout,
            Ending::Shutdown => Reason::Shutdown,
        };
        Box::pin(self.page.end(reason))
    }
}

struct Boxed(Box<dyn Draw>);

impl Draw for Boxed {
    fn draw(&mut self, now: Instant) -> Option<Frame> {
        self.0.draw(now)
    }

    fn rest(&mut self, now: Instant) -> Option<Frame> {
        self.0.rest(now)
    }
}

fn request(wish: Wish) -> Request {
    let right = match wish.admitted {
        Admitted::House => Right::House,
        Admitted::Caller(caller) => Right::Caller(caller),
    };
    let asker = Asker {
        from: wish.from,
        user: wish.user,
        address: Some(wish.address),
        sip_call_id: Some(wish.sip_call_id),
        call_sid: wish.call_sid,
        line: None,
        codec: wish.codec,
    };
    Request { zones: vec![wish.extension], priority: None, origin: Origin::Sip, right, asker, id: None }
}
