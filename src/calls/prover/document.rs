//! What can happen to a caller who hears a document: it is run as PROTOCOL.md 2 and 3 say Twilio runs it, with every
//! outcome instead of one.

use super::rule::Rule;
use crate::twiml::{
    Callee, Connect, Dial, Enqueue, Gather, GatherInput, Leg, Noun, Record, Response, Start, Started, Transcription,
    Verb,
};

/// Something that may happen next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// In the words of a path: `key 3`.
    pub label: String,
    /// Where the carrier then goes; empty: to the same document again.
    pub url: String,
    /// What it says there.
    pub fields: Vec<(&'static str, String)>,
    /// Whether the caller, or somebody called, did something.
    pub spoken: bool,
    /// Whether somebody waits for the answer.
    pub heard: bool,
}

/// What tells a leg of a person who is called from the call itself.
const LEG: [(&str, &str); 3] = [
    ("CallSid", "CA00000000000000000000000000000002"),
    ("ParentCallSid", "CA00000000000000000000000000000001"),
    ("Direction", "outbound-dial"),
];

/// Whose call is taken out of a queue.
const WAITS: &str = "CA00000000000000000000000000000003";
/// Seconds after which no caller waits any more.
pub(super) const A_DAY_S: &str = "86400";

/// A document, read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub branches: Vec<Branch>,
    /// The rule that its end breaks, if it ends by accident.
    pub breach: Option<Rule>,
}

/// Runs a document.
pub(super) fn read(document: &Response) -> Reading {
    let mut reading = Reading::default();
    let mut end = End::Open(Rule::DeadEnd);
    for verb in &document.verbs {
        end = reading.verb(verb);
        if matches!(end, End::Decided) {
            break;
        }
    }
    if let End::Open(rule) = end {
        reading.breach = Some(rule);
    }
    reading
}

/// Where a caller stands who has come through a verb.
enum End {
    /// The document is over, on purpose.
    Decided,
    /// What follows is a net: every outcome has somewhere to go already.
    Caught,
    /// Without another verb the call ends; the rule says how that is called.
    Open(Rule),
}

impl Reading {
    fn verb(&mut self, verb: &Verb) -> End {
        let open = End::Open(Rule::DeadEnd);
        match verb {
            Verb::Hangup(_) | Verb::Reject(_) | Verb::Leave(_) => return End::Decided,
            Verb::Redirect(redirect) => {
                self.lead("the document leads on", Some(&redirect.url), &[]);
                return End::Decided;
            }
            Verb::Gather(gather) => return self.gather(gather),
            Verb::Record(record) => self.record(record),
            Verb::Dial(dial) => return self.dial(dial),
            Verb::Connect(connect) => return self.connect(connect),
            Verb::Start(start) => self.start(start),
            Verb::Enqueue(enqueue) => return self.enqueue(enqueue, open),
            Verb::Refer(refer) => return self.waiting("the transfer ends", refer.action.as_deref(), open),
            Verb::Pay(pay) => return self.waiting("the payment ends", pay.action.as_deref(), open),
            Verb::Say(_) | Verb::Play(_) | Verb::PlayDigits(_) | Verb::Pause(_) | Verb::Stop(_) | Verb::Sms(_) => {}
        }
        open
    }

