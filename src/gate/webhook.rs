//! A verified webhook, as a decision sees it.

use crate::base::Time;
use crate::ledger::{Key, StreamEnd};
use crate::twilio::form::Form;

/// A webhook whose signature fits: decoded once, with everything a pure decision may look at.
#[derive(Clone, Debug)]
pub struct Webhook<'a> {
    /// Which route of CONTRACT.md 4 it came in by.
    pub route: Route,
    /// Our own state: the decoded query of the URL we handed out (`v`, `n`, …). For a GET, Twilio's fields
    /// are in here too; ours are lower case, Twilio's are not.
    pub state: &'a Form<'a>,
    /// Twilio's fields: the body's, or the query's for a GET.
    pub fields: &'a Form<'a>,
    /// When it arrived.
    pub at: Time,
    /// Its idempotency key.
    pub key: Key,
    /// Whether what is decided can be stored.
    pub storage: Storage,
    /// `I-Twilio-Idempotency-Token`, evidence only.
    pub carrier_token: Option<&'a str>,
    /// It came by GET: answered, and the operator is told to use POST.
    pub by_get: bool,
    /// Of a stream that ended: how, if it is known.
    pub end: Option<&'a StreamEnd>,
}

impl Webhook<'_> {
    /// Whether a call comes in: a voice webhook by the URL that the carrier was given, and not by one of our answers.
    #[must_use]
    pub fn opens_a_call(&self) -> bool {
        self.route == Route::Voice && self.state.get("v").is_none()
    }

    /// Whether somebody hears the answer. Routes where a caller may be on the line also take reports about what
    /// happened there; and nobody listens to the answer to a text.
    #[must_use]
    pub fn somebody_listens(&self) -> bool {
        match self.route {
            Route::Recording => self.fields.get("RecordingStatus").is_none(),
            Route::Stream => self.fields.get("StreamEvent").is_none(),
            Route::Sms => false,
            route => !route.is_status_kind(),
        }
    }
}

/// Whether what is decided can be stored. Without storage there is no recording and no transcription verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// It can.
    Durable,
    /// The database is away and there is no spool.
    Lost,
}

/// Twilio's side of CONTRACT.md 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// A call comes in.
    Voice,
    /// Keys were pressed or words were said, or nothing.
    Dtmf,
    /// A dialled leg ended.
    Dial,
    /// The caller is sent to voicemail.
    Voicemail,
    /// A recording ended (action) or is ready (status callback).
    Recording,
    /// A transcript is ready; real-time transcription events.
    Transcription,
    /// The call's state changed.
    Status,
    /// The person called is asked to press 1.
    Screen,
    /// A stream started, stopped or failed, or `<Connect>` ended.
    Stream,
    /// Queue events.
    Queue,
    /// Conference events.
    Conference,
    /// The primary URL failed.
    Fallback,
    /// A text came in.
    Sms,
}

impl Route {
    /// All routes.
    pub const ALL: [Self; 13] = [
        Self::Voice,
        Self::Dtmf,
        Self::Dial,
        Self::Voicemail,
        Self::Recording,
        Self::Transcription,
        Self::Status,
        Self::Screen,
        Self::Stream,
        Self::Queue,
        Self::Conference,
        Self::Fallback,
        Self::Sms,
    ];

    /// Last part of the path: `/twilio/{name}`; also the `kind` of the timeline row and the metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Dtmf => "dtmf",
            Self::Dial => "dial",
            Self::Voicemail => "voicemail",
            Self::Recording => "recording",
            Self::Transcription => "transcription",
            Self::Status => "status",
            Self::Screen => "screen",
            Self::Stream => "stream",
            Self::Queue => "queue",
            Self::Conference => "conference",
            Self::Fallback => "fallback",
            Self::Sms => "sms",
        }
    }

    /// Whether Twilio ignores the body of the answer, whatever the fields say.
    #[must_use]
    pub const fn is_status_kind(self) -> bool {
        matches!(self, Self::Transcription | Self::Status | Self::Conference)
    }
}
