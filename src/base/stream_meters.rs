//! What is counted of live streams. Streams count by themselves and bring it here once a second.

use super::counters::Family;
use super::registrar::Registrar;
use metrics::{Counter, Gauge, Histogram, Unit};

/// Why agents fail.
pub const AGENT_CAUSES: [&str; 12] = [
    "resting",
    "refused",
    "late",
    "closed",
    "dry",
    "dead",
    "stalled",
    "malformed",
    "denied",
    "declined",
    "unusable",
    "other",
];

/// Live streams.
#[derive(Clone, Debug)]
pub struct StreamMeters {
    /// `streams_active`.
    pub active: Gauge,
    /// `streams_total{end}`: streams that ended, by where the caller went.
    pub ended: Family,
    /// `stream_refusals_total{reason}`: sockets that were not let in.
    pub refused: Family,
    /// `stream_frames_total{dir}`: 20 ms frames.
    pub frames: Family,
    /// `stream_late_frames_total`: frames of ours that left too late to be heard in time.
    pub late_frames: Counter,
    /// `stream_odd_messages_total{kind}`.
    pub odd: Family,
    /// `stream_queue_seconds`: sound that waits to be sent, over all streams; set when read.
    pub queue: Gauge,
    /// `barge_ins_total{outcome}`.
    pub barge_ins: Family,
    /// `turn_latency_seconds`: from the caller's last voiced frame to the first frame of the answer that the carrier proved
    /// heard.
    pub turn_latency: Histogram,
    /// `relay_answer_seconds`: from the caller's words, as the carrier told them, to the first words of the answer.
    pub relay_answer: Histogram,
    /// `agent_failures_total{cause}`: conversations with agents that could not be had or broke.
    pub agent_failures: Family,
    /// `turn_filler_seconds`: the same until "one moment" was heard.
    pub turn_filler: Histogram,
}

impl StreamMeters {
    pub(super) fn new(made: &Registrar<'_>) -> Self {
        let seconds = Some(Unit::Seconds);
        Self {
            active: made.gauge("streams_active", "Live streams of this process.", &[]),
            ended: made.family(
                "streams_total",
                "Streams that ended, by where the caller went.",
                "end",
                &["line", "voicemail", "transfer", "emergency", "hangup", "again", "closed", "failed"],
            ),
            refused: made.family(
                "stream_refusals_total",
                "Sockets of streams that were not let in.",
                "reason",
                &["forged", "expired", "used", "elsewhere", "silent", "other"],
            ),
            frames: made.family("stream_frames_total", "20 ms frames of streams.", "dir", &["in", "out"]),
            late_frames: made.counter(
                "stream_late_frames_total",
                "20 ms frames that left too late to be heard in time.",
                &[],
            ),
            odd: made.family(
                "stream_odd_messages_total",
                "Messages of streams that were ignored.",
                "kind",
                &["malformed", "elsewhere", "unknown"],
            ),
            queue: made.gauge("stream_queue_seconds", "Sound that waits to be sent, over all streams.", &[]),
            barge_ins: made.family(
                "barge_ins_total",
                "What cut or paused playback, and what came of it.",
                "outcome",
                &["speech", "key", "resumed", "agent"],
            ),
            turn_latency: made.histogram(
                "turn_latency_seconds",
                "From the caller's last voiced frame to the first frame of the answer that was heard, as marks prove.",
                seconds,
            ),
            relay_answer: made.histogram(
                "relay_answer_seconds",
                "From the caller's words, as the carrier told them, to the first words of the answer on their way.",
                seconds,
            ),
            agent_failures: made.family(
                "agent_failures_total",
                "Attempts to talk with agents that could not be had or broke, by why.",
                "cause",
                &AGENT_CAUSES,
            ),
            turn_filler: made.histogram(
                "turn_filler_seconds",
                "From the caller's last voiced frame to the first frame of \"one moment\" that was heard.",
                seconds,
            ),
        }
    }
}
