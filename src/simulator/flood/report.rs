//! What is left of a flood.

use super::tally::{Class, Row, Tally};
use serde::Serialize;
use std::fmt::Write as _;

/// No caller may wait longer than this, 99 of 100 at least. Milliseconds.
const SOON: f64 = 1000.0;

/// A flood that is over.
#[derive(Clone, Debug, Serialize)]
pub struct FloodReport {
    /// Whole calls a second that the house sustains, three webhooks each.
    pub sustained: f64,
    /// How long an answer took meanwhile, 99th percentile, milliseconds.
    pub sustained_p99_ms: f64,
    /// New calls a second that were offered then.
    pub offered: f64,
    /// New calls that were placed, of those that were due.
    pub placed: u64,
    /// By what the caller was about.
    pub classes: Vec<ClassReport>,
}

/// One kind of webhook.
#[derive(Clone, Debug, Serialize)]
pub struct ClassReport {
    /// What the caller was about.
    pub class: &'static str,
    /// Answers.
    pub answers: u64,
    /// Median, milliseconds, from the connection that carried the webhook.
    pub p50_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// 99th percentile from when the webhook was due: with the wait for one of the generator's connections.
    pub due_p99_ms: f64,
    /// Answers with a status of 500 or more.
    pub server_errors: u64,
    /// Answers with a status from 400 to 499.
    pub other_errors: u64,
    /// Nothing came within the carrier's 15 s.
    pub timeouts: u64,
    /// Connections that were refused or broke.
    pub broken: u64,
}

impl ClassReport {
    fn of(class: &'static str, row: &Row) -> Self {
        let Row { latencies, since_due, server_errors, other_errors, timeouts, broken } = row;
        Self {
            class,
            answers: latencies.0.len(),
            p50_ms: latencies.at(0.5),
            p99_ms: latencies.at(0.99),
            max_ms: latencies.at(1.0),
            due_p99_ms: since_due.at(0.99),
            server_errors: *server_errors,
            other_errors: *other_errors,
            timeouts: *timeouts,
            broken: *broken,
        }
    }

    const fn errors(&self) -> u64 {
        self.server_errors + self.other_errors + self.timeouts + self.broken
    }
}

impl FloodReport {
    pub(super) fn classes(tally: &Tally) -> Vec<ClassReport> {
        let rows = tally.rows();
        Class::ALL.iter().zip(rows.iter()).map(|((_, name), row)| ClassReport::of(name, row)).collect()
    }

    /// Whether everybody was answered, without an error and soon.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.classes.iter().all(|class| class.errors() == 0 && class.p99_ms < SOON)
            && self.classes.iter().any(|class| class.answers > 0)
    }
}

/// A table for people.
#[must_use]
pub fn flood_text(report: &FloodReport) -> String {
    let mut text = format!(
        "sustained: {:.0} whole calls a second, three webhooks each, p99 {:.0} ms\n\
         offered: {:.0} new calls a second, {} placed\n\n",
        report.sustained, report.sustained_p99_ms, report.offered, report.placed
    );
    let _ = writeln!(
        text,
        "{:<28} {:>9} {:>8} {:>8} {:>8} {:>9} {:>6} {:>6} {:>9} {:>7}",
        "ms", "answers", "p50", "p99", "max", "due p99", "5xx", "4xx", "timeouts", "broken"
    );
    for row in &report.classes {
        let _ = writeln!(
            text,
            "{:<28} {:>9} {:>8.1} {:>8.1} {:>8.1} {:>9.1} {:>6} {:>6} {:>9} {:>7}",
            row.class,
            row.answers,
            row.p50_ms,
            row.p99_ms,
            row.max_ms,
            row.due_p99_ms,
            row.server_errors,
            row.other_errors,
            row.timeouts,
            row.broken
        );
    }
    let verdict =
        if report.is_clean() { "everybody was answered, and soon" } else { "NOT everybody was answered soon" };
    let _ = writeln!(
        text,
        "\np50, p99 and max count from the connection that carried the webhook, as the carrier's clock does; due p99 from\n\
         when it was due, with the wait for one of the generator's connections.\n{verdict}"
    );
    text
}
