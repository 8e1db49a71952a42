//! The token at the end of a stream's URL.

use super::snapshot::World;
use crate::base::{CallSid, Time};
use crate::config::line::Line;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::Arc;

/// Bytes of the MAC.
const MAC: usize = 16;
/// The layout below.
const VERSION: u8 = 1;
/// Whole minutes only, so that two instances that decide the same webhook a moment apart write the same token.
const MINUTE_S: i64 = 60;
/// Minutes that a token lives: two to three, after rounding.
const LIFE: i64 = 3;

/// Leave to open the stream of one call at one step. The carrier signs every stream's handshake alike (PROTOCOL.md 1.5), so
/// this is what ties a socket to its call. It says all by itself: nothing has to be stored to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamPass {
    /// The call.
    pub call: CallSid,
    /// Step of the call whose answer opens the stream.
    pub step: u32,
    /// The account whose call it is, as its webhook named it; its token signs the handshake.
    pub account: String,
    /// Name of the line.
    pub line: String,
    /// The zone that its caller pages; without one it is a conversation.
    pub zone: Option<String>,
    /// The language that its caller chose, where it is not the line's own.
    pub language: Option<String>,
    /// When it is worth nothing any more, in minutes since 1970.
    expires: u32,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// Not one of ours.
    #[error("not a token of ours")]
    Forged,
    /// It was one.
    #[error("expired")]
    Expired,
}

impl StreamPass {
    /// A pass for a step that is decided at `at`.
    #[must_use]
    pub fn new((call, step): (CallSid, u32), account: &str, line: &str, at: Time) -> Self {
        let expires = u32::try_from(at.timestamp().div_euclid(MINUTE_S) + LIFE).unwrap_or(0);
        // What is longer than a byte can count is no account's name.
        let account = if account.len() > 64 { "" } else { account };
        Self { call, step, account: account.to_owned(), line: line.to_owned(), zone: None, language: None, expires }
    }

    /// The same for a caller who pages a zone.
    #[must_use]
    pub fn paging(self, zone: &str) -> Self {
        Self { zone: Some(zone.to_owned()), ..self }
    }

    /// The same in a language that the caller chose.
    #[must_use]
    pub fn speaking(self, language: &str) -> Self {
        Self { language: Some(language.to_owned()), ..self }
    }

    /// Version, minute of expiry, step, call and account with their lengths, line, zone and language, MAC over all of it;
    /// URL-safe.
    #[must_use]
    pub fn token(&self, world: &World) -> String {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.expires.to_be_bytes());
        bytes.extend_from_slice(&self.step.to_be_bytes());
        for name in [self.call.as_str(), &self.account] {
            // Neither is longer than 64 bytes.
            bytes.push(u8::try_from(name.len()).unwrap_or(0));
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes.extend_from_slice(self.line.as_bytes());
        if let Some(zone) = &self.zone {
            // No name of a line holds NUL.
            bytes.push(0);
            bytes.extend_from_slice(zone.as_bytes());
        }
        if let Some(language) = &self.language {
            // And no zone 1.
            bytes.push(1);
            bytes.extend_from_slice(language.as_bytes());
        }
        if let Some(mac) = mac(world, &bytes) {
            let mac = mac.finalize().into_bytes();
            bytes.extend(mac.iter().take(MAC));
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The pass in a token, if it is genuine and its time is not over.
    ///
    /// # Errors
    /// [`PassError`].
    pub fn read(token: &str, world: &World, now: Time) -> Result<Self, PassError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| PassError::Forged)?;
        let said = bytes.len().checked_sub(MAC).and_then(|end| bytes.split_at_checked(end));
        let (said, given) = said.ok_or(PassError::Forged)?;
        let mac = mac(world, said).ok_or(PassError::Forged)?;
        // In constant time.
        mac.verify_truncated_left(given).map_err(|_| PassError::Forged)?;
        let pass = Self::parse(said).ok_or(PassError::Forged)?;
        let over = i64::from(pass.expires) * MINUTE_S <= now.timestamp();
        if over { Err(PassError::Expired) } else { Ok(pass) }
    }

