//! How the carrier's REST API was when we last asked it for something. Nobody asks it just to know.

use super::probe::{Check, CheckStatus};
use crate::base::{Time, rfc3339_ms};
use crate::carrier::CarrierError;
use std::sync::{Mutex, PoisonError};

/// The last verdict.
#[derive(Debug, Default)]
pub(in crate::ops) struct CarrierWatch(Mutex<Option<(Time, Option<CarrierError>)>>);

impl CarrierWatch {
    /// Notes how a request went. What the carrier does not have is not a fault of its API.
    pub(in crate::ops) fn note(&self, at: Time, error: Option<&CarrierError>) {
        if error == Some(&CarrierError::BadSid) {
            // Nothing was asked.
            return;
        }
        let fault = error.filter(|error| **error != CarrierError::NotFound).cloned();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, fault));
    }

    /// Answering a call does not need it: it shows in its own line only.
    pub(in crate::ops) fn check(&self, configured: bool) -> Check {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (status, detail) = match last {
            _ if !configured => {
                (CheckStatus::Degraded, "no account and token are set: recordings cannot be played".to_owned())
            }
            None => (CheckStatus::Healthy, "not asked yet".to_owned()),
            Some((at, None)) => (CheckStatus::Healthy, format!("answered at {}", rfc3339_ms(at))),
            Some((at, Some(error))) => (CheckStatus::Unhealthy, format!("{error}, at {}", rfc3339_ms(at))),
        };
        Check { name: "carrier", status, detail, needed: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_request_tells() {
        let watch = CarrierWatch::default();
        assert_eq!(watch.check(false).status, CheckStatus::Degraded);
        assert_eq!(watch.check(true).status, CheckStatus::Healthy);
        watch.note(Time::UNIX_EPOCH, Some(&CarrierError::Timeout));
        let check = watch.check(true);
        assert_eq!((check.status, check.needed), (CheckStatus::Unhealthy, false));
        assert!(check.detail.contains("1970-01-01T00:00:00.000Z"), "{}", check.detail);
        watch.note(Time::UNIX_EPOCH, Some(&CarrierError::BadSid));
        assert_eq!(watch.check(true).status, CheckStatus::Unhealthy);
        watch.note(Time::UNIX_EPOCH, Some(&CarrierError::NotFound));
        assert_eq!(watch.check(true).status, CheckStatus::Healthy);
    }
}
