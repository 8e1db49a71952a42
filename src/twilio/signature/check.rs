//! Signing and verifying.

use super::url::{Spelling, Spellings, without_fragment};
use crate::base::{Secret, same};
use crate::twilio::form::Form;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Base64 of 20 bytes.
pub(super) const SIGNATURE_LENGTH: usize = 28;
/// The query parameter that binds a body which is no form.
pub(super) const BODY_HASH: &str = "bodySHA256";

/// How a request's body takes part in its signature.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// POST of a form: the decoded fields are signed after the URL.
    Form(&'a Form<'a>),
    /// GET and WebSocket upgrades: the URL alone, which carries everything.
    Query,
    /// Anything else: the URL alone, whose `bodySHA256` must be the hash of these bytes.
    Raw(&'a [u8]),
}

/// What became of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Valid {
        /// Place of the token in the list.
        token: usize,
        /// The spelling of the URL that was signed.
        spelling: Spelling,
    },
    /// There is none.
    Missing,
    /// It does not fit.
    Wrong,
}

/// Whether `signature` was made with one of `tokens` for this request. `url` is the public URL, raw: configured base,
/// then path and query as received.
///
/// Tokens are all tried and compared in constant time; only which spelling of the URL fits can be told from outside.
#[must_use]
pub fn verify(tokens: &[Secret], url: &str, body: Body<'_>, signature: Option<&str>) -> Verdict {
    let Some(given) = signature.filter(|text| !text.is_empty()) else { return Verdict::Missing };
    let hash_fits = match body {
        Body::Raw(bytes) => hash_fits(url, bytes),
        Body::Form(_) | Body::Query => true,
    };
    let fit = match body {
        Body::Form(form) => find(tokens, url, given, || signed_fields(form)),
        Body::Query | Body::Raw(_) => find(tokens, url, given, std::iter::empty),
    };
    match fit {
        Some((token, spelling)) if hash_fits => Verdict::Valid { token, spelling },
        _ => Verdict::Wrong,
    }
}

/// The signature Twilio sends with a request. A body that is no form needs its hash in the URL: [`with_body_hash`].
#[must_use]
pub fn sign(token: &Secret, url: &str, body: Body<'_>) -> String {
    let url = [without_fragment(url)];
    let signature = match body {
        Body::Form(form) => mac(token, &url, signed_fields(form)),
        Body::Query | Body::Raw(_) => mac(token, &url, std::iter::empty()),
    };
    signature.into_iter().flatten().map(char::from).collect()
}

/// `url` with the hash of `body` in its query, as Twilio sends a JSON body.
#[must_use]
pub fn with_body_hash(url: &str, body: &[u8]) -> String {
    let url = without_fragment(url);
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{BODY_HASH}={}", hex(body))
}

/// The fields of a form as they are signed: equal pairs count once (as in Twilio's python, node and php libraries).
pub(super) fn signed_fields<'a>(form: &'a Form<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut last = None;
    form.iter().filter(move |&pair| last.replace(pair) != Some(pair))
}

/// The token and the spelling that make `given` of `fields`, if any do.
pub(super) fn find<'f, F>(
    tokens: &[Secret],
    url: &str,
    given: &str,
    fields: impl Fn() -> F,
) -> Option<(usize, Spelling)>
where
    F: Iterator<Item = (&'f str, &'f str)>,
{
    let fits = |(spelling, pieces): (Spelling, [&str; 11])| {
        find_pieces(tokens, &pieces, given, &fields).map(|token| (token, spelling))
    };
    Spellings::of(url).iter().find_map(fits)
}

/// The token that makes `given` of exactly this URL and `fields`. All are tried, whichever fits.
pub(super) fn find_pieces<'f, F>(tokens: &[Secret], url: &[&str], given: &str, fields: impl Fn() -> F) -> Option<usize>
where
    F: Iterator<Item = (&'f str, &'f str)>,
{
    let mut fit = None;
    for (place, token) in tokens.iter().enumerate() {
        let fits = mac(token, url, fields()).is_some_and(|own| same(&own, given.as_bytes()));
        if fits {
            fit = fit.or(Some(place));
        }
    }
    fit
}

/// HMAC-SHA1 over the URL's pieces and the fields, fed one by one: nothing is put together, nothing allocated.
/// `None` for an empty token, which anybody could sign with.
fn mac<'f>(
    token: &Secret,
    url: &[&str],
    fields: impl Iterator<Item = (&'f str, &'f str)>,
) -> Option<[u8; SIGNATURE_LENGTH]> {
    let key = Some(token.expose()).filter(|key| !key.is_empty())?;
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).ok()?;
    url.iter().for_each(|piece| mac.update(piece.as_bytes()));
    for (key, value) in fields {
        mac.update(key.as_bytes());
        mac.update(value.as_bytes());
    }
    let mut signature = [0; SIGNATURE_LENGTH];
    STANDARD.encode_slice(mac.finalize().into_bytes(), &mut signature).ok()?;
    Some(signature)
}

/// Whether the URL's `bodySHA256` is the hash of `body`; without one nothing binds the body.
pub(super) fn hash_fits(url: &str, body: &[u8]) -> bool {
    body_hash(url).is_some_and(|given| same(hex(body).as_bytes(), given.as_bytes()))
}

/// The value of `bodySHA256`.
pub(super) fn body_hash(url: &str) -> Option<&str> {
    let (_, query) = without_fragment(url).split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(BODY_HASH)?.strip_prefix('='))
}

fn hex(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}
