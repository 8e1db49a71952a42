//! The order of every webhook, on one page:
//!
//! 1. cap the body at 64 KiB
//! 2. check the signature; strangers are counted and turned away
//! 3. single flight: a copy waits for the first and gets its bytes
//! 4. door: a new call waits shortly for a place, or is turned away; running calls pass (`door.rs`)
//! 5. decide: pure, from the world, the URL's state, the fields and the time (`decision.rs`)
//! 6. lane: the unit is committed, or known to be lost (`store.rs`)
//! 7. answer

use super::answer::{render, twiml};
use super::arrival::{Arrival, Fields, Unreadable};
use super::door::Door;
use super::flight::{Boarding, Flights};
use super::refusal::Refusals;
use super::streams::Streams;
use super::turned_away::TurnedAway;
use super::unstored::Unstored;
use super::webhook::{Route, Storage, Webhook};
use crate::base::{Clock, Meters, Problem, ProblemKind, WebhookResult};
use crate::ledger::{Key, Ledger, Unit};
use crate::twilio::form::Form;
use crate::world::{World, Worlds};
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use ipnet::IpNet;
use std::sync::Arc;
use std::time::Instant;

/// What decides: pure, and the same on every instance.
pub type Decide = Box<dyn for<'w> Fn(&World, &Webhook<'w>) -> Unit + Send + Sync>;

/// What a caller hears who is turned away because too many came. `None`: not a call that may be. Pure, and cheap.
pub type Busy = Box<dyn for<'w> Fn(&World, &Webhook<'w>) -> Option<Bytes> + Send + Sync>;

/// The gate's parts, for whoever assembles it.
pub struct Parts {
    /// The world that decisions read.
    pub worlds: Worlds,
    /// Where units go.
    pub ledger: Ledger,
    /// Where the time comes from.
    pub clock: Clock,
    /// The calls room's decision.
    pub decide: Decide,
    /// What a caller hears when the decision itself fails.
    pub fault: Decide,
    /// What a caller hears who is turned away.
    pub busy: Busy,
    /// Where new calls come in.
    pub door: Door,
    /// Proxies whose `X-Forwarded-For` names the client.
    pub trusted_proxies: Vec<IpNet>,
    /// `false` only in development on loopback (`SIGNATURE_CHECK=off`).
    pub check_signatures: bool,
    /// Who was turned away.
    pub refusals: Arc<Refusals>,
    /// What is counted.
    pub meters: Arc<Meters>,
    /// Who takes streams, and knows how they ended.
    pub streams: Streams,
}

/// Where every webhook comes in. Cloning is cheap.
#[derive(Clone)]
pub struct Gate {
    pub(super) parts: Arc<Parts>,
    flights: Flights,
    pub(super) unstored: Arc<Unstored>,
    pub(super) turned_away: Arc<TurnedAway>,
}

impl Gate {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            flights: Flights::default(),
            unstored: Arc::default(),
            turned_away: Arc::default(),
        }
    }

    /// What was answered without being stored, for whoever tells the operator.
    #[must_use]
    pub const fn unstored(&self) -> &Arc<Unstored> {
        &self.unstored
    }

    /// Where new calls come in.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.parts.door
    }

    /// Which calls were turned away because too many came.
    #[must_use]
    pub const fn turned_away(&self) -> &Arc<TurnedAway> {
        &self.turned_away
    }

    /// Takes one request through the order.
    pub async fn receive(&self, route: Route, request: Request<Body>) -> Response {
        let started = Instant::now();
        let (response, result) = self.in_order(route, request).await;
        if let Some(meter) = self.parts.meters.webhook(route as usize) {
            meter.done(result, started.elapsed());
        }
        response
    }

    /// The handshake of a media stream: signed like a webhook, then whoever takes streams looks at its token.
    pub async fn handshake(&self, request: Request<Body>) -> Response {
        let (parts, _body) = request.into_parts();
        if let Err(refusal) = self.check_handshake(&self.parts.worlds.current(), &Arrival::without_body(&parts)) {
            return render(&refusal);
        }
        (self.parts.streams.open)(parts).await
    }

    async fn in_order(&self, route: Route, request: Request<Body>) -> (Response, WebhookResult) {
        let arrival = match Arrival::read(request).await {
            Ok(arrival) => arrival,
            Err(Unreadable::TooLarge) => {
                let problem = Problem::new(ProblemKind::TooLarge, "the body of a webhook is at most 64 KiB");
                return (render(&problem), WebhookResult::TooLarge);
            }
            Err(Unreadable::Broken) => {
                let problem = Problem::new(ProblemKind::BadRequest, "the body did not arrive as announced");
                return (render(&problem), WebhookResult::Malformed);
            }
        };
        let world = self.parts.worlds.current();
        let fields = arrival.fields();
        if let Err(refusal) = self.check(&world, &arrival, &fields) {
            return (render(&refusal), WebhookResult::Refused);
        }
        if let Some(nothing) = self.after_turning_away(route, fields.form()) {
            return (twiml(nothing), WebhookResult::TurnedAway);
        }
        let (answer, result) = self.once(route, &world, &arrival, &fields).await;
        (twiml(answer), result)
    }

    /// Decides and stores unless this process already has, or just is.
    async fn once(
        &self,
        route: Route,
        world: &World,
        arrival: &Arrival,
        fields: &Fields<'_>,
    ) -> (Bytes, WebhookResult) {
        let key = arrival.key(fields);
        loop {
            match self.flights.board(key) {
                Boarding::Landed(answer) => {
                    self.parts.meters.idempotency_hits.count("memory");
                    return (answer, WebhookResult::Copy);
                }
                // When the first is lost on its way, its copies board anew.
                Boarding::Wait(first) => {
                    if let Ok(answer) = first.await {
                        self.parts.meters.idempotency_hits.count("in_flight");
                        return (answer, WebhookResult::Copy);
                    }
                }
                Boarding::First(ticket) => {
                    let state = Form::parse(arrival.query().as_bytes());
                    let end = self.parts.streams.end(route, fields.form(), &state).await;
                    let webhook =
                        Webhook { end: end.as_ref(), ..self.webhook((route, key), arrival, fields.form(), &state) };
                    let (answer, result) = self.decide_and_store(world, webhook).await;
                    self.parts.streams.tell(route, &answer);
                    // Who was turned away may ask again: it is no promise that he stays out.
                    if result != WebhookResult::TurnedAway {
                        ticket.land(&answer);
                    }
                    return (answer, result);
                }
            }
        }
    }

    /// As a decision sees it.
    fn webhook<'w>(
        &self,
        (route, key): (Route, Key),
        arrival: &'w Arrival,
        fields: &'w Form<'w>,
        state: &'w Form<'w>,
    ) -> Webhook<'w> {
        let webhook = Webhook {
            route,
            key,
            state,
            fields,
            at: self.parts.clock.now(),
            storage: Storage::Durable,
            carrier_token: arrival.header("i-twilio-idempotency-token"),
            by_get: arrival.is_get(),
            end: None,
        };
        Webhook { storage: self.storage_for(&webhook), ..webhook }
    }
}
