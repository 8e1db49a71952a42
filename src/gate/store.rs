//! Step 5: who waits for the database and for how long, and what is answered when it does not come in time.

use super::order::Gate;
use super::webhook::{Route, Storage, Webhook};
use crate::base::WebhookResult;
use crate::ledger::{NotStored, Phase, Stored, Unit};
use crate::world::World;
use bytes::Bytes;
use std::time::{Duration, Instant};

/// A caller waits for the answer.
const CALLER_PATIENCE: Duration = Duration::from_millis(250);
/// Nobody listens, and the carrier sends nothing again that was answered: better late than lost.
const REPORT_PATIENCE: Duration = Duration::from_secs(5);
/// Between attempts while the database is away: doubled each time, up to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(800));

impl Gate {
    /// What a decision may rely on. Reports may, because they wait; the fallback never does: it is asked because the
    /// front door failed, which may have been the database.
    pub(super) fn storage_for(&self, webhook: &Webhook<'_>) -> Storage {
        let is_up = || self.parts.ledger.condition().phase() == Phase::Up;
        if webhook.route != Route::Fallback && (!webhook.somebody_listens() || is_up()) {
            Storage::Durable
        } else {
            Storage::Lost
        }
    }

    /// The answer leaves when its transaction is durable. Where it cannot become so in time, the caller hears what
    /// is right for a house without storage: the way on, but no recording.
    pub(super) async fn decide_and_store(&self, world: &World, webhook: Webhook<'_>) -> (Bytes, WebhookResult) {
        let (unit, result) = self.decide(world, &webhook);
        if webhook.route == Route::Fallback {
            return (self.store_behind(&webhook, unit), result);
        }
        if webhook.storage == Storage::Lost {
            return self.answer_first(&webhook, (unit, result), NotStored::Away);
        }
        match self.store(&webhook, unit).await {
            Ok(Stored::First(answer)) => (answer, result),
            Ok(Stored::Copy(answer)) => {
                self.parts.meters.idempotency_hits.count("stored");
                (answer, WebhookResult::Copy)
            }
            Err(why) => {
                let webhook = Webhook { storage: Storage::Lost, ..webhook };
                self.answer_first(&webhook, self.decide(world, &webhook), why)
            }
        }
    }

    async fn store(&self, webhook: &Webhook<'_>, unit: Unit) -> Result<Stored, NotStored> {
        if webhook.somebody_listens() {
            return self.parts.ledger.store(unit, CALLER_PATIENCE).await;
        }
        self.store_patiently(unit).await
    }

    /// Tries again while the database is away, until the time of a report is over.
    async fn store_patiently(&self, unit: Unit) -> Result<Stored, NotStored> {
        let end = Instant::now() + REPORT_PATIENCE;
        let (mut pause, longest) = PAUSES;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.parts.ledger.store(unit.clone(), left).await {
                Err(NotStored::Away | NotStored::Full) if pause < left => tokio::time::sleep(pause).await,
                done => return done,
            }
            pause = longest.min(pause * 2);
        }
    }

    /// Stores behind the answer, which does not wait for it.
    fn store_behind(&self, webhook: &Webhook<'_>, unit: Unit) -> Bytes {
        let (gate, route, answer) = (self.clone(), webhook.route, unit.answer.clone());
        let sid = webhook.fields.get("CallSid").map(ToOwned::to_owned);
        tokio::spawn(async move {
            if let Err(why) = gate.store_patiently(unit).await {
                gate.count_unstored(sid.as_deref(), route, why);
            }
        });
        answer
    }

    /// The answer waits no longer. What it says is stored when there is room for it, and is lost when there is none.
    fn answer_first(
        &self,
        webhook: &Webhook<'_>,
        (unit, result): (Unit, WebhookResult),
        why: NotStored,
    ) -> (Bytes, WebhookResult) {
        let answer = unit.answer.clone();
        if self.parts.ledger.store_later(unit) {
            return (answer, result);
        }
        self.count_unstored(webhook.fields.get("CallSid"), webhook.route, why);
        (answer, WebhookResult::Unstored)
    }

    fn count_unstored(&self, sid: Option<&str>, route: Route, why: NotStored) {
        self.parts.ledger.condition().count_unstored();
        self.parts.meters.unstored.increment(1);
        self.unstored.count(sid, why);
        tracing::debug!(call.sid = sid, route = route.name(), cause = %why, "answered without storing what happened");
    }
}
