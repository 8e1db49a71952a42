//! How a Dial ended (PROTOCOL.md 2.8).

use super::call::Call;
use super::field::{Prefixed, webhook};
use crate::base::words;

words! {
    /// How it ended. `completed` does not mean that a person answered.
    DialStatus {
        /// Answered, then ended.
        Completed = "completed",
        /// The caller was in a room.
        Answered = "answered",
        /// The callee was busy.
        Busy = "busy",
        /// It rang until the timeout.
        NoAnswer = "no-answer",
        /// It could not be connected.
        Failed = "failed",
        /// Taken back before it was answered.
        Canceled = "canceled",
    }
}

webhook! {
    /// A Dial's action.
    DialResult {
        /// The caller's call.
        call: Call<'a>,
        /// How it ended.
        status: Option<DialStatus> = "DialCallStatus",
        /// The callee's leg; missing for rooms, or when no leg was made.
        leg_sid: Option<&'a str> = "DialCallSid",
        /// Seconds; missing for rooms and redirected legs.
        duration_s: Option<u32> = "DialCallDuration",
        /// Whether the two were connected.
        bridged: Option<bool> = "DialBridged",
        /// With `record`. Never fetched: build the URL from account and SID.
        recording_url: Option<&'a str> = "RecordingUrl",
        /// With `record`, on some accounts.
        recording_sid: Option<&'a str> = "RecordingSid",
        /// With `record`, on some accounts, seconds.
        recording_duration_s: Option<u32> = "RecordingDuration",
        /// `Call-ID` of a SIP leg.
        sip_call_id: Option<&'a str> = "DialSipCallId",
        /// What a SIP leg answered: 486, 603.
        sip_response_code: Option<u32> = "DialSipResponseCode",
        /// Headers of a SIP leg's answer, by name.
        sip_headers: Prefixed<'a> = "DialSipHeader_",
        /// Of a queue.
        queue_sid: Option<&'a str> = "QueueSid",
        /// Seconds the caller taken from a queue had waited.
        queue_time_s: Option<u32> = "QueueTime",
        /// Who took a caller from a queue (Twilio spells it so).
        dequeuing_sid: Option<&'a str> = "DequeingCallSid",
        /// Why it failed.
        error_code: Option<u32> = "ErrorCode",
        /// Why it failed, in words.
        error_message: Option<&'a str> = "ErrorMessage",
    }
}
