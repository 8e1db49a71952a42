//! Steps 4 and 6: which new calls are let in; who waits for the database and for how long, and what is answered when it does not come in time.

use super::decision::NOTHING;
use super::door::Place;
use super::order::Gate;
use super::turned_away::Cause;
use super::webhook::{Route, Storage, Webhook};
use crate::base::WebhookResult;
use crate::ledger::{NotStored, Stored, Unit};
use crate::twilio::form::Form;
use crate::world::World;
use bytes::Bytes;
use std::time::Duration;

/// A caller waits for the answer.
const CALLER_PATIENCE: Duration = Duration::from_millis(250);
/// Nobody listens, and the carrier sends nothing again that was answered: better late than lost.
const REPORT_PATIENCE: Duration = Duration::from_secs(5);

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
        let _place = match self.let_in(&webhook).await {
            Ok(place) => place,
            Err(cause) => match self.turn_away(world, &webhook, cause) {
                Some(busy) => return busy,
                None => None,
            },
        };
        let (unit, result) = self.decide(world, &webhook);
        if webhook.storage == Storage::Lost {
            return self.answer_first(&webhook, (unit, result), NotStored::Away);
        }
        let asks = !unit.limits.is_empty();
        if webhook.opens_a_call() {
            self.turned_away.let_in(webhook.fields.get("CallSid").unwrap_or_default());
        }
        match self.store(&webhook, unit).await {
            Ok(Stored::First(answer)) => (answer, result),
            Ok(Stored::Spooled(answer) | Stored::Remembered(answer)) => {
                self.let_in_unasked(asks);
                (answer, result)
            }
            Ok(Stored::Copy(answer)) => {
                self.parts.meters.idempotency_hits.count("stored");
                (answer, WebhookResult::Copy)
            }
            Err(why) => {
                if why == NotStored::Full
                    && webhook.opens_a_call()
                    && let Some(busy) = self.turn_away(world, &webhook, Cause::Storage)
                {
                    return busy;
                }
                let webhook = Webhook { storage: Storage::Lost, ..webhook };
                self.answer_first(&webhook, self.decide(world, &webhook), why)
            }
        }
    }

    /// Running calls pass. A new one needs a place, and a lane that stores it while its caller waits; while the spool
    /// carries, room in it.
    async fn let_in(&self, webhook: &Webhook<'_>) -> Result<Option<Place>, Cause> {
        if !webhook.opens_a_call() {
            return Ok(None);
        }
        let place = self.parts.door.enter().await.ok_or(Cause::Crowd)?;
        let (ledger, sid) = (&self.parts.ledger, webhook.fields.get("CallSid"));
        if ledger.has_room_for(sid) {
            return Ok(Some(place));
        }
        Err(if ledger.condition().is_up() { Cause::Storage } else { Cause::Spool })
    }

    /// More calls come in than can be served while callers wait: a new one hears what its line says when it is busy, so
    /// that those who are on the line already go on. Nothing is stored of it but the count; storing it would cost what
    /// letting it in costs. `None`: it is no call that may be turned away.
    fn turn_away(&self, world: &World, webhook: &Webhook<'_>, cause: Cause) -> Option<(Bytes, WebhookResult)> {
        let answer = (self.parts.busy)(world, webhook)?;
        self.parts.meters.rate_limited.count("overload");
        self.parts.meters.turned_away.count(cause.as_str());
        self.turned_away.count(webhook.fields.get("CallSid"), cause);
        Some((answer, WebhookResult::TurnedAway))
    }

    /// What is answered to the carrier's last word on a call that was turned away: nothing of such a call is stored.
    pub(super) fn after_turning_away(&self, route: Route, fields: &Form<'_>) -> Option<Bytes> {
        let sid = fields.get("CallSid").filter(|_| route == Route::Status)?;
        self.turned_away.remembers(sid).then_some(Bytes::from_static(NOTHING))
    }

    async fn store(&self, webhook: &Webhook<'_>, unit: Unit) -> Result<Stored, NotStored> {
        let ledger = &self.parts.ledger;
        match webhook.route {
            Route::Fallback => ledger.store_aside(unit).await,
            _ if webhook.somebody_listens() => ledger.store(unit, CALLER_PATIENCE).await,
            _ => ledger.store_patiently(unit, REPORT_PATIENCE).await,
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
