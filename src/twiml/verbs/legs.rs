//! Phones a Dial can ring.

use super::{ApplicationSid, Identity, LegEvents, MachineDetection, Method, SipAddress};
use crate::twiml::xml::{choice, element};

choice! {
    /// One phone.
    Leg { Number, Sip, Client, Application, Sim, WhatsApp }
}

element! {
    /// A telephone number.
    #[derive(Default)]
    Number "Number" [
        /// E.164.
        number: String
    ] {
        /// Keys pressed after the answer; `w` waits half a second.
        send_digits: String = "sendDigits",
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
        /// Trunk of one's own carrier: `BY…`.
        byoc: String = "byoc",
        /// Whether answering machines are recognised.
        machine_detection: MachineDetection = "machineDetection",
        /// Told who or what answered.
        amd_status_callback: String = "amdStatusCallback",
        /// How it is requested (POST).
        amd_status_callback_method: Method = "amdStatusCallbackMethod",
        /// Seconds before detection gives up (30).
        machine_detection_timeout: u32 = "machineDetectionTimeout",
        /// Speech longer than so many milliseconds is a machine's (2400).
        machine_detection_speech_threshold: u32 = "machineDetectionSpeechThreshold",
        /// Milliseconds of silence that end speech (1200).
        machine_detection_speech_end_threshold: u32 = "machineDetectionSpeechEndThreshold",
        /// Milliseconds of first silence before giving up (5000).
        machine_detection_silence_timeout: u32 = "machineDetectionSilenceTimeout",
    }

    /// A SIP address.
    #[derive(Default)]
    Sip "Sip" [
        /// Where, and which headers go along.
        address: SipAddress
    ] {
        /// For the far end's challenge.
        username: String = "username",
        /// For the far end's challenge.
        password: String = "password",
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
        /// Whether answering machines are recognised.
        machine_detection: MachineDetection = "machineDetection",
        /// Told who or what answered.
        amd_status_callback: String = "amdStatusCallback",
        /// How it is requested (POST).
        amd_status_callback_method: Method = "amdStatusCallbackMethod",
        /// Seconds before detection gives up (30).
        machine_detection_timeout: u32 = "machineDetectionTimeout",
        /// Speech longer than so many milliseconds is a machine's (2400).
        machine_detection_speech_threshold: u32 = "machineDetectionSpeechThreshold",
        /// Milliseconds of silence that end speech (1200).
        machine_detection_speech_end_threshold: u32 = "machineDetectionSpeechEndThreshold",
        /// Milliseconds of first silence before giving up (5000).
        machine_detection_silence_timeout: u32 = "machineDetectionSilenceTimeout",
    }

    /// A softphone.
    #[derive(Default)]
    Client "Client" [
        /// Who, and what the phone is told.
        identity: Identity
    ] {
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
    }

    /// A TwiML application, called as if it were a phone.
    #[derive(Default)]
    Application "Application" [
        /// Which, and what it is told.
        application: ApplicationSid
    ] {
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
        /// An id of the customer's.
        customer_id: String = "customerId",
        /// The application sees the parent call's To.
        copy_parent_to: bool = "copyParentTo",
    }

    /// A SIM card of Twilio's.
    #[derive(Default)]
    Sim "Sim" [
        /// Its SID.
        sid: String
    ] {
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
    }

    /// A WhatsApp number.
    #[derive(Default)]
    WhatsApp "WhatsApp" [
        /// E.164.
        number: String
    ] {
        /// A document the callee hears before the two are connected.
        url: String = "url",
        /// How `url` is requested (POST).
        method: Method = "method",
        /// Told how the leg fares.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// What it is told (completed).
        status_callback_event: LegEvents = "statusCallbackEvent",
    }
}

impl Number {
    /// Rings `number`.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: number.into(), ..Self::default() }
    }
}

impl Sip {
    /// Rings a SIP URI; headers may follow it after `?`.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self { address: SipAddress { uri: uri.into(), headers: Vec::new() }, ..Self::default() }
    }
}

impl Client {
    /// Rings the softphone of `identity`.
    #[must_use]
    pub fn new(identity: impl Into<String>) -> Self {
        Self { identity: Identity { name: identity.into(), parameters: Vec::new() }, ..Self::default() }
    }
}
