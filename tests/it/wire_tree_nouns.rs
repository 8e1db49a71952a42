//! The part of any document that stands inside Dial, Enqueue, Connect and Start.

use super::wire_tree::Choices;
use switchboard::twiml::*;

impl Choices {
    pub(crate) fn leg(&mut self) -> Leg {
        match self.byte() % 6 {
            0 => self.number().into(),
            1 => self.sip().into(),
            2 => self.client().into(),
            3 => self.application().into(),
            4 => self.sim().into(),
            _ => self.whatsapp().into(),
        }
    }

    fn number(&mut self) -> Number {
        Number {
            number: self.any(),
            send_digits: self.any(),
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
            byoc: self.any(),
            machine_detection: self.any(),
            amd_status_callback: self.any(),
            amd_status_callback_method: self.any(),
            machine_detection_timeout: self.any(),
            machine_detection_speech_threshold: self.any(),
            machine_detection_speech_end_threshold: self.any(),
            machine_detection_silence_timeout: self.any(),
        }
    }

    fn sip(&mut self) -> Sip {
        Sip {
            address: SipAddress { uri: self.any(), headers: self.some(2, Self::pair) },
            username: self.any(),
            password: self.any(),
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
            machine_detection: self.any(),
            amd_status_callback: self.any(),
            amd_status_callback_method: self.any(),
            machine_detection_timeout: self.any(),
            machine_detection_speech_threshold: self.any(),
            machine_detection_speech_end_threshold: self.any(),
            machine_detection_silence_timeout: self.any(),
        }
    }

    fn client(&mut self) -> Client {
        Client {
            identity: Identity { name: self.any(), parameters: self.some(2, Self::pair) },
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
        }
    }

    fn application(&mut self) -> Application {
        Application {
            application: ApplicationSid { sid: self.any(), parameters: self.some(2, Self::pair) },
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
            customer_id: self.any(),
            copy_parent_to: self.any(),
        }
    }

    fn sim(&mut self) -> Sim {
        Sim {
            sid: self.any(),
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
        }
    }

    fn whatsapp(&mut self) -> WhatsApp {
        WhatsApp {
            number: self.any(),
            url: self.any(),
            method: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            status_callback_event: self.any(),
        }
    }

    pub(crate) fn conference(&mut self) -> Conference {
        Conference {
            room: self.any(),
            muted: self.any(),
            beep: self.any(),
            start_conference_on_enter: self.any(),
            end_conference_on_exit: self.any(),
            participant_label: self.any(),
            jitter_buffer_size: self.any(),
            wait_url: self.any(),
            wait_method: self.any(),
            max_participants: self.any(),
            record: self.any(),
            region: self.any(),
            trim: self.any(),
            coach: self.any(),
            status_callback: self.any(),
            status_callback_event: self.any(),
            status_callback_method: self.any(),
            recording_status_callback: self.any(),
            recording_status_callback_method: self.any(),
            recording_status_callback_event: self.any(),
            event_callback_url: self.any(),
            recording_configuration_id: self.any(),
        }
    }

    pub(crate) fn queue(&mut self) -> Queue {
        Queue {
            name: self.any(),
            url: self.any(),
            method: self.any(),
            reservation_sid: self.any(),
            post_work_activity_sid: self.any(),
        }
    }

    pub(crate) fn enqueue(&mut self) -> Enqueue {
        let waiting = if self.flip() {
            Waiting::Queue(self.any())
        } else {
            Waiting::Task(Task { attributes: self.any(), priority: self.any(), timeout: self.any() })
        };
        Enqueue {
            waiting,
            action: self.any(),
            method: self.any(),
            wait_url: self.any(),
            wait_url_method: self.any(),
            workflow_sid: self.any(),
            max_queue_size: self.any(),
        }
    }

    pub(crate) fn connect(&mut self) -> Connect {
        let noun = if self.flip() { self.stream().into() } else { self.relay().into() };
        Connect { noun, action: self.any(), method: self.any() }
    }

    fn stream(&mut self) -> Stream {
        Stream {
            parameters: self.some(3, Self::pair),
            url: self.any(),
            name: self.any(),
            track: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            connector_name: self.any(),
        }
    }

    pub(crate) fn pair(&mut self) -> Parameter {
        Parameter { name: self.any(), value: self.any() }
    }

    fn relay(&mut self) -> ConversationRelay {
        ConversationRelay {
            nouns: self.some(3, Self::relay_noun),
            url: self.any(),
            welcome_greeting: self.any(),
            welcome_greeting_interruptible: self.any(),
            language: self.any(),
            tts_language: self.any(),
            tts_provider: self.any(),
            voice: self.any(),
            transcription_language: self.any(),
            transcription_provider: self.any(),
            speech_model: self.any(),
            interruptible: self.any(),
            interrupt_sensitivity: self.any(),
            dtmf_detection: self.any(),
            report_input_during_agent_speech: self.any(),
            preemptible: self.any(),
            hints: self.any(),
            debug: self.any(),
            elevenlabs_text_normalization: self.any(),
            intelligence_service: self.any(),
            profanity_filter: self.any(),
            partial_prompts: self.any(),
        }
    }

    fn relay_noun(&mut self) -> RelayNoun {
        if self.flip() {
            return self.pair().into();
        }
        let (code, tts_provider, voice) = (self.any(), self.any(), self.any());
        Language { code, tts_provider, voice, transcription_provider: self.any(), speech_model: self.any() }.into()
    }

    pub(crate) fn start(&mut self) -> Start {
        Start { nouns: self.some(3, Self::started), action: self.any(), method: self.any() }
    }

    fn started(&mut self) -> Started {
        match self.byte() % 4 {
            0 => self.stream().into(),
            1 => self.permit().to(self.transcription()).into(),
            2 => self.permit().to(self.recording()).into(),
            _ => self.permit().to(self.siprec()).into(),
        }
    }

    fn transcription(&mut self) -> Transcription {
        Transcription {
            settings: TranscriptionSettings { config: self.some(2, Self::pair), parameters: self.some(2, Self::pair) },
            name: self.any(),
            status_callback_url: self.any(),
            status_callback_method: self.any(),
            language_code: self.any(),
            track: self.any(),
            inbound_track_label: self.any(),
            outbound_track_label: self.any(),
            transcription_engine: self.any(),
            speech_model: self.any(),
            enable_provider_data: self.any(),
            profanity_filter: self.any(),
            partial_results: self.any(),
            hints: self.any(),
            enable_automatic_punctuation: self.any(),
            intelligence_service: self.any(),
            conversation_configuration: self.any(),
            conversation_id: self.any(),
        }
    }

    fn recording(&mut self) -> Recording {
        Recording {
            name: self.any(),
            recording_status_callback: self.any(),
            recording_status_callback_method: self.any(),
            recording_status_callback_event: self.any(),
            trim: self.any(),
            track: self.any(),
            channels: self.any(),
            recording_configuration_id: self.any(),
        }
    }

    fn siprec(&mut self) -> Siprec {
        Siprec {
            parameters: self.some(2, Self::pair),
            name: self.any(),
            connector_name: self.any(),
            track: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
        }
    }
}
