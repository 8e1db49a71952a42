//! Step 2: the signature, and what strangers get.

use super::arrival::{Arrival, Fields};
use super::order::Gate;
use super::refusal::Reason;
use crate::base::{Problem, ProblemKind};
use crate::twilio::signature::{self, Body, Verdict};
use crate::world::World;

impl Gate {
    /// Lets signed requests pass; anyone else gets a problem document and is counted.
    pub(super) fn check(&self, world: &World, arrival: &Arrival, fields: &Fields<'_>) -> Result<(), Problem> {
        self.check_url(world, arrival, fields, &format!("{}{}", world.public_url, arrival.target))
    }

    /// The same for the handshake of a stream: the carrier signs the `wss://` URL of the TwiML (PROTOCOL.md 1.5).
    pub(super) fn check_handshake(&self, world: &World, arrival: &Arrival) -> Result<(), Problem> {
        let authority = world.public_url.split_once("://").map_or("", |(_, authority)| authority);
        self.check_url(world, arrival, &arrival.fields(), &format!("wss://{authority}{}", arrival.target))
    }

    fn check_url(&self, world: &World, arrival: &Arrival, fields: &Fields<'_>, url: &str) -> Result<(), Problem> {
        if !self.parts.check_signatures {
            return Ok(());
        }
        let body = match fields {
            Fields::Body(form) => Body::Form(form),
            Fields::Query(_) => Body::Query,
            Fields::Raw { bytes, .. } => Body::Raw(bytes),
        };
        let reason = match signature::verify(&world.tokens, url, body, arrival.header("x-twilio-signature")) {
            Verdict::Valid { token, .. } => {
                self.parts.meters.token_matches.count(["primary", "secondary"].get(token).unwrap_or(&"other"));
                return Ok(());
            }
            Verdict::Missing => Reason::Missing,
            Verdict::Wrong => Reason::Wrong,
        };
        Err(self.refuse(world, arrival, url, body, reason))
    }

    fn refuse(&self, world: &World, arrival: &Arrival, url: &str, body: Body<'_>, reason: Reason) -> Problem {
        let client = arrival.client(&self.parts.trusted_proxies);
        if let Err(wait_s) = self.parts.refusals.admit(client, reason) {
            self.parts.meters.rate_limited.count("address");
            let detail = "too many refused requests from this address";
            return Problem::new(ProblemKind::TooManyRequests, detail).retry_after(wait_s);
        }
        let path = arrival.target.split('?').next().unwrap_or("/");
        if reason == Reason::Missing {
            self.parts.meters.signature_failures.count("missing");
            tracing::warn!(%client, path, "refused a webhook without X-Twilio-Signature");
            let detail = "X-Twilio-Signature is missing: this route answers the carrier only";
            return Problem::new(ProblemKind::SignatureMissing, detail);
        }
        self.parts.meters.signature_failures.count("other");
        tracing::warn!(%client, path, "refused a webhook with a wrong signature");
        let detail = "X-Twilio-Signature does not fit; the log says which setting would have matched";
        Problem::new(ProblemKind::SignatureMismatch, detail)
    }
}
