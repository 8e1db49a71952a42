//! `/metrics`: what only a look can tell is set, then everything is rendered.

use crate::ops::state::Ops;
use crate::ops::vitals::{CheckStatus, overall};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// All metrics
///
/// Needs a viewer's credentials unless `METRICS_PUBLIC=on`. No label ever holds a telephone number or a SID.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus text format")))]
pub(in crate::ops) async fn metrics(State(ops): State<Ops>) -> Response {
    let meters = ops.meters();
    let storage = (ops.probe().storage)();
    let counts = ops.counts().await;
    meters.calls_active.set(counts.live_calls as f64);
    let age = counts.oldest_unread.map_or(0, |received| (ops.now() - received).num_seconds().max(0));
    meters.voicemail_oldest.set(age as f64);
    meters.rows.voicemail_backlog.set(counts.unread as f64);
    meters.rows.errors_last_minute.set(counts.errors as f64);
    meters.rows.violations_last_hour.set(counts.violations as f64);
    meters.rows.recordings_retried.set(counts.retried_recordings as f64);
    meters.rows.failed_transactions_last_hour.set(counts.failed_transactions as f64);
    meters.health.set(match overall(&ops.checks(&counts)) {
        CheckStatus::Healthy => 2.0,
        CheckStatus::Degraded => 1.0,
        CheckStatus::Unhealthy => 0.0,
    });
    meters.db_pool_in_use.set(f64::from(ops.db().in_use()));
    meters.storage_up.set(f64::from(u8::from(storage.is_up())));
    meters.spool.breaker_open.set(f64::from(u8::from(storage.is_spooling())));
    meters.spool.bytes.set(storage.waiting_bytes as f64);
    let waited = storage.waiting_since.map_or(0, |since| (ops.now() - since).num_seconds().max(0));
    meters.spool.oldest.set(waited as f64);
    let queued_ms: u64 = ops.streams().values().map(|stream| stream.queued_ms).sum();
    meters.streams.queue.set(queued_ms as f64 / 1000.0);
    meters.draining.set(f64::from(u8::from((ops.probe().draining)())));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], ops.exporter().render()).into_response()
}
