//! Recordings (PROTOCOL.md 2.7).

use super::call::Call;
use super::field::{Stamp, webhook};
use crate::base::words;

words! {
    /// Where a recording stands.
    RecordingState {
        /// It runs.
        InProgress = "in-progress",
        /// The audio can be fetched.
        Completed = "completed",
        /// There is no audio and never will be.
        Absent = "absent",
        /// It could not be made; treat as absent.
        Failed = "failed",
    }

    /// What made a recording.
    RecordingSource {
        /// A Dial.
        Dial = "DialVerb",
        /// A Conference.
        Conference = "Conference",
        /// A call made with `Record=true`.
        OutboundApi = "OutboundAPI",
        /// A SIP trunk.
        Trunking = "Trunking",
        /// A Record.
        Record = "RecordVerb",
        /// The REST API, or `<Start><Recording>`.
        StartCall = "StartCallRecordingAPI",
        /// The REST API, in a room.
        StartConference = "StartConferenceRecordingAPI",
    }
}

webhook! {
    /// A Record's action. The audio may not be there yet; the status callback says when.
    RecordResult {
        /// The call; `completed` when the caller hung up.
        call: Call<'a>,
        /// Never fetched: build the URL from account and SID.
        url: Option<&'a str> = "RecordingUrl",
        /// `RE…`; reported in practice, undocumented.
        sid: Option<&'a str> = "RecordingSid",
        /// Seconds, silence included.
        duration_s: Option<u32> = "RecordingDuration",
        /// The key that ended it, or `hangup`.
        digits: Option<&'a str> = "Digits",
    }

    /// A `recordingStatusCallback`. From and To do not come along.
    RecordingStatus {
        /// The call that was recorded, the parent leg.
        call: Call<'a>,
        /// `RE…`.
        sid: Option<&'a str> = "RecordingSid",
        /// Never fetched: build the URL from account and SID.
        url: Option<&'a str> = "RecordingUrl",
        /// Where it stands.
        state: Option<RecordingState> = "RecordingStatus",
        /// Seconds; once it is completed.
        duration_s: Option<u32> = "RecordingDuration",
        /// 1 or 2; a Record's are always 1.
        channels: Option<u32> = "RecordingChannels",
        /// When it began.
        started_at: Option<Stamp> = "RecordingStartTime",
        /// What made it.
        source: Option<RecordingSource> = "RecordingSource",
        /// `inbound`, `outbound`, `both`.
        track: Option<&'a str> = "RecordingTrack",
        /// Of a room.
        conference_sid: Option<&'a str> = "ConferenceSid",
        /// Why it failed; 0 is no error.
        error_code: Option<u32> = "ErrorCode",
    }
}

impl RecordResult<'_> {
    /// Whether the caller hung up instead of pressing a key.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.digits == Some("hangup")
    }
}
