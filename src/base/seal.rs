//! Secrets at rest: sealed with DATA_KEY, each for the one place where it is kept.
//!
//! ChaCha20-Poly1305 under a key of the place's own, derived with HKDF-SHA256 from DATA_KEY. The place is also
//! authenticated, so a value that is moved to another row or column does not open. The nonce follows from key, place
//! and value (as SIV modes do it): no randomness is needed, and sealing the same value twice for one place gives the
//! same text, so a step that is repeated after a crash writes what it wrote before.

use super::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::hmac;
use std::fmt;

/// How sealed texts begin: the version of this file's scheme.
const VERSION: &str = "s1";
/// Bytes that DATA_KEY has at least.
const LEAST: usize = 16;

/// Where a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedPlace<'a> {
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// Primary key of the row.
    pub row: &'a str,
}

/// Why a value cannot be sealed or opened. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no key.
    #[error(
        "DATA_KEY is not set: without it no secret is stored; set it to a random text, `openssl rand -hex 32` makes one"
    )]
    NoKey,
    /// The key is too short to protect anything.
    #[error("DATA_KEY is shorter than {LEAST} characters: set it to a random text, `openssl rand -hex 32` makes one")]
    ShortKey,
    /// Sealed with a DATA_KEY that is not this one.
    #[error("it was sealed with another DATA_KEY: set the one it was sealed with")]
    OtherKey,
    /// Not a sealed text, or changed, or moved from another place.
    #[error("it does not open: it was changed, or belongs to another row")]
    Broken,
}

/// Seals and opens, where DATA_KEY is set. `Debug` shows whether it is, not what it is.
#[derive(Clone)]
pub struct Seal(Option<Keys>);

#[derive(Clone)]
struct Keys {
    root: Prk,
    /// Names the key in sealed texts, so that a wrong DATA_KEY is told apart from a broken value.
    id: String,
}

/// Length of derived keys, in bytes.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Seal {
    /// `data_key` is DATA_KEY: random, at least 16 characters.
    ///
    /// # Errors
    /// [`SealError::ShortKey`].
    pub fn new(data_key: Option<&Secret>) -> Result<Self, SealError> {
        let Some(key) = data_key.map(Secret::expose) else { return Ok(Self(None)) };
        if key.len() < LEAST {
            return Err(SealError::ShortKey);
        }
        let root = Salt::new(HKDF_SHA256, b"switchboard DATA_KEY").extract(key.as_bytes());
        let id: [u8; 4] = derive(&root, &[b"id"])?;
        Ok(Self(Some(Keys { root, id: URL_SAFE_NO_PAD.encode(id) })))
    }

    /// Whether secrets can be stored.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.0.is_some()
    }

    /// Seals a value for its place: `s1.KEY.DATA`.
    ///
    /// # Errors
    /// [`SealError::NoKey`].
    pub fn close(&self, place: SealedPlace<'_>, value: &Secret) -> Result<String, SealError> {
        let keys = self.0.as_ref().ok_or(SealError::NoKey)?;
        let value = value.expose().as_bytes();
        let nonce = nonce(keys, place, value)?;
        let mut sealed = value.to_vec();
        let tag = cipher(keys, place)?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound(place)), &mut sealed)
            .map_err(|_| SealError::Broken)?;
        let data = [nonce.as_slice(), &sealed, tag.as_ref()].concat();
        Ok(format!("{VERSION}.{}.{}", keys.id, URL_SAFE_NO_PAD.encode(data)))
    }

    /// Opens what [`Seal::close`] sealed for the same place.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, place: SealedPlace<'_>, sealed: &str) -> Result<Secret, SealError> {
        let keys = self.0.as_ref().ok_or(SealError::NoKey)?;
        let (id, data) = parts(sealed).ok_or(SealError::Broken)?;
        if id != keys.id {
            return Err(SealError::OtherKey);
        }
        let mut data = URL_SAFE_NO_PAD.decode(data).map_err(|_| SealError::Broken)?;
        let (nonce, sealed) = data.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let opened = cipher(keys, place)?.open_in_place(nonce, Aad::from(bound(place)), sealed);
        let opened = opened.map_err(|_| SealError::Broken)?;
        let text = std::str::from_utf8(opened).map_err(|_| SealError::Broken)?;
        Ok(Secret::new(text))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_ready() { "Seal(ready)" } else { "Seal(no key)" })
    }
}

fn parts(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')
}

/// The place as bytes, each part with its length before it, so that no two places look alike.
fn bound(place: SealedPlace<'_>) -> Vec<u8> {
    let parts = [VERSION, place.table, place.column, place.row];
    parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes())).collect()
}

