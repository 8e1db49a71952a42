//! Fields and pieces of URLs, as the suspects are made of them.

use crate::twilio::signature::url::{Pieces, without_fragment};
use std::borrow::Cow;

/// Fields as somebody may have signed them, in their order.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// As they are fed to the MAC.
pub(super) fn pairs<'f>(fields: &'f Fields<'_>) -> impl Iterator<Item = (&'f str, &'f str)> {
    fields.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
}

/// Path and query of a URL, and what stands before them.
pub(super) fn cut(url: &str) -> Option<Pieces<'_>> {
    Pieces::of(without_fragment(url))
}

/// `text` decoded as one value of a form.
pub(super) fn decoded(text: &str) -> String {
    let whole = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(whole.as_bytes()).next().map_or_else(String::new, |(key, _)| key.into_owned())
}
