//! Any document: every struct of the type tree with every field spelled out, so that a new attribute does not compile
//! until it is tested too. Choices come from a list of bytes, which proptest makes and shrinks; when it runs out,
//! everything is absent.

use switchboard::twiml::*;

/// Texts are made of these: all that needs care in XML, and a little that does not.
const NASTY: [&str; 24] = [
    "a",
    "Z",
    "0",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "<",
    ">",
    "&",
    "\"",
    "'",
    "]]>",
    "<!--",
    "&amp;",
    "&#10;",
    "\u{e9}",
    "\u{1f389}",
    "\u{fffd}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
];

/// A source of choices.
pub(crate) struct Choices(std::vec::IntoIter<u8>);

/// A value that can be chosen.
pub(crate) trait Pick {
    fn pick(from: &mut Choices) -> Self;
}

impl Choices {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_iter())
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.0.next().unwrap_or(0)
    }

    pub(crate) fn flip(&mut self) -> bool {
        self.byte().is_multiple_of(2)
    }

    pub(crate) fn any<T: Pick>(&mut self) -> T {
        T::pick(self)
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    pub(crate) fn some<T>(&mut self, most: u8, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.byte() % (most + 1);
        (0..count).map(|_| make(self)).collect()
    }

    pub(crate) fn response(&mut self) -> Response {
        Response { verbs: self.some(5, Self::verb) }
    }

    pub(crate) fn permit(&self) -> Permit {
        #[expect(clippy::disallowed_methods, reason = "a document that is only compared")]
        Permit::minted_by_the_ledger()
    }

    fn verb(&mut self) -> Verb {
        match self.byte() % 18 {
            0 => Hangup {}.into(),
            1 => self.say().into(),
            2 => self.play().into(),
            3 => PlayDigits { digits: Some(self.any()), loops: self.any() }.into(),
            4 => self.pause().into(),
            5 => self.gather().into(),
            6 => self.permit().to(self.record()).into(),
            7 => self.dial().into(),
            8 => Redirect { url: self.any(), method: self.any() }.into(),
            9 => Reject { reason: self.any() }.into(),
            10 => Leave {}.into(),
            11 => self.enqueue().into(),
            12 => self.connect().into(),
            13 => self.start().into(),
            14 => Stop { nouns: self.some(3, Self::stopped) }.into(),
            15 => self.refer().into(),
            16 => self.pay().into(),
            _ => self.sms().into(),
        }
    }

    fn say(&mut self) -> Say {
        Say { speech: self.speech(3), voice: self.any(), language: self.any(), loops: self.any() }
    }

    fn play(&mut self) -> Play {
        Play { url: self.any(), loops: self.any() }
    }

    fn pause(&mut self) -> Pause {
        Pause { length: self.any() }
    }

    fn prompted(&mut self) -> Prompted {
        match self.byte() % 3 {
            0 => self.pause().into(),
            1 => self.say().into(),
            _ => self.play().into(),
        }
    }

    /// Speech in which no two texts stand side by side and none is empty: XML could not tell.
    fn speech(&mut self, depth: u8) -> Vec<Speech> {
        let mut speech: Vec<Speech> = Vec::new();
        for _ in 0..self.byte() % 4 {
            let next = self.markup(depth);
            match (&next, speech.last()) {
                (Speech::Text(_), Some(Speech::Text(_))) => {}
                (Speech::Text(text), _) if text.is_empty() => {}
                _ => speech.push(next),
            }
        }
        speech
    }

    fn markup(&mut self, depth: u8) -> Speech {
        let inner = |choices: &mut Self| if depth == 0 { Vec::new() } else { choices.speech(depth - 1) };
        match self.byte() % 11 {
            0 => Break { strength: self.any(), time: self.any() }.into(),
            1 => Emphasis { speech: inner(self), level: self.any() }.into(),
            2 => Lang { speech: inner(self), language: self.any() }.into(),
            3 => Paragraph { speech: inner(self) }.into(),
            4 => Phoneme { text: self.any(), alphabet: self.any(), sounds: self.any() }.into(),
            5 => Prosody { speech: inner(self), volume: self.any(), rate: self.any(), pitch: self.any() }.into(),
            6 => Sentence { speech: inner(self) }.into(),
            7 => SayAs { text: self.any(), interpret_as: self.any(), format: self.any() }.into(),
            8 => Sub { text: self.any(), alias: self.any() }.into(),
            9 => Word { speech: inner(self), role: self.any() }.into(),
            _ => Speech::Text(self.any()),
        }
    }

    fn gather(&mut self) -> Gather {
        Gather {
            prompts: self.some(3, Self::prompted),
            action: self.any(),
            method: self.any(),
            input: self.any(),
            timeout: self.any(),
            num_digits: self.any(),
            finish_on_key: self.any(),
            action_on_empty_result: self.any(),
            speech_timeout: self.any(),
            speech_model: self.any(),
            language: self.any(),
            hints: self.any(),
            profanity_filter: self.any(),
            enhanced: self.any(),
            partial_result_callback: self.any(),
            partial_result_callback_method: self.any(),
            barge_in: self.any(),
            max_speech_time: self.any(),
            debug: self.any(),
        }
    }

    fn record(&mut self) -> Record {
        Record {
            action: self.any(),
            method: self.any(),
            timeout: self.any(),
            finish_on_key: self.any(),
            max_length: self.any(),
            play_beep: self.any(),
            trim: self.any(),
            recording_status_callback: self.any(),
            recording_status_callback_method: self.any(),
            recording_status_callback_event: self.any(),
            transcribe: self.any(),
            transcribe_callback: self.any(),
            recording_configuration_id: self.any(),
        }
    }

    fn dial(&mut self) -> Dial {
        Dial {
            callee: self.callee(),
            action: self.any(),
            method: self.any(),
            timeout: self.any(),
            time_limit: self.any(),
            caller_id: self.any(),
            hangup_on_star: self.any(),
            answer_on_bridge: self.any(),
            record: self.any(),
            trim: self.any(),
            recording_status_callback: self.any(),
            recording_status_callback_method: self.any(),
            recording_status_callback_event: self.any(),
            recording_track: self.any(),
            recording_configuration_id: self.any(),
            ring_tone: self.any(),
            sequential: self.any(),
            refer_url: self.any(),
            refer_method: self.any(),
            call_reason: self.any(),
        }
    }

    fn callee(&mut self) -> Callee {
        match self.byte() % 4 {
            // White space around a bare number is not kept.
            0 => Callee::Bare(self.any::<String>().trim().to_owned()),
            1 => self.conference().into(),
            2 => self.queue().into(),
            _ => {
                let mut legs = self.some(9, Self::leg);
                legs.push(self.leg());
                Legs::new(legs).expect("one to ten").into()
            }
        }
    }

    fn stopped(&mut self) -> Stopped {
        match self.byte() % 4 {
            0 => StopStream { name: self.any() }.into(),
            1 => StopTranscription { name: self.any() }.into(),
            2 => StopRecording { name: self.any() }.into(),
            _ => StopSiprec { name: self.any() }.into(),
        }
    }

    fn refer(&mut self) -> Refer {
        Refer { target: ReferSip { uri: self.any() }.into(), action: self.any(), method: self.any() }
    }

    fn pay(&mut self) -> Pay {
        Pay {
            nouns: self.some(2, Self::pay_noun),
            input: self.any(),
            action: self.any(),
            bank_account_type: self.any(),
            status_callback: self.any(),
            status_callback_method: self.any(),
            timeout: self.any(),
            max_attempts: self.any(),
            security_code: self.any(),
            postal_code: self.any(),
            min_postal_code_length: self.any(),
            payment_connector: self.any(),
            payment_method: self.any(),
            token_type: self.any(),
            charge_amount: self.any(),
            currency: self.any(),
            description: self.any(),
            valid_card_types: self.any(),
            language: self.any(),
        }
    }

    fn pay_noun(&mut self) -> PayNoun {
        if self.flip() {
            return self.pair().into();
        }
        let prompts = self.some(2, Self::prompted);
        let (step, error_type, card_type) = (self.any(), self.any(), self.any());
        Prompt { prompts, step, error_type, card_type, attempt: self.any(), require_matching_inputs: self.any() }.into()
    }

    fn sms(&mut self) -> Sms {
        let (text, to, from, action) = (self.any(), self.any(), self.any(), self.any());
        Sms { text, to, from, action, method: self.any(), status_callback: self.any() }
    }
}

