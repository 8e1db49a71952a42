//! A refused request, questioned.

use super::bodies::{self, Rewrite};
use super::cause::{Cause, Reason};
use super::fields::{Fields, pairs};
use super::{keys, urls};
use crate::base::Secret;
use crate::twilio::signature::check::{Body, body_hash, find, find_pieces, hash_fits, signed_fields};
use std::cell::Cell;

/// Bytes that are hashed at most: some two milliseconds. Twilio's own bodies need about half of it; a stranger's big one
/// is looked at less closely.
const BUDGET: usize = 4 * 1024 * 1024;

/// What a refused request shows.
struct Evidence<'a> {
    tokens: &'a [Secret],
    url: &'a str,
    body: Body<'a>,
    given: &'a str,
    budget: Cell<usize>,
}

/// Names what would have made `given` the right signature. `None`: nothing that is commonly got wrong; most likely
/// another token, or not Twilio.
///
/// `seen` is what proxies said of the request, to be tried, not trusted: hosts (`Host`, `X-Forwarded-Host`, with a
/// port or without), `:8443` for a port, `/app` for a path prefix.
#[must_use]
pub fn diagnose(tokens: &[Secret], url: &str, body: Body<'_>, given: &str, seen: &[&str]) -> Option<Cause> {
    let evidence = Evidence { tokens, url, body, given, budget: Cell::new(BUDGET) };
    if let Some(cause) = evidence.about_the_header().or_else(|| evidence.about_the_hash()) {
        return Some(cause);
    }
    let fields = evidence.fields();
    let rewrites = bodies::rewrites(url, body);
    evidence
        .about_the_url(&fields, &urls::suspects(url, body, seen))
        .or_else(|| evidence.about_the_token(&fields))
        .or_else(|| evidence.about_the_body(&rewrites))
        .or_else(|| evidence.about_both(&urls::likely(url, seen), &rewrites))
}

impl<'a> Evidence<'a> {
    fn fields(&self) -> Fields<'a> {
        match self.body {
            Body::Form(form) => signed_fields(form).map(|(key, value)| (key.into(), value.into())).collect(),
            Body::Query | Body::Raw(_) => Fields::new(),
        }
    }

    fn fits(&self, url: &str, fields: &Fields<'_>) -> bool {
        let fed: usize = pairs(fields).map(|(key, value)| key.len() + value.len()).sum();
        // A URL has two spellings or a few more.
        let cost = (url.len() + fed).saturating_mul(2 * self.tokens.len());
        let Some(left) = self.budget.get().checked_sub(cost) else { return false };
        self.budget.set(left);
        find(self.tokens, url, self.given, || pairs(fields)).is_some()
    }

    fn fits_exactly(&self, url: &str, fields: &Fields<'_>) -> bool {
        find_pieces(self.tokens, &[url], self.given, || pairs(fields)).is_some()
    }

    /// A header that was changed on its way, or is no signature of Twilio's at all.
    fn about_the_header(&self) -> Option<Cause> {
        let mended = keys::mended_header(self.given)?;
        let fields = self.fields();
        let fits = find(self.tokens, self.url, &mended, || pairs(&fields)).is_some();
        Some(if fits {
            Cause::new(Reason::Header, "the signature itself was changed on its way: blanks, quotes, `=` or `%3D`")
        } else {
            Cause::new(Reason::Header, "the header is no signature of Twilio's, which are 28 characters of base64")
        })
    }

    /// The signature fits, but what binds a JSON body does not.
    fn about_the_hash(&self) -> Option<Cause> {
        let Body::Raw(bytes) = self.body else { return None };
        if !self.fits(self.url, &Fields::new()) {
            return None;
        }
        Some(match (body_hash(self.url), bodies::rewritten(self.url, bytes)) {
            (None, _) => Cause::new(
                Reason::BodyHash,
                "the signature fits, but the URL has no bodySHA256: nothing binds a body that is no form",
            ),
            (Some(_), Some(how)) => Cause::new(Reason::BodyHash, format!("the signature fits, but the body {how}")),
            (Some(_), None) => Cause::new(
                Reason::BodyHash,
                "the signature fits, but bodySHA256 is the hash of another body: it was changed on its way",
            ),
        })
    }

    fn about_the_url(&self, fields: &Fields<'_>, suspects: &[String]) -> Option<Cause> {
        if self.url.contains('#') && self.fits_exactly(self.url, fields) {
            return Some(Cause::new(
                Reason::Fragment,
                "the part after # was signed with the URL; Twilio neither sends nor signs it",
            ));
        }
        let signed = suspects.iter().find(|suspect| self.fits(suspect, fields))?;
        self.hash_fits(signed).then(|| urls::differences(self.url, signed))
    }

    /// The body must fit the URL that was signed, not only the one that was checked.
    fn hash_fits(&self, signed: &str) -> bool {
        match self.body {
            Body::Raw(bytes) => hash_fits(signed, bytes),
            Body::Form(_) | Body::Query => true,
        }
    }

    fn about_the_token(&self, fields: &Fields<'_>) -> Option<Cause> {
        keys::suspects(self.tokens, self.body).into_iter().find_map(|(token, text)| {
            let fits = find(&[token], self.url, self.given, || pairs(fields)).is_some();
            fits.then(|| Cause::new(Reason::Token, text))
        })
    }

    fn about_the_body(&self, rewrites: &[Rewrite<'_>]) -> Option<Cause> {
        let fits = |rewrite: &&Rewrite<'_>| self.fits(rewrite.url.as_deref().unwrap_or(self.url), &rewrite.fields);
        rewrites.iter().find(fits).map(|rewrite| rewrite.cause.clone())
    }

    /// Two mistakes at once: the likely ones of the URL with those of the body.
    fn about_both(&self, suspects: &[String], rewrites: &[Rewrite<'_>]) -> Option<Cause> {
        let likely: Vec<_> = rewrites.iter().filter(|rewrite| rewrite.is_likely && rewrite.url.is_none()).collect();
        suspects.iter().find_map(|suspect| {
            let rewrite = likely.iter().find(|rewrite| self.fits(suspect, &rewrite.fields))?;
            Some(urls::differences(self.url, suspect).and(rewrite.cause.clone()))
        })
    }
}
