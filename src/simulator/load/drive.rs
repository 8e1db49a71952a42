//! Keeps calls going: as many as there are callers, or as many as the clock says.

use super::caller::CallerReport;
use super::mix::{Mix, Scenario, talk};
use super::summary::LoadReport;
use super::tally::{Progress, Shared};
use crate::base::Clock;
use crate::simulator::chaos::Schedule;
use crate::simulator::transcript::{Kind, Step};
use crate::simulator::{Acoustics, CallPlan, Carrier, Clip, Script, Speed};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How calls are started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many callers, each calling again as soon as their call is over.
    Callers(usize),
    /// So many calls a second, whatever the answers do; never more than `at_most` at the same time.
    Rate {
        /// Calls a second.
        per_second: f64,
        /// Calls due while so many are under way are left out, and counted.
        at_most: usize,
    },
    /// So many calls in all.
    Calls {
        /// How many.
        calls: u64,
        /// At the same time.
        at_most: usize,
    },
}

/// A load that runs, and can be watched and ended early.
#[derive(Debug)]
pub struct Load {
    carrier: Carrier,
    mix: Mix,
    to: String,
    seed: u64,
    /// Whether things go wrong on purpose.
    is_chaotic: bool,
    acoustics: Acoustics,
    started: AtomicU64,
    tally: Shared,
    stop: CancellationToken,
}

impl Load {
    /// Calls `to`; `seed` decides who does what.
    #[must_use]
    pub fn new(carrier: Carrier, mix: Mix, to: String, seed: u64) -> Arc<Self> {
        Self::with(carrier, mix, to, (seed, false))
    }

    /// The same on a bad day: `seed` also decides what goes wrong, and the report tells what each caller heard.
    #[must_use]
    pub fn chaotic(carrier: Carrier, mix: Mix, to: String, seed: u64) -> Arc<Self> {
        Self::with(carrier, mix, to, (seed, true))
    }

    fn with(carrier: Carrier, mix: Mix, to: String, (seed, is_chaotic): (u64, bool)) -> Arc<Self> {
        Arc::new(Self {
            carrier,
            mix,
            to,
            seed,
            is_chaotic,
            acoustics: Acoustics::default(),
            started: AtomicU64::new(0),
            tally: Shared::default(),
            stop: CancellationToken::new(),
        })
    }

    /// The same with callers on such lines; `None`: it runs already.
    #[must_use]
    pub fn on_lines(mut self: Arc<Self>, acoustics: Acoustics) -> Option<Arc<Self>> {
        Arc::get_mut(&mut self)?.acoustics = acoustics;
        Some(self)
    }

    /// Who places the calls.
    #[must_use]
    pub const fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// Where it stands.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.tally.progress()
    }

    /// Starts no more calls; those under way go on to their end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Calls for `duration`, then lets the calls under way end.
    pub async fn run(self: &Arc<Self>, pace: Pace, duration: Duration) -> LoadReport {
        let began = Instant::now();
        let deadline = began + duration;
        match pace {
            Pace::Callers(callers) => self.run_callers(callers, u64::MAX, deadline).await,
            Pace::Rate { per_second, at_most } => self.run_rate(per_second, at_most, deadline).await,
            Pace::Calls { calls, at_most } => self.run_callers(at_most, calls, deadline).await,
        }
        let seed = self.is_chaotic.then_some(self.seed);
        self.tally.with(|tally| LoadReport::of(tally, began.elapsed(), seed))
    }

    async fn run_callers(self: &Arc<Self>, callers: usize, most: u64, deadline: Instant) {
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            let load = Arc::clone(self);
            tasks.spawn(async move {
                while Instant::now() < deadline && !load.stop.is_cancelled() {
                    let number = load.started.fetch_add(1, Ordering::Relaxed);
                    if number >= most {
                        return;
                    }
                    load.place(number, Instant::now()).await;
                }
            });
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn run_rate(self: &Arc<Self>, per_second: f64, at_most: usize, deadline: Instant) {
        let gap = Duration::from_secs_f64(1.0 / per_second);
        let mut planned = Instant::now();
        let mut tasks = JoinSet::new();
        while planned < deadline {
            let due = tokio::time::sleep_until(planned);
            if self.stop.run_until_cancelled(due).await.is_none() {
                break;
            }
            while tasks.try_join_next().is_some() {}
            if tasks.len() < at_most {
                let load = Arc::clone(self);
                let number = self.started.fetch_add(1, Ordering::Relaxed);
                tasks.spawn(async move { load.place(number, planned).await });
            } else {
                self.tally.with(|tally| tally.skipped += 1);
            }
            planned += gap;
        }
        while tasks.join_next().await.is_some() {}
    }

    /// One call that should have begun at `planned`: its first webhook has been waiting since then.
    async fn place(&self, number: u64, planned: Instant) {
        let mut late = Instant::now().saturating_duration_since(planned);
        self.tally.with(|tally| tally.lag.add(late));
        let watch = |step: &Step| match step.kind {
            Kind::Request => {
                let late = std::mem::take(&mut late);
                self.tally.with(|tally| tally.request(step, late));
            }
            Kind::Error => self.tally.with(|tally| tally.error(step)),
            Kind::Said | Kind::Did | Kind::Warning => {}
        };
        let plan = self.plan(number);
        let accidents = plan.chaos.as_ref().map(ToString::to_string);
        let report = self.carrier.place(plan, watch).await;
        self.tally.with(|tally| {
            tally.call(&report);
            if let Some(accidents) = accidents {
                tally.callers.push(CallerReport::of(number, self.scenario(number), accidents, &report));
            }
        });
    }

    fn scenario(&self, number: u64) -> Scenario {
        self.mix.pick(self.chance(number))
    }

    fn chance(&self, number: u64) -> u64 {
        // Weyl's sequence: neighbours fall far apart, and every run of a seed is the same.
        self.seed.wrapping_add(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
    }

    fn script(&self, number: u64) -> Script {
        let scenario = self.scenario(number);
        let usual = Script { acoustics: self.acoustics, ..scenario.script() };
        if scenario != Scenario::Talk || self.is_chaotic {
            return usual;
        }
        let mut voices = Clip::built_in();
        let first = usize::try_from(number).unwrap_or(0) % voices.len().max(1);
        voices.rotate_left(first);
        Script { acts: talk(self.chance(number.wrapping_mul(7))), voices, ..usual }
    }

    /// One of its calls, alone: it follows from seed and number, and from nothing else.
    #[must_use]
    pub fn plan(&self, number: u64) -> CallPlan {
        let seed = (u128::from(self.seed) << 64) | u128::from(number);
        CallPlan {
            from: caller(number),
            to: self.to.clone(),
            script: self.script(number),
            speed: Speed::INSTANT,
            seed,
            clock: Clock::System,
            twice: false,
            chaos: self.is_chaotic.then(|| Schedule::of(self.seed, number)),
        }
    }
}

/// A fictional number, another one each call, because limits are kept by caller: 79,900 until they come again.
fn caller(number: u64) -> String {
    format!("+1{}55501{:02}", 201 + number / 100 % 799, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_have_fictional_numbers_of_their_own() {
        let numbers: std::collections::BTreeSet<_> = (0..79_900).map(caller).collect();
        assert_eq!(numbers.len(), 79_900);
        assert_eq!(caller(123), "+12025550123");
        assert!(numbers.iter().all(|number| number.len() == 12));
    }
}
