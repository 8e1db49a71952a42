//! What is left of a stream: numbers, and its sound if somebody wants it.

use crate::audio::{g711, wav};
use crate::simulator::masked;
use crate::simulator::problem::Problem;
use serde::Serialize;

/// A stream that is over.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StreamReport {
    /// Its SID.
    pub stream_sid: String,
    /// Its URL, as the document named it; shown without the token.
    #[serde(serialize_with = "masked::text")]
    pub url: String,
    /// How it ended: `the server closed it`, `the caller hung up`, `the call was led elsewhere`, `it failed`, `it was
    /// cut`.
    pub ended: &'static str,
    /// Why it failed, in Twilio's codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    /// What went wrong with its socket on purpose: `reset`, `half-close`, `stall`, `garbage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<&'static str>,
    /// How long it ran.
    pub seconds: f64,
    /// Frames the caller sent.
    pub frames: u64,
    /// Of those, frames that came more than 20 ms after their time: this machine was busy.
    pub late_frames: u64,
    /// The latest of them came so much after its time, milliseconds.
    pub latest_frame_ms: f64,
    /// Sound the server sent, milliseconds.
    pub received_ms: u64,
    /// Sound the caller heard, milliseconds.
    pub heard_ms: u64,
    /// From the start of the stream to the first sound the caller heard, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_heard_ms: Option<f64>,
    /// Marks that were asked for.
    pub marks: u64,
    /// Times the server dropped what had not been played.
    pub clears: u64,
    /// Of those, times when the caller had done nothing.
    pub unasked_clears: u64,
    /// Media that came within 200 ms after a `clear`.
    pub media_after_clear: u64,
    /// Each time the caller spoke over the line.
    pub interruptions: Vec<Interruption>,
    /// Each time the line answered the caller.
    pub answers: Vec<Answered>,
    /// Pauses over 20 ms (and at most a second) in which the carrier had nothing to play, in the middle of something.
    pub gaps: u64,
    /// The longest of them, milliseconds.
    pub longest_gap_ms: f64,
    /// All of them and the shorter ones together, milliseconds.
    pub dry_ms: f64,
    /// Messages Twilio would not take.
    pub invalid: u64,
    /// What was heard and said.
    #[serde(skip)]
    pub sound: Option<Sound>,
}

/// The caller spoke over the line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interruption {
    /// When their first voiced frame was handed to the socket, milliseconds since the stream began.
    pub at_ms: u64,
    /// How long after that the server's `clear` was read, milliseconds; none: it never came.
    pub cleared_after_ms: Option<f64>,
    /// Sound that was dropped, milliseconds.
    pub dropped_ms: u64,
    /// The line was heard again while the caller was still speaking.
    pub talked_on: bool,
}

/// The line answered the caller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answered {
    /// When the caller's last voiced frame was handed to the socket, milliseconds since the stream began.
    pub silent_at_ms: u64,
    /// How long after that the first audible frame was played, milliseconds.
    pub heard_after_ms: f64,
}

/// Both sides of a stream, mu-law, from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    /// What the caller heard.
    pub heard: Vec<u8>,
    /// What the caller said.
    pub said: Vec<u8>,
}

impl Sound {
    /// Streams of one call, one behind the other.
    #[must_use]
    pub fn joined<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut joined = Self::default();
        for each in all {
            let length = each.heard.len().max(each.said.len());
            for (to, from) in [(&mut joined.heard, &each.heard), (&mut joined.said, &each.said)] {
                let end = to.len() + length;
                to.extend(from);
                to.resize(end, super::playout::SILENCE);
            }
        }
        joined
    }

    /// A WAV file: what was heard on the left, what was said on the right.
    #[must_use]
    pub fn wav(&self) -> Vec<u8> {
        let samples = |side: &[u8]| side.iter().map(|byte| g711::decode(*byte)).collect::<Vec<_>>();
        wav::pcm16(&wav::Sound::stereo(8000, &samples(&self.heard), &samples(&self.said)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_follow_each_other_and_sides_stay_together() {
        let first = Sound { heard: vec![1; 3], said: vec![2; 5] };
        let second = Sound { heard: vec![3; 2], said: vec![4; 1] };
        let joined = Sound::joined([&first, &second]);
        assert_eq!(joined.heard, [1, 1, 1, 0xff, 0xff, 3, 3]);
        assert_eq!(joined.said, [2, 2, 2, 2, 2, 4, 0xff]);
        let read = wav::read(&joined.wav()).unwrap();
        assert_eq!((read.rate, read.channels, read.channel(1).len()), (8000, 2, 7));
        assert_eq!(read.channel(0)[0], g711::decode(1));
    }
}
