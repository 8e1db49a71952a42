//! Loops that make recordings ours. Each calls steps of the recorder, which may be cut anywhere.

use super::reload::Keeping;
use super::workers::{Workers, in_slices};
use crate::base::Clock;
use crate::config::recordings::Recordings;
use crate::config::retention::{Retention, Terms};
use crate::db::Db;
use crate::ledger::recordings;
use crate::ledger::{Condition, Phase};
use crate::recordings::{Recorder, RecorderError};
use crate::speech::Speech;
use crate::world::Worlds;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the loops work with.
#[derive(Clone)]
pub(super) struct Audio {
    recorder: Recorder,
    db: Db,
    clock: Clock,
    condition: Condition,
    holder: Arc<str>,
    how: Keeping<Recordings>,
    retention: Keeping<Retention>,
    speech: Speech,
    worlds: Worlds,
    /// Ends the loops, in the middle of a copy if need be: the next start does it again.
    stop: CancellationToken,
}

/// How long one instance does what only one needs to.
const LEASE: Duration = Duration::from_secs(30);
/// How long one instance asks the carrier for its list.
const SWEEP: Duration = Duration::from_secs(240);
/// How often conversations are looked for in it.
const HOUR: Duration = Duration::from_secs(3600);
/// Between two slices of webhooks, copies or removals: callers' webhooks are stored meanwhile.
const BREATH: Duration = Duration::from_millis(50);

impl Audio {
    /// Works with what the other workers work with.
    pub(super) fn beside(workers: &Workers, recorder: Recorder, how: &Keeping<Recordings>, speech: Speech) -> Self {
        Self {
            recorder,
            db: workers.db.clone(),
            clock: workers.clock.clone(),
            condition: workers.condition.clone(),
            holder: Arc::clone(&workers.holder),
            how: how.clone(),
            retention: workers.retention.clone(),
            speech,
            worlds: workers.worlds.worlds().clone(),
            stop: workers.stop.clone(),
        }
    }

    /// Starts all loops.
    pub(super) fn start(self, tasks: &TaskTracker) {
        let (recorder, stop) = (self.recorder.clone(), self.stop.clone());
        // A wrong key should be heard of before the first message.
        tasks.spawn(async move { stop.run_until_cancelled_owned(async move { recorder.look().await }).await });
        let every = |period: Duration, step: fn(Self) -> Step| {
            let audio = self.clone();
            tasks.spawn(async move {
                let stop = audio.stop.clone();
                let loops = async move {
                    let mut ticks = interval(period);
                    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    loop {
                        ticks.tick().await;
                        if audio.condition.phase() == Phase::Up
                            && let Err(error) = step(audio.clone()).await
                        {
                            tracing::warn!(%error, "recordings: a step ended early; the next one goes on");
                        }
                    }
                };
                stop.run_until_cancelled_owned(loops).await
            });
        };
        every(Duration::from_secs(1), |audio| Box::pin(async move { audio.discover().await }));
        every(Duration::from_secs(1), |audio| Box::pin(async move { audio.copy().await }));
        every(Duration::from_secs(5), |audio| Box::pin(async move { audio.transcribe().await }));
        every(Duration::from_secs(60), |audio| Box::pin(async move { audio.remove().await }));
        every(Duration::from_secs(300), |audio| Box::pin(async move { audio.sweep().await }));
        every(HOUR, |audio| Box::pin(async move { audio.sweep_conversations().await }));
    }

    async fn discover(&self) -> Result<(), RecorderError> {
        // Looking first: a lease is a write, and most seconds bring no recording.
        if recordings::unread(&self.db).await? && self.leased("recordings", LEASE).await? {
            in_slices(|| self.recorder.discover(), BREATH, &self.stop).await?;
        }
        Ok(())
    }

    async fn copy(&self) -> Result<(), RecorderError> {
        let how = self.how.current();
        let slice = async || {
            let tried = self.recorder.copy_due(&how).await?;
            self.recorder.settle(&how).await?;
            Ok(tried)
        };
        in_slices(slice, BREATH, &self.stop).await.map(drop)
    }

    /// Words of messages, where a line has an engine for it.
    async fn transcribe(&self) -> Result<(), RecorderError> {
        let world = self.worlds.current();
        self.recorder.transcribe_due(&self.speech, world.lines()).await.map(drop)
    }

    async fn remove(&self) -> Result<(), RecorderError> {
        let world = self.worlds.current();
        let own = world.lines().iter().map(|line| (line.name.as_str(), line.retention));
        let terms = Terms::new(self.retention.current(), own);
        in_slices(async || self.recorder.remove_old_by(&terms).await, BREATH, &self.stop).await?;
        self.recorder.tidy().await.map(drop)
    }

    async fn sweep(&self) -> Result<(), RecorderError> {
        if self.leased("recordings-sweep", SWEEP).await? {
            self.recorder.sweep().await?;
        }
        Ok(())
    }

    async fn sweep_conversations(&self) -> Result<(), RecorderError> {
        if self.leased("recordings-list", HOUR / 2).await? {
            self.recorder.sweep_conversations().await?;
        }
        Ok(())
    }

    async fn leased(&self, work: &str, length: Duration) -> Result<bool, RecorderError> {
        Ok(self.db.lease(work, &self.holder, self.clock.now(), length).await?)
    }
}

type Step = std::pin::Pin<Box<dyn Future<Output = Result<(), RecorderError>> + Send>>;
