//! Routes of other rooms of this floor, behind our door: app brings them, we know only who may use them.

use super::access::{Operator, Role};
use crate::base::{Problem, ProblemKind, Requester};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use std::fmt;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Routes by the least role that may use them. Their handlers find who asks as `Extension<Requester>`.
#[derive(Default)]
pub struct Guests {
    /// For everybody who is let in; what it shows is theirs to judge by [`Requester::sees_all`].
    pub viewer: OpenApiRouter,
    /// For operators and admins.
    pub operator: OpenApiRouter,
    /// For admins: what costs money, and what cannot be taken back.
    pub admin: OpenApiRouter,
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guests").finish_non_exhaustive()
    }
}

impl Guests {
    /// The routes with their guards, and their documents.
    pub(super) fn behind_their_roles(self) -> (Router, OpenApi) {
        let (viewer, mut document) = self.viewer.split_for_parts();
        let (operator, of_operators) = self.operator.split_for_parts();
        let (admin, of_admins) = self.admin.split_for_parts();
        document.merge(of_operators);
        document.merge(of_admins);
        let viewer = viewer.layer(from_fn(|request, next| let_in(Role::Viewer, request, next)));
        let operator = operator.layer(from_fn(|request, next| let_in(Role::Operator, request, next)));
        let admin = admin.layer(from_fn(|request, next| let_in(Role::Admin, request, next)));
        (viewer.merge(operator).merge(admin), document)
    }
}

async fn let_in(least: Role, mut request: Request, next: Next) -> Response {
    match requester(least, &request) {
        Ok(requester) => {
            request.extensions_mut().insert(requester);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn requester(least: Role, request: &Request) -> Result<Requester, Problem> {
    let operator = request.extensions().get::<Operator>();
    // The door in front has let somebody in, or this is not reached.
    let operator = operator.ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "who asks?"))?;
    operator.require(least)?;
    Ok(Requester { subject: operator.subject.clone(), sees_all: operator.role >= Role::Operator })
}
