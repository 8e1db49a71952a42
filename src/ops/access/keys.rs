//! Bearer credentials: ADMIN_TOKEN or a JWT, and the operator behind them.

use super::jwt::{self, InvalidToken};
use super::role::{Operator, Role};
use crate::base::{Problem, ProblemKind, Secret, Time, same};
use sha2::{Digest, Sha256};

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Neither ADMIN_TOKEN nor JWT_SECRET is set.
    #[error("nobody can sign in yet: set ADMIN_TOKEN, or JWT_SECRET and mint a token with `switchboard token`")]
    NotConfigured,
    /// No Authorization header.
    #[error("send `Authorization: Bearer` with the admin token or a JWT")]
    Missing,
    /// A header of another scheme, or more than one.
    #[error("the Authorization header is not one `Bearer` credential")]
    NotBearer,
    /// Not the admin token, and no JWT could be accepted either.
    #[error("the bearer credential is not known")]
    Unknown,
    /// A JWT with a fault.
    #[error("the token is refused: {0}")]
    Token(#[from] InvalidToken),
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let challenge = match denied {
            Denied::NotConfigured | Denied::Missing => r#"Bearer realm="switchboard""#,
            Denied::NotBearer => r#"Bearer realm="switchboard", error="invalid_request""#,
            Denied::Unknown | Denied::Token(_) => r#"Bearer realm="switchboard", error="invalid_token""#,
        };
        Self::new(ProblemKind::Unauthorized, denied.to_string()).challenge(challenge)
    }
}

/// SHA-256 of a credential: what is compared and what limits are kept by, so that neither time nor memory tells
/// anything about the credential itself.
pub(in crate::ops) type Fingerprint = [u8; 32];

pub(in crate::ops) fn fingerprint(credential: &str) -> Fingerprint {
    Sha256::digest(credential.as_bytes()).into()
}

/// What opens the door.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    admin: Option<Fingerprint>,
    jwt: Option<Secret>,
}

impl Keys {
    /// Takes ADMIN_TOKEN and JWT_SECRET; an empty one counts as not set.
    #[must_use]
    pub fn new(admin_token: Option<&Secret>, jwt_secret: Option<&Secret>) -> Self {
        let filled = |secret: &&Secret| !secret.expose().is_empty();
        Self {
            admin: admin_token.filter(filled).map(|token| fingerprint(token.expose())),
            jwt: jwt_secret.filter(filled).cloned(),
        }
    }

    /// Who sends this `Authorization` header.
    ///
    /// # Errors
    /// [`Denied`], in words for the client.
    pub fn judge(&self, authorization: Option<&str>, now: Time) -> Result<Operator, Denied> {
        if self.admin.is_none() && self.jwt.is_none() {
            return Err(Denied::NotConfigured);
        }
        let credential = bearer(authorization.ok_or(Denied::Missing)?)?;
        if self.admin.is_some_and(|admin| same(&admin, &fingerprint(credential))) {
            return Ok(Operator { role: Role::Admin, subject: "admin".to_owned() });
        }
        match &self.jwt {
            // Three parts make it a JWT; only then is it worth saying what is wrong with it.
            Some(key) if credential.matches('.').count() == 2 => {
                let (subject, role) = jwt::verify(credential, key, now)?;
                Ok(Operator { role, subject })
            }
            _ => Err(Denied::Unknown),
        }
    }
}

/// The credential of a `Bearer` header; the scheme's case does not matter (RFC 9110, 11.1).
pub(in crate::ops) fn bearer(authorization: &str) -> Result<&str, Denied> {
    let (scheme, credential) = authorization.split_once(' ').ok_or(Denied::NotBearer)?;
    let credential = credential.trim();
    let sound = scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty() && !credential.contains([' ', ',']);
    if sound { Ok(credential) } else { Err(Denied::NotBearer) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::access::{Claims, mint};

    const NOW: Time = Time::UNIX_EPOCH;

    fn keys() -> Keys {
        Keys::new(Some(&Secret::new("an-admin-token-of-tests")), Some(&Secret::new("signing")))
    }

    #[test]
    fn the_admin_token_is_an_admin() {
        let admin = Operator { role: Role::Admin, subject: "admin".to_owned() };
        assert_eq!(keys().judge(Some("Bearer an-admin-token-of-tests"), NOW), Ok(admin.clone()));
        assert_eq!(keys().judge(Some("bearer an-admin-token-of-tests"), NOW), Ok(admin));
    }

    #[test]
    fn a_jwt_carries_name_and_role() {
        let claims = Claims { sub: "ana".to_owned(), role: Role::Viewer, exp: 60, iat: 0 };
        let header = format!("Bearer {}", mint(&claims, &Secret::new("signing")));
        let viewer = Operator { role: Role::Viewer, subject: "ana".to_owned() };
        assert_eq!(keys().judge(Some(&header), NOW), Ok(viewer.clone()));
        assert!(viewer.require(Role::Viewer).is_ok());
        assert_eq!(viewer.require(Role::Operator).unwrap_err().kind, ProblemKind::Forbidden);
    }

    #[test]
    fn everybody_else_is_told_why_not() {
        for (header, why) in [
            (None, Denied::Missing),
            (Some("Bearer"), Denied::NotBearer),
            (Some("Bearer "), Denied::NotBearer),
            (Some("Basic YTpi"), Denied::NotBearer),
            (Some("Bearer a b"), Denied::NotBearer),
            (Some("Bearer an-admin-token-of-test"), Denied::Unknown),
            (Some("Bearer a.b.c"), Denied::Token(InvalidToken::Malformed)),
        ] {
            assert_eq!(keys().judge(header, NOW), Err(why), "{header:?}");
        }
    }

    #[test]
    fn without_secrets_nobody_gets_in_and_the_hint_says_what_to_set() {
        for keys in [Keys::default(), Keys::new(Some(&Secret::new("")), Some(&Secret::new("")))] {
            let denied = keys.judge(Some("Bearer "), NOW).unwrap_err();
            assert_eq!(denied, Denied::NotConfigured);
            let problem = Problem::from(denied);
            assert!(problem.detail.contains("ADMIN_TOKEN") && problem.detail.contains("JWT_SECRET"));
            assert!(problem.challenge.is_some());
        }
        let admin_only = Keys::new(Some(&Secret::new("x")), None);
        assert_eq!(admin_only.judge(Some("Bearer a.b.c"), NOW), Err(Denied::Unknown));
    }
}
