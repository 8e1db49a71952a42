//! Connect, Start and Stop. Streams are checked, named and reported; their sound is not played by this version.

use super::run::{Fetch, Next, Run};
use super::stage::HungUp;
use super::transcription::{Origin, Transcription};
use crate::simulator::http::Fields;
use crate::simulator::transcript::Actor;
use crate::twiml::{self, Connect, Noun, Start, Started, Stop, Stopped, Stream, StreamTrack};
use std::time::Duration;

/// Twilio's code for a socket nobody opens.
const REFUSED: u32 = 31902;

impl Run<'_, '_> {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "every verb has this shape, and a stream that plays can be hung up on"
    )]
    pub(super) fn connect(&mut self, connect: &Connect) -> Result<Next, HungUp> {
        let extra = match &connect.noun {
            Noun::Stream(stream) => self.leave_out_stream(stream, true),
            Noun::ConversationRelay(_) => {
                self.stage.warn(0, "<ConversationRelay> is not simulated by this version: it counts as failed");
                vec![("SessionStatus", "failed".to_owned()), ("ErrorCode", "64102".to_owned())]
            }
        };
        Ok(match &connect.action {
            Some(action) => Next::Fetch(Fetch::action("connect action", Some(action), connect.method, extra)),
            None => Next::Verb,
        })
    }

    pub(super) fn start(&mut self, start: &Start) {
        for noun in &start.nouns {
            match noun {
                Started::Stream(stream) => drop(self.leave_out_stream(stream, false)),
                Started::Transcription(transcription) => self.start_transcription(transcription),
                Started::Recording(_) => drop(self.not_simulated("Recording")),
                Started::Siprec(_) => drop(self.not_simulated("Siprec")),
            }
        }
    }

    pub(super) fn stop(&mut self, stop: &Stop) {
        for noun in &stop.nouns {
            if let Stopped::StopTranscription(transcription) = noun {
                self.stage.did(Actor::Carrier, "stops transcribing");
                self.stage.stop_transcriptions(transcription.name.as_deref());
            }
        }
    }

    fn start_transcription(&mut self, asked: &twiml::Transcription) {
        self.stage.did(Actor::Carrier, "transcribes from here on");
        let Some(to) = asked.status_callback_url.as_deref().filter(|url| !url.is_empty()) else { return };
        let url = match self.url(to) {
            Ok(url) => url,
            Err(fault) => return self.stage.fail(fault.code, fault.why),
        };
        let origin = Origin {
            account_sid: self.stage.carrier.account_sid.clone(),
            call_sid: self.leg.sid.clone(),
            sid: self.stage.sids.next("GT"),
            url,
        };
        let mut running = Transcription::new(asked, origin);
        let hook = running.started(&self.stage.iso_date(), asked);
        self.stage.later(Duration::ZERO, hook);
        self.stage.transcriptions.push(running);
    }

    /// What Twilio does when the socket cannot be opened: it tells the stream's status callback and goes on.
    fn leave_out_stream(&mut self, stream: &Stream, two_way: bool) -> Fields {
        let url = stream.url.as_deref().unwrap_or_default();
        let (code, why) = match fault(stream, two_way) {
            Some((code, why)) => {
                self.stage.fail(code, format!("{why}: `{url}`"));
                (code, why)
            }
            None => {
                self.stage.warn(0, format!("stream not played by this version: {url}; going on as if it were refused"));
                (REFUSED, "Stream - WebSocket - Connection Refused")
            }
        };
        let sid = self.stage.sids.next("MZ");
        let name = stream.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| sid.clone());
        let named: Fields = vec![("StreamSid", sid), ("StreamName", name)];
        if let Some(to) = stream.status_callback.as_deref().filter(|url| !url.is_empty()) {
            let mut fields: Fields = vec![
                ("AccountSid", self.stage.carrier.account_sid.clone()),
                ("CallSid", self.leg.sid.clone()),
                ("StreamEvent", "stream-error".to_owned()),
                ("StreamError", format!("{code}: {why}")),
                ("StreamErrorCode", code.to_string()),
                ("Timestamp", self.stage.iso_date()),
            ];
            fields.extend(named.clone());
            self.callback("stream status", (to, stream.status_callback_method), fields, Duration::ZERO);
        }
        named
    }
}

/// What Twilio would refuse about a stream before it opens a socket (PROTOCOL.md 3.6 and 4.9).
fn fault(stream: &Stream, two_way: bool) -> Option<(u32, &'static str)> {
    let url = stream.url.as_deref().unwrap_or_default().trim();
    if url.is_empty() {
        return Some((31923, "Stream - malformed URL"));
    }
    if url.contains("://") && !url.starts_with("wss://") {
        return Some((31922, "Stream - the scheme is not wss"));
    }
    if url.contains('?') {
        return Some((31920, "Stream - a stream URL has no query string"));
    }
    let wrong = two_way && stream.track.is_some_and(|track| track != StreamTrack::Inbound);
    wrong.then_some((31941, "Stream - under <Connect> only inbound_track is possible"))
}
