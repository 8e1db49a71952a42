//! Calls to numbers of the twin: each goes to the URL that its number is set up with.

use super::books::{Books, TwinAccount, TwinNumber, Way};
use crate::base::Clock;
use crate::simulator::CallPlan;
use crate::simulator::script::Script;
use crate::twiml::Method;
use reqwest::Url;

/// A call that can be placed.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) account: TwinAccount,
    pub(super) voice: Way,
    pub(super) fallback: Option<Way>,
    pub(super) status: Option<Way>,
    pub(super) plan: CallPlan,
}

/// What a call to this number needs; words, if there can be none.
pub(super) fn prepare(books: &mut Books, from: &str, to: &str, script: Script) -> Result<Inbound, String> {
    let number = books.owner_of(to).cloned().ok_or_else(|| format!("nobody owns {to}"))?;
    let account = books.accounts.get(&number.account_sid).filter(|account| account.is_active()).cloned();
    let account = account.ok_or_else(|| format!("the account of {to} is not active"))?;
    let voice = way(&number, "VoiceUrl", "VoiceMethod").ok_or_else(|| format!("{to} has no VoiceUrl"))?;
    let seed = u128::from_str_radix(&books.sid(""), 16).unwrap_or_default();
    let plan = CallPlan {
        from: from.to_owned(),
        to: to.to_owned(),
        script,
        speed: books.speed,
        seed,
        clock: Clock::clone(books.clock()),
        twice: false,
        chaos: None,
    };
    let fallback = way(&number, "VoiceFallbackUrl", "VoiceFallbackMethod");
    Ok(Inbound { account, voice, fallback, status: way(&number, "StatusCallback", "StatusCallbackMethod"), plan })
}

fn way(number: &TwinNumber, url: &str, method: &str) -> Option<Way> {
    let method = if number.setting(method) == "GET" { Method::Get } else { Method::Post };
    Some((Url::parse(number.setting(url)).ok()?, method))
}
