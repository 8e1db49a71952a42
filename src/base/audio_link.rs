//! Leave to hear one message for a while, as a mail carries it: it says everything by itself, so nothing has to be stored to
//! recognise it, and any instance does.

use super::{Secret, Time};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of the MAC.
const MAC: usize = 16;
/// The layout below.
const VERSION: u8 = 1;
/// What the MAC covers first, so that no other use of the secret makes a link.
const PURPOSE: &[u8] = b"switchboard audio link";

/// Makes and reads links. Cloning is cheap enough.
#[derive(Clone, Debug)]
pub struct AudioLinks {
    secret: Option<Secret>,
    public_url: String,
}

/// Why a link plays nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeadLink {
    /// Not one of ours, or made with another secret.
    #[error("not a link of ours")]
    Forged,
    /// It was one.
    #[error("the time of this link is over")]
    Expired,
}

impl AudioLinks {
    /// Links below `public_url`, sealed with `secret`; without one there are none.
    #[must_use]
    pub fn new(secret: Option<Secret>, public_url: &str) -> Self {
        Self { secret, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The URL at which `voicemail` is heard until `until`. `None` without a secret.
    #[must_use]
    pub fn url(&self, voicemail: &str, until: Time) -> Option<String> {
        Some(format!("{}/listen/{}", self.public_url, self.token(voicemail, until)?))
    }

    /// Version, minute of expiry, the message's id, MAC over all of it; URL-safe.
    fn token(&self, voicemail: &str, until: Time) -> Option<String> {
        let minute = u32::try_from(until.timestamp().div_euclid(60)).ok()?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&minute.to_be_bytes());
        bytes.extend_from_slice(voicemail.as_bytes());
        let mac = self.mac(&bytes)?.finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC));
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The message whose link this is, and until when.
    ///
    /// # Errors
    /// [`DeadLink`].
    pub fn read(&self, token: &str, now: Time) -> Result<(String, Time), DeadLink> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| DeadLink::Forged)?;
        let said = bytes.len().checked_sub(MAC).and_then(|end| bytes.split_at_checked(end));
        let (said, given) = said.ok_or(DeadLink::Forged)?;
        let mac = self.mac(said).ok_or(DeadLink::Forged)?;
        // In constant time.
        mac.verify_truncated_left(given).map_err(|_| DeadLink::Forged)?;
        let (voicemail, until) = parse(said).ok_or(DeadLink::Forged)?;
        if until <= now { Err(DeadLink::Expired) } else { Ok((voicemail, until)) }
    }

    fn mac(&self, said: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_ref()?.expose().as_bytes()).ok()?;
        mac.update(PURPOSE);
        mac.update(said);
        Some(mac)
    }
}

fn parse(said: &[u8]) -> Option<(String, Time)> {
    let (&version, rest) = said.split_first()?;
    let (minute, voicemail) = rest.split_first_chunk::<4>()?;
    let until = Time::from_timestamp(i64::from(u32::from_be_bytes(*minute)) * 60, 0)?;
    (version == VERSION).then_some((String::from_utf8(voicemail.to_vec()).ok()?, until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_link_plays_one_message_for_a_while_and_for_nobody_elses_secret() {
        let links = AudioLinks::new(Some(Secret::new("one")), "https://phone.example.com/");
        let now = Time::UNIX_EPOCH + TimeDelta::days(20_000);
        let until = now + TimeDelta::days(7);
        let url = links.url("vm_1", until).expect("a link");
        let token = url.strip_prefix("https://phone.example.com/listen/").expect("below our URL");
        assert_eq!(links.read(token, now), Ok(("vm_1".to_owned(), until)));
        assert_eq!(links.read(token, until), Err(DeadLink::Expired));
        let others = AudioLinks::new(Some(Secret::new("two")), "https://phone.example.com");
        assert_eq!(others.read(token, now), Err(DeadLink::Forged));
        let nobody = AudioLinks::new(None, "https://phone.example.com");
        assert_eq!((nobody.url("vm_1", until), nobody.read(token, now)), (None, Err(DeadLink::Forged)));
        for (at, _) in token.char_indices() {
            let mut bent = token.to_owned();
            bent.replace_range(at..=at, if token.as_bytes()[at] == b'A' { "B" } else { "A" });
            assert_eq!(links.read(&bent, now), Err(DeadLink::Forged), "{at}");
        }
    }
}
