//! Session timers (RFC 4028): never asked for by us, and honoured.

use std::time::Duration;

/// Shortest interval that is taken.
pub const MIN_SE: u32 = 90;

/// An interval in which the call has to be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Seconds.
    pub seconds: u32,
    /// Whether the refreshes are ours: a caller may ask for that.
    pub ours: bool,
}

/// Below [`MIN_SE`]: 422.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort;

impl Interval {
    /// What a request asks for. `None`: no timer.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn asked(session_expires: Option<&str>, supports_timer: bool) -> Result<Option<Self>, TooShort> {
        // A caller that does not know timers cannot refresh; a proxy may still have asked. Our limits end such a page.
        let Some(header) = session_expires.filter(|_| supports_timer) else { return Ok(None) };
        let mut parts = header.split(';').map(str::trim);
        let Some(seconds) = parts.next().and_then(|text| text.parse::<u32>().ok()) else { return Ok(None) };
        if seconds < MIN_SE {
            return Err(TooShort);
        }
        let ours = parts.any(|part| part.replace(' ', "").eq_ignore_ascii_case("refresher=uas"));
        Ok(Some(Self { seconds, ours }))
    }

    /// The value of Session-Expires in the answer.
    #[must_use]
    pub fn header(self) -> String {
        format!("{};refresher={}", self.seconds, if self.ours { "uas" } else { "uac" })
    }

    /// When, after the last refresh, ours is due; or the call ends because theirs did not come.
    #[must_use]
    pub fn due(self) -> Duration {
        let whole = Duration::from_secs(u64::from(self.seconds));
        if self.ours { whole / 2 } else { whole - (whole / 3).min(Duration::from_secs(32)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        let asked = |header, supported| Interval::asked(header, supported);
        assert_eq!(asked(None, true), Ok(None));
        assert_eq!(asked(Some("1800"), false), Ok(None));
        assert_eq!(asked(Some("60"), true), Err(TooShort));
        let theirs = asked(Some("1800"), true).expect("long enough").expect("a timer");
        assert_eq!((theirs.header().as_str(), theirs.due()), ("1800;refresher=uac", Duration::from_secs(1768)));
        let short = asked(Some("90;refresher=uac"), true).expect("long enough").expect("a timer");
        assert_eq!(short.due(), Duration::from_secs(60));
        let ours = asked(Some("1800 ; refresher = uas"), true).expect("long enough").expect("a timer");
        assert_eq!((ours.header().as_str(), ours.due()), ("1800;refresher=uas", Duration::from_secs(900)));
    }
}
