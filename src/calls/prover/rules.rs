//! What no document may do.

use super::document::A_DAY_S;
use super::request::{Request, ours};
use crate::calls::calls_for_help;
use crate::calls::voicemail::CARRIER_TRANSCRIBES_S;
use crate::config::line::Line;
use crate::gate::Storage;
use crate::ledger::{ConsentScope, Facts};
use crate::twiml::{Callee, DialRecord, Leg, Noun, Response, Started, Verb};

/// Which consents have been stored on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Consents {
    conversation: bool,
    message: bool,
}

impl Consents {
    /// With the rows of a unit: its own count for its own document, and none that cannot be stored.
    pub(super) fn with(mut self, facts: &Facts, storage: Storage) -> Self {
        let stored = |given: &bool| storage == Storage::Durable || !given;
        for row in facts.consents().iter().filter(|row| stored(&row.given)) {
            match row.scope {
                ConsentScope::Recording => self.conversation = row.given,
                ConsentScope::Voicemail => self.message = row.given,
            }
        }
        self
    }

    /// Distinguishes places that are equal but for what was agreed to.
    pub(super) const fn mark(self) -> &'static str {
        match (self.conversation, self.message) {
            (false, false) => "",
            (true, false) => " c",
            (false, true) => " m",
            (true, true) => " cm",
        }
    }
}

/// Verbs that capture a voice without the row that allows it.
pub(super) fn captures(document: &Response, consents: Consents, storage: Storage) -> Vec<String> {
    let stored = storage == Storage::Durable;
    let mut found = Vec::new();
    let mut demand = |allowed: bool, verb: &str| {
        if !stored {
            found.push(format!("{verb} while nothing can be stored"));
        } else if !allowed {
            found.push(format!("{verb} before a consent row is stored"));
        }
    };
    let any = consents.message || consents.conversation;
    for verb in &document.verbs {
        match verb {
            Verb::Record(_) => demand(any, "<Record> records the caller"),
            Verb::Dial(dial) if dial.record.is_some_and(|mode| *mode != DialRecord::DoNotRecord) => {
                demand(consents.conversation, "<Dial record> records the conversation");
            }
            Verb::Dial(dial) if matches!(&dial.callee, Callee::Conference(room) if room.record.is_some()) => {
                demand(consents.conversation, "<Conference record> records the conversation");
            }
            Verb::Start(start) => start.nouns.iter().for_each(|noun| match noun {
                Started::Transcription(_) => demand(any, "<Transcription> writes down the caller's words"),
                Started::Recording(_) => demand(consents.conversation, "<Recording> records the call"),
                Started::Siprec(_) => demand(consents.conversation, "<Siprec> records the call"),
                Started::Stream(_) => {}
            }),
            _ => {}
        }
    }
    found
}

/// Verbs whose input comes back to the very document that asked for it: pressed, said or recorded, it is for nothing.
pub(super) fn returning(document: &Response) -> Vec<String> {
    let returns = |verb: &Verb| match verb {
        Verb::Gather(gather) => gather.action.is_none().then_some("<Gather>"),
        Verb::Record(record) => record.action.is_none().then_some("<Record>"),
        Verb::Redirect(redirect) => redirect.url.is_empty().then_some("<Redirect>"),
        _ => None,
    };
    let found = document.verbs.iter().filter_map(returns);
    found.map(|verb| format!("{verb} names no URL: whatever the caller does, the same document comes again")).collect()
}

/// Recordings of which we would never learn more.
pub(super) fn untold(document: &Response) -> Vec<String> {
    let silent = |verb: &Verb| match verb {
        Verb::Record(record) => record.recording_status_callback.is_none().then_some("<Record>"),
        Verb::Dial(dial) if dial.record.is_some_and(|mode| *mode != DialRecord::DoNotRecord) => {
            dial.recording_status_callback.is_none().then_some("<Dial record>")
        }
        _ => None,
    };
    let found = document.verbs.iter().filter_map(silent);
    found.map(|verb| format!("{verb} has no status callback: nobody learns when the recording is ready")).collect()
}

/// A caller whom nobody took, and who hears goodbye. While nothing can be stored there is no mailbox to lead to.
pub(super) fn hung_up_on(request: &Request, document: &Response, storage: Storage) -> Option<String> {
    let leads_on = |verb: &Verb| {
        let heard = matches!(verb, Verb::Say(_) | Verb::Play(_) | Verb::Pause(_) | Verb::Stop(_) | Verb::Start(_));
        !heard && !matches!(verb, Verb::Hangup(_) | Verb::Reject(_))
    };
    let dropped = storage == Storage::Durable && request.nobody_came() && !document.verbs.iter().any(leads_on);
    dropped.then(|| "nobody took the call, and the caller is hung up on".to_owned())
}

/// A caller who has waited in a queue for a day, and is still not let go.
pub(super) fn waits_for_ever(request: &Request, document: &Response) -> Option<String> {
    let waits = request.field("QueueTime") == Some(A_DAY_S) && request.field("QueuePosition").is_some();
    let leaves = |verb: &Verb| matches!(verb, Verb::Leave(_) | Verb::Hangup(_));
    let forever = waits && !document.verbs.iter().any(leaves);
    forever.then(|| "whoever waits in the queue waits for ever".to_owned())
}

