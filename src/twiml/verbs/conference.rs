//! Rooms and queues: the nouns that stand alone in a Dial.

use super::{Beep, ConferenceEvents, ConferenceRecording, JitterBuffer, Method, RecordingEvents, Trim};
use crate::twiml::xml::element;

element! {
    /// A room in which any number of callers talk.
    #[derive(Default)]
    Conference "Conference" [
        /// Its name, unique in the account.
        room: String
    ] {
        /// Listens only (false).
        muted: bool = "muted",
        /// Who makes it beep (true).
        beep: Beep = "beep",
        /// It starts, and waiting music ends, when this participant comes (true).
        start_conference_on_enter: bool = "startConferenceOnEnter",
        /// It ends when this participant goes (false).
        end_conference_on_exit: bool = "endConferenceOnExit",
        /// A name for this participant, unique in the room, 128 characters.
        participant_label: String = "participantLabel",
        /// How much jitter is smoothed (large).
        jitter_buffer_size: JitterBuffer = "jitterBufferSize",
        /// What is heard while waiting; empty: silence (a playlist).
        wait_url: String = "waitUrl",
        /// How it is requested (POST).
        wait_method: Method = "waitMethod",
        /// At most 250 (250).
        max_participants: u32 = "maxParticipants",
        /// Recording, with leave (none).
        record: ConferenceRecording = "record",
        /// Where it is mixed: `us1`, `ie1`, `de1`, `sg1`, `br1`, `au1`, `jp1`.
        region: String = "region",
        /// Whether silence is cut off the recording.
        trim: Trim = "trim",
        /// Call whose participant alone hears this one.
        coach: String = "coach",
        /// Told what happens in the room.
        status_callback: String = "statusCallback",
        /// What it is told.
        status_callback_event: ConferenceEvents = "statusCallbackEvent",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// Told what becomes of the recording.
        recording_status_callback: String = "recordingStatusCallback",
        /// How it is requested (POST).
        recording_status_callback_method: Method = "recordingStatusCallbackMethod",
        /// What it is told (completed).
        recording_status_callback_event: RecordingEvents = "recordingStatusCallbackEvent",
        /// Told when the room ends, with the recording (legacy).
        event_callback_url: String = "eventCallbackUrl",
        /// A stored configuration.
        recording_configuration_id: String = "recordingConfigurationId",
    }

    /// Whoever waits longest in a queue.
    #[derive(Default)]
    Queue "Queue" [
        /// Its name.
        name: String
    ] {
        /// A document the waiting caller hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// TaskRouter reservation.
        reservation_sid: String = "reservationSid",
        /// TaskRouter activity afterwards.
        post_work_activity_sid: String = "postWorkActivitySid",
    }
}

impl Conference {
    /// The room called `room`.
    #[must_use]
    pub fn new(room: impl Into<String>) -> Self {
        Self { room: room.into(), ..Self::default() }
    }
}

impl Queue {
    /// The queue called `name`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
