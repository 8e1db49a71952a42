//! The room over HTTP. The operators' side lets people in and knows their roles; here is what they may ask for.

mod bodies;
mod extract;
mod pages;
mod problem;
mod zones;

use super::desk::Paging;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

impl Paging {
    /// What everybody who is let in may ask.
    #[must_use]
    pub fn open_routes(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(zones::zones))
            .routes(routes!(pages::list))
            .routes(routes!(pages::one))
            .with_state(self.clone())
    }

    /// What makes a noise, or ends one.
    #[must_use]
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new().routes(routes!(pages::begin)).routes(routes!(pages::end)).with_state(self.clone())
    }
}
