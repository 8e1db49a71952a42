//! Every route of the operators' side, and the doors before them.

use super::finish::finish;
use super::guard::{admit, admit_unless_public};
use super::guests::Guests;
use super::routes::docs::{ApiDoc, pages, with_common_parts};
use super::routes::later::{later, unknown, wrong_method};
use super::routes::{
    audio, calls, control, health, holds, listen, metrics, recordings, sessions, taping, views, voicemails,
};
use super::state::Ops;
use super::writes::once;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{any, get};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operators' side, ready to be merged with the carrier's.
pub fn router(ops: Ops) -> Router {
    router_with(ops, Guests::default())
}

/// The same with routes of other rooms behind our door.
pub fn router_with(ops: Ops, guests: Guests) -> Router {
    let (open, open_document) = open().split_for_parts();
    let (metrics, metrics_document) = OpenApiRouter::new().routes(routes!(metrics::metrics)).split_for_parts();
    let (guarded, guarded_document) = guarded().split_for_parts();
    let mut document = ApiDoc::openapi();
    let (guests, guests_document) = guests.behind_their_roles();
    for part in [open_document, metrics_document, guarded_document, guests_document] {
        document.merge(part);
    }
    let metrics =
        metrics.method_not_allowed_fallback(wrong_method).layer(from_fn_with_state(ops.clone(), admit_unless_public));
    let guarded = guarded
        .merge(undocumented())
        .merge(guests.with_state(()))
        // Before the guard, so that a stranger with the wrong method is a stranger first.
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(ops.clone(), once))
        .layer(from_fn_with_state(ops.clone(), admit));
    let open = open.merge(pages(with_common_parts(document))).method_not_allowed_fallback(wrong_method);
    open.merge(metrics).merge(guarded).fallback(unknown).layer(from_fn(finish)).with_state(ops)
}

/// Without credentials. What has a macro around it is in the OpenAPI document, because one declaration makes both.
fn open() -> OpenApiRouter<Ops> {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(listen::page))
        .routes(routes!(listen::audio))
        .route("/healthz", get(health::health))
        .route("/api/health", get(health::health))
        .route("/twilio/health", get(health::health))
        .route("/", get(|| async { Redirect::temporary("/docs/") }))
}

/// For operators.
fn guarded() -> OpenApiRouter<Ops> {
    OpenApiRouter::new()
        .routes(routes!(sessions::sessions))
        .routes(routes!(calls::calls))
        .routes(routes!(calls::call))
        .routes(routes!(control::transfer))
        .routes(routes!(control::hangup))
        .routes(routes!(taping::steer))
        .routes(routes!(taping::revoke))
        .routes(routes!(voicemails::voicemails))
        .routes(routes!(voicemails::voicemail, voicemails::delete))
        .routes(routes!(audio::audio))
        .routes(routes!(voicemails::mark_read))
        .routes(routes!(voicemails::mark_unread))
        .routes(routes!(views::views))
        .routes(routes!(views::view))
        .routes(routes!(recordings::recordings))
        .routes(routes!(recordings::recording, recordings::discard))
        .routes(routes!(recordings::audio))
        .routes(routes!(recordings::hold, recordings::release))
        .routes(routes!(holds::list))
        .routes(routes!(holds::hold_call, holds::release_call))
        .routes(routes!(holds::hold_voicemail))
        .routes(routes!(holds::release_voicemail))
        .routes(routes!(recordings::retry))
}

/// For operators too: a second name, and what is promised or unknown, which strangers cannot tell apart.
fn undocumented() -> Router<Ops> {
    Router::new()
        .route("/twilio/sessions", get(sessions::sessions))
        .route("/api", any(unknown))
        .route("/api/{*rest}", any(later))
        .route("/api/calls/from-pbx", any(later))
        .route("/api/calls/pending-pbx", any(later))
        .route("/status", any(later))
        .route("/trigger/{*rest}", any(later))
        .route("/ws", any(later))
}
