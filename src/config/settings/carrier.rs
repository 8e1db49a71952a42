//! The carrier: whose account, which tokens sign, where its REST API is.

use super::values;
use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;

const ACCOUNT_SID: Variable = Variable::plain("TWILIO_ACCOUNT_SID", "The account the numbers belong to.")
    .example("AC00000000000000000000000000000000");
const AUTH_TOKEN: Variable =
    Variable::secret("TWILIO_AUTH_TOKEN", "Signs webhooks and opens the REST API; required in production.");
const AUTH_TOKEN_SECONDARY: Variable =
    Variable::secret("TWILIO_AUTH_TOKEN_SECONDARY", "During a rotation: signatures of either token are accepted.");
const API_BASE_URL: Variable =
    Variable::plain("TWILIO_API_BASE_URL", "The REST API; another one for a compatible carrier or a test.")
        .default("https://api.twilio.com");

const FALLBACK_URL: Variable = Variable::plain(
    "TWILIO_FALLBACK_URL",
    "Fallback URL that numbers get (`switchboard lines sync --fallback`); PUBLIC_URL's own when unset.",
)
.example("https://static.example.net/fallback.xml");

pub(super) const VARIABLES: &[Variable] = &[ACCOUNT_SID, AUTH_TOKEN, AUTH_TOKEN_SECONDARY, API_BASE_URL, FALLBACK_URL];

/// Twilio, or a carrier that speaks its dialect.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// `TWILIO_ACCOUNT_SID`.
    pub account_sid: Option<String>,
    /// Tokens that may have signed a webhook, the primary first. Empty: with signatures checked, every webhook is refused.
    pub tokens: Vec<Secret>,
    /// `TWILIO_API_BASE_URL`, no slash at the end.
    pub api_base_url: String,
    /// `TWILIO_FALLBACK_URL`: what answers callers when this service does not.
    pub fallback_url: Option<String>,
}

impl Carrier {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        let account_sid = env.parsed(&ACCOUNT_SID, account_sid);
        let primary = env.secret(&AUTH_TOKEN, values::token);
        let secondary = env.secret(&AUTH_TOKEN_SECONDARY, values::token);
        let api_base_url = env.parsed(&API_BASE_URL, values::web_url);
        env.required_in_production(&AUTH_TOKEN, primary.is_some(), "set it to the account's auth token");
        if primary.is_none() && secondary.is_some() {
            env.warning(AUTH_TOKEN_SECONDARY.name, "is set without TWILIO_AUTH_TOKEN", "set the primary token too");
        }
        let fallback_url = env.parsed(&FALLBACK_URL, values::web_url);
        Self {
            account_sid,
            fallback_url,
            tokens: primary.into_iter().chain(secondary).collect(),
            api_base_url: api_base_url.unwrap_or_else(|| API_BASE_URL.default.unwrap_or_default().to_owned()),
        }
    }
}

fn account_sid(text: &str) -> Result<String, Wrong> {
    if text.starts_with("SK") {
        return Err(Wrong::new("is the name of an API key", "write the account's SID, which begins with AC"));
    }
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new("is not an account SID", "write AC and 32 hexadecimal digits"))
    }
}
