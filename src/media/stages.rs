//! The life of a stream as types: [`Greeting`] until the carrier says whose stream it is, then [`Started`]. Moving on
//! consumes what was before, so nothing can be said into a stream that has not begun or is over.

use super::counts::Odd;
use super::course::Conversation;
use super::outcome::Over;
use super::talk::{Outgoing, Talk};
use crate::agents::port::Why;
use crate::ledger::StreamNext;
use crate::twilio::relay::{self, Setup};
use crate::twilio::stream::{Incoming, Pen, Received, Start, Track, read};
use crate::world::StreamPass;
use bytes::Bytes;
use std::time::Instant;

/// Nothing is known but the token, and not even that if it did not come with the URL.
#[derive(Debug)]
pub(super) struct Greeting {
    pub pass: Option<StreamPass>,
}

/// What a message of the greeting leads to.
#[derive(Debug)]
pub(super) enum Met {
    /// Go on listening.
    NotYet(Greeting),
    /// The carrier says whose stream it is.
    Begun(Greeting, Box<Start>),
    /// No stream: the carrier hears and speaks, and says whose conversation it is.
    Relayed(Greeting, Box<Setup>),
    /// The call ended before its sound began.
    Over,
}

impl Greeting {
    pub(super) fn hear(self, text: &str) -> Met {
        match read(text).map(|received| received.what) {
            Ok(Incoming::Start(start)) => Met::Begun(self, start),
            Ok(Incoming::Stop) => Met::Over,
            Err(_) => match relay::read(text) {
                Ok(relay::Incoming::Setup(setup)) => Met::Relayed(self, setup),
                _ => Met::NotYet(self),
            },
            // Sound before the start belongs to nobody; what is no message is no reason to hang up.
            Ok(_) => Met::NotYet(self),
        }
    }

    /// Whether a call is the one that the token is for. The wrong one is said in words for the log.
    pub(super) fn fits(pass: &StreamPass, call_sid: &str, account_sid: &str) -> Result<(), &'static str> {
        if call_sid != pass.call.as_str() {
            return Err("the stream is of another call than its token");
        }
        if !pass.account.is_empty() && !account_sid.is_empty() && account_sid != pass.account {
            return Err("the stream is of another account than its token");
        }
        Ok(())
    }
}

/// A conversation on a stream that is known.
pub(super) struct Started {
    pub stream_sid: String,
    pub pen: Pen,
    pub talk: Talk,
}

impl Started {
    /// Takes one text frame.
    pub(super) fn hear(&mut self, text: &str, now: Instant) {
        let received = match read(text) {
            Ok(received) => received,
            Err(_malformed) => return self.talk.course.counts.odd(Odd::Malformed),
        };
        if received.stream_sid.as_ref().is_some_and(|sid| *sid != self.stream_sid) {
            return self.talk.course.counts.odd(Odd::Elsewhere);
        }
        self.take(received, now);
    }

    fn take(&mut self, received: Received<'_>, now: Instant) {
        let talk = &mut self.talk;
        let understood =
            match received.what {
                Incoming::Media { track: Track::Inbound, timestamp, payload } => {
                    if talk.sound(&payload, timestamp, now) { Ok(()) } else { Err(Odd::Malformed) }
                }
                Incoming::Mark(name) => {
                    if talk.mark(&name, now) {
                        Ok(())
                    } else {
                        Err(Odd::Unknown)
                    }
                }
                Incoming::Dtmf(digit) => {
                    talk.key(digit, now);
                    Ok(())
                }
                Incoming::Stop => {
                    talk.end_now(Over::new(StreamNext::Line, Why::CallerHangup, "the caller hung up"), now);
                    Ok(())
                }
                // Our own sound comes back on streams that nobody speaks into; a second start is nobody's.
                Incoming::Media { track: Track::Outbound, .. } | Incoming::Connected => Ok(()),
                Incoming::Start(_) | Incoming::Unknown => Err(Odd::Unknown),
            };
        if let Err(odd) = understood {
            talk.course.counts.odd(odd);
        }
    }

    /// Hands on what waits to be sent, as text, until `put` takes no more.
    pub(super) fn send(&mut self, mut put: impl FnMut(Bytes) -> bool) {
        let Self { pen, talk, .. } = self;
        let sent = talk.out.iter().take_while(|out| put(text(pen, out))).count();
        talk.out.drain(..sent);
    }
}

fn text(pen: &Pen, out: &Outgoing) -> Bytes {
    match out {
        Outgoing::Sound(sound) => pen.media(sound),
        Outgoing::Mark(number) => pen.mark(format_args!("m{number}")),
        Outgoing::Clear => pen.clear(),
    }
}