    /// Something the carrier does by itself.
    fn lead(&mut self, label: &str, url: Option<&str>, fields: &[(&'static str, &str)]) {
        self.branch(label, url, fields, (false, true));
    }

    /// Something a person does.
    fn choice(&mut self, label: &str, url: Option<&str>, fields: &[(&'static str, &str)]) {
        self.branch(label, url, fields, (true, true));
    }

    /// Something the carrier reports; nobody hears the answer.
    fn report(&mut self, label: &str, url: Option<&str>, fields: &[(&'static str, &str)]) {
        if url.is_some() {
            self.branch(label, url, fields, (false, false));
        }
    }

    fn branch(&mut self, label: &str, url: Option<&str>, fields: &[(&'static str, &str)], how: (bool, bool)) {
        self.branches.push(Branch {
            label: label.to_owned(),
            url: url.unwrap_or_default().to_owned(),
            fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            spoken: how.0,
            heard: how.1,
        });
    }

    fn waiting(&mut self, label: &str, action: Option<&str>, open: End) -> End {
        match action {
            None => open,
            Some(action) => {
                self.lead(label, Some(action), &[]);
                End::Caught
            }
        }
    }

    fn gather(&mut self, gather: &Gather) -> End {
        let action = gather.action.as_deref();
        let input = gather.input.unwrap_or(GatherInput::Dtmf);
        let caught = gather.action_on_empty_result == Some(true);
        // The plainest first: whoever does nothing gets everywhere.
        if caught {
            self.lead("silence", action, &[("Digits", "")]);
        }
        if input != GatherInput::Speech {
            for key in "0123456789*#".chars().filter(|key| gather.finish_on_key.as_deref() != Some(&key.to_string())) {
                self.choice(&format!("key {key}"), action, &[("Digits", &key.to_string())]);
            }
        }
        if input != GatherInput::Dtmf {
            let hints = gather.hints.as_deref().unwrap_or_default().split(", ").filter(|hint| !hint.is_empty());
            for words in hints.take(100).chain(["something else"]) {
                self.choice(&format!("\"{words}\""), action, &[("SpeechResult", words)]);
            }
        }
        if caught { End::Caught } else { End::Open(Rule::DeadEnd) }
    }

    fn record(&mut self, record: &Record) {
        const FAKE: (&str, &str) = ("RecordingSid", "RE00000000000000000000000000000001");
        let action = record.action.as_deref();
        self.choice("leaves a message", action, &[FAKE, ("RecordingDuration", "7"), ("Digits", "#")]);
        self.choice("presses a key at once", action, &[FAKE, ("RecordingDuration", "0"), ("Digits", "#")]);
        let gone = [FAKE, ("RecordingDuration", "0"), ("Digits", "hangup"), ("CallStatus", "completed")];
        self.report("hangs up", action, &gone);
        let told = record.recording_status_callback.as_deref();
        for status in ["in-progress", "completed", "absent", "failed"] {
            self.report(&format!("recording is {status}"), told, &[FAKE, ("RecordingStatus", status)]);
        }
        for status in ["completed", "failed"] {
            let told = record.transcribe_callback.as_deref();
            self.report(&format!("transcription is {status}"), told, &[("TranscriptionStatus", status)]);
        }
    }

    fn dial(&mut self, dial: &Dial) -> End {
        let told = dial.recording_status_callback.as_deref();
        for status in ["in-progress", "completed", "absent"] {
            let fields = [("RecordingStatus", status), ("RecordingSource", "DialVerb")];
            self.report(&format!("recording is {status}"), told, &fields);
        }
        match &dial.callee {
            Callee::Legs(legs) => legs.as_slice().iter().for_each(|leg| self.leg(leg)),
            Callee::Queue(queue) if queue.url.is_some() => {
                let fields = [("CallSid", WAITS), ("QueueTime", "31"), ("DequeingCallSid", LEG[1].1)];
                self.choice("whoever waits is taken", queue.url.as_deref(), &fields);
            }
            _ => {}
        }
        let Some(action) = dial.action.as_deref() else {
            return End::Open(Rule::DeadEnd);
        };
        let action = Some(action);
        let bridged = [("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialCallDuration", "12")];
        self.choice("they talk, then the other side hangs up", action, &bridged);
        self.report("hangs up", action, &[("DialCallStatus", "completed"), ("CallStatus", "completed")]);
        self.lead("answered by nobody", action, &[("DialCallStatus", "completed"), ("DialBridged", "false")]);
        for status in ["busy", "no-answer", "failed", "canceled"] {
            self.lead(&format!("the dial ends: {status}"), action, &[("DialCallStatus", status)]);
        }
        End::Caught
    }

    /// A caller waits: the carrier asks again and again what he hears, until something lets him go.
    fn enqueue(&mut self, enqueue: &Enqueue, open: End) -> End {
        let size = [("QueuePosition", "1"), ("CurrentQueueSize", "1")];
        for (label, waited) in [("waits", "0"), ("has waited for a day", A_DAY_S)] {
            if enqueue.wait_url.as_deref().is_some_and(|url| !url.is_empty()) {
                let fields = [size[0], size[1], ("QueueTime", waited)];
                self.lead(label, enqueue.wait_url.as_deref(), &fields);
            }
        }
        let Some(action) = enqueue.action.as_deref() else { return open };
        let action = Some(action);
        self.choice(
            "somebody takes the call, then hangs up",
            action,
            &[("QueueResult", "bridged"), ("QueueTime", "31")],
        );
        self.report("hangs up", action, &[("QueueResult", "hangup"), ("CallStatus", "completed")]);
        for result in ["leave", "queue-full", "error", "system-error", "redirected"] {
            self.lead(&format!("the queue lets go: {result}"), action, &[("QueueResult", result), ("QueueTime", "31")]);
        }
        End::Caught
    }

    fn leg(&mut self, leg: &Leg) {
        let (told, whisper) = match leg {
            Leg::Number(number) => (&number.status_callback, &number.url),
            Leg::Sip(sip) => (&sip.status_callback, &sip.url),
            Leg::Client(client) => (&client.status_callback, &client.url),
            Leg::Application(_) | Leg::Sim(_) | Leg::WhatsApp(_) => (&None, &None),
        };
        if whisper.is_some() {
            self.choice("whoever is called picks up", whisper.as_deref(), &LEG);
        }
        for status in ["initiated", "ringing", "in-progress", "completed"] {
            let fields = [("CallStatus", status), ("ParentCallSid", "CA00000000000000000000000000000001")];
            self.report(&format!("leg is {status}"), told.as_deref(), &fields);
        }
    }

    fn connect(&mut self, connect: &Connect) -> End {
        match &connect.noun {
            Noun::Stream(stream) => {
                for event in ["stream-started", "stream-stopped", "stream-error"] {
                    self.report(event, stream.status_callback.as_deref(), &[("StreamEvent", event)]);
                }
            }
            Noun::ConversationRelay(_) => self.relayed(connect.action.as_deref()),
        }
        self.waiting("the stream ends", connect.action.as_deref(), End::Open(Rule::StreamWithoutNext))
    }

    /// The carrier says how a conversation in text ended, unless we told it.
    fn relayed(&mut self, action: Option<&str>) {
        let over = ("SessionStatus", "completed");
        self.report("hangs up", action, &[over, ("CallStatus", "completed")]);
        self.lead("the conversation fails", action, &[("SessionStatus", "failed"), ("ErrorCode", "39001")]);
    }

    fn start(&mut self, start: &Start) {
        for noun in &start.nouns {
            match noun {
                Started::Transcription(transcription) => self.transcription(transcription),
                Started::Stream(stream) => {
                    self.report(
                        "stream-stopped",
                        stream.status_callback.as_deref(),
                        &[("StreamEvent", "stream-stopped")],
                    );
                }
                Started::Recording(_) | Started::Siprec(_) => {}
            }
        }
    }

    fn transcription(&mut self, transcription: &Transcription) {
        let told = transcription.status_callback_url.as_deref();
        let words = [
            ("TranscriptionEvent", "transcription-content"),
            ("TranscriptionData", r#"{"transcript":"Please call me back."}"#),
            ("Final", "true"),
            ("SequenceId", "2"),
        ];
        self.report("words are transcribed", told, &words);
        for event in ["transcription-started", "transcription-stopped", "transcription-error"] {
            self.report(event, told, &[("TranscriptionEvent", event)]);
        }
    }
}
