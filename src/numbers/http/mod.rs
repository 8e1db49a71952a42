//! The room over HTTP. The operators' side lets people in and knows their roles; here is what they may ask for.

mod bodies;
mod extract;
mod numbers;
mod problem;
mod tenants;
mod transactions;

use super::desk::Numbers;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

impl Numbers {
    /// What operators may ask.
    #[must_use]
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(numbers::list))
            .routes(routes!(numbers::available))
            .routes(routes!(numbers::plan))
            .routes(routes!(tenants::list))
            .routes(routes!(transactions::list))
            .routes(routes!(transactions::one))
            .with_state(self.clone())
    }

    /// What costs money or cannot be taken back.
    #[must_use]
    pub fn admin_routes(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(numbers::buy))
            .routes(routes!(numbers::port))
            .routes(routes!(numbers::sync))
            .routes(routes!(numbers::release))
            .routes(routes!(tenants::onboard))
            .routes(routes!(tenants::offboard))
            .routes(routes!(transactions::retry))
            .routes(routes!(transactions::rollback))
            .with_state(self.clone())
    }
}
