//! What a house sustains, then many times as much, while calls of before go on.

use super::line::{Answer, Lines, Trouble};
use super::report::FloodReport;
use super::tally::{Class, Tally, Time};
use super::webhook::{Number, Step, link};
use crate::base::Secret;
use crate::simulator::load::Latencies;
use crate::simulator::{SimulatorError, Target};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// Callers at the same time while it is measured what the house sustains.
const CALLERS: usize = 64;
/// Calls from before the flood: so many of them go on each second while it lasts.
const RUNNING: u32 = 50;

/// Connections of calls from before: enough that none of them waits for one.
const APART: usize = 1000;

/// How large a flood is.
#[derive(Clone, Copy, Debug)]
pub struct FloodPlan {
    /// So many times what is sustained.
    pub times: f64,
    /// Whole calls a second; measured if absent.
    pub sustained: Option<f64>,
    /// How long.
    pub time: Duration,
    /// Connections at the same time.
    pub connections: usize,
    /// Every webhook opens a connection of its own.
    pub fresh: bool,
}

/// A flood of calls to one number.
#[derive(Debug)]
pub struct Flood {
    number: Number,
    /// Of new calls.
    lines: Lines,
    /// Of calls from before: what floods the house does not hold the carrier's other connections.
    apart: Lines,
    tally: Tally,
    placed: AtomicU64,
}

/// What callers heard first.
enum Heard {
    /// The way on.
    Menu(String),
    Busy,
    /// Something else, or nothing.
    Other,
}

impl Flood {
    /// Calls `to`, a number of `account`, whose webhooks go to `target`.
    ///
    /// # Errors
    /// [`SimulatorError::Url`]: the target has no address.
    pub fn new(
        target: &Target,
        (account, token): (&str, Secret),
        to: &str,
        plan: FloodPlan,
    ) -> Result<Arc<Self>, SimulatorError> {
        let public = target.resolve("/")?.as_str().trim_end_matches('/').to_owned();
        #[expect(clippy::disallowed_methods, reason = "no two floods may place the same call")]
        let run = uuid::Uuid::new_v4().as_fields().0;
        let number = Number { token, public, account: account.to_owned(), to: to.to_owned(), run };
        let address = address(&target.address())?;
        let lines = |most| Lines::new(address, most, plan.fresh);
        let (lines, apart) = (lines(plan.connections), lines(APART));
        Ok(Arc::new(Self { number, lines, apart, tally: Tally::default(), placed: AtomicU64::new(0) }))
    }

    /// Measures, floods, and reports.
    pub async fn run(self: &Arc<Self>, plan: FloodPlan) -> FloodReport {
        let (measured, latencies) = self.measure(plan.time / 2).await;
        let sustained = plan.sustained.unwrap_or(measured);
        let running = self.begin(plan.time).await;
        // What the measurement left behind is stored, and nothing is warm that would not be.
        sleep(plan.time / 20).await;
        let before = self.placed.load(Ordering::Relaxed);
        let offered = sustained * plan.times;
        let go_on = tokio::spawn(Arc::clone(self).go_on(running));
        self.offer(offered, plan.time).await;
        let _ = go_on.await;
        FloodReport {
            sustained,
            sustained_p99_ms: latencies.at(0.99),
            offered,
            placed: self.placed.load(Ordering::Relaxed) - before,
            classes: FloodReport::classes(&self.tally),
        }
    }

