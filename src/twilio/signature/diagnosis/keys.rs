//! Headers and tokens that were changed on their way here.

use crate::base::Secret;
use crate::twilio::signature::check::{Body, SIGNATURE_LENGTH};
use std::borrow::Cow;

/// The signature as it probably was; `None` if it looks sound as it is.
pub(super) fn mended_header(given: &str) -> Option<String> {
    let sound = given.len() == SIGNATURE_LENGTH
        && given.ends_with('=')
        && given
            .bytes()
            .take(SIGNATURE_LENGTH - 1)
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if sound {
        return None;
    }
    let text = given.trim().trim_matches(['"', '\'']);
    let text = text.replace("%3D", "=").replace("%3d", "=").replace("%2B", "+").replace("%2b", "+");
    let text = text.replace("%2F", "/").replace("%2f", "/").replace([' ', '-'], "+").replace('_', "/");
    Some(format!("{}=", text.trim_end_matches('=')))
}

/// Tokens that are nearly the right one, with what was wrong.
pub(super) fn suspects(tokens: &[Secret], body: Body<'_>) -> Vec<(Secret, &'static str)> {
    let mut suspects = Vec::new();
    for token in tokens {
        let text = token.expose();
        let mut suspect = |changed: Cow<'_, str>, wrong| {
            if changed != text {
                suspects.push((Secret::new(changed), wrong));
            }
        };
        suspect(text.trim().into(), "the token has blanks or a line break around it; without them it fits");
        suspect(text.trim_matches(['"', '\'']).into(), "the token has quotes around it; without them it fits");
        suspect(text.to_lowercase().into(), "the token's case is wrong; in lower case it fits");
        suspect(format!("{text}\n").into(), "the signer's token has a line break at its end; ours is right");
    }
    if let Body::Form(form) = body
        && let Some(sid) = form.filled("AccountSid")
    {
        suspects.push((Secret::new(sid), "signed with the AccountSid; it takes the AuthToken"));
    }
    suspects
}
