//! Loops beside the requests. Each calls a `step` that does one unit of work; nothing else here.

use super::reload::Keeping;
use super::worlds::WorldMaker;
use crate::base::{Clock, Meters};
use crate::callers::forget_callers;
use crate::calls::Reconciler;
use crate::config::retention::{Retention, Terms};
use crate::db::{Db, DbError};
use crate::gate::{Crowd, Loss, Refusals, TurnedAway, Unstored};
use crate::ledger::recordings::forget_revocations;
use crate::ledger::{Condition, Ear, Ledger, Phase, Relay, Turn, chain};
use crate::numbers::{Numbers, Worked};
use crate::openings::forget_overrides;
use crate::ops::{Ops, forget_writes};
use crate::paging::forget_pages;
use crate::texts::{self, Texts};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the workers work on.
pub(super) struct Workers {
    pub db: Db,
    pub clock: Clock,
    pub condition: Condition,
    pub refusals: Arc<Refusals>,
    pub unstored: Arc<Unstored>,
    pub turned_away: Arc<TurnedAway>,
    pub ops: Ops,
    pub retention: Keeping<Retention>,
    /// Who this instance is where only one may do a work: see [`Db::lease`].
    pub holder: Arc<str>,
    pub worlds: WorldMaker,
    pub meters: Arc<Meters>,
    pub numbers: Numbers,
    pub texts: Texts,
    /// Absent without account and token.
    pub reconciler: Option<Reconciler>,
    /// Ends the loops, and whatever one of them does in a row.
    pub stop: CancellationToken,
}

/// Between two comparisons with the carrier.
const BETWEEN_LOOKS: Duration = Duration::from_secs(900);

/// How long rows of overrides, and of callers on lists, are kept that are over.
const OVERRIDES_KEPT: TimeDelta = TimeDelta::days(365);

/// How long it is known that a call must not be recorded any more: none lasts longer.
const REVOCATIONS_KEPT: TimeDelta = TimeDelta::days(2);

/// Between two slices of a sweep: callers' webhooks are stored meanwhile.
const BREATH: Duration = Duration::from_millis(50);

/// Until the database is tried again, or another instance's lease may have run out.
const AWAY: Duration = Duration::from_secs(1);

/// Between two looks of the relay.
const fn between_looks(turn: Turn) -> Duration {
    match turn {
        Turn::Elsewhere => AWAY,
        Turn::Idle => Duration::from_millis(100),
        Turn::Numbered { more: false, .. } => Duration::from_millis(50),
        Turn::Numbered { more: true, .. } => Duration::from_millis(5),
    }
}

/// How long one instance chains consents before another may.
const CHAINING: Duration = Duration::from_secs(30);
/// Consents in one slice: some milliseconds of the write lock.
const CONSENTS: i64 = 100;

