//! What each role is shown.

use crate::base::{Caller, mask, mask_address, mask_text};
use crate::ops::access::{Operator, Role};

/// A telephone number as `who` may see it; `null` when the caller withheld it.
pub(super) fn number(text: Option<&str>, who: &Operator) -> Option<String> {
    match Caller::parse(text?) {
        Caller::Withheld => None,
        Caller::Number(number) => Some(shown(number.as_str(), who)),
        Caller::Other(address) => Some(shown(&address, who)),
    }
}

fn shown(number: &str, who: &Operator) -> String {
    if sees_all(who) { number.to_owned() } else { mask(number) }
}

/// A mail address as `who` may see it.
pub(super) fn address(address: &str, who: &Operator) -> String {
    if sees_all(who) { address.to_owned() } else { mask_address(address) }
}

/// A text of ours that can name a number.
pub(in crate::ops) fn text(text: &str, who: &Operator) -> String {
    if sees_all(who) { text.to_owned() } else { mask_text(text) }
}

/// Viewers see masked numbers, no words of callers, no TwiML, no consent rows.
pub(super) fn sees_all(who: &Operator) -> bool {
    who.role >= Role::Operator
}
