//! Who asks.

use crate::base::{Problem, ProblemKind, Requester, WriteKey};
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
}

impl<S: Send + Sync> FromRequestParts<S> for Asks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let requester = parts.extensions.get::<Requester>().cloned();
        let requester = requester.ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "who asks?"))?;
        Ok(Self { requester, key: parts.extensions.get::<WriteKey>().cloned() })
    }
}