impl Workers {
    /// Starts all loops; they end when the stop fires.
    pub(super) fn start(self, tasks: &TaskTracker) {
        let relay = Relay::new(self.db.clone(), Arc::clone(&self.holder), Arc::clone(&self.meters));
        let workers = Arc::new(self);
        tasks.spawn(Arc::clone(&workers).hear(relay.ear()));
        tasks.spawn(Arc::clone(&workers).number(relay));
        let every = |period: Duration, step: fn(Arc<Self>) -> Step| {
            let (workers, stop) = (Arc::clone(&workers), workers.stop.clone());
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
        every(Duration::from_secs(1), |workers| Box::pin(async move { workers.note_turned_away() }));
        every(Duration::from_secs(2), |workers| Box::pin(async move { workers.refresh_world().await }));
        every(Duration::from_secs(5), |workers| Box::pin(async move { workers.ops.upkeep() }));
        every(Duration::from_secs(1), |workers| Box::pin(async move { workers.chain_consents().await }));
        every(Duration::from_secs(5), |workers| Box::pin(async move { workers.tend_limits().await }));
        // Apart from what retention removes, which may take hours.
        every(Duration::from_secs(60), |workers| Box::pin(async move { workers.refusals.sweep() }));
        every(Duration::from_secs(60), |workers| Box::pin(async move { workers.sweep().await }));
        every(Duration::from_millis(500), |workers| Box::pin(async move { workers.transact().await }));
        every(Duration::from_secs(1), |workers| Box::pin(async move { workers.send_texts().await }));
        every(Duration::from_secs(15), |workers| Box::pin(async move { workers.reconcile().await }));
        every(BETWEEN_LOOKS, |workers| Box::pin(async move { workers.look_at_carrier().await }));
    }

    /// Transactions, one after the other, until none is due. A stop in the middle is a crash like any other: the journal
    /// says how far it went.
    async fn transact(&self) {
        while self.storage_is_up() && !self.stop.is_cancelled() {
            match self.stop.run_until_cancelled(self.numbers.step()).await {
                Some(Ok(Worked::One)) => {}
                Some(Ok(Worked::Nothing)) | None => return,
                Some(Err(error)) => {
                    return tracing::warn!(%error, "a transaction could not go on; it is taken up again");
                }
            }
        }
    }

    /// Texts, one after the other, until none is due. A stop in the middle is a crash like any other: what may have been
    /// taken is looked for.
    async fn send_texts(&self) {
        while self.storage_is_up() && !self.stop.is_cancelled() {
            match self.stop.run_until_cancelled(self.texts.step()).await {
                Some(Ok(texts::Worked::One)) => {}
                Some(Ok(texts::Worked::Nothing)) | None => return,
                Some(Err(error)) => return tracing::warn!(%error, "a text could not be taken up; it waits"),
            }
        }
    }

    /// What became of calls whose last status never came.
    async fn reconcile(&self) {
        let Some(reconciler) = self.reconciler.as_ref().filter(|_| self.storage_is_up()) else { return };
        if let Some(Err(error)) = self.stop.run_until_cancelled(reconciler.step()).await {
            tracing::warn!(%error, "silent calls could not be looked for");
        }
    }

    /// Whether the carrier still asks where it should.
    async fn look_at_carrier(&self) {
        const LOOK: &str = "numbers: compare with the carrier";
        if !self.storage_is_up() {
            return;
        }
        let ours = self.db.lease(LOOK, &self.holder, self.clock.now(), BETWEEN_LOOKS).await;
        if !ours.unwrap_or(false) {
            return;
        }
        match self.stop.run_until_cancelled(self.numbers.look()).await {
            Some(Ok(0)) | None => {}
            Some(Ok(drifted)) => tracing::warn!(drifted, "numbers at the carrier differ: see `switchboard lines sync`"),
            Some(Err(error)) => tracing::warn!(%error, "numbers could not be compared with the carrier"),
        }
    }

    fn storage_is_up(&self) -> bool {
        self.condition.phase() == Phase::Up
    }

    /// Numbers events until the stop fires; then another instance goes on at once.
    async fn number(self: Arc<Self>, mut relay: Relay) {
        let mut failing = false;
        loop {
            let turn = if self.storage_is_up() { relay.step(self.clock.now()).await } else { Ok(Turn::Elsewhere) };
            if let Err(error) = &turn
                && !failing
            {
                tracing::warn!(%error, "events could not be numbered");
            }
            failing = turn.is_err();
            let pause = turn.map_or(AWAY, between_looks);
            if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                // Whoever comes next waits until the lease runs out, if need be.
                let _ = relay.release().await;
                return;
            }
        }
    }

    /// Hears how far another instance has numbered.
    async fn hear(self: Arc<Self>, mut ear: Ear) {
        let hearing = async {
            loop {
                match ear.hear().await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(_away) => sleep(AWAY).await,
                }
            }
        };
        self.stop.run_until_cancelled(hearing).await;
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

    fn note_turned_away(&self) {
        if let Some(Crowd { calls, call_sid, cause }) = self.turned_away.take() {
            let cause = cause.as_str();
            tracing::warn!(calls, call.sid = call_sid, cause, "too many calls at once: new ones hear that it is busy");
        }
    }

    async fn refresh_world(&self) {
        if self.storage_is_up()
            && let Err(error) = self.worlds.refresh(&self.db).await
        {
            tracing::warn!(%error, "lines and numbers of the database could not be read; those that were go on");
        }
    }

    /// Gives consents their place in the chain. What must not happen twice is guarded there; the lease saves the others
    /// the work.
    async fn chain_consents(&self) {
        if self.storage_is_up()
            && let Err(error) = self.chain_what_waits().await
        {
            tracing::warn!(%error, "consents could not be chained; they wait");
        }
    }

