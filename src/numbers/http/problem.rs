//! Errors of this room as problem documents: what the client is told, and what the log is.

use crate::base::{Problem, ProblemKind};
use crate::carrier::{Blame, CarrierError};
use crate::db::DbError;
use crate::numbers::error::NumbersError;

/// How soon a client may look again while something is away.
const LATER_S: u64 = 5;

impl From<NumbersError> for Problem {
    fn from(error: NumbersError) -> Self {
        match error {
            NumbersError::Db(error) => storage(&error),
            NumbersError::Carrier(error) => carrier(&error),
            NumbersError::Seal(error) => Self::new(ProblemKind::Conflict, error.to_string()),
            NumbersError::NoCarrier => Self::new(ProblemKind::Unavailable, NumbersError::NoCarrier.to_string()),
            NumbersError::BadRow { .. } => {
                tracing::error!(%error, "a stored row breaks our rules");
                Self::new(ProblemKind::Internal, error.to_string())
            }
            NumbersError::Unfit(why) => Self::new(ProblemKind::Unprocessable, why),
            NumbersError::Unknown(what) => Self::new(ProblemKind::NotFound, what),
            NumbersError::Conflict(why) => Self::new(ProblemKind::Conflict, why),
        }
    }
}

fn storage(error: &DbError) -> Problem {
    if matches!(error, DbError::Away(_)) {
        tracing::warn!(%error, "numbers could not be read: the database is away");
        return Problem::new(ProblemKind::Unavailable, "the database is away").retry_after(LATER_S);
    }
    tracing::error!(%error, "a statement about numbers failed");
    Problem::new(ProblemKind::Internal, "the log says more")
}

fn carrier(error: &CarrierError) -> Problem {
    tracing::warn!(%error, blame = ?error.blame(), "the carrier did not answer a question about numbers");
    match (error, error.blame()) {
        (CarrierError::SlowDown { retry_after_s }, _) => {
            let problem = Problem::new(ProblemKind::Unavailable, error.to_string());
            problem.retry_after(retry_after_s.unwrap_or(LATER_S))
        }
        (_, Blame::Us) => Problem::new(ProblemKind::Unprocessable, error.to_string()),
        _ => Problem::new(ProblemKind::CarrierFault, error.to_string()),
    }
}
