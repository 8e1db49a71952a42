//! What is left of a load: numbers for programs, and a table for people.

use super::caller::CallerReport;
use super::latencies::Latencies;
use super::streams::StreamsReport;
use super::tally::Tally;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// So many bad calls are told one by one.
const MOST_WRONGED: usize = 10;

/// A load that is over.
#[derive(Clone, Debug, Serialize)]
pub struct LoadReport {
    /// How long it ran, seconds.
    pub seconds: f64,
    /// Calls that ended.
    pub calls: u64,
    /// Calls on which something went wrong.
    pub calls_failed: u64,
    /// Calls whose callers were left with the carrier's own apology: neither the URL, nor its retry, nor the fallback
    /// URL gave a document.
    pub without_twiml: u64,
    /// Calls a second.
    pub calls_per_second: f64,
    /// Webhooks of all kinds.
    pub requests: u64,
    /// Webhooks a second.
    pub requests_per_second: f64,
    /// Calls that were due while too many were under way, and were left out.
    pub skipped: u64,
    /// How late calls began, 99th percentile, milliseconds. Counted as waiting in the first webhook's latency.
    pub lag_p99_ms: f64,
    /// Calls by how they ended.
    pub ended: BTreeMap<&'static str, u64>,
    /// Latencies by path.
    pub routes: Vec<RouteReport>,
    /// What was measured on live streams, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<StreamsReport>,
    /// What went wrong.
    pub errors: Vec<ErrorReport>,
    /// The seed of a chaotic day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chaos: Option<u64>,
    /// What each caller of a chaotic day met, by number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<CallerReport>,
}

/// One path.
#[derive(Clone, Debug, Serialize)]
pub struct RouteReport {
    /// Path, without the query.
    pub route: String,
    /// Requests.
    pub count: u64,
    /// Answers by HTTP status; 0: none.
    pub statuses: BTreeMap<u16, u64>,
    /// Median, milliseconds.
    pub p50_ms: f64,
    /// 90th percentile.
    pub p90_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

/// One kind of error.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReport {
    /// Twilio's code; 0: the simulator's own.
    pub code: u32,
    /// How often.
    pub count: u64,
    /// The first one's words.
    pub example: String,
}

impl LoadReport {
    pub(super) fn of(tally: &Tally, took: Duration, chaos: Option<u64>) -> Self {
        let seconds = took.as_secs_f64().max(0.001);
        let routes: Vec<_> = tally.routes.iter().map(|(route, of)| RouteReport::of(route, of)).collect();
        let requests = routes.iter().map(|route| route.count).sum();
        let errors = tally.errors.iter();
        let mut callers = tally.callers.clone();
        callers.sort_by_key(|caller| caller.call);
        Self {
            seconds,
            calls: tally.calls,
            calls_failed: tally.failed,
            without_twiml: tally.without_twiml,
            calls_per_second: rate(tally.calls, seconds),
            requests,
            requests_per_second: rate(requests, seconds),
            skipped: tally.skipped,
            lag_p99_ms: tally.lag.at(0.99),
            ended: tally.ended.clone(),
            routes,
            streams: StreamsReport::of(&tally.streams),
            errors: errors
                .map(|(code, (count, example))| ErrorReport { code: *code, count: *count, example: example.clone() })
                .collect(),
            chaos,
            callers,
        }
    }

    /// Whether every call went through and none was left out.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.calls > 0 && self.calls_failed == 0 && self.skipped == 0 && self.errors.is_empty()
    }
}

impl RouteReport {
    fn of(route: &str, of: &super::tally::Route) -> Self {
        let Latencies(histogram) = &of.latencies;
        Self {
            route: route.to_owned(),
            count: histogram.len(),
            statuses: of.statuses.clone(),
            p50_ms: of.latencies.at(0.5),
            p90_ms: of.latencies.at(0.9),
            p99_ms: of.latencies.at(0.99),
            p999_ms: of.latencies.at(0.999),
            max_ms: of.latencies.at(1.0),
        }
    }
}

fn rate(count: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate; nobody counts 2^52 calls")]
    let count = count as f64;
    count / seconds
}

/// A table for people.
#[must_use]
pub fn load_text(report: &LoadReport) -> String {
    let mut text = format!(
        "{} calls in {:.1} s ({:.0} a second), {} webhooks ({:.0} a second)\n\n",
        report.calls, report.seconds, report.calls_per_second, report.requests, report.requests_per_second
    );
    let _ = writeln!(
        text,
        "{:<26} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}  status",
        "ms", "count", "p50", "p90", "p99", "p99.9", "max"
    );
    for route in &report.routes {
        let statuses: Vec<_> = route.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        let _ = writeln!(
            text,
            "{:<26} {:>9} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>8.1}  {}",
            route.route,
            route.count,
            route.p50_ms,
            route.p90_ms,
            route.p99_ms,
            route.p999_ms,
            route.max_ms,
            statuses.join(", ")
        );
    }
    if let Some(streams) = &report.streams {
        text += &streams.text();
    }
    let ended: Vec<_> = report.ended.iter().map(|(how, count)| format!("{how} {count}")).collect();
    let _ = writeln!(text, "\nended: {}", ended.join(", "));
    if report.skipped > 0 {
        let _ = writeln!(text, "left out: {} calls were due while too many were under way", report.skipped);
    }
    for error in &report.errors {
        let _ = writeln!(text, "error {} x {}: {}", error.code, error.count, error.example);
    }
    let verdict = if report.is_clean() { "every call went through" } else { "NOT every call went through" };
    let _ = writeln!(text, "{verdict}: {} of {} failed", report.calls_failed, report.calls);
    text += &wronged(report);
    text
}

/// Callers of a chaotic day whom the house did wrong by, and how to call again for them.
fn wronged(report: &LoadReport) -> String {
    let Some(seed) = report.chaos else { return String::new() };
    let mut text = format!("chaos {seed}: {} callers without TwiML\n", report.without_twiml);
    let wronged = report.callers.iter().filter(|caller| caller.is_wronged());
    for caller in wronged.clone().take(MOST_WRONGED) {
        let _ = writeln!(text, "call {} ({}): {}", caller.call, caller.scenario, caller.ended);
        for error in &caller.errors {
            let _ = writeln!(text, "    {} {}", error.code, error.text);
        }
        let _ = writeln!(text, "    accidents: {}", caller.accidents);
        let _ = writeln!(text, "    again: load --chaos {seed} --only {}", caller.call);
    }
    let more = wronged.count().saturating_sub(MOST_WRONGED);
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
    text
}
