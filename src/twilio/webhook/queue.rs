//! Queues and rooms (PROTOCOL.md 2.9).

use super::call::Call;
use super::field::{Stamp, webhook};
use crate::base::words;

words! {
    /// How a caller left a queue.
    QueueOutcome {
        /// Somebody took the call.
        Bridged = "bridged",
        /// Somebody is taking it.
        BridgingInProcess = "bridging-in-process",
        /// Something failed.
        Error = "error",
        /// The caller hung up.
        Hangup = "hangup",
        /// A `<Leave>` said so.
        Leave = "leave",
        /// Redirected while waiting.
        Redirected = "redirected",
        /// Redirected while talking.
        RedirectedFromBridged = "redirected-from-bridged",
        /// There was no room.
        Full = "queue-full",
        /// Twilio failed.
        SystemError = "system-error",
    }

    /// What happened in a room.
    ConferenceNews {
        /// It began.
        Start = "conference-start",
        /// It ended.
        End = "conference-end",
        /// Somebody came.
        Join = "participant-join",
        /// Somebody went.
        Leave = "participant-leave",
        /// Somebody was muted.
        Mute = "participant-mute",
        /// Somebody was unmuted.
        Unmute = "participant-unmute",
        /// Somebody was held.
        Hold = "participant-hold",
        /// Somebody was taken back.
        Unhold = "participant-unhold",
        /// Somebody's settings changed.
        Modify = "participant-modify",
        /// Somebody speaks.
        SpeechStart = "participant-speech-start",
        /// Somebody fell silent.
        SpeechStop = "participant-speech-stop",
        /// An announcement ended.
        AnnouncementEnd = "announcement-end",
        /// An announcement failed.
        AnnouncementFail = "announcement-fail",
    }
}

webhook! {
    /// An Enqueue's action: the caller left the queue.
    QueueResult {
        /// The call.
        call: Call<'a>,
        /// How.
        outcome: Option<QueueOutcome> = "QueueResult",
        /// `QU…`; if the caller was in it at all.
        queue_sid: Option<&'a str> = "QueueSid",
        /// Seconds waited.
        queue_time_s: Option<u32> = "QueueTime",
    }

    /// An Enqueue's `waitUrl`, asked for again and again.
    QueueWait {
        /// The call.
        call: Call<'a>,
        /// From 1.
        position: Option<u32> = "QueuePosition",
        /// `QU…`.
        queue_sid: Option<&'a str> = "QueueSid",
        /// Seconds waited.
        queue_time_s: Option<u32> = "QueueTime",
        /// Seconds callers wait on average.
        average_time_s: Option<u32> = "AvgQueueTime",
        /// Callers waiting.
        size: Option<u32> = "CurrentQueueSize",
        /// Callers it holds.
        most: Option<u32> = "MaxQueueSize",
    }

    /// A `<Queue url>`: what the waiting caller hears before being connected.
    QueueWhisper {
        /// The call that waited.
        call: Call<'a>,
        /// `QU…`.
        queue_sid: Option<&'a str> = "QueueSid",
        /// Seconds waited.
        queue_time_s: Option<u32> = "QueueTime",
        /// Who takes the call (Twilio spells it so).
        dequeuing_sid: Option<&'a str> = "DequeingCallSid",
    }

    /// News of a room.
    ConferenceStatus {
        /// The participant's call; only its SIDs come along.
        call: Call<'a>,
        /// `CF…`.
        sid: Option<&'a str> = "ConferenceSid",
        /// The room's name.
        room: Option<&'a str> = "FriendlyName",
        /// What happened.
        news: Option<ConferenceNews> = "StatusCallbackEvent",
        /// Place in the order.
        sequence: Option<u32> = "SequenceNumber",
        /// When.
        at: Option<Stamp> = "Timestamp",
        /// Of the participant.
        muted: Option<bool> = "Muted",
        /// Of the participant.
        hold: Option<bool> = "Hold",
        /// Of the participant.
        coaching: Option<bool> = "Coaching",
        /// Of the participant.
        start_on_enter: Option<bool> = "StartConferenceOnEnter",
        /// Of the participant.
        end_on_exit: Option<bool> = "EndConferenceOnExit",
        /// The participant's name in the room.
        label: Option<&'a str> = "ParticipantLabel",
        /// Why the room ended.
        reason: Option<&'a str> = "Reason",
        /// Why the room ended, as a word.
        reason_ended: Option<&'a str> = "ReasonConferenceEnded",
    }
}
