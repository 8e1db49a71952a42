//! Errors of lower rooms as problems: what the client is told, and what the log is.

use crate::base::{Problem, ProblemKind};
use crate::carrier::{Blame, CarrierError, Processed};
use crate::db::DbError;

/// How soon a client may look again while the database is away.
const LATER_S: u64 = 5;

/// A read or write that did not work out.
pub(in crate::ops) fn storage(error: DbError) -> Problem {
    if matches!(error, DbError::Away(_)) {
        tracing::warn!(%error, "the operators' side could not reach the database");
        let detail = "the database is away; calls are answered, but there is nothing to read them from";
        return Problem::new(ProblemKind::Unavailable, detail).retry_after(LATER_S);
    }
    tracing::error!(%error, "a statement of the operators' side failed");
    Problem::new(ProblemKind::Internal, "the log says more")
}

/// A live call that the carrier did not steer.
pub(super) fn steering(error: &CarrierError) -> Problem {
    tracing::warn!(%error, blame = ?error.blame(), may_retry = error.may_retry(), "the carrier did not steer a call");
    let perhaps = match error.processed() {
        Processed::No => "",
        Processed::Yes | Processed::Unknown => "; it may have been done all the same: look at the call first",
    };
    let problem = Problem::new(ProblemKind::CarrierFault, format!("{error}{perhaps}"));
    match error.may_retry() {
        true => problem.retry_after(error.retry_after_s().unwrap_or(LATER_S)),
        false => problem,
    }
}

/// Audio that the carrier did not deliver.
pub(super) fn carrier(error: &CarrierError) -> Problem {
    let none = match error {
        CarrierError::NotFound => Some("the carrier does not have the audio (any more, or not yet)"),
        CarrierError::BadSid => Some("there is no audio: what the carrier reported is no recording's SID"),
        _ => None,
    };
    if let Some(detail) = none {
        return Problem::new(ProblemKind::NotFound, detail);
    }
    tracing::warn!(%error, blame = ?error.blame(), may_retry = error.may_retry(), "no audio from the carrier");
    let kind = if error.blame() == Blame::Us { ProblemKind::Internal } else { ProblemKind::CarrierFault };
    let problem = Problem::new(kind, error.to_string());
    match error {
        CarrierError::SlowDown { retry_after_s } => problem.retry_after(retry_after_s.unwrap_or(LATER_S)),
        _ => problem,
    }
}
