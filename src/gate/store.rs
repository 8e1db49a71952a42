//! Step 5: who waits for the database and for how long, and what is answered when it does not come in time.

use super::order::Gate;
use super::webhook::{Route, Storage, Webhook};
use crate::base::WebhookResult;
use crate::ledger::{NotStored, Stored, Unit};
use crate::world::World;
use bytes::Bytes;
use std::time::{Duration, Instant};

/// A caller waits for the answer.
const CALLER_PATIENCE: Duration = Duration::from_millis(250);
/// Nobody listens, and the carrier sends nothing again that was answered: better late than lost.
const REPORT_PATIENCE: Duration = Duration::from_secs(5);
/// Between attempts while neither database nor spool takes anything: doubled each time, up to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(800));

/// Why a call is turned away that no limit refused.
const CROWD: &str = "too many calls at once";

impl Gate {
    /// What a decision may rely on: the database, or the spool. Reports may, because they wait; the fallback only on the
    /// spool: it is asked because the front door failed, which may have been the database.
    pub(super) fn storage_for(&self, webhook: &Webhook<'_>) -> Storage {
        let ledger = &self.parts.ledger;
        let durable = match webhook.route {
            Route::Fallback => ledger.has_spool(),
            _ => !webhook.somebody_listens() || ledger.is_durable(),
        };
        if durable { Storage::Durable } else { Storage::Lost }
    }

    /// The answer leaves when it is durable. Where it cannot become so in time, the caller hears what is right for a
    /// house without storage: the way on, but no recording.
    pub(super) async fn decide_and_store(&self, world: &World, webhook: Webhook<'_>) -> (Bytes, WebhookResult) {
        if webhook.route == Route::Voice && !self.parts.ledger.has_room_for(webhook.fields.get("CallSid")) {
            return self.turn_away(world, webhook);
        }
        let (unit, result) = self.decide(world, &webhook);
        if webhook.storage == Storage::Lost {
            return self.answer_first(&webhook, (unit, result), NotStored::Away);
        }
        let asks = !unit.limits.is_empty();
        match self.store(&webhook, unit).await {
            Ok(Stored::First(answer)) => (answer, result),
            Ok(Stored::Spooled(answer)) => {
                self.let_in_unasked(asks);
                (answer, result)
            }
            Ok(Stored::Copy(answer)) => {
                self.parts.meters.idempotency_hits.count("stored");
                (answer, WebhookResult::Copy)
            }
            Err(NotStored::Full) if webhook.route == Route::Voice => self.turn_away(world, webhook),
            Err(why) => {
                let webhook = Webhook { storage: Storage::Lost, ..webhook };
                self.answer_first(&webhook, self.decide(world, &webhook), why)
            }
        }
    }

    /// More calls come in than can be stored while callers wait: a new one hears what its line says when it is busy, so
    /// that those who are on the line already go on. Nothing is stored of it but the count; storing it would cost what
    /// letting it in costs.
    fn turn_away(&self, world: &World, webhook: Webhook<'_>) -> (Bytes, WebhookResult) {
        let webhook = Webhook { storage: Storage::Lost, ..webhook };
        let (unit, result) = self.decide(world, &webhook);
        match unit.turned_away(CROWD) {
            Some(busy) => {
                self.parts.meters.rate_limited.count("overload");
                (busy.answer, result)
            }
            None => self.answer_first(&webhook, (unit, result), NotStored::Full),
        }
    }

    async fn store(&self, webhook: &Webhook<'_>, unit: Unit) -> Result<Stored, NotStored> {
        let ledger = &self.parts.ledger;
        match webhook.route {
            Route::Fallback => ledger.store_aside(unit).await,
            _ if webhook.somebody_listens() => ledger.store(unit, CALLER_PATIENCE).await,
            _ => self.store_patiently(unit).await,
        }
    }

    /// Tries again while neither database nor spool takes it, until the time of a report is over.
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

    /// The answer waits no longer. What it says is kept in memory until it can be stored, and is lost when there is no
    /// room for it.
    fn answer_first(
        &self,
        webhook: &Webhook<'_>,
        (unit, result): (Unit, WebhookResult),
        why: NotStored,
    ) -> (Bytes, WebhookResult) {
        self.let_in_unasked(!unit.limits.is_empty());
        let answer = unit.answer.clone();
        if self.parts.ledger.remember(unit) {
            return (answer, result);
        }
        self.count_unstored(webhook.fields.get("CallSid"), webhook.route, why);
        (answer, WebhookResult::Unstored)
    }

    /// An answer that waits for no database asks no limit: whoever calls comes in, and is counted if he would have asked.
    fn let_in_unasked(&self, asks: bool) {
        self.parts.meters.limits_failed_open.add(u64::from(asks));
    }

    fn count_unstored(&self, sid: Option<&str>, route: Route, why: NotStored) {
        self.parts.ledger.condition().count_unstored();
        self.parts.meters.unstored.increment(1);
        self.unstored.count(sid, why);
        tracing::debug!(call.sid = sid, route = route.name(), cause = %why, "answered without storing what happened");
    }
}
