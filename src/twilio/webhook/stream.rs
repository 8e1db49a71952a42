//! Media streams and what a Connect leaves behind (PROTOCOL.md 4.8, 5.3).

use super::call::Call;
use super::field::{Stamp, webhook};
use crate::base::words;

words! {
    /// What happened to a stream.
    StreamNews {
        /// It began.
        Started = "stream-started",
        /// It ended.
        Stopped = "stream-stopped",
        /// It failed.
        Error = "stream-error",
    }

    /// How a ConversationRelay ended.
    SessionState {
        /// The application ended it.
        Ended = "ended",
        /// The caller hung up.
        Completed = "completed",
        /// The socket failed.
        Failed = "failed",
    }
}

webhook! {
    /// A stream's status callback. There is no sequence number: order by `at`.
    StreamStatus {
        /// The call; only its SIDs come along.
        call: Call<'a>,
        /// `MZ…`.
        sid: Option<&'a str> = "StreamSid",
        /// Its name; its SID if it was given none.
        name: Option<&'a str> = "StreamName",
        /// What happened.
        news: Option<StreamNews> = "StreamEvent",
        /// When.
        at: Option<Stamp> = "Timestamp",
        /// Why it failed, in words that begin with the code.
        error: Option<&'a str> = "StreamError",
        /// Why it failed. Unconfirmed.
        error_code: Option<u32> = "StreamErrorCode",
    }

    /// A Connect's action: the socket closed.
    ConnectResult {
        /// The call.
        call: Call<'a>,
        /// `MZ…`, of a Stream.
        stream_sid: Option<&'a str> = "StreamSid",
        /// Of a Stream.
        stream_name: Option<&'a str> = "StreamName",
        /// `VX…`, of a ConversationRelay.
        session_id: Option<&'a str> = "SessionId",
        /// How a ConversationRelay ended.
        session_state: Option<SessionState> = "SessionStatus",
        /// Seconds, of a ConversationRelay.
        session_duration_s: Option<u32> = "SessionDuration",
        /// What the application left, usually JSON.
        handoff: Option<&'a str> = "HandoffData",
        /// Why it failed.
        error_code: Option<u32> = "ErrorCode",
        /// Why it failed, in words.
        error_message: Option<&'a str> = "ErrorMessage",
    }
}
