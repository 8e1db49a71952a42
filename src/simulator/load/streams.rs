//! What was measured on the live streams of a load.

use super::latencies::Latencies;
use crate::simulator::stream::StreamReport;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// Counts and latencies of all streams so far.
#[derive(Debug, Default)]
pub(super) struct Streams {
    count: u64,
    failed: u64,
    cut: u64,
    seconds: f64,
    barge_in: Latencies,
    misses: u64,
    talked_on: u64,
    answers: Latencies,
    first_heard: Latencies,
    silent: u64,
    received_ms: u64,
    dry_ms: f64,
    gaps: u64,
    unasked_clears: u64,
    media_after_clear: u64,
    invalid: u64,
    frames: u64,
    late_frames: u64,
}

impl Streams {
    pub(super) fn add(&mut self, stream: &StreamReport) {
        self.count += 1;
        self.failed += u64::from(stream.error.is_some());
        self.seconds += stream.seconds;
        if stream.cut.is_some() {
            // What was measured on it says nothing about the service.
            self.cut += 1;
            return;
        }
        for interruption in &stream.interruptions {
            self.talked_on += u64::from(interruption.talked_on);
            match interruption.cleared_after_ms {
                Some(ms) => self.barge_in.add(time(ms)),
                None => self.misses += 1,
            }
        }
        stream.answers.iter().for_each(|answer| self.answers.add(time(answer.heard_after_ms)));
        match stream.first_heard_ms {
            Some(ms) => self.first_heard.add(time(ms)),
            None => self.silent += 1,
        }
        self.received_ms += stream.received_ms;
        self.dry_ms += stream.dry_ms;
        self.gaps += stream.gaps;
        self.unasked_clears += stream.unasked_clears;
        self.media_after_clear += stream.media_after_clear;
        self.invalid += stream.invalid;
        self.frames += stream.frames;
        self.late_frames += stream.late_frames;
    }
}

fn share(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a share; nobody counts 2^52 frames")]
    let (part, whole) = (part as f64, whole.max(1) as f64);
    part / whole
}

fn time(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}

/// A latency, milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// How often it was measured.
    pub count: u64,
    /// Median.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Spread {
    fn of(latencies: &Latencies) -> Self {
        let Latencies(histogram) = latencies;
        Self {
            count: histogram.len(),
            p50_ms: latencies.at(0.5),
            p95_ms: latencies.at(0.95),
            p99_ms: latencies.at(0.99),
            max_ms: latencies.at(1.0),
        }
    }
}

/// The live streams of a load.
#[derive(Clone, Debug, Serialize)]
pub struct StreamsReport {
    /// Streams that ended.
    pub streams: u64,
    /// Of those, streams that broke. What could not even be opened is among the load's errors.
    pub failed: u64,
    /// Streams whose sockets were cut, stalled or fed with garbage on purpose: in no latency and no other count below.
    pub cut: u64,
    /// How long all of them ran, together.
    pub stream_seconds: f64,
    /// From the caller's first voiced frame to the `clear`.
    pub barge_in: Spread,
    /// Interruptions without a `clear` within two seconds.
    pub misses: u64,
    /// Interruptions after which the line was heard again while the caller was still speaking.
    pub talked_on: u64,
    /// From the caller's last voiced frame to the first sound of the line.
    pub answers: Spread,
    /// From the start of a stream to the first sound of the line.
    pub first_heard: Spread,
    /// Streams on which the line was never heard.
    pub silent: u64,
    /// Share of the line's sound that the carrier did not have when it was to be played.
    pub dry_share: f64,
    /// Pauses over 20 ms in the middle of something.
    pub gaps: u64,
    /// Times the line stopped though the caller had done nothing.
    pub unasked_clears: u64,
    /// Media within 200 ms after a `clear`.
    pub media_after_clear: u64,
    /// Messages Twilio would not take.
    pub invalid: u64,
    /// Share of our own frames that were over 20 ms late: from a hundredth on, this machine was too busy to say anything
    /// about the service.
    pub own_late_share: f64,
}

impl StreamsReport {
    /// `None`: there were no streams.
    pub(super) fn of(streams: &Streams) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a share; nobody plays 2^52 milliseconds")]
        let played = streams.received_ms as f64;
        (streams.count > 0).then(|| Self {
            streams: streams.count,
            failed: streams.failed,
            cut: streams.cut,
            stream_seconds: streams.seconds,
            barge_in: Spread::of(&streams.barge_in),
            misses: streams.misses,
            talked_on: streams.talked_on,
            answers: Spread::of(&streams.answers),
            first_heard: Spread::of(&streams.first_heard),
            silent: streams.silent,
            dry_share: streams.dry_ms / (streams.dry_ms + played).max(1.0),
            gaps: streams.gaps,
            unasked_clears: streams.unasked_clears,
            media_after_clear: streams.media_after_clear,
            invalid: streams.invalid,
            own_late_share: share(streams.late_frames, streams.frames),
        })
    }

    /// A table for people.
    pub(super) fn text(&self) -> String {
        let mut text =
            format!("\n{:<26} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "streams, ms", "count", "p50", "p95", "p99", "max");
        for (name, of) in
            [("first sound", &self.first_heard), ("barge-in", &self.barge_in), ("silence to answer", &self.answers)]
        {
            let Spread { count, p50_ms, p95_ms, p99_ms, max_ms } = of;
            let _ = writeln!(text, "{name:<26} {count:>9} {p50_ms:>8.1} {p95_ms:>8.1} {p99_ms:>8.1} {max_ms:>8.1}");
        }
        let _ = writeln!(
            text,
            "{} streams, {:.0} s of them; {} broke, {} were cut on purpose, {} never heard a sound; {} interruptions missed, {} talked \
             over; {} stops nobody asked for; {:.2} % of the sound came too late ({} gaps); {:.2} % of our own frames were late",
            self.streams,
            self.stream_seconds,
            self.failed,
            self.cut,
            self.silent,
            self.misses,
            self.talked_on,
            self.unasked_clears,
            self.dry_share * 100.0,
            self.gaps,
            self.own_late_share * 100.0
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::stream::{Answered, Interruption};

    #[test]
    fn streams_add_up() {
        let interruption =
            |cleared_after_ms| Interruption { at_ms: 0, cleared_after_ms, dropped_ms: 0, talked_on: false };
        let stream = StreamReport {
            seconds: 10.0,
            received_ms: 900,
            dry_ms: 50.0,
            first_heard_ms: Some(40.0),
            interruptions: vec![interruption(Some(120.0)), interruption(None)],
            answers: vec![Answered { silent_at_ms: 0, heard_after_ms: 400.0 }],
            ..StreamReport::default()
        };
        let mut streams = Streams::default();
        assert!(StreamsReport::of(&streams).is_none());
        streams.add(&stream);
        streams.add(&StreamReport { received_ms: 0, ..stream.clone() });
        streams.add(&StreamReport { cut: Some("reset"), ..stream.clone() });
        let report = StreamsReport::of(&streams).unwrap();
        assert_eq!((report.streams, report.cut), (3, 1));
        assert_eq!((report.misses, report.barge_in.count, report.failed), (2, 2, 0));
        assert!((report.barge_in.p50_ms - 120.0).abs() < 0.2 && (report.dry_share - 0.1).abs() < 1e-9);
        assert!(report.text().contains("barge-in                           2    120.1"), "{}", report.text());
    }
}