    async fn chain_what_waits(&self) -> Result<(), DbError> {
        // Looking first: a lease is a write, and most seconds bring no consent.
        if !chain::waits(&self.db).await?
            || !self.db.lease("consent-chain", &self.holder, self.clock.now(), CHAINING).await?
        {
            return Ok(());
        }
        let slice = async || chain::extend(&self.db, self.clock.now(), CONSENTS).await;
        in_slices(slice, BREATH, &self.stop).await.map(drop)
    }

    async fn tend_limits(&self) {
        if !self.storage_is_up() {
            return;
        }
        let slice = || Ledger::tend_limits(&self.db, self.clock.now());
        if let Err(error) = in_slices(slice, BREATH, &self.stop).await {
            tracing::warn!(%error, "limits could not be summed up");
        }
    }

    async fn sweep(&self) {
        if !self.storage_is_up() {
            return;
        }
        let (keep, world) = (self.retention.current(), self.worlds.worlds().current());
        let terms = Terms::new(keep, world.lines().iter().map(|line| (line.name.as_str(), line.retention)));
        let slice = async || {
            let now = self.clock.now();
            Ok::<_, DbError>(Ledger::sweep_by(&self.db, now, &terms).await? + forget_writes(&self.db, now).await?)
        };
        match in_slices(slice, BREATH, &self.stop).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "removed rows whose time is over"),
            Err(error) => tracing::warn!(%error, "old rows could not be removed"),
        }
        if let Err(error) = in_slices(|| self.numbers.sweep(&keep), BREATH, &self.stop).await {
            tracing::warn!(%error, "old transactions could not be removed");
        }
        if keep.pages_days > 0 {
            let before = || self.clock.now() - TimeDelta::days(i64::from(keep.pages_days));
            if let Err(error) = in_slices(|| forget_pages(&self.db, before()), BREATH, &self.stop).await {
                tracing::warn!(%error, "old pages could not be removed");
            }
        }
        let ended = || self.clock.now() - OVERRIDES_KEPT;
        if let Err(error) = in_slices(|| forget_overrides(&self.db, ended()), BREATH, &self.stop).await {
            tracing::warn!(%error, "old overrides could not be removed");
        }
        let ended = || self.clock.now() - OVERRIDES_KEPT;
        if let Err(error) = in_slices(|| forget_callers(&self.db, ended()), BREATH, &self.stop).await {
            tracing::warn!(%error, "old entries of callers could not be removed");
        }
        let over = self.clock.now() - REVOCATIONS_KEPT;
        if let Err(error) = forget_revocations(&self.db, over).await {
            tracing::warn!(%error, "old revocations could not be removed");
        }
        if let Err(error) = self.db.forget_leases(self.clock.now()).await {
            tracing::warn!(%error, "leases that ran out could not be removed");
        }
    }
}

/// Slice after slice until one is empty or the stop fires, with a breath between them; says how much that was.
pub(super) async fn in_slices<E, F: Future<Output = Result<u64, E>>>(
    mut slice: impl FnMut() -> F,
    breath: Duration,
    stop: &CancellationToken,
) -> Result<u64, E> {
    let mut sum = 0;
    loop {
        let rows = slice().await?;
        sum += rows;
        if rows == 0 || stop.run_until_cancelled(sleep(breath)).await.is_none() {
            return Ok(sum);
        }
    }
}

type Step = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::future::ready;

    #[tokio::test]
    async fn slices_go_on_until_one_is_empty() {
        let mut rows = [3, 2, 0].into_iter();
        let slice = || ready(Ok::<u64, Infallible>(rows.next().expect("no slice after an empty one")));
        assert_eq!(in_slices(slice, Duration::ZERO, &CancellationToken::new()).await, Ok(5));
    }

    #[tokio::test]
    async fn a_stop_ends_them_between_two_slices() {
        let (stop, mut slices) = (CancellationToken::new(), 0);
        let slice = || {
            slices += 1;
            if slices == 2 {
                stop.cancel();
            }
            ready(Ok::<u64, Infallible>(1))
        };
        assert_eq!(in_slices(slice, Duration::ZERO, &stop).await, Ok(2));
    }
}
