//! Counts and latencies while the load runs.

use super::caller::CallerReport;
use super::latencies::Latencies;
use super::streams::Streams;
use crate::simulator::transcript::{Kind, Report, Step};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Routes counted apart; what comes after is `other`, so that an application with a path a call cannot fill memory.
const MOST_ROUTES: usize = 40;

/// Everything counted so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) routes: BTreeMap<String, Route>,
    /// Calls by how they ended.
    pub(super) ended: BTreeMap<&'static str, u64>,
    /// Errors by Twilio's code, with one example each.
    pub(super) errors: BTreeMap<u32, (u64, String)>,
    pub(super) calls: u64,
    pub(super) failed: u64,
    /// Calls whose callers were left with the carrier's own apology.
    pub(super) without_twiml: u64,
    /// Each caller of a chaotic day.
    pub(super) callers: Vec<CallerReport>,
    /// Calls that were due while too many were under way, and were left out.
    pub(super) skipped: u64,
    /// How late calls began, in microseconds.
    pub(super) lag: Latencies,
    pub(super) streams: Streams,
}

/// One route.
#[derive(Debug, Default)]
pub(super) struct Route {
    pub(super) latencies: Latencies,
    /// Answers by status; 0: none.
    pub(super) statuses: BTreeMap<u16, u64>,
}

/// Where a load stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Calls that are over.
    pub calls: u64,
    /// Of those, calls that did not go through.
    pub failed: u64,
}

/// A tally that all calls share.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<Tally>);

impl Shared {
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Tally) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn progress(&self) -> Progress {
        self.with(|tally| Progress { calls: tally.calls, failed: tally.failed })
    }
}

impl Tally {
    /// Notes a request; `late` is how much later than planned its call began, and counts as waiting.
    pub(super) fn request(&mut self, step: &Step, late: Duration) {
        let Some(request) = &step.request else { return };
        let path = request.url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        let path = path.and_then(|path| path.split('?').next()).unwrap_or("/");
        let known = self.routes.contains_key(path) || self.routes.len() < MOST_ROUTES;
        let route = self.routes.entry(if known { path } else { "other" }.to_owned()).or_default();
        route.latencies.add(Duration::from_secs_f64(request.ms / 1000.0) + late);
        *route.statuses.entry(request.status.unwrap_or(0)).or_default() += 1;
    }

    pub(super) fn error(&mut self, step: &Step) {
        if step.kind == Kind::Error {
            let (count, _) = self.errors.entry(step.code.unwrap_or(0)).or_insert_with(|| (0, step.text.clone()));
            *count += 1;
        }
    }

    pub(super) fn call(&mut self, report: &Report) {
        self.calls += 1;
        self.failed += u64::from(!report.went_through);
        self.without_twiml += u64::from(report.without_twiml);
        *self.ended.entry(report.ended).or_default() += 1;
        report.streams.iter().for_each(|stream| self.streams.add(stream));
    }
}
