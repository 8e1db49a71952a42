//! What is not there (any more) is a value.

use crate::carrier::CarrierError;
use bytes::Bytes;

/// "The call is not in progress."
const CALL_HAS_ENDED: u32 = 21220;

/// How a removal ended. Both are a success: a wish may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It was there and is not any more.
    Removed,
    /// It was not there: removed before, or never ours.
    AlreadyGone,
}

/// `None` when the carrier does not have it.
pub(super) fn there<T>(answer: Result<T, CarrierError>) -> Result<Option<T>, CarrierError> {
    match answer {
        Err(CarrierError::NotFound) => Ok(None),
        answer => answer.map(Some),
    }
}

/// `None` when the call is over: the carrier says it in two ways (PROTOCOL.md 7.8).
pub(super) fn live<T>(answer: Result<T, CarrierError>) -> Result<Option<T>, CarrierError> {
    match answer {
        Err(error) if error.code() == Some(CALL_HAS_ENDED) => Ok(None),
        answer => there(answer),
    }
}

pub(super) fn removed(answer: Result<Bytes, CarrierError>) -> Result<Removal, CarrierError> {
    Ok(there(answer)?.map_or(Removal::AlreadyGone, |_| Removal::Removed))
}
