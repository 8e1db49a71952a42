//! The order of every webhook, on one page:
//!
//! 1. cap the body at 64 KiB
//! 2. check the signature; strangers are counted and turned away
//! 3. single flight: a copy waits for the first and gets its bytes
//! 4. decide: pure, from the world, the URL's state, the fields and the time
//! 5. lane: the unit is committed, or known to be lost
//! 6. answer

use super::arrival::{Arrival, Fields, Unreadable};
use super::flight::{Boarding, Flights};
use super::refusal::Refusals;
use super::webhook::{Route, Storage, Webhook};
use crate::base::{Clock, Meters, Problem, ProblemKind, WebhookResult};
use crate::ledger::{Key, Ledger, Phase, Stored, Unit};
use crate::twilio::form::Form;
use crate::world::{World, Worlds};
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use ipnet::IpNet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What decides: pure, and the same on every instance.
pub type Decide = Box<dyn for<'w> Fn(&World, &Webhook<'w>) -> Unit + Send + Sync>;

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
    /// Proxies whose `X-Forwarded-For` names the client.
    pub trusted_proxies: Vec<IpNet>,
    /// `false` only in development on loopback (`SIGNATURE_CHECK=off`).
    pub check_signatures: bool,
    /// Who was turned away.
    pub refusals: Arc<Refusals>,
    /// What is counted.
    pub meters: Arc<Meters>,
}

/// Where every webhook comes in. Cloning is cheap.
#[derive(Clone)]
pub struct Gate {
    pub(super) parts: Arc<Parts>,
    flights: Flights,
}

/// A caller waits for the answer.
const DEADLINE: Duration = Duration::from_millis(250);
/// Nobody waits for the words of an answer to a status callback.
const STATUS_DEADLINE: Duration = Duration::from_secs(5);

impl Gate {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), flights: Flights::default() }
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

    /// The handshake of a media stream. This version has no socket: a signed handshake is told so, the carrier reports
    /// a stream error and goes on with the verb that our TwiML put behind the stream.
    pub async fn handshake(&self, request: Request<Body>) -> Response {
        let Ok(arrival) = Arrival::read(request).await else {
            return render(&Problem::new(ProblemKind::BadRequest, "the request did not arrive as announced"));
        };
        if let Err(refusal) = self.check_handshake(&self.parts.worlds.current(), &arrival) {
            return render(&refusal);
        }
        render(&Problem::new(ProblemKind::NotFound, "live streams come with a later version; the call goes on without"))
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
                    let webhook = self.webhook((route, key), arrival, fields.form(), &state);
                    let (answer, result) = self.decide_and_store(world, webhook).await;
                    ticket.land(&answer);
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
        let durable = self.parts.ledger.condition().phase() == Phase::Up;
        Webhook {
            route,
            key,
            state,
            fields,
            at: self.parts.clock.now(),
            storage: if durable { Storage::Durable } else { Storage::Lost },
            carrier_token: arrival.header("i-twilio-idempotency-token"),
            by_get: arrival.is_get(),
        }
    }

    /// The answer leaves when its transaction is durable. Where it cannot become so in time, the caller hears what
    /// is right for a house without storage: the way on, but no recording.
    async fn decide_and_store(&self, world: &World, webhook: Webhook<'_>) -> (Bytes, WebhookResult) {
        let (unit, result) = self.decide(world, &webhook);
        if webhook.storage == Storage::Lost {
            return self.unstored(&webhook, unit.answer, "the database is away");
        }
        let deadline = if webhook.route.is_status_kind() { STATUS_DEADLINE } else { DEADLINE };
        match self.parts.ledger.store(unit, deadline).await {
            Ok(Stored::First(answer)) => (answer, result),
            Ok(Stored::Copy(answer)) => {
                self.parts.meters.idempotency_hits.count("stored");
                (answer, WebhookResult::Copy)
            }
            Err(not_stored) => {
                let webhook = Webhook { storage: Storage::Lost, ..webhook };
                let (unit, _) = self.decide(world, &webhook);
                self.unstored(&webhook, unit.answer, &not_stored.to_string())
            }
        }
    }

    fn unstored(&self, webhook: &Webhook<'_>, answer: Bytes, why: &str) -> (Bytes, WebhookResult) {
        self.parts.ledger.condition().count_unstored();
        self.parts.meters.unstored.increment(1);
        let sid = webhook.fields.get("CallSid");
        tracing::warn!(call.sid = sid, route = webhook.route.name(), why, "answered without storing what happened");
        (answer, WebhookResult::Unstored)
    }

    /// A bug in the decision is no reason for silence: the caller hears an apology and goes on to the mailbox.
    fn decide(&self, world: &World, webhook: &Webhook<'_>) -> (Unit, WebhookResult) {
        match catch_unwind(AssertUnwindSafe(|| (self.parts.decide)(world, webhook))) {
            Ok(unit) if unit.facts.errors().is_empty() => (unit, WebhookResult::Answered),
            Ok(unit) => (unit, WebhookResult::Malformed),
            Err(_panic) => {
                let sid = webhook.fields.get("CallSid");
                tracing::error!(
                    call.sid = sid,
                    route = webhook.route.name(),
                    "a decision failed; the caller hears an apology"
                );
                ((self.parts.fault)(world, webhook), WebhookResult::Fault)
            }
        }
    }
}

fn twiml(answer: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"))], answer).into_response()
}

pub(super) fn render(problem: &Problem) -> Response {
    let status = axum::http::StatusCode::from_u16(problem.kind.status()).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, crate::base::PROBLEM_JSON)], problem.to_json()).into_response();
    if let Some(seconds) = problem.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
