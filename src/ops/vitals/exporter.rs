//! Metrics in Prometheus' text form.

use crate::base::Meters;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds: a webhook should be answered within a few milliseconds and must be within 15.
const WEBHOOK_SECONDS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// Seconds: from a wrong number to a long talk.
const CALL_SECONDS: [f64; 9] = [5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

/// Webhooks or statements of one transaction.
const COMMIT_SIZES: [f64; 10] = [1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 48.0, 64.0];

/// Seconds: from a carrier next door to one that is overloaded.
const CARRIER_SECONDS: [f64; 8] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// Seconds: from an answer that comes at once to one that nobody waits for.
const TURN_SECONDS: [f64; 10] = [0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 1.8, 3.0, 5.0, 8.0];

/// Where handles write to and where `/metrics` is read from.
#[derive(Clone, Debug)]
pub struct Exporter(PrometheusHandle);

impl Exporter {
    /// An exporter and its handles; `endpoints` names the webhook routes. Nothing global: two in one process do
    /// not meet.
    ///
    /// # Errors
    /// Never with the buckets of this file; the builder wants to be asked.
    pub fn new(endpoints: &[&'static str]) -> Result<(Self, Meters), BuildError> {
        let of = |name: &str| Matcher::Full(format!("switchboard_{name}"));
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(of("webhook_duration_seconds"), &WEBHOOK_SECONDS)?
            .set_buckets_for_metric(of("call_duration_seconds"), &CALL_SECONDS)?
            .set_buckets_for_metric(of("commit_units"), &COMMIT_SIZES)?
            .set_buckets_for_metric(of("commit_statements"), &COMMIT_SIZES)?
            .set_buckets_for_metric(of("carrier_request_duration_seconds"), &CARRIER_SECONDS)?
            .set_buckets_for_metric(of("turn_latency_seconds"), &TURN_SECONDS)?
            .set_buckets_for_metric(of("turn_filler_seconds"), &TURN_SECONDS)?
            .build_recorder();
        let meters = Meters::new(&recorder, endpoints);
        Ok((Self(recorder.handle()), meters))
    }

    /// Moves samples of histograms out of their buffers; call it every few seconds, or they grow until somebody
    /// reads `/metrics`.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }

    /// All series as text, in the same order every time.
    #[must_use]
    pub fn render(&self) -> String {
        in_order(&self.0.render())
    }
}

/// The exporter walks hash tables, so two looks at the same numbers differ. Metrics are sorted by name, and the series
/// of a metric by their labels; the lines of one histogram stay as they are, its buckets rising.
fn in_order(text: &str) -> String {
    let mut metrics: Vec<Vec<&str>> =
        text.split("\n\n").map(|metric| metric.lines().filter(|line| !line.is_empty()).collect()).collect();
    metrics.iter_mut().for_each(|lines: &mut Vec<&str>| lines.sort_by_key(|line| series(line)));
    metrics.retain(|lines| !lines.is_empty());
    metrics.sort_by(|one, other| one.first().cmp(&other.first()));
    metrics.iter().map(|lines| lines.join("\n") + "\n\n").collect()
}

/// A line's labels without its bucket; comments come first.
fn series(line: &str) -> Option<&str> {
    if line.starts_with('#') {
        return None;
    }
    let labels = line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(labels, _)| labels);
    let bucket = labels.rfind("le=\"").filter(|at| *at == 0 || labels.get(..*at).is_some_and(|l| l.ends_with(',')));
    Some(bucket.and_then(|at| labels.get(..at)).unwrap_or(labels).trim_end_matches(','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Outcome, WebhookResult};
    use std::time::Duration;

    #[test]
    fn every_series_is_there_from_the_start() {
        let (exporter, _meters) = Exporter::new(&["voice", "dtmf"]).unwrap();
        let text = exporter.render();
        for series in [
            "switchboard_calls_active 0",
            r#"switchboard_calls_total{result="voicemail"} 0"#,
            "switchboard_call_duration_seconds_count 0",
            r#"switchboard_webhook_requests_total{endpoint="dtmf",result="too_large"} 0"#,
            r#"switchboard_webhook_duration_seconds_bucket{endpoint="voice",le="0.001"} 0"#,
            r#"switchboard_signature_failures_total{reason="scheme"} 0"#,
            r#"switchboard_token_matches_total{slot="secondary"} 0"#,
            r#"switchboard_voicemails_total{state="absent"} 0"#,
            "switchboard_voicemail_oldest_seconds 0",
            r#"switchboard_recordings_total{result="completed"} 0"#,
            r#"switchboard_consent_total{outcome="refused"} 0"#,
            r#"switchboard_rate_limited_total{rule="caller"} 0"#,
            r#"switchboard_idempotency_hits_total{outcome="stored"} 0"#,
            "switchboard_db_pool_in_use 0",
            "switchboard_draining 0",
            "switchboard_unstored_total 0",
            "switchboard_relay_lag_seconds 0",
            "switchboard_voicemail_backlog 0",
            "switchboard_errors_last_minute 0",
            "switchboard_violations_last_hour 0",
            "switchboard_failed_transactions_last_hour 0",
            "switchboard_health 0",
            "switchboard_events_numbered_total 0",
            "switchboard_spooled_total 0",
            r#"switchboard_replayed_total{result="elsewhere"} 0"#,
            "switchboard_spool_bytes 0",
            "switchboard_spool_oldest_seconds 0",
            "switchboard_breaker_open 0",
            r#"switchboard_sip_messages_total{fate="flood"} 0"#,
            r#"switchboard_sip_calls_total{result="cancelled"} 0"#,
            "switchboard_sip_lockouts_total 0",
            r#"switchboard_sip_registrations_total{result="failed"} 0"#,
        ] {
            assert!(text.lines().any(|line| line == series), "{series} is missing from\n{text}");
        }
        let version = env!("CARGO_PKG_VERSION");
        assert!(text.contains(&format!(r#"switchboard_build_info{{version="{version}"}} 1"#)), "{text}");
    }

    #[test]
    fn the_order_is_the_same_every_time() {
        let render = || {
            let (exporter, meters) = Exporter::new(&["voice", "dtmf", "dial"]).unwrap();
            meters.webhook(1).unwrap().done(WebhookResult::Copy, Duration::from_millis(2));
            exporter.render()
        };
        let first = render();
        assert!((0..8).all(|_| render() == first));
        let names: Vec<&str> = first.lines().filter(|line| line.starts_with("# TYPE ")).collect();
        assert!(names.len() > 10 && names.is_sorted(), "{names:?}");
        let buckets = |endpoint: &str| {
            let start = format!(r#"switchboard_webhook_duration_seconds_bucket{{endpoint="{endpoint}",le="#);
            first.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect::<Vec<_>>()
        };
        let dtmf = buckets("dtmf");
        assert!(dtmf.first().unwrap().contains(r#"le="0.00025""#) && dtmf.last().unwrap().contains("+Inf"), "{dtmf:?}");
        assert!(first.contains(&format!("{}\nswitchboard_webhook_duration_seconds_sum", dtmf.last().unwrap())));
    }

    #[test]
    fn what_is_counted_shows() {
        let (exporter, meters) = Exporter::new(&["voice"]).unwrap();
        meters.webhook(0).unwrap().done(WebhookResult::Copy, Duration::from_millis(2));
        meters.call_ended(Outcome::Answered, Some(42));
        meters.signature_failures.count("no-such-reason");
        exporter.upkeep();
        let text = exporter.render();
        for series in [
            r#"switchboard_webhook_requests_total{endpoint="voice",result="copy"} 1"#,
            r#"switchboard_webhook_duration_seconds_bucket{endpoint="voice",le="0.0025"} 1"#,
            r#"switchboard_webhook_duration_seconds_bucket{endpoint="voice",le="0.001"} 0"#,
            r#"switchboard_calls_total{result="answered"} 1"#,
            "switchboard_call_duration_seconds_sum 42",
            r#"switchboard_signature_failures_total{reason="other"} 1"#,
        ] {
            assert!(text.lines().any(|line| line == series), "{series} is missing from\n{text}");
        }
    }
}
