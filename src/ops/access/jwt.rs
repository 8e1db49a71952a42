//! JSON Web Tokens, as far as we need them: HS256 only, `exp` required, no leeway (RFC 7515, 7519).

use super::role::Role;
use crate::base::{Secret, Time};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// No token of ours is longer; a longer one is not worth decoding.
const LONGEST: usize = 4096;

/// What a token says about who holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Who; named in events as `by`.
    pub sub: String,
    /// How far they reach.
    pub role: Role,
    /// Last second of validity, Unix time.
    pub exp: i64,
    /// When it was minted, Unix time.
    pub iat: i64,
}

/// Why a token is refused. The text is for the client: it says nothing that the token does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not three parts of base64url, or not JSON inside.
    #[error("it is not a JSON Web Token")]
    Malformed,
    /// `none`, an asymmetric algorithm, or a header that must be understood and is not.
    #[error("only HS256 is accepted")]
    Algorithm,
    /// The signature does not fit.
    #[error("its signature does not fit")]
    Signature,
    /// There is no `exp`.
    #[error("it has no exp claim")]
    NoExpiry,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYet,
    /// `role` is not viewer, operator or admin.
    #[error("its role claim is not viewer, operator or admin")]
    Role,
    /// It is narrowed to some lines, which this version cannot honour; ignoring that would widen it.
    #[error("it is limited to some lines, which this version does not support")]
    Lines,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Payload {
    sub: Option<String>,
    role: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    lines: Option<IgnoredAny>,
}

/// Signs `claims`.
#[must_use]
pub fn mint(claims: &Claims, key: &Secret) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
    let signed = format!("{header}.{payload}");
    let signature = mac(key, &signed).map(|mac| mac.finalize().into_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap_or_default()))
}

/// Who holds `token`, if it is ours and valid at `now`.
pub(super) fn verify(token: &str, key: &Secret, now: Time) -> Result<(String, Role), InvalidToken> {
    let payload = verified_payload(token, key)?;
    let now = now.timestamp_micros() as f64 / 1e6;
    if payload.exp.ok_or(InvalidToken::NoExpiry)? <= now {
        return Err(InvalidToken::Expired);
    }
    if payload.nbf.is_some_and(|from| from > now) {
        return Err(InvalidToken::NotYet);
    }
    if payload.lines.is_some() {
        return Err(InvalidToken::Lines);
    }
    let role = payload.role.as_deref().and_then(Role::parse).ok_or(InvalidToken::Role)?;
    Ok((payload.sub.unwrap_or_else(|| "token".to_owned()), role))
}

/// The signature comes first: nothing of the payload is looked at before it fits.
fn verified_payload(token: &str, key: &Secret) -> Result<Payload, InvalidToken> {
    let (signed, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(InvalidToken::Malformed)?;
    if token.len() > LONGEST {
        return Err(InvalidToken::Malformed);
    }
    let header: Header = part(header)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(InvalidToken::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| InvalidToken::Malformed)?;
    let mac = mac(key, signed).ok_or(InvalidToken::Signature)?;
    mac.verify_slice(&signature).map_err(|_| InvalidToken::Signature)?;
    part(payload)
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, InvalidToken> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidToken::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| InvalidToken::Malformed)
}

/// HMAC takes keys of any length, so there is always one.
fn mac(key: &Secret, signed: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose().as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a-secret-for-tests-only-0123456789";

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn sealed(header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = mac(&Secret::new(KEY), &signed).unwrap().finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn judged(header: &str, payload: &str) -> Result<(String, Role), InvalidToken> {
        verify(&sealed(header, payload), &Secret::new(KEY), at(1000))
    }

    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn what_we_mint_we_accept_until_its_last_second() {
        let claims = Claims { sub: "ana@example.com".into(), role: Role::Operator, exp: 2000, iat: 1000 };
        let token = mint(&claims, &Secret::new(KEY));
        let holder = Ok(("ana@example.com".to_owned(), Role::Operator));
        assert_eq!(verify(&token, &Secret::new(KEY), at(1999)), holder);
        assert_eq!(verify(&token, &Secret::new(KEY), at(2000)), Err(InvalidToken::Expired));
        assert_eq!(verify(&token, &Secret::new("another"), at(1999)), Err(InvalidToken::Signature));
    }

    /// The example every decoder shows: its signature fits `your-256-bit-secret`, and it never expires.
    #[test]
    fn a_known_token_fits_but_has_no_expiry() {
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        assert_eq!(verify(token, &Secret::new("your-256-bit-secret"), at(1000)), Err(InvalidToken::NoExpiry));
        assert_eq!(verify(token, &Secret::new("your-256-bit-secreT"), at(1000)), Err(InvalidToken::Signature));
    }

    /// RFC 7515, appendix A.1: the MAC of the example's signing input under its 64-byte key.
    #[test]
    fn the_rfc_vector_fits() {
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn other_algorithms_are_refused_even_with_a_fitting_mac() {
        let payload = r#"{"role":"admin","exp":2000}"#;
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"hs256"}"#] {
            assert_eq!(judged(header, payload), Err(InvalidToken::Algorithm), "{header}");
        }
        assert_eq!(judged(r#"{"alg":"HS256","crit":["b64"]}"#, payload), Err(InvalidToken::Algorithm));
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(payload));
        assert_eq!(verify(&unsigned, &Secret::new(KEY), at(1000)), Err(InvalidToken::Algorithm));
    }

    #[test]
    fn claims_are_checked_one_by_one() {
        let holder = |name: &str| Ok((name.to_owned(), Role::Viewer));
        assert_eq!(judged(HS256, r#"{"role":"viewer","exp":2000}"#), holder("token"));
        assert_eq!(judged(HS256, r#"{"role":"viewer","exp":1000.5,"nbf":1000,"sub":"x"}"#), holder("x"));
        for (payload, why) in [
            (r#"{"role":"viewer"}"#, InvalidToken::NoExpiry),
            (r#"{"role":"viewer","exp":null}"#, InvalidToken::NoExpiry),
            (r#"{"role":"viewer","exp":1000}"#, InvalidToken::Expired),
            (r#"{"role":"viewer","exp":"2000"}"#, InvalidToken::Malformed),
            (r#"{"role":"viewer","exp":2000,"nbf":1000.1}"#, InvalidToken::NotYet),
            (r#"{"exp":2000}"#, InvalidToken::Role),
            (r#"{"role":"root","exp":2000}"#, InvalidToken::Role),
            (r#"{"role":"viewer","exp":2000,"lines":["main"]}"#, InvalidToken::Lines),
            ("[]", InvalidToken::Malformed),
        ] {
            assert_eq!(judged(HS256, payload), Err(why), "{payload}");
        }
    }

    #[test]
    fn tampered_and_broken_tokens_are_refused() {
        let good = sealed(HS256, r#"{"role":"viewer","exp":2000}"#);
        let admin = URL_SAFE_NO_PAD.encode(r#"{"role":"admin","exp":2000}"#);
        let parts: Vec<&str> = good.split('.').collect();
        let swapped = format!("{}.{admin}.{}", parts[0], parts[2]);
        assert_eq!(verify(&swapped, &Secret::new(KEY), at(1000)), Err(InvalidToken::Signature));
        let long = format!("{good}{}", "A".repeat(LONGEST));
        for broken in ["", ".", "..", "a.b", "a.b.c", &format!("{good}="), &format!("{good}.x"), &long] {
            assert_eq!(verify(broken, &Secret::new(KEY), at(1000)), Err(InvalidToken::Malformed), "{broken}");
        }
    }
}
