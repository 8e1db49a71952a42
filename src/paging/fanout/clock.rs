//! The thread that keeps time. It sleeps until the next slot that has something to do; without pages it only waits for one.

use super::batch::Batch;
use super::pacing::Pacing;
use super::run::{Progress, Run};
use super::slots::{Grid, PER_FRAME};
use crate::config::paging::Packets;
use crate::paging::outputs::Hold;
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The clock works little and must not wait for those that work much.
const NICE: i32 = -10;

/// How the clock is told. A queue of 1024: when it is full the clock has been dead for long, and who tells it waits.
pub(super) type Orders = SyncSender<Order>;

/// What the clock is told.
pub(super) enum Order {
    Open(Box<Run>),
    Join { page: u64, channel: usize, to: SocketAddr, socket: Arc<UdpSocket>, packets: Packets },
    Move { page: u64, channel: usize, to: Option<SocketAddr> },
    Drain { page: u64, done: oneshot::Sender<()> },
    Leave { page: u64, output: String },
    Cut { page: u64 },
}

/// Everything that the thread has.
pub(super) struct Clock {
    grid: Grid,
    orders: Receiver<Order>,
    pages: Vec<Run>,
    done: Vec<(u64, oneshot::Sender<()>)>,
    /// Contacts that stay closed for a while behind their page.
    tails: Vec<(Instant, Vec<Hold>)>,
    batch: Batch,
    pacing: Arc<Mutex<Pacing>>,
}

impl Clock {
    pub(super) fn new(base: Instant, orders: Receiver<Order>, pacing: Arc<Mutex<Pacing>>) -> Self {
        let (pages, done, tails) = (Vec::new(), Vec::new(), Vec::new());
        Self { grid: Grid::new(base), orders, pages, done, tails, batch: Batch::default(), pacing }
    }

    /// Runs until nobody is left who could tell it anything.
    pub(super) fn run(mut self) {
        // Of this thread alone, and only where the system grants it: others wait better than a loudspeaker.
        let _ = rustix::process::setpriority_process(None, NICE);
        loop {
            match self.wait() {
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Ok(order) = self.orders.try_recv() {
                self.obey(order);
            }
            self.work();
        }
        self.pages.iter_mut().for_each(Run::cut);
    }

    fn wait(&self) -> Result<Order, RecvTimeoutError> {
        let page = self.pages.iter().map(Run::due).min().map(|slot| self.grid.time(slot));
        let tail = self.tails.iter().map(|(until, _)| *until).min();
        match page.into_iter().chain(tail).min() {
            Some(until) => self.orders.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Open(mut run) => {
                let now = self.grid.slot(Instant::now());
                run.next = now.next_multiple_of(PER_FRAME);
                run.channels.iter().for_each(|channel| channel.begin());
                self.pages.push(*run);
            }
            Order::Join { page, channel, to, socket, packets } => {
                if let Some(run) = self.pages.iter_mut().find(|run| run.id == page) {
                    run.join(channel, to, socket, packets);
                }
            }
            Order::Move { page, channel, to } => {
                let run = self.pages.iter_mut().find(|run| run.id == page);
                run.and_then(|run| run.channels.get_mut(channel)).into_iter().for_each(|channel| channel.moved(to));
            }
            Order::Drain { page, done } => match self.pages.iter_mut().find(|run| run.id == page) {
                Some(run) => {
                    run.draining = true;
                    run.shared.end();
                    self.done.push((page, done));
                }
                None => drop(done.send(())),
            },
            Order::Leave { page, output } => {
                let run = self.pages.iter_mut().find(|run| run.id == page);
                run.into_iter().for_each(|run| run.leave(&output));
            }
            Order::Cut { page } => {
                if let Some(at) = self.pages.iter().position(|run| run.id == page) {
                    self.pages.swap_remove(at).cut();
                }
            }
        }
    }

    fn work(&mut self) {
        let now = Instant::now();
        self.tails.retain(|(until, _)| *until > now);
        let slot = self.grid.slot(now);
        let mut at = 0;
        while let Some(run) = self.pages.get_mut(at) {
            let behind = run.behind(slot);
            if behind > 0 {
                run.skip(behind);
                lock(&self.pacing).skipped += behind;
            }
            match Self::catch_up(run, slot, self.grid, &mut self.batch, &self.pacing) {
                Progress::Goes => at += 1,
                Progress::Over => self.over(at),
            }
        }
    }

    /// Visits the slots of a page up to this one.
    fn catch_up(run: &mut Run, until: u64, grid: Grid, batch: &mut Batch, pacing: &Mutex<Pacing>) -> Progress {
        loop {
            let slot = run.due();
            if slot > until {
                return Progress::Goes;
            }
            let deadline = grid.time(slot);
            let sent = |packets| lock(pacing).left(packets, deadline.elapsed());
            if run.visit(slot, deadline, batch, sent) == Progress::Over {
                return Progress::Over;
            }
        }
    }

    fn over(&mut self, at: usize) {
        let mut run = self.pages.swap_remove(at);
        let holds = run.release();
        if !holds.is_empty() && run.tail > Duration::ZERO {
            self.tails.push((Instant::now() + run.tail, holds));
        }
        if let Some(at) = self.done.iter().position(|(page, _)| *page == run.id) {
            // Who waited may have gone.
            let _ = self.done.swap_remove(at).1.send(());
        }
    }
}

pub(super) fn lock(pacing: &Mutex<Pacing>) -> std::sync::MutexGuard<'_, Pacing> {
    pacing.lock().unwrap_or_else(PoisonError::into_inner)
}