/// Words that call for help, and a document that rings nobody.
pub(super) fn unheard(line: &Line, request: &Request, document: &Response) -> Option<String> {
    let said = request.field("SpeechResult").filter(|said| calls_for_help(line, said))?;
    let rings = document.verbs.iter().any(|verb| matches!(verb, Verb::Dial(_)));
    (!rings).then(|| format!("\"{said}\" is a call for help, and nobody is rung"))
}

/// Recordings that the carrier is asked to transcribe and will not.
pub(super) fn silent_transcriptions(document: &Response) -> Vec<String> {
    let longest = document.verbs.iter().filter_map(|verb| match verb {
        Verb::Record(record) if record.transcribe == Some(true) => Some(record.max_length.unwrap_or(3600)),
        _ => None,
    });
    longest.filter(|seconds| *seconds > CARRIER_TRANSCRIBES_S).map(too_long).collect()
}

/// Why a message of so many seconds stays without a transcript.
pub(super) fn too_long(seconds: u32) -> String {
    format!(
        "messages of up to {seconds} s go to the carrier's transcription, which takes at most {CARRIER_TRANSCRIBES_S} s \
         and is silent about longer ones"
    )
}

/// URLs that lead to no route of ours.
pub(super) fn strays(document: &Response, public_url: &str) -> Vec<String> {
    let (streams, others): (Vec<_>, Vec<_>) = urls(document).into_iter().partition(|(what, _)| *what == "stream");
    let socket = format!("wss://{}/twilio/ws", public_url.split_once("://").map_or(public_url, |(_, host)| host));
    let stray_stream = |url: &str| !url.starts_with(&socket) || url.contains('?');
    let streams = streams.into_iter().filter(|(_, url)| stray_stream(url));
    let others = others.into_iter().filter(|(_, url)| ours(public_url, url).is_none());
    streams.chain(others).map(|(what, url)| format!("the {what} URL `{url}` is none of our routes")).collect()
}

/// Every URL that the carrier would request with the call's fields; sound files are fetched from anywhere.
fn urls(document: &Response) -> Vec<(&'static str, &str)> {
    let mut urls = Vec::new();
    for verb in &document.verbs {
        of_verb(verb, &mut |what, url| urls.push((what, url)));
    }
    urls
}

fn of_verb<'d>(verb: &'d Verb, add: &mut dyn FnMut(&'static str, &'d str)) {
    let mut each = |what, url: &'d Option<String>| url.iter().for_each(|url| add(what, url));
    match verb {
        Verb::Gather(gather) => {
            each("action", &gather.action);
            each("partialResultCallback", &gather.partial_result_callback);
        }
        Verb::Record(record) => {
            each("action", &record.action);
            each("recordingStatusCallback", &record.recording_status_callback);
            each("transcribeCallback", &record.transcribe_callback);
        }
        Verb::Dial(dial) => {
            each("action", &dial.action);
            each("recordingStatusCallback", &dial.recording_status_callback);
            match &dial.callee {
                Callee::Legs(legs) => legs.as_slice().iter().for_each(|leg| of_leg(leg, add)),
                Callee::Queue(queue) => each("whisper", &queue.url),
                Callee::Bare(_) | Callee::Conference(_) => {}
            }
        }
        Verb::Connect(connect) => {
            each("action", &connect.action);
            match &connect.noun {
                Noun::Stream(stream) => {
                    each("stream", &stream.url);
                    each("statusCallback", &stream.status_callback);
                }
                Noun::ConversationRelay(relay) => each("stream", &relay.url),
            }
        }
        Verb::Enqueue(enqueue) => {
            each("action", &enqueue.action);
            each("wait", &enqueue.wait_url);
        }
        Verb::Start(start) => start.nouns.iter().for_each(|noun| match noun {
            Started::Transcription(transcription) => each("statusCallbackUrl", &transcription.status_callback_url),
            Started::Stream(stream) => each("stream", &stream.url),
            Started::Recording(recording) => each("recordingStatusCallback", &recording.recording_status_callback),
            Started::Siprec(siprec) => each("statusCallback", &siprec.status_callback),
        }),
        Verb::Redirect(redirect) => add("redirect", &redirect.url),
        _ => {}
    }
}

fn of_leg<'d>(leg: &'d Leg, add: &mut dyn FnMut(&'static str, &'d str)) {
    let (url, status) = match leg {
        Leg::Number(number) => (&number.url, &number.status_callback),
        Leg::Sip(sip) => (&sip.url, &sip.status_callback),
        Leg::Client(client) => (&client.url, &client.status_callback),
        Leg::Application(_) | Leg::Sim(_) | Leg::WhatsApp(_) => return,
    };
    url.iter().for_each(|url| add("whisper", url));
    status.iter().for_each(|url| add("statusCallback", url));
}
