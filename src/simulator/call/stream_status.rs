//! What a stream is called, and who is told how it fares (PROTOCOL.md 4.8 and 4.9).

use super::hook::Hook;
use super::run::Run;
use super::stage::Stage;
use super::streaming::StreamStatus;
use crate::simulator::http::{Fault, Fields};
use crate::simulator::masked::masked;
use crate::simulator::stream::Names;
use crate::twiml::{Method, Stream, StreamTrack};
use std::time::Duration;

impl Run<'_, '_> {
    pub(super) fn stream_status(&mut self, stream: &Stream) -> StreamStatus {
        let stream_sid = self.stage.sids.next("MZ");
        let name = stream.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| stream_sid.clone());
        let callback = match stream.status_callback.as_deref().filter(|url| !url.is_empty()).map(|url| self.url(url)) {
            Some(Ok(url)) => Some((url, stream.status_callback_method.unwrap_or(Method::Post))),
            Some(Err(fault)) => {
                self.stage.fail(fault.code, fault.why);
                None
            }
            None => None,
        };
        let account_sid = self.stage.carrier.account_sid.clone();
        let names = Names { account_sid, call_sid: self.leg.sid.clone(), stream_sid };
        StreamStatus { names, name, url: stream.url.as_deref().unwrap_or_default().trim().to_owned(), callback }
    }
}

impl Stage<'_> {
    /// Tells a stream's status callback that it started or stopped.
    pub(super) fn tell(&mut self, status: &StreamStatus, event: &str) {
        self.tell_stream(status, vec![("StreamEvent", event.to_owned())]);
    }

    /// Tells it that the stream failed.
    pub(super) fn tell_failure(&mut self, status: &StreamStatus, Fault { code, why, .. }: &Fault) {
        let event = ("StreamEvent", "stream-error".to_owned());
        self.tell_stream(
            status,
            vec![event, ("StreamError", format!("{code}: {why}")), ("StreamErrorCode", code.to_string())],
        );
    }

    fn tell_stream(&mut self, status: &StreamStatus, event: Fields) {
        let Some((url, method)) = status.callback.clone() else { return };
        let Names { account_sid, call_sid, .. } = status.names.clone();
        let mut fields: Fields = vec![("AccountSid", account_sid), ("CallSid", call_sid)];
        fields.extend(status.named());
        fields.extend(event);
        fields.push(("Timestamp", self.iso_date()));
        self.later(Duration::ZERO, Hook { purpose: "stream status", method, url, fields });
    }
}

/// What Twilio would refuse about a stream before it opens a socket (PROTOCOL.md 3.6 and 4.9).
pub(super) fn refusal(stream: &Stream, both_ways: bool) -> Option<Fault> {
    let url = stream.url.as_deref().unwrap_or_default().trim();
    let fault = |code, why: &str| Some(Fault::new(code, format!("Stream - {why}: `{}`", masked(url))));
    if url.is_empty() {
        return fault(31923, "malformed URL");
    }
    if !url.starts_with("wss://") {
        return fault(31922, "the scheme is not wss");
    }
    if url.contains('?') {
        return fault(31920, "a stream URL has no query string");
    }
    if both_ways && stream.track.is_some_and(|track| track != StreamTrack::Inbound) {
        return fault(31941, "under <Connect> only inbound_track is possible");
    }
    None
}
