//! Words of closed sets.

use crate::base::words;
use crate::twiml::permit::Permitted;
use crate::twiml::xml::List;

words! {
    /// How Twilio requests a URL.
    Method {
        /// Parameters in the query.
        Get = "GET",
        /// Parameters in a form body.
        Post = "POST",
    }

    /// What a rejected caller hears.
    RejectReason {
        /// "Not in service".
        Rejected = "rejected",
        /// A busy tone.
        Busy = "busy",
    }

    /// What a Gather listens to.
    GatherInput {
        /// Keys.
        Dtmf = "dtmf",
        /// Words.
        Speech = "speech",
        /// Both; what comes first counts.
        DtmfSpeech = "dtmf speech" | "speech dtmf",
    }

    /// Whether silence at both ends of a recording is cut off.
    Trim {
        /// It is.
        TrimSilence = "trim-silence",
        /// It stays.
        DoNotTrim = "do-not-trim",
    }

    /// What a `recordingStatusCallback` is told.
    RecordingEvent {
        /// Recording has begun.
        InProgress = "in-progress",
        /// The audio can be fetched.
        Completed = "completed",
        /// There will be no audio.
        Absent = "absent",
    }

    /// What a leg's `statusCallback` is told.
    LegEvent {
        /// Dialling begins.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody, or something, answered.
        Answered = "answered",
        /// The leg ended, however it did.
        Completed = "completed",
    }

    /// What a conference's `statusCallback` is told.
    ConferenceEvent {
        /// It began.
        Start = "start",
        /// It ended.
        End = "end",
        /// Somebody came.
        Join = "join",
        /// Somebody went.
        Leave = "leave",
        /// Somebody was muted or unmuted.
        Mute = "mute",
        /// Somebody was held or taken back.
        Hold = "hold",
        /// A participant's settings changed.
        Modify = "modify",
        /// Somebody began or ceased to speak.
        Speaker = "speaker",
        /// An announcement ended or failed.
        Announcement = "announcement",
    }

    /// When a dialled conversation is recorded, and whether both sides get a channel of their own.
    DialRecord {
        /// Not at all.
        DoNotRecord = "do-not-record" | "false",
        /// From the answer on, one channel.
        FromAnswer = "record-from-answer" | "true",
        /// From ringing on, one channel.
        FromRinging = "record-from-ringing",
        /// From the answer on, two channels.
        FromAnswerDual = "record-from-answer-dual",
        /// From ringing on, two channels.
        FromRingingDual = "record-from-ringing-dual",
    }

    /// Whether a conference is recorded.
    ConferenceRecord {
        /// It is not.
        DoNotRecord = "do-not-record" | "false",
        /// From its start.
        FromStart = "record-from-start" | "true",
    }

    /// Which side of a call is recorded.
    RecordingTrack {
        /// What Twilio receives.
        Inbound = "inbound",
        /// What Twilio sends.
        Outbound = "outbound",
        /// Both.
        Both = "both",
    }

    /// How many channels a recording has.
    Channels {
        /// Both sides in one.
        Mono = "mono",
        /// One each.
        Dual = "dual",
    }

    /// Which side of a call is streamed or transcribed.
    StreamTrack {
        /// What Twilio receives.
        Inbound = "inbound_track",
        /// What Twilio sends.
        Outbound = "outbound_track",
        /// Both.
        Both = "both_tracks",
    }

    /// Who makes the conference beep.
    Beep {
        /// Everybody who comes or goes.
        Always = "true",
        /// Nobody.
        Never = "false",
        /// Who comes.
        OnEnter = "onEnter",
        /// Who goes.
        OnExit = "onExit",
    }

    /// How much jitter a conference smooths, at the price of delay.
    JitterBuffer {
        /// About 20 ms.
        Small = "small",
        /// About 40 ms.
        Medium = "medium",
        /// About 300 ms.
        Large = "large",
        /// None.
        Off = "off",
    }

    /// Whether and how answering machines are recognised.
    MachineDetection {
        /// Told as soon as it is known.
        Enable = "Enable",
        /// Told when the machine's greeting has ended.
        DetectMessageEnd = "DetectMessageEnd",
    }

    /// What a caller can interrupt an agent with, or what is reported while it speaks.
    Interruption {
        /// Nothing.
        None = "none" | "false",
        /// Keys.
        Dtmf = "dtmf",
        /// Words.
        Speech = "speech",
        /// Both.
        Any = "any" | "true",
    }

    /// How easily speech interrupts.
    Sensitivity {
        /// Hardly.
        Low = "low",
        /// Somewhat.
        Medium = "medium",
        /// Easily.
        High = "high",
    }

    /// What a ConversationRelay reports for debugging.
    RelayDebug {
        /// Problems.
        Debugging = "debugging",
        /// Who speaks.
        SpeakerEvents = "speaker-events",
        /// What was played.
        TokensPlayed = "tokens-played",
    }

    /// Whether numbers and abbreviations are spelled out before they are spoken.
    TextNormalization {
        /// Yes.
        On = "on",
        /// When the model needs it.
        Auto = "auto",
        /// No.
        Off = "off",
    }
}

/// What a `recordingStatusCallback` is told.
pub type RecordingEvents = List<RecordingEvent>;
/// What a leg's `statusCallback` is told.
pub type LegEvents = List<LegEvent>;
/// What a conference's `statusCallback` is told.
pub type ConferenceEvents = List<ConferenceEvent>;
/// What a ConversationRelay reports for debugging.
pub type RelayDebugs = List<RelayDebug>;
/// How a dialled conversation is recorded, with leave to do so.
pub type DialRecording = Permitted<DialRecord>;
/// How a conference is recorded, with leave to do so.
pub type ConferenceRecording = Permitted<ConferenceRecord>;
