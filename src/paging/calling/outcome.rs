//! What an answer to our INVITE leads to, and the answer to our BYE.

use super::call::{Call, Owner, Stage, Talk, destination};
use super::core::{Core, Timer};
use super::dialog::Dialog;
use crate::rtp::payload;
use crate::sip::sdp::{Agreed, Encoding, Offer, Unacceptable};
use crate::sip::session::Interval;
use crate::sip::{Ask, News, Response};
use std::time::Instant;

impl Core {
    /// An answer to the INVITE named `key` of a call.
    pub(super) fn outcome(&mut self, id: &str, key: &str, (response, news): (&Response, News), now: Instant) {
        match (news, response.code) {
            (News::Provisional, code) => self.provisional(id, key, code, now),
            (_, 200..300) => self.answered(id, key, (response, news), now),
            (News::Final, 401 | 407) => self.challenged(id, response, now),
            (News::Final, code) => self.forget(id, &refusal(code)),
            (News::Copy, _) => {}
        }
    }

    /// Early sound is nothing to us: we speak.
    fn provisional(&mut self, id: &str, key: &str, code: u16, now: Instant) {
        match self.calls.get_mut(id).map(|call| &mut call.stage) {
            Some(Stage::Calling(rings)) => *rings |= code > 100,
            Some(Stage::Dropped) => self.cancel(key, now),
            _ => {}
        }
    }

    fn answered(&mut self, id: &str, key: &str, (response, news): (&Response, News), now: Instant) {
        let (Some(call), Some(client)) = (self.calls.get_mut(id), self.clients.get(key)) else { return };
        let invite = client.asking.ask().clone();
        let Some(dialog) = Dialog::of(&invite, response, call.way) else {
            return self.forget(id, "its answer does not say whose it is");
        };
        let (same, waits) = match &call.stage {
            Stage::Talking(talk) => (talk.dialog.their_tag == dialog.their_tag, false),
            Stage::Leaving(leaving) => (leaving.their_tag == dialog.their_tag, false),
            Stage::Calling(_) | Stage::Dropped => (news == News::Final, true),
        };
        self.acknowledge(&dialog, invite.cseq);
        match (waits, same) {
            (true, true) => self.connected(id, dialog, (&invite, response), now),
            (false, true) => {}
            // Two speakers behind one address: one of them is enough.
            _ => {
                let mut other = dialog;
                let (bye, way) = (other.ask("BYE"), other.way);
                self.ask("", bye, way, now);
            }
        }
    }

    /// The ACK of a 2xx: sent once for each that comes.
    fn acknowledge(&mut self, dialog: &Dialog, cseq: u32) {
        let branch = self.names.branch();
        let bytes = dialog.ack(cseq).write(dialog.way.us, dialog.way.target, &branch);
        self.out.push((dialog.way, bytes));
    }

    fn connected(&mut self, id: &str, dialog: Dialog, (invite, response): (&Ask, &Response), now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        call.answers.accepted();
        let dropped = matches!(call.stage, Stage::Dropped);
        let read = agreed(call, response);
        let encoding = read.as_ref().map_or(Encoding::Pcmu, |agreed| agreed.encoding);
        call.stage = Stage::Talking(Box::new(Talk {
            dialog,
            encoding,
            to: read.as_ref().ok().and_then(destination),
            said: invite.sdp.clone().unwrap_or_default(),
            waiting: None,
            session: theirs(response).map(|interval| (interval, now + interval.due())),
        }));
        match read {
            // It answered behind our back, while our CANCEL was on its way.
            _ if dropped => self.end(id, now),
            Err(why) => {
                call.fail(&why.to_string());
                self.end(id, now);
            }
            Ok(_) => {
                if let Owner::Waits(ticket, join) = std::mem::replace(&mut call.owner, Owner::Nobody) {
                    call.until = None;
                    call.belong(ticket, join);
                }
                let next = call.next();
                self.remind(next, Timer::Call(id.to_owned()));
            }
        }
    }

    fn challenged(&mut self, id: &str, response: &Response, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if matches!(call.stage, Stage::Dropped) {
            return self.forget(id, "");
        }
        if call.speaker.account.is_none() {
            return self.forget(id, "it asks for a password, and the file has none");
        }
        let mut invite = call.invite.clone();
        invite.cseq += 1;
        let cnonce = self.names.tag();
        if !proved(call, &mut invite, response, &cnonce) {
            return self.forget(id, "it does not take our password");
        }
        (call.invite, call.stage) = (invite.clone(), Stage::Calling(matches!(call.stage, Stage::Calling(true))));
        let way = call.way;
        let key = self.ask(id, invite, way, now);
        if let Some(call) = self.calls.get_mut(id) {
            call.key = key;
        }
    }

    /// An answer to our BYE.
    pub(super) fn goodbye(&mut self, id: &str, (response, news): (&Response, News), now: Instant) {
        if news != News::Final {
            return;
        }
        let cnonce = self.names.tag();
        if matches!(response.code, 401 | 407)
            && let Some(call) = self.calls.get_mut(id)
            && let Stage::Leaving(dialog) = &mut call.stage
        {
            let (mut bye, way) = (dialog.ask("BYE"), dialog.way);
            if proved(call, &mut bye, response, &cnonce) {
                self.ask(id, bye, way, now);
                return;
            }
        }
        self.forget(id, "");
    }
}

/// Puts a proof into a request that was challenged; false where that is in vain.
fn proved(call: &mut Call, ask: &mut Ask, response: &Response, cnonce: &str) -> bool {
    if !call.answers.challenged(response) {
        return false;
    }
    let mut answers = call.answers.clone();
    let header = call.account().and_then(|account| answers.header(account, (ask.method, &ask.uri), cnonce));
    call.answers = answers;
    ask.headers.retain(|(name, _)| !name.ends_with("uthorization"));
    let found = header.is_some();
    ask.headers.extend(header);
    found
}

/// What a speaker makes of our offer.
fn agreed(call: &Call, response: &Response) -> Result<Agreed, Unacceptable> {
    let agreed = Offer::read(response.body(), call.way.target.address.ip())?.agreed;
    if !is_plain(&agreed) {
        return Err(Unacceptable::NoEncoding);
    }
    // Ourselves: an answer that only mirrors.
    if agreed.remote == call.sound.address { Err(Unacceptable::BadAddress) } else { Ok(agreed) }
}

/// Whether sound goes under the number that it always has: what is sent is the same for all.
pub(super) fn is_plain(agreed: &Agreed) -> bool {
    let usual = match agreed.encoding {
        Encoding::Pcmu => payload::PCMU,
        Encoding::Pcma => payload::PCMA,
    };
    agreed.payload_type == usual
}

/// A session timer that the speaker keeps: we never asked for one, so the refreshes are its own.
fn theirs(response: &Response) -> Option<Interval> {
    let asked = Interval::asked(response.message.first("session-expires"), true).ok()??;
    asked.ours.then_some(Interval { ours: false, ..asked })
}

fn refusal(code: u16) -> String {
    match code {
        300..400 => format!("it sends the call elsewhere ({code}), and nobody follows"),
        403 => "it does not let us call (403)".to_owned(),
        404 => "it knows no such address (404)".to_owned(),
        408 | 480 => format!("nobody is there ({code})"),
        486 | 600 => format!("it is busy ({code})"),
        488 | 606 => format!("it takes no G.711 ({code})"),
        _ => format!("it refused the call ({code})"),
    }
}