impl<T: Pick> Pick for Option<T> {
    fn pick(from: &mut Choices) -> Self {
        (from.byte() % 3 == 1).then(|| from.any())
    }
}

impl Pick for String {
    fn pick(from: &mut Choices) -> Self {
        (0..from.byte() % 5).map(|_| from.one(&NASTY)).collect()
    }
}

impl Pick for u32 {
    fn pick(from: &mut Choices) -> Self {
        from.one(&[0, 1, 20, 14_400, Self::MAX])
    }
}

impl Pick for bool {
    fn pick(from: &mut Choices) -> Self {
        from.flip()
    }
}

impl Pick for SpeechTimeout {
    fn pick(from: &mut Choices) -> Self {
        if from.flip() { Self::Auto } else { Self::Seconds(from.any()) }
    }
}

impl<W: Pick> Pick for List<W> {
    fn pick(from: &mut Choices) -> Self {
        Self::from(from.some(4, W::pick))
    }
}

impl<M: Pick> Pick for Permitted<M> {
    fn pick(from: &mut Choices) -> Self {
        let mode = from.any();
        from.permit().to(mode)
    }
}

macro_rules! pick_a_word {
    ($($set:ty),*) => { $(impl Pick for $set { fn pick(from: &mut Choices) -> Self { from.one(Self::ALL) } })* };
}
pick_a_word!(
    Method,
    RejectReason,
    GatherInput,
    Trim,
    RecordingEvent,
    LegEvent,
    ConferenceEvent,
    DialRecord,
    ConferenceRecord,
    RecordingTrack,
    Channels,
    StreamTrack,
    Beep,
    JitterBuffer,
    MachineDetection,
    Interruption,
    Sensitivity,
    RelayDebug,
    TextNormalization
);
