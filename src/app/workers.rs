//! Loops beside the requests. Each calls a `step` that does one unit of work; nothing else here.

use crate::base::Clock;
use crate::config::retention::Retention;
use crate::db::Db;
use crate::gate::{Loss, Refusals, Unstored};
use crate::ledger::{Condition, Ledger, Phase};
use crate::ops::Ops;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the workers work on.
pub(super) struct Workers {
    pub db: Db,
    pub clock: Clock,
    pub condition: Condition,
    pub refusals: Arc<Refusals>,
    pub unstored: Arc<Unstored>,
    pub ops: Ops,
    pub retention: Retention,
}

impl Workers {
    /// Starts all loops; they end when `stop` fires.
    pub(super) fn start(self, tasks: &TaskTracker, stop: &CancellationToken) {
        let workers = Arc::new(self);
        let every = |period: Duration, step: fn(Arc<Self>) -> Step| {
            let (workers, stop) = (Arc::clone(&workers), stop.clone());
            tasks.spawn(async move {
                let mut ticks = interval(period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                    step(Arc::clone(&workers)).await;
                }
            });
        };
        every(Duration::from_millis(200), |workers| Box::pin(async move { workers.checkpoint().await }));
        every(Duration::from_secs(1), |workers| Box::pin(async move { workers.note_refusals().await }));
        every(Duration::from_secs(1), |workers| Box::pin(async move { workers.note_unstored() }));
        every(Duration::from_secs(5), |workers| Box::pin(async move { workers.ops.upkeep() }));
        every(Duration::from_secs(60), |workers| Box::pin(async move { workers.sweep().await }));
    }

    fn storage_is_up(&self) -> bool {
        self.condition.phase() == Phase::Up
    }

    async fn checkpoint(&self) {
        if self.storage_is_up()
            && let Err(error) = self.db.checkpoint().await
        {
            tracing::warn!(%error, "the write-ahead log could not be moved into the database file");
        }
    }

    async fn note_refusals(&self) {
        let counts = self.refusals.take_counts();
        if !counts.is_empty()
            && self.storage_is_up()
            && let Err(error) = Ledger::note_refusals(&self.db, self.clock.now(), &counts).await
        {
            tracing::warn!(%error, ?counts, "refused requests could not be written down");
        }
    }

    fn note_unstored(&self) {
        if let Some(Loss { webhooks, call_sid, cause }) = self.unstored.take() {
            tracing::warn!(webhooks, call.sid = call_sid, %cause, "answered without storing what happened");
        }
    }

    async fn sweep(&self) {
        self.refusals.sweep();
        // Bounded, so that a first sweep of a large database does not hold up the others for long.
        for _ in 0..100 {
            if !self.storage_is_up() {
                return;
            }
            match Ledger::sweep(&self.db, self.clock.now(), &self.retention).await {
                Ok(0) => return,
                Ok(rows) => tracing::debug!(rows, "removed rows whose time is over"),
                Err(error) => {
                    tracing::warn!(%error, "old rows could not be removed");
                    return;
                }
            }
        }
    }
}

type Step = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
