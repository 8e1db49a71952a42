//! How a call fares (PROTOCOL.md 2.5).

use super::call::Call;
use super::field::{Stamp, webhook};

webhook! {
    /// A call's or a leg's status callback. They overtake each other: order by `sequence`, and a final state stays.
    StatusCallback {
        /// The call, or the child leg.
        call: Call<'a>,
        /// `call-progress-events`.
        source: Option<&'a str> = "CallbackSource",
        /// From 0.
        sequence: Option<u32> = "SequenceNumber",
        /// When.
        at: Option<Stamp> = "Timestamp",
        /// Seconds; once it ended.
        duration_s: Option<u32> = "CallDuration",
        /// Minutes begun; once it completed.
        billed_minutes: Option<u32> = "Duration",
        /// 486, 487, 404; once it ended.
        sip_response_code: Option<u32> = "SipResponseCode",
        /// `A`, `B`, `C`: the attestation of an outbound call.
        stir_status: Option<&'a str> = "StirStatus",
        /// With `Record=true`. Never fetched: build the URL from account and SID.
        recording_url: Option<&'a str> = "RecordingUrl",
        /// With `Record=true`.
        recording_sid: Option<&'a str> = "RecordingSid",
        /// With `Record=true`, seconds.
        recording_duration_s: Option<u32> = "RecordingDuration",
        /// Why it failed.
        error_code: Option<u32> = "ErrorCode",
        /// Why it failed, in words.
        error_message: Option<&'a str> = "ErrorMessage",
    }
}
