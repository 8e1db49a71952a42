//! A failure of the database, as whoever asks over HTTP is told of it.

use super::DbError;
use crate::base::{Problem, ProblemKind};

/// How soon a client may look again while the database is away.
const LATER_S: u64 = 5;

/// The problem of a statement about `what`; the log says more than it.
#[must_use]
pub fn problem(error: &DbError, what: &'static str) -> Problem {
    if matches!(error, DbError::Away(_)) {
        tracing::warn!(%error, what, "the database is away");
        return Problem::new(ProblemKind::Unavailable, "the database is away").retry_after(LATER_S);
    }
    tracing::error!(%error, what, "a statement failed");
    Problem::new(ProblemKind::Internal, "the log says more")
}
