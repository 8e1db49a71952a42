//! Twilio's routes.

use super::order::Gate;
use super::webhook::Route;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::any;

impl Gate {
    /// `/twilio/{name}` for every [`Route`]: POST as Twilio should be told, GET as it may have been; and the
    /// handshake of streams.
    pub fn router(&self) -> Router {
        let router = Route::ALL.into_iter().fold(Router::new(), |router, route| {
            let gate = self.clone();
            let receive = move |request: Request<Body>| async move { gate.receive(route, request).await };
            router.route(&format!("/twilio/{}", route.name()), any(receive))
        });
        let gate = self.clone();
        let handshake = move |request: Request<Body>| async move { gate.handshake(request).await };
        router.route("/twilio/ws", any(handshake.clone())).route("/twilio/ws/{token}", any(handshake))
    }
}
