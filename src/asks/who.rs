//! Who asks.

use crate::base::{Problem, ProblemKind, Requester, Time, WriteKey, ulid};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Whom the operators' door let in, and the key of their write, if it may be sent again.
#[derive(Debug)]
pub struct Asks {
    /// Who.
    pub requester: Requester,
    key: Option<WriteKey>,
}

impl Asks {
    /// The name, `prefix_…`, of what this write begins; none for a write without a key.
    #[must_use]
    pub fn id(&self, prefix: &str) -> Option<String> {
        self.key.as_ref().map(|key| key.id(prefix))
    }

    /// The same, also for a write without a key, which is told apart from others by chance.
    #[must_use]
    pub fn name(&self, prefix: &str, now: Time) -> String {
        #[expect(clippy::disallowed_methods, reason = "without a key nothing else tells two writes apart")]
        let fresh = || ulid(prefix, now, uuid::Uuid::new_v4().as_u128());
        self.id(prefix).unwrap_or_else(fresh)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let requester = parts.extensions.get::<Requester>().cloned();
        let requester = requester.ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "who asks?"))?;
        Ok(Self { requester, key: parts.extensions.get::<WriteKey>().cloned() })
    }
}
