//! Why something is not done, as problem documents.

use crate::base::{Problem, ProblemKind};
use crate::db::{self, DbError};
use crate::paging::Refused;

/// How soon a client may look again while something is away.
const LATER_S: u64 = 5;

impl From<Refused> for Problem {
    fn from(why: Refused) -> Self {
        let kind = match &why {
            Refused::UnknownZone(_) => ProblemKind::NotFound,
            Refused::NotAllowed(_) | Refused::TooUrgent(_) => ProblemKind::Forbidden,
            Refused::Closed(_) | Refused::Disabled(_) | Refused::Taken { .. } => ProblemKind::Conflict,
            Refused::Unplayable(_) => ProblemKind::Unprocessable,
            Refused::NoOutput(_) | Refused::Stopping => ProblemKind::Unavailable,
        };
        let taken = matches!(why, Refused::Taken { .. } | Refused::Stopping);
        let problem = Self::new(kind, why.to_string());
        if taken { problem.retry_after(LATER_S) } else { problem }
    }
}

pub(super) fn storage(error: DbError) -> Problem {
    db::problem(&error, "pages")
}
