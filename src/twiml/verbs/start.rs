//! Start and Stop: what runs beside the call.

use super::{Channels, Method, Parameter, RecordingEvents, RecordingTrack, Stream, StreamTrack, Trim};
use crate::twiml::Permitted;
use crate::twiml::xml::{Body, Child, Element, Node, Notes, Xml, choice, element, write_all};

choice! {
    /// What can run beside a call.
    Started {
        Stream, Transcription as Permitted<Transcription>, Recording as Permitted<Recording>, Siprec as Permitted<Siprec>,
    }
}

choice! {
    /// What can be stopped.
    Stopped { StopStream, StopTranscription, StopRecording, StopSiprec }
}

element! {
    /// Starts something beside the call; the next verb runs at once, and without one the call ends.
    #[derive(Default)]
    Start "Start" [
        /// What.
        nouns: Vec<Started>
    ] {
        /// In Twilio's builders, undocumented.
        action: String = "action",
        /// In Twilio's builders, undocumented.
        method: Method = "method",
    }

    /// Stops what `<Start>` started.
    #[derive(Default)]
    Stop "Stop" [
        /// What.
        nouns: Vec<Stopped>
    ] {}

    /// Writes down what is said as it is said (PROTOCOL.md 6).
    #[derive(Default)]
    Transcription "Transcription" [
        /// The recogniser's own settings, and what the callback is told.
        settings: TranscriptionSettings
    ] {
        /// Unique in the call.
        name: String = "name",
        /// Told what is said; absolute.
        status_callback_url: String = "statusCallbackUrl",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// BCP 47 (en-US).
        language_code: String = "languageCode",
        /// Whose words (both_tracks).
        track: StreamTrack = "track",
        /// What the inbound side is called.
        inbound_track_label: String = "inboundTrackLabel",
        /// What the outbound side is called.
        outbound_track_label: String = "outboundTrackLabel",
        /// `google`, `deepgram`.
        transcription_engine: String = "transcriptionEngine",
        /// The engine's name of it (telephony).
        speech_model: String = "speechModel",
        /// Pass on the engine's own words (false).
        enable_provider_data: bool = "enableProviderData",
        /// Swear words become asterisks (true).
        profanity_filter: bool = "profanityFilter",
        /// Report words as they come (false).
        partial_results: bool = "partialResults",
        /// Expected phrases, separated by commas.
        hints: String = "hints",
        /// Commas and full stops (true).
        enable_automatic_punctuation: bool = "enableAutomaticPunctuation",
        /// Conversational Intelligence service.
        intelligence_service: String = "intelligenceService",
        /// A stored configuration.
        conversation_configuration: String = "conversationConfiguration",
        /// The conversation it belongs to.
        conversation_id: String = "conversationId",
    }

    /// Records the call beside whatever else it does.
    #[derive(Default)]
    Recording "Recording" {
        /// Unique in the call.
        name: String = "name",
        /// Told what becomes of it.
        recording_status_callback: String = "recordingStatusCallback",
        /// How it is requested (POST).
        recording_status_callback_method: Method = "recordingStatusCallbackMethod",
        /// What it is told (completed).
        recording_status_callback_event: RecordingEvents = "recordingStatusCallbackEvent",
        /// Whether silence is cut off (trim-silence).
        trim: Trim = "trim",
        /// Which side (both).
        track: RecordingTrack = "track",
        /// One channel or two (dual).
        channels: Channels = "channels",
        /// A stored configuration.
        recording_configuration_id: String = "recordingConfigurationId",
    }

    /// Sends the sound to a SIPREC recorder.
    #[derive(Default)]
    Siprec "Siprec" [
        /// What the recorder is told.
        parameters: Vec<Parameter>
    ] {
        /// Unique in the call.
        name: String = "name",
        /// The recorder.
        connector_name: String = "connectorName",
        /// Which side (inbound_track).
        track: StreamTrack = "track",
        /// Told how it fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
    }

    /// Which stream to stop.
    #[derive(Default)]
    StopStream "Stream" {
        /// Its name.
        name: String = "name",
    }

    /// Which transcription to stop.
    #[derive(Default)]
    StopTranscription "Transcription" {
        /// Its name.
        name: String = "name",
    }

    /// Which recording to stop.
    #[derive(Default)]
    StopRecording "Recording" {
        /// Its name.
        name: String = "name",
    }

    /// Which SIPREC session to stop.
    #[derive(Default)]
    StopSiprec "Siprec" {
        /// Its name.
        name: String = "name",
    }
}

/// What stands in a Transcription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptionSettings {
    /// `<Config>`: the recogniser's own settings.
    pub config: Vec<Parameter>,
    /// `<Parameter>`: what the callback is told.
    pub parameters: Vec<Parameter>,
}

impl Start {
    /// Starts `noun`.
    #[must_use]
    pub fn new(noun: impl Into<Started>) -> Self {
        Self { nouns: vec![noun.into()], ..Self::default() }
    }
}

impl Stop {
    /// Stops `noun`.
    #[must_use]
    pub fn new(noun: impl Into<Stopped>) -> Self {
        Self { nouns: vec![noun.into()] }
    }
}

impl Body for TranscriptionSettings {
    fn is_empty(&self) -> bool {
        self.config.is_empty() && self.parameters.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        for Parameter { name, value } in &self.config {
            xml.pair("Config", name, value);
        }
        write_all(&self.parameters, xml);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut settings = Self::default();
        for child in node.take_children() {
            match child {
                Child::Node(mut pair) if pair.name == "Config" => {
                    settings.config.extend(Parameter::read(&mut pair, notes))
                }
                Child::Node(mut pair) if Parameter::claims(&pair) => {
                    settings.parameters.extend(Parameter::read(&mut pair, notes))
                }
                stranger => notes.not_in(node, &stranger),
            }
        }
        Some(settings)
    }
}
