//! What an Authorization header says, and whether it is right.

use super::super::read::{Uri, list, unquoted};
use crate::base::{Secret, same};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How a proof is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The strongest that telephones have.
    Sha256,
    /// What older ones have.
    Md5,
}

/// Whom somebody says to be, with the proof of it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub user: String,
    realm: String,
    pub(super) nonce: String,
    uri: String,
    response: String,
    pub(super) algorithm: Algorithm,
    /// As received: eight characters of it are hashed, not the number.
    nc: String,
    cnonce: String,
}

/// A user that there is.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The name.
    pub user: &'a str,
    /// The password.
    pub password: &'a Secret,
}

impl Algorithm {
    /// The word in a challenge.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    pub(super) fn hash(self, text: &str) -> String {
        match self {
            Self::Sha256 => hex(&Sha256::digest(text.as_bytes())),
            Self::Md5 => hex(&Md5::digest(text.as_bytes())),
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Credentials {
    /// Reads a header. `None`: another scheme, something is missing, or what we never offered (`auth-int`, no `qop`).
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let pairs: Vec<(String, String)> = list(rest)?.into_iter().map(pair).collect::<Option<_>>()?;
        let value = |name: &str| {
            let mut found = pairs.iter().filter(|(known, _)| known == name);
            let first = found.next().map(|(_, value)| value.clone());
            first.filter(|_| found.next().is_none())
        };
        let algorithm = match value("algorithm").map(|name| name.to_ascii_uppercase()).as_deref() {
            Some("SHA-256") => Algorithm::Sha256,
            Some("MD5") | None => Algorithm::Md5,
            Some(_) => return None,
        };
        let nc = value("nc").filter(|nc| nc.len() == 8 && nc.bytes().all(|c| c.is_ascii_hexdigit()))?;
        value("qop").filter(|qop| qop == "auth")?;
        Some(Self {
            user: value("username")?,
            realm: value("realm")?,
            nonce: value("nonce")?,
            uri: value("uri")?,
            response: value("response")?.to_ascii_lowercase(),
            algorithm,
            nc,
            cnonce: value("cnonce")?,
        })
    }

    /// How often the nonce was used, as the caller counts.
    pub(super) fn count(&self) -> u32 {
        u32::from_str_radix(&self.nc, 16).unwrap_or(0)
    }

    /// Whether the proof is right, for this method and URI. Takes the same time for a user that there is not.
    pub(super) fn are_right(&self, (method, uri): (&str, &Uri), realm: &str, account: Option<Account<'_>>) -> bool {
        let (user, password) = account.map_or((self.user.as_str(), "no such user"), |a| (a.user, a.password.expose()));
        let secret = self.algorithm.hash(&format!("{user}:{realm}:{password}"));
        let asked = self.algorithm.hash(&format!("{method}:{}", self.uri));
        let text = format!("{secret}:{}:{}:{}:auth:{asked}", self.nonce, self.nc, self.cnonce);
        let right = same(self.algorithm.hash(&text).as_bytes(), self.response.as_bytes());
        right & account.is_some_and(|account| account.user == self.user) & (self.realm == realm) & self.names(uri)
    }

    /// Telephones write the URI of the request here, or their registrar: the same host, and no other user.
    fn names(&self, uri: &Uri) -> bool {
        if self.uri == uri.text {
            return true;
        }
        Uri::parse(&self.uri)
            .is_some_and(|named| named.host == uri.host && (named.user.is_none() || named.user == uri.user))
    }
}

pub(super) fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
}
