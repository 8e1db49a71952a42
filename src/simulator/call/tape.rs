//! Recordings, of a message or of a conversation, and those who are told of them (PROTOCOL.md 2.7).

use super::run::Run;
use crate::base::Time;
use crate::simulator::archive::{Recording, Transcript};
use crate::simulator::http::Fields;
use crate::simulator::transcript::Recorded;
use crate::twiml::{Method, Record, RecordingEvent, RecordingEvents};
use std::time::Duration;

/// From the end of a recording to its audio being there.
const PROCESSING: Duration = Duration::from_millis(1500);
/// From the end of a recording to its transcript.
const WRITING_DOWN: Duration = Duration::from_secs(8);

/// A recording, as its callbacks name it.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    pub(super) sid: String,
    pub(super) url: String,
    /// `RecordVerb`, `DialVerb`
    pub(super) source: &'static str,
    pub(super) channels: u8,
    pub(super) track: &'static str,
    pub(super) started: Time,
}

/// Who is told what becomes of a recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'d> {
    pub(super) url: Option<&'d String>,
    pub(super) method: Option<Method>,
    pub(super) events: Option<&'d RecordingEvents>,
}

impl Run<'_, '_> {
    pub(super) fn new_tape(&mut self, source: &'static str, channels: u8, track: &'static str) -> Tape {
        let sid = self.stage.sids.next("RE");
        let url = self.stage.carrier.api_url(&format!("/Recordings/{sid}"));
        Tape { sid, url, source, channels, track, started: self.stage.clock.date() }
    }

    /// A recording that runs, as the REST API shows it.
    pub(super) fn taped(&self, tape: &Tape) -> Recording {
        Recording {
            sid: tape.sid.clone(),
            account_sid: self.stage.carrier.account_sid.clone(),
            call_sid: self.leg.sid.clone(),
            seconds: 0,
            channels: tape.channels,
            source: tape.source,
            started: tape.started,
            status: "in-progress",
            stopped: None,
        }
    }

    /// Keeps the recording for the report, and its audio for whoever fetches it. `ended_by`: the key, `hangup` or
    /// nothing; `None`: nothing was said, and there is no audio.
    pub(super) fn keep(&mut self, tape: &Tape, seconds: u64, ended_by: Option<&str>) {
        if ended_by.is_some() {
            self.stage.carrier.archive.keep(Recording { seconds, status: "completed", ..self.taped(tape) });
        }
        self.stage.recordings.push(Recorded {
            sid: tape.sid.clone(),
            url: tape.url.clone(),
            seconds,
            digits: ended_by.unwrap_or_default().to_owned(),
            absent: ended_by.is_none(),
        });
    }

    /// Schedules a recording status callback, if `told` wants to know.
    pub(super) fn tell_of(&mut self, tape: &Tape, told: Told<'_>, event: RecordingEvent, seconds: Option<u64>) {
        let wanted = told.events.map_or(event == RecordingEvent::Completed, |events| events.contains(&event));
        let Some(to) = told.url.filter(|url| wanted && !url.is_empty()) else { return };
        let mut fields: Fields = vec![
            ("AccountSid", self.stage.carrier.account_sid.clone()),
            ("CallSid", self.leg.sid.clone()),
            ("RecordingSid", tape.sid.clone()),
            ("RecordingUrl", tape.url.clone()),
            ("RecordingStatus", event.as_str().to_owned()),
            ("RecordingChannels", tape.channels.to_string()),
            ("RecordingSource", tape.source.to_owned()),
            ("RecordingStartTime", tape.started.to_rfc2822()),
            ("RecordingTrack", tape.track.to_owned()),
            ("ErrorCode", "0".to_owned()),
        ];
        fields.extend(seconds.map(|seconds| ("RecordingDuration", seconds.to_string())));
        let delay = if event == RecordingEvent::InProgress { Duration::ZERO } else { PROCESSING };
        self.callback("recording status", (to, told.method), fields, delay);
    }

    /// The carrier's own transcript: English, 2 to 120 s (PROTOCOL.md 2.7).
    pub(super) fn write_down(&mut self, record: &Record, tape: &Tape, seconds: u64) {
        if record.transcribe != Some(true) {
            return;
        }
        if !(2..=120).contains(&seconds) {
            self.stage
                .warn(0, format!("no transcript: {seconds} s, and only recordings of 2 to 120 s are transcribed"));
            return;
        }
        let sid = self.stage.sids.next("TR");
        let transcript = Transcript {
            sid: sid.clone(),
            account_sid: self.stage.carrier.account_sid.clone(),
            recording_sid: tape.sid.clone(),
            text: self.stage.script.message.clone(),
            seconds,
            created: self.stage.clock.date(),
        };
        self.stage.carrier.archive.write_down(transcript);
        let Some(to) = record.transcribe_callback.as_ref().filter(|url| !url.is_empty()) else { return };
        let mut fields = self.leg.fields(&self.stage.carrier.account_sid);
        fields.retain(|(name, _)| !["City", "State", "Zip", "Country"].iter().any(|part| name.ends_with(part)));
        for (name, value) in &mut fields {
            if *name == "CallStatus" {
                "completed".clone_into(value);
            }
        }
        fields.extend([
            ("TranscriptionUrl", format!("{}/Transcriptions/{sid}", tape.url)),
            ("TranscriptionSid", sid),
            ("TranscriptionStatus", "completed".to_owned()),
            ("TranscriptionText", self.stage.script.message.clone()),
            ("TranscriptionType", "fast".to_owned()),
            ("url", self.url(to).map_or_else(|_| to.clone(), String::from)),
            ("RecordingSid", tape.sid.clone()),
            ("RecordingUrl", tape.url.clone()),
        ]);
        self.callback("transcript", (to, None), fields, WRITING_DOWN);
    }
}