    fn parse(said: &[u8]) -> Option<Self> {
        let (&version, rest) = said.split_first()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let (step, rest) = rest.split_first_chunk()?;
        let (call, rest) = named(rest)?;
        let (account, rest) = named(rest)?;
        let rest = std::str::from_utf8(rest).ok()?;
        let (rest, language) = rest.split_once('\x01').map_or((rest, None), |(rest, tag)| (rest, Some(tag.to_owned())));
        let (line, zone) = rest.split_once('\0').map_or((rest, None), |(line, zone)| (line, Some(zone.to_owned())));
        let pass = Self {
            call: CallSid::parse(call)?,
            step: u32::from_be_bytes(*step),
            account: account.to_owned(),
            line: line.to_owned(),
            zone,
            language,
            expires: u32::from_be_bytes(*expires),
        };
        (version == VERSION).then_some(pass)
    }

    /// The line of the stream, in the language of its caller.
    #[must_use]
    pub fn line_in<'w>(&self, world: &'w World) -> Option<&'w Arc<Line>> {
        let line = world.line(&self.line)?;
        let languages = line.languages.as_ref().zip(self.language.as_ref());
        Some(languages.and_then(|(languages, tag)| languages.others.get(tag)).unwrap_or(line))
    }

    /// Second since 1970 from which on nobody has to remember that it was used.
    #[must_use]
    pub fn forgotten_at(&self) -> i64 {
        i64::from(self.expires) * MINUTE_S
    }
}

/// A name behind its length, and what follows it.
fn named(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    Some((std::str::from_utf8(name).ok()?, rest))
}

fn mac(world: &World, said: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of any length; without a key nothing is genuine.
    let key = (!world.stream_key.is_empty()).then_some(world.stream_key.as_slice())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(b"stream\0");
    mac.update(said);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn world(key: &[u8]) -> World {
        let mut world = World::default();
        world.stream_key = key.to_vec();
        world
    }

    fn pass(at: Time) -> StreamPass {
        let call = CallSid::parse("CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d").expect("a call");
        StreamPass::new((call, 3), "AC00000000000000000000000000000001", "main", at)
    }

    #[test]
    fn a_token_says_what_it_is_for() {
        let (world, at) = (world(b"key"), Time::UNIX_EPOCH + TimeDelta::days(20_000));
        let token = pass(at).token(&world);
        assert_eq!(StreamPass::read(&token, &world, at), Ok(pass(at)));
        let paging = pass(at).paging("701");
        assert_eq!(StreamPass::read(&paging.token(&world), &world, at), Ok(paging));
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{token}");
    }

    #[test]
    fn two_instances_write_the_same_token_within_a_minute() {
        let (world, at) = (world(b"key"), Time::UNIX_EPOCH + TimeDelta::days(20_000));
        assert_eq!(pass(at).token(&world), pass(at + TimeDelta::seconds(59)).token(&world));
    }

    #[test]
    fn it_lives_two_to_three_minutes() {
        let (world, at) = (world(b"key"), Time::UNIX_EPOCH + TimeDelta::days(20_000));
        for begun in [0, 59] {
            let token = pass(at + TimeDelta::seconds(begun)).token(&world);
            let read = |seconds| StreamPass::read(&token, &world, at + TimeDelta::seconds(seconds));
            assert!(read(begun + 120).is_ok());
            assert_eq!(read(begun + 180), Err(PassError::Expired));
        }
    }

    #[test]
    fn no_bit_of_it_may_be_changed() {
        let (ours, at) = (world(b"key"), Time::UNIX_EPOCH + TimeDelta::days(20_000));
        let token = pass(at).token(&ours);
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 1;
            let other = URL_SAFE_NO_PAD.encode(other);
            assert_eq!(StreamPass::read(&other, &ours, at), Err(PassError::Forged), "byte {place}");
        }
        assert_eq!(StreamPass::read(&token, &world(b"other"), at), Err(PassError::Forged));
        assert_eq!(StreamPass::read(&pass(at).token(&world(b"")), &world(b""), at), Err(PassError::Forged));
        for odd in ["", "a", "!!!", "AAAA", token.get(1..).unwrap_or_default()] {
            assert_eq!(StreamPass::read(odd, &ours, at), Err(PassError::Forged), "{odd}");
        }
    }
}