    /// Whole calls a second that callers get who call again as soon as their call is over, and how long answers took.
    async fn measure(self: &Arc<Self>, time: Duration) -> (f64, Latencies) {
        let (began, latencies) = (Instant::now(), Arc::new(Mutex::new(Latencies::default())));
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (flood, latencies) = (Arc::clone(self), Arc::clone(&latencies));
            callers.spawn(async move {
                let mut calls = 0_u32;
                while began.elapsed() < time {
                    let call = flood.next();
                    let Some(took) = flood.whole(call).await else { continue };
                    let mut latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner);
                    took.into_iter().for_each(|took| latencies.add(took));
                    calls += 1;
                }
                calls
            });
        }
        let calls: u32 = callers.join_all().await.into_iter().sum();
        let latencies = std::mem::take(&mut *latencies.lock().unwrap_or_else(PoisonError::into_inner));
        (f64::from(calls) / began.elapsed().as_secs_f64(), latencies)
    }

    /// A whole call. Nothing: it did not come to its end.
    async fn whole(&self, call: u64) -> Option<[Duration; 3]> {
        let (first, came) = self.ask("/twilio/voice", call, Step::Rings).await;
        let Heard::Menu(next) = heard(first.as_ref().ok()?) else { return None };
        let (second, pressed) = self.ask(&next, call, Step::PressesTwo).await;
        let (third, ended) = self.ask("/twilio/status", call, Step::Ends("completed")).await;
        (second.is_ok_and(|answer| answer.status == 200) && third.is_ok()).then_some([came, pressed, ended])
    }

    /// Calls that are running when the flood begins, and where each goes on.
    async fn begin(self: &Arc<Self>, time: Duration) -> Vec<(u64, String)> {
        let mut running = Vec::new();
        for _ in 0..(time * RUNNING).as_secs() {
            let call = self.next();
            if let (Ok(answer), _) = self.ask("/twilio/voice", call, Step::Rings).await
                && let Heard::Menu(next) = heard(&answer)
            {
                running.push((call, next));
            }
        }
        running
    }

    /// They go on, one after the other, each by a key and to its end.
    async fn go_on(self: Arc<Self>, running: Vec<(u64, String)>) {
        let (began, mut steps) = (Instant::now(), JoinSet::new());
        for ((call, next), nth) in running.into_iter().zip(0_u32..) {
            let due = began + Duration::from_secs(1) / RUNNING * nth;
            sleep_until(due).await;
            let flood = Arc::clone(&self);
            steps.spawn(async move {
                flood.step(Class::Running, &next, (call, Step::PressesTwo), due).await;
                flood.step(Class::Running, "/twilio/status", (call, Step::Ends("completed")), Instant::now()).await;
            });
        }
        steps.join_all().await;
    }

    /// New calls by the clock, whatever the answers do.
    async fn offer(self: &Arc<Self>, per_second: f64, time: Duration) {
        let (began, mut calls, mut placed) = (Instant::now(), JoinSet::new(), 0_u64);
        loop {
            let due = began + Duration::from_secs_f64(as_f64(placed) / per_second);
            if due >= began + time {
                break;
            }
            if due > Instant::now() {
                sleep_until(due).await;
                while calls.try_join_next().is_some() {}
            }
            calls.spawn(Arc::clone(self).call(due));
            placed += 1;
        }
        calls.join_all().await;
    }

    /// A call of the flood: the menu and a key, or a busy tone; the carrier reports its end either way.
    async fn call(self: Arc<Self>, due: Instant) {
        let call = self.next();
        let (answer, took) = self.ask("/twilio/voice", call, Step::Rings).await;
        let heard = answer.as_ref().map_or(Heard::Other, heard);
        let class = if matches!(heard, Heard::Busy) { Class::TurnedAway } else { Class::LetIn };
        let time = Time { took, since_due: due.elapsed() };
        self.tally.note(class, time, answer.as_ref().map_err(|trouble| *trouble));
        let now = Instant::now();
        match heard {
            Heard::Menu(next) => {
                self.step(Class::Step, &next, (call, Step::PressesTwo), now).await;
                self.step(Class::Step, "/twilio/status", (call, Step::Ends("completed")), Instant::now()).await;
            }
            Heard::Busy => self.step(Class::Report, "/twilio/status", (call, Step::Ends("busy")), now).await,
            Heard::Other => {}
        }
    }

    async fn step(&self, class: Class, target: &str, (call, step): (u64, Step), due: Instant) {
        let lines = if class == Class::Running { &self.apart } else { &self.lines };
        let (answer, took) = lines.send(&self.number.request(target, call, step)).await;
        let time = Time { took, since_due: due.elapsed() };
        self.tally.note(class, time, answer.as_ref().map_err(|trouble| *trouble));
    }

    async fn ask(&self, target: &str, call: u64, step: Step) -> (Result<Answer, Trouble>, Duration) {
        self.lines.send(&self.number.request(target, call, step)).await
    }

    fn next(&self) -> u64 {
        self.placed.fetch_add(1, Ordering::Relaxed)
    }
}

fn heard(answer: &Answer) -> Heard {
    if answer.status != 200 {
        return Heard::Other;
    }
    if answer.body.contains("<Reject") {
        return Heard::Busy;
    }
    link(&answer.body, "action").map_or(Heard::Other, Heard::Menu)
}

fn address(url: &str) -> Result<SocketAddr, SimulatorError> {
    let wrong = || SimulatorError::Url(url.to_owned());
    let authority = url.strip_prefix("http://").ok_or_else(wrong)?;
    let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    authority.to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(wrong)
}

#[expect(clippy::cast_precision_loss, reason = "nobody places 2^52 calls")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}
