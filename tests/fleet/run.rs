//! Many callers at once, while something happens to the house.

use super::instance::Fleet;
use crate::checker::{Rows, Rule, Truth, Violation};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use switchboard::simulator::{Accident, Load, Mix, Report};

/// So many violations are told one by one.
const TOLD: usize = 12;

/// A day of calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) seed: u64,
    /// Calls to place, at most.
    pub(crate) calls: u64,
    /// No call begins later than this.
    pub(crate) at_most: Duration,
    /// Calls under way at the same time.
    pub(crate) callers: usize,
    /// Whether the carrier misbehaves; otherwise only the house has trouble.
    pub(crate) is_chaotic: bool,
    /// Whether it contradicts itself: not where two instances may store what they hear in another order.
    pub(crate) contradicts: bool,
}

/// What the carrier saw, by number of the call.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) truth: Vec<Truth>,
    pub(crate) took: Duration,
}

impl Day {
    /// The number comes from CHAOS_SEED, calls from CHAOS_CALLS, where they are set.
    pub(crate) fn of(calls: u64) -> Self {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        Self {
            seed: number("CHAOS_SEED").unwrap_or(20),
            calls: number("CHAOS_CALLS").map_or(calls, |all| all * calls / super::days::CALLS),
            at_most: Duration::from_secs(3600),
            callers: 12,
            is_chaotic: true,
            contradicts: true,
        }
    }

    /// Places all calls. After each one `meanwhile` is told how many are over; callers go on while it works.
    pub(crate) async fn run(&self, fleet: &Fleet, meanwhile: impl AsyncFn(u64)) -> Outcome {
        let load = Load::chaotic(fleet.carrier(), Mix::everybody(), "+15875550100".to_owned(), self.seed);
        let (next, over, truth) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
        let began = Instant::now();
        let caller = || async {
            while began.elapsed() < self.at_most {
                let call = next.fetch_add(1, Ordering::Relaxed);
                if call >= self.calls {
                    return;
                }
                let report = self.place(&load, call).await;
                truth.lock().unwrap_or_else(PoisonError::into_inner).push(Truth { call, report });
                meanwhile(over.fetch_add(1, Ordering::Relaxed) + 1).await;
            }
        };
        futures_util::future::join_all((0..self.callers).map(|_| caller())).await;
        let mut truth = truth.into_inner().unwrap_or_else(PoisonError::into_inner);
        truth.sort_by_key(|each| each.call);
        Outcome { truth, took: began.elapsed() }
    }

    async fn place(&self, load: &Arc<Load>, call: u64) -> Report {
        let mut plan = load.plan(call);
        // Also where nothing goes wrong on purpose there is a record.
        let schedule = plan.chaos.filter(|_| self.is_chaotic).unwrap_or_default();
        let planned = schedule.planned();
        let wanted = |number: usize| self.contradicts || planned[number].accident != Accident::Contradicted;
        plan.chaos = Some(schedule.only(wanted));
        // A task of its own, so that calls use both processors.
        let carrier = load.carrier().clone();
        tokio::spawn(async move { carrier.place(plan, |_| {}).await }).await.expect("no panic")
    }

    /// Fails with everything a reader needs, unless all is well. `shrunk`: the first bad call's accidents that matter.
    pub(crate) fn fail(&self, title: &str, found: &[Violation], shrunk: &str) {
        let rules: BTreeSet<_> = found.iter().map(|violation| violation.rule).collect();
        let mut text = format!("{title}, seed {}: {} violations of {rules:?}\n", self.seed, found.len());
        for violation in found.iter().take(TOLD) {
            let _ = writeln!(text, "  {violation}");
        }
        // Each day adds to the number that it is given.
        let (Self { seed, .. }, given) = (self, Self::of(0).seed);
        let _ = writeln!(text, "{shrunk}\nagain: CHAOS_SEED={given} cargo test --test chaos, or one call alone:");
        let _ = writeln!(text, "  switchboard load --chaos {seed} --only CALL");
        assert!(found.is_empty(), "{text}");
    }
}

impl Outcome {
    /// Callers whom neither the URL, nor its retry, nor the fallback URL gave a document.
    pub(crate) fn without_twiml(&self) -> usize {
        self.truth.iter().filter(|each| each.report.without_twiml).count()
    }

    /// Milliseconds that documents took, at such a share of them.
    pub(crate) fn latency_ms(&self, share: f64) -> f64 {
        let steps = self.truth.iter().flat_map(|each| &each.report.steps);
        let documents = steps.filter_map(|step| step.request.as_ref()).filter(|request| request.twiml.is_some());
        let mut times: Vec<f64> = documents.map(|request| request.ms).collect();
        times.sort_by(f64::total_cmp);
        let place = (times.len() as f64 * share) as usize;
        times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    /// What it came to, in figures.
    pub(crate) fn summary(&self, rows: &Rows, found: &[Violation]) -> String {
        let sent: usize = self.truth.iter().map(|each| each.report.sent.len()).sum();
        let messages = rows.voicemails.iter().filter(|row| matches!(row.state.as_str(), "recorded" | "ready")).count();
        let broken = |rules: &[Rule]| found.iter().filter(|violation| rules.contains(&violation.rule)).count();
        let busy = self.truth.iter().filter(|each| each.report.status == "busy").count();
        format!(
            "{} calls, {sent} webhooks in {:.0} s; {} timeline rows, {messages} messages, {} events\n    {} callers without \
             TwiML, {busy} told busy; lost: {} calls, {} messages, {} steps, {} events; doubled: {}; p50 {:.0} ms, p99 \
             {:.0} ms",
            self.truth.len(),
            self.took.as_secs_f64(),
            rows.timeline.len(),
            rows.events.len(),
            self.without_twiml(),
            broken(&[Rule::CallKept]),
            broken(&[Rule::MessageKept]),
            broken(&[Rule::StepKept]),
            broken(&[Rule::EventKept]),
            broken(&[Rule::StepOnce, Rule::MessageOnce, Rule::EventOnce]),
            self.latency_ms(0.5),
            self.latency_ms(0.99),
        )
    }
}
