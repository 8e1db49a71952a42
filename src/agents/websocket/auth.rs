//! How we show an agent who we are, and it us.

use crate::base::{Secret, Time, derived_id, same};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;

/// Secrets that begin so sign (Standard Webhooks); others are sent as they are.
const SIGNS: &str = "whsec_";

/// What an agent and we both know.
#[derive(Clone, Debug)]
pub(in crate::agents) enum Auth {
    /// Nothing.
    Open,
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// Signed upgrades. Several during a rotation: all of them sign.
    Signed(Vec<Secret>),
}

/// Headers of one upgrade, and its id, which a proof is about.
pub(super) struct Shown {
    pub(super) headers: Vec<(&'static str, Secret)>,
    pub(super) id: String,
}

impl Auth {
    /// `whsec_…` (several, with blanks between) signs, anything else is a bearer's token.
    pub(in crate::agents) fn of(secret: Option<&Secret>) -> Self {
        let Some(secret) = secret else { return Self::Open };
        let parts: Vec<&str> = secret.expose().split_whitespace().collect();
        match parts.as_slice() {
            [] => Self::Open,
            [first, ..] if first.starts_with(SIGNS) => Self::Signed(parts.into_iter().map(Secret::new).collect()),
            [first, ..] => Self::Bearer(Secret::new(*first)),
        }
    }

    /// What an upgrade of `url` for `call` carries.
    pub(super) fn show(&self, url: &str, call: &str, attempt: u32, now: Time) -> Shown {
        let stamp = now.timestamp().to_string();
        let id = derived_id("swa", &[call, &attempt.to_string(), &stamp]);
        let headers = match self {
            Self::Open => Vec::new(),
            Self::Bearer(token) => vec![("authorization", Secret::new(format!("Bearer {}", token.expose())))],
            Self::Signed(secrets) => {
                let content = content(url, call, &id, &stamp);
                let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, &content)).collect();
                vec![
                    ("webhook-id", Secret::new(id.as_str())),
                    ("webhook-timestamp", Secret::new(stamp)),
                    ("webhook-signature", Secret::new(signatures.join(" "))),
                ]
            }
        };
        Shown { headers, id }
    }

    /// Whether an agent has proved that it knows the secret too; only asked for where upgrades are signed.
    pub(super) fn proved(&self, id: &str, proof: Option<&str>) -> bool {
        let Self::Signed(secrets) = self else { return true };
        let content = format!("ready.{id}");
        let fits =
            |proof: &str| secrets.iter().any(|secret| same(proof.as_bytes(), signature(secret, &content).as_bytes()));
        proof.is_some_and(|proof| proof.split_whitespace().any(fits))
    }
}

/// `id.timestamp.GET\nHOST\nPATH?QUERY\nCALL_ID`.
fn content(url: &str, call: &str, id: &str, stamp: &str) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port).map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.as_ref().map_or("/", Url::path);
    let query = url.as_ref().and_then(Url::query).map(|query| format!("?{query}")).unwrap_or_default();
    format!("{id}.{stamp}.GET\n{host}{port}\n{path}{query}\n{call}")
}

fn signature(secret: &Secret, content: &str) -> String {
    let key = secret.expose().strip_prefix(SIGNS).unwrap_or_default();
    let key = STANDARD.decode(key).unwrap_or_else(|_| key.as_bytes().to_vec());
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(content.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(auth: &Auth) -> Vec<(&'static str, String)> {
        let shown = auth.show("wss://agent.example:8443/line?a=1", "CA1", 1, Time::UNIX_EPOCH);
        shown.headers.iter().map(|(name, value)| (*name, value.expose().to_owned())).collect()
    }

    #[test]
    fn a_token_is_sent_and_a_key_signs() {
        assert_eq!(headers(&Auth::of(None)), []);
        let token = Secret::new("made-up");
        assert_eq!(headers(&Auth::of(Some(&token))), [("authorization", "Bearer made-up".to_owned())]);
        let both = Secret::new("whsec_bmV3 whsec_b2xk");
        let shown = headers(&Auth::of(Some(&both)));
        let id = derived_id("swa", &["CA1", "1", "0"]);
        let signed = format!("{id}.0.GET\nagent.example:8443\n/line?a=1\nCA1");
        let expected = ["whsec_bmV3", "whsec_b2xk"].map(|key| signature(&Secret::new(key), &signed)).join(" ");
        assert_eq!(shown.get(2), Some(&("webhook-signature", expected)));
    }

    #[test]
    fn the_agent_proves_that_it_knows_the_key() {
        let auth = Auth::of(Some(&Secret::new("whsec_bmV3 whsec_b2xk")));
        let proof = signature(&Secret::new("whsec_b2xk"), "ready.swa_1");
        assert!(auth.proved("swa_1", Some(&proof)));
        for (id, proof) in [("swa_2", Some(proof.as_str())), ("swa_1", None), ("swa_1", Some("v1,AAAA"))] {
            assert!(!auth.proved(id, proof));
        }
        assert!(Auth::Open.proved("swa_1", None));
    }
}
