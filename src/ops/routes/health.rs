//! Health for people, liveness and readiness for load balancers. Public, and never limited.

use crate::ops::state::Ops;
use crate::ops::vitals::{CheckStatus, overall};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The whole report.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct Health {
    /// The worst of what answering a call needs now.
    status: CheckStatus,
    /// Of the program.
    version: &'static str,
    /// Seconds since the process started.
    uptime_s: i64,
    /// Calls that have not ended, over all instances.
    active_sessions: i64,
    /// By name. Some are not needed to answer a call: they show here only.
    checks: BTreeMap<&'static str, HealthCheck>,
}

/// One part of the house.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct HealthCheck {
    status: CheckStatus,
    /// In words, for people.
    detail: String,
}

/// How the service is
///
/// 503 only when unhealthy: the storage or the lines are away. Also at `/healthz`, `/api/health` and `/twilio/health`.
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, body = Health, description = "Healthy or degraded"),
              (status = 503, body = Health, description = "Unhealthy")))]
pub(in crate::ops) async fn health(State(ops): State<Ops>) -> (StatusCode, Json<Health>) {
    let now = ops.now();
    let counts = ops.counts().await;
    let checks = ops.checks(&counts);
    let status = overall(&checks);
    let report = Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: (now - ops.probe().started_at).num_seconds(),
        active_sessions: counts.live_calls,
        checks: checks.into_iter().map(|c| (c.name, HealthCheck { status: c.status, detail: c.detail })).collect(),
    };
    let code = if status == CheckStatus::Unhealthy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(report))
}

/// Whether the process runs
#[utoipa::path(get, path = "/livez", tag = "health", security(()),
    responses((status = 200, body = String, content_type = "text/plain", description = "It does")))]
pub(in crate::ops) async fn livez() -> &'static str {
    "ok"
}

/// Whether calls can be answered
///
/// 200 also while the database is away; 503 before the first lines are loaded and from the stop signal on.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, body = String, content_type = "text/plain", description = "Send calls here"),
              (status = 503, body = String, content_type = "text/plain", description = "Send calls elsewhere")))]
pub(in crate::ops) async fn readyz(State(ops): State<Ops>) -> (StatusCode, &'static str) {
    if ops.probe().ready() { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") }
}
