//! Step 2: the signature, and what strangers get.

use super::arrival::{Arrival, Fields};
use super::order::Gate;
use super::refusal::Reason;
use crate::base::{Problem, ProblemKind, Secret};
use crate::twilio::signature::{self, Body, Verdict};
use crate::world::{StreamPass, World};

/// What a request claims to be: signed for this URL and this body.
struct Claim<'a> {
    url: String,
    body: Body<'a>,
    given: Option<&'a str>,
    /// The account that the request names; its name is signed too.
    account: Option<&'a str>,
}

impl Claim<'_> {
    /// Tokens to try, and how many of them, from the first, are a sub-account's.
    fn signers<'w>(&self, world: &'w World) -> (&'w [Secret], usize) {
        world.subaccounts.signers(self.account).map_or((&world.tokens, 0), |signers| (&signers.tokens, signers.own))
    }
}

/// Names of the operator's tokens, in order.
const SLOTS: [&str; 2] = ["primary", "secondary"];

impl Gate {
    /// Lets signed requests pass; anyone else gets a problem document and is counted.
    pub(super) fn check(&self, world: &World, arrival: &Arrival, fields: &Fields<'_>) -> Result<(), Problem> {
        let url = format!("{}{}", world.public_url, arrival.target);
        self.check_claim(
            world,
            arrival,
            &Claim {
                url,
                body: fields.as_signed(),
                given: arrival.signature(),
                account: fields.form().get("AccountSid"),
            },
        )
    }

    /// The same for the handshake of a stream: the carrier signs the `wss://` URL of the TwiML (PROTOCOL.md 1.5). Whose
    /// call it is says the token in it, which is ours.
    pub(super) fn check_handshake(&self, world: &World, arrival: &Arrival) -> Result<(), Problem> {
        let authority = world.public_url.split_once("://").map_or("", |(_, authority)| authority);
        let url = format!("wss://{authority}{}", arrival.target);
        let pass = stream_token(arrival.target.split('?').next().unwrap_or_default())
            .and_then(|token| StreamPass::read(token, world, self.parts.clock.now()).ok());
        let account = pass.as_ref().map(|pass| pass.account.as_str());
        self.check_claim(world, arrival, &Claim { url, body: Body::Query, given: arrival.signature(), account })
    }

    fn check_claim(&self, world: &World, arrival: &Arrival, claim: &Claim<'_>) -> Result<(), Problem> {
        if !self.parts.check_signatures {
            return Ok(());
        }
        let (tokens, own) = claim.signers(world);
        match signature::verify(tokens, &claim.url, claim.body, claim.given) {
            Verdict::Valid { token, .. } => {
                let slot = token.checked_sub(own).map_or("subaccount", |slot| SLOTS.get(slot).unwrap_or(&"other"));
                self.parts.meters.token_matches.count(slot);
                Ok(())
            }
            Verdict::Missing => Err(self.refuse(world, arrival, claim, Reason::Missing)),
            Verdict::Wrong => Err(self.refuse(world, arrival, claim, Reason::Wrong)),
        }
    }

    fn refuse(&self, world: &World, arrival: &Arrival, claim: &Claim<'_>, reason: Reason) -> Problem {
        let client = arrival.client(&self.parts.trusted_proxies);
        if let Err(wait_s) = self.parts.refusals.admit(client, reason) {
            self.parts.meters.rate_limited.count("address");
            let detail = "too many refused requests from this address";
            return Problem::new(ProblemKind::TooManyRequests, detail).retry_after(wait_s);
        }
        let path = shown_path(&arrival.target);
        if reason == Reason::Missing {
            self.parts.meters.signature_failures.count("missing");
            tracing::warn!(%client, path, "refused a webhook without X-Twilio-Signature");
            let detail = "X-Twilio-Signature is missing: this route answers the carrier only";
            return Problem::new(ProblemKind::SignatureMissing, detail);
        }
        let cause = self.parts.refusals.may_diagnose().then(|| {
            let hosts = ["host", "x-forwarded-host"].into_iter().filter_map(|name| arrival.header(name));
            let hosts: Vec<&str> = hosts.collect();
            signature::diagnose(claim.signers(world).0, &claim.url, claim.body, claim.given.unwrap_or(""), &hosts)
        });
        let word = cause.as_ref().and_then(Option::as_ref).map_or("other", |cause| cause.word());
        self.parts.meters.signature_failures.count(word);
        let cause = match cause {
            Some(Some(cause)) => cause.to_string(),
            Some(None) => "another token, or not the carrier".to_owned(),
            None => "not looked into: too many at once".to_owned(),
        };
        tracing::warn!(%client, path, cause, "refused a webhook with a wrong signature");
        let detail = "X-Twilio-Signature does not fit; where one setting would have mended it, the log names it";
        Problem::new(ProblemKind::SignatureMismatch, detail)
    }
}

/// The token at the end of a stream's path. Some carriers add a slash.
#[must_use]
pub fn stream_token(path: &str) -> Option<&str> {
    let token = path.strip_prefix("/twilio/ws/")?.trim_end_matches('/');
    (!token.is_empty()).then_some(token)
}

/// The path as the log may show it: the token of a stream opens that stream.
fn shown_path(target: &str) -> &str {
    let path = target.split('?').next().unwrap_or("/");
    if path.starts_with("/twilio/ws/") { "/twilio/ws/{token}" } else { path }
}

impl<'a> Fields<'a> {
    fn as_signed(&'a self) -> Body<'a> {
        match self {
            Self::Body(form) => Body::Form(form),
            Self::Query(_) => Body::Query,
            Self::Raw { bytes, .. } => Body::Raw(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_no_stream_token_and_no_query() {
        assert_eq!(shown_path("/twilio/ws/abc.def?x=1"), "/twilio/ws/{token}");
        assert_eq!(shown_path("/twilio/voice?v=1"), "/twilio/voice");
    }
}
