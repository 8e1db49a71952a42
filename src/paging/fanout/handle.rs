//! A page that plays, as its owner sees it.

use super::clock::{Order, Orders};
use super::shared::Shared;
use crate::paging::outputs::{Running, Tally};
use crate::paging::{Draw, Frame, Played, Playing};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// A call to a speaker.
pub(super) type Calling = (String, Box<dyn Send + Sync>);

/// A page that plays.
pub(super) struct Handle {
    pub(super) id: u64,
    pub(super) lead: Duration,
    pub(super) orders: Orders,
    pub(super) shared: Arc<Shared>,
    pub(super) tallies: Vec<Arc<Tally>>,
    pub(super) processes: Vec<(String, Running)>,
    /// Calls to speakers, by the names of their outputs: hung up when they are dropped.
    pub(super) calls: Mutex<Vec<Calling>>,
    /// Nothing more to close.
    pub(super) closed: bool,
}

impl Handle {
    fn played(&self) -> Played {
        Played { outputs: self.tallies.iter().map(|tally| tally.played()).collect() }
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Calling>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.calls().clear();
            let _ = self.orders.send(Order::Cut { page: self.id });
            // Another page may want the sound card right now.
            self.processes.iter().for_each(|(_, process)| process.end());
        }
    }
}

impl Playing for Handle {
    fn lead(&self) -> Duration {
        self.lead
    }

    fn push(&self, frame: &Frame) {
        self.shared.push(frame);
    }

    fn draw_from(&self, source: Box<dyn Draw>) {
        self.shared.draw_from(source);
    }

    fn alive(&self) -> bool {
        self.tallies.iter().any(|tally| !tally.has_failed())
    }

    fn leave(&self, output: &str) {
        let _ = self.orders.send(Order::Leave { page: self.id, output: output.to_owned() });
        self.tallies.iter().filter(|tally| tally.name() == output).for_each(|tally| tally.retire());
        let theirs = self.processes.iter().filter(|(name, _)| name == output);
        theirs.for_each(|(_, process)| process.end());
        self.calls().retain(|(name, _)| name != output);
    }

    fn drain(mut self: Box<Self>) -> Pin<Box<dyn Future<Output = Played> + Send>> {
        Box::pin(async move {
            let (done, over) = oneshot::channel();
            let _ = self.orders.send(Order::Drain { page: self.id, done });
            // A clock that is gone drains nothing.
            let _ = over.await;
            self.closed = true;
            self.calls().clear();
            self.played()
        })
    }

    fn cut(mut self: Box<Self>) -> Played {
        self.close();
        self.played()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}