fn derive<const N: usize>(root: &Prk, info: &[&[u8]]) -> Result<[u8; N], SealError> {
    let mut key = [0; N];
    let filled = root.expand(info, Length(N)).and_then(|derived| derived.fill(&mut key));
    filled.map(|()| key).map_err(|_| SealError::Broken)
}

fn cipher(keys: &Keys, place: SealedPlace<'_>) -> Result<LessSafeKey, SealError> {
    let key: [u8; 32] = derive(&keys.root, &[b"value", &bound(place)])?;
    UnboundKey::new(&CHACHA20_POLY1305, &key).map(LessSafeKey::new).map_err(|_| SealError::Broken)
}

/// Follows from key, place and value: another value in the same place has another nonce.
fn nonce(keys: &Keys, place: SealedPlace<'_>, value: &[u8]) -> Result<[u8; NONCE_LEN], SealError> {
    let key: [u8; 32] = derive(&keys.root, &[b"nonce", &bound(place)])?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), value);
    let mut nonce = [0; NONCE_LEN];
    nonce.iter_mut().zip(tag.as_ref()).for_each(|(byte, of)| *byte = *of);
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: SealedPlace<'static> = SealedPlace { table: "subaccounts", column: "sealed_token", row: "AC1" };

    fn seal(key: &str) -> Seal {
        Seal::new(Some(&Secret::new(key))).unwrap()
    }

    #[test]
    fn a_value_opens_in_its_place_with_its_key_only() {
        let (ours, other) = (seal("a-data-key-of-tests-1"), seal("a-data-key-of-tests-2"));
        let sealed = ours.close(TOKEN, &Secret::new("hunter2")).unwrap();
        assert!(sealed.starts_with("s1.") && !sealed.contains("hunter2"), "{sealed}");
        assert_eq!(ours.open(TOKEN, &sealed).unwrap().expose(), "hunter2");
        assert_eq!(other.open(TOKEN, &sealed).unwrap_err(), SealError::OtherKey);
        for moved in [
            SealedPlace { row: "AC2", ..TOKEN },
            SealedPlace { column: "other", ..TOKEN },
            SealedPlace { table: "subaccount", column: "ssealed_token", ..TOKEN },
        ] {
            assert_eq!(ours.open(moved, &sealed).unwrap_err(), SealError::Broken, "{moved:?}");
        }
    }

    #[test]
    fn nothing_is_stored_without_a_key_or_with_a_short_one() {
        let none = Seal::new(None).unwrap();
        assert!(!none.is_ready());
        let told = none.close(TOKEN, &Secret::new("x")).unwrap_err();
        assert_eq!(told, SealError::NoKey);
        assert!(told.to_string().contains("openssl rand -hex 32"));
        assert_eq!(Seal::new(Some(&Secret::new("short"))).unwrap_err(), SealError::ShortKey);
        assert!(!format!("{:?}", seal("a-data-key-of-tests-1")).contains("data-key"));
    }

    #[test]
    fn sealing_twice_gives_the_same_and_another_value_another_nonce() {
        let ours = seal("a-data-key-of-tests-1");
        let close = |value: &str| ours.close(TOKEN, &Secret::new(value)).unwrap();
        assert_eq!(close("one"), close("one"));
        let nonce = |sealed: &str| URL_SAFE_NO_PAD.decode(parts(sealed).unwrap().1).unwrap()[..NONCE_LEN].to_vec();
        assert_ne!(nonce(&close("one")), nonce(&close("two")));
    }

    proptest! {
        #[test]
        fn every_value_comes_back_and_no_changed_one_opens(value in "\\PC{0,80}", at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let ours = seal("a-data-key-of-tests-1");
            let sealed = ours.close(TOKEN, &Secret::new(value.clone())).unwrap();
            prop_assert_eq!(ours.open(TOKEN, &sealed).unwrap().expose().to_owned(), value);
            let (id, data) = parts(&sealed).unwrap();
            let mut data = URL_SAFE_NO_PAD.decode(data).unwrap();
            let at = at.index(data.len());
            data[at] ^= 1 << bit;
            let changed = format!("s1.{id}.{}", URL_SAFE_NO_PAD.encode(data));
            prop_assert_eq!(ours.open(TOKEN, &changed).unwrap_err(), SealError::Broken);
        }

        #[test]
        fn no_text_is_too_strange_to_be_refused(text in "\\PC{0,60}") {
            prop_assert!(seal("a-data-key-of-tests-1").open(TOKEN, &text).is_err());
        }
    }
}
