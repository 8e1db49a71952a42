//! Phones that ring at the same time, until one answers or none is left.

use super::dial::{DialResult, Phone};
use super::leg::Leg;
use super::run::{Ended, Fetch, Role, Run, Source};
use super::stage::HungUp;
use super::tape::Told;
use crate::simulator::act::Act;
use crate::simulator::http::Fields;
use crate::simulator::script::{Callee, Person};
use crate::simulator::transcript::{Actor, Dialled};
use crate::twiml::{Dial, DialRecord, LegEvent, RecordingEvent};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// Sorry, wrong number.
const DECLINER_TALKS: Duration = Duration::from_secs(2);
/// A mailbox's greeting, and the silence after it.
const MAILBOX_TALKS: Duration = Duration::from_secs(12);

/// A phone that rings.
#[derive(Debug)]
struct Ringing {
    phone: Phone,
    leg: Leg,
    callee: Callee,
    /// When it stops ringing, counted from its first ring.
    until: Duration,
    /// Callbacks sent so far.
    sequence: usize,
}

impl Run<'_, '_> {
    /// Rings `phones` at once. The first to answer gets the call, the others are taken back.
    pub(super) async fn ring(&mut self, dial: &Dial, phones: Vec<Phone>) -> DialResult {
        let timeout = Duration::from_secs(dial.timeout.unwrap_or(30).into());
        let names: Vec<_> = phones.iter().map(|phone| phone.to.clone()).collect();
        let rings = format!("dials {}, rings up to {} s", names.join(", "), timeout.as_secs());
        self.stage.did(Actor::Carrier, rings);
        let mut ringing: Vec<_> = phones.into_iter().map(|phone| self.pick(dial, phone, timeout)).collect();
        ringing.sort_by_key(|each| each.until);
        let mut result = DialResult::unanswered("failed", None);
        let mut waited = Duration::ZERO;
        let mut left = ringing.into_iter();
        while let Some(mut next) = left.next() {
            if self.stage.pass(next.until.saturating_sub(waited)).await.is_err() {
                next.callee = Callee::Abandoned;
            }
            waited = waited.max(next.until);
            if next.callee.picks_up() {
                left.for_each(|other| self.take_back(other));
                return self.answered(dial, next).await;
            }
            result = self.unanswered(next);
            if self.stage.must_stop() {
                left.for_each(|other| self.take_back(other));
                break;
            }
        }
        result
    }

    /// A new leg begins to ring.
    fn pick(&mut self, dial: &Dial, phone: Phone, timeout: Duration) -> Ringing {
        let sid = self.stage.sids.next("CA");
        let from = dial.caller_id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| self.leg.from.clone());
        let leg = self.leg.dialled(sid, from, phone.to.clone());
        // Nobody can tell a dialled leg anything.
        drop(self.stage.carrier.archive.begin(self.stage.record(&leg)));
        let callee = if phone.to.is_empty() { Callee::Failed } else { self.stage.next_callee() };
        let (callee, until) = match callee {
            Callee::Failed => (callee, SECOND),
            Callee::Busy => (callee, 2 * SECOND),
            Callee::Answers { .. } | Callee::Declines => (callee, 4 * SECOND),
            Callee::Canceled | Callee::Abandoned => (callee, 5 * SECOND),
            Callee::Mailbox => (callee, 15 * SECOND),
            Callee::NoAnswer => (callee, timeout),
        };
        let (callee, until) = if until > timeout { (Callee::NoAnswer, timeout) } else { (callee, until) };
        let mut ringing = Ringing { phone, leg, callee, until, sequence: 0 };
        self.progress(&mut ringing, LegEvent::Initiated, "initiated", Vec::new());
        if callee != Callee::Failed {
            self.progress(&mut ringing, LegEvent::Ringing, "ringing", Vec::new());
        }
        ringing
    }

    fn unanswered(&mut self, ringing: Ringing) -> DialResult {
        let (status, words) = match ringing.callee {
            Callee::Busy => ("busy", "is busy".to_owned()),
            Callee::NoAnswer => ("no-answer", format!("does not answer within {} s", ringing.until.as_secs())),
            Callee::Canceled => ("canceled", "is no longer rung: the dial was canceled".to_owned()),
            Callee::Abandoned => ("canceled", "stops ringing".to_owned()),
            Callee::Failed | Callee::Answers { .. } | Callee::Mailbox | Callee::Declines => {
                ("failed", "cannot be reached".to_owned())
            }
        };
        if ringing.callee == Callee::Abandoned {
            let _: HungUp = self.stage.hang_up();
        }
        self.stage.did(Actor::Callee, format!("{} {words}", ringing.phone.to));
        let sid = Some(ringing.leg.sid.clone());
        self.end_leg(ringing, status, false, 0);
        DialResult::unanswered(status, sid)
    }

    /// Somebody else answered, or the caller is gone.
    fn take_back(&mut self, ringing: Ringing) {
        self.end_leg(ringing, "canceled", false, 0);
    }

    async fn answered(&mut self, dial: &Dial, mut ringing: Ringing) -> DialResult {
        let who = if ringing.callee == Callee::Mailbox { "does not answer, a mailbox does" } else { "answers" };
        self.stage.did(Actor::Callee, format!("{} {who}", ringing.phone.to));
        self.progress(&mut ringing, LegEvent::Answered, "in-progress", Vec::new());
        let answered_at = self.stage.clock.at();
        let bridged = self.whisper(&ringing).await;
        let recording = if bridged { self.talk(dial, ringing.callee).await } else { None };
        let seconds = (self.stage.clock.at() - answered_at).as_secs();
        let sid = Some(ringing.leg.sid.clone());
        self.end_leg(ringing, "completed", bridged, seconds);
        DialResult { status: "completed", sid, duration: Some(seconds), bridged, recording }
    }

    /// The noun's `url`: a document for the callee alone. Whether the two are connected afterwards.
    async fn whisper(&mut self, ringing: &Ringing) -> bool {
        let Some((to, method)) = &ringing.phone.whisper else { return true };
        let here = match self.url("") {
            Ok(here) => here,
            Err(_) => return true,
        };
        let acts: &[Act] = match ringing.callee {
            Callee::Answers { .. } => &[Act::Key('1')],
            Callee::Declines => &[Act::Key('2'), Act::Key('2')],
            _ => &[],
        };
        let leg = ringing.leg.clone();
        let mut callee = Run::new(self.stage, leg, Person::new(acts, &[]), Role::Callee, here);
        let fetch = Fetch { purpose: "whisper", method: *method, to: Some(to.clone()), extra: Vec::new() };
        // The callee's documents are followed as the caller's are: the same code, one level down.
        let ended = Box::pin(callee.follow(Source::Fetch(fetch))).await;
        ended == Ended::NoMoreVerbs && !self.stage.has_hung_up()
    }

    /// The two talk until the callee hangs up, the time limit is reached, or the caller hangs up.
    async fn talk(&mut self, dial: &Dial, callee: Callee) -> Option<String> {
        let limit = Duration::from_secs(dial.time_limit.unwrap_or(14_400).into());
        let (wanted, both) = match callee {
            Callee::Answers { talk } => (talk, "talks with the caller"),
            Callee::Declines => (DECLINER_TALKS, "says that this is the wrong number, and is with the caller"),
            _ => (MAILBOX_TALKS, "the mailbox talks to the caller"),
        };
        self.stage.did(Actor::Callee, format!("{both} for {} s", wanted.min(limit).as_secs()));
        let mode = dial.record.map_or(DialRecord::DoNotRecord, |record| *record);
        let dual = matches!(mode, DialRecord::FromAnswerDual | DialRecord::FromRingingDual);
        let tape =
            (mode != DialRecord::DoNotRecord).then(|| self.new_tape("DialVerb", if dual { 2 } else { 1 }, "both"));
        let told = Told {
            url: dial.recording_status_callback.as_ref(),
            method: dial.recording_status_callback_method,
            events: dial.recording_status_callback_event.as_ref(),
        };
        if let Some(tape) = &tape {
            self.stage.carrier.archive.tape(self.taped(tape));
            self.tell_of(tape, told, RecordingEvent::InProgress, None);
        }
        let began = self.stage.clock.at();
        if self.stage.pass(wanted.min(limit)).await.is_ok() {
            let who = if wanted > limit { "the time limit ends the conversation" } else { "hangs up" };
            self.stage.did(Actor::Callee, who);
        }
        let tape = tape?;
        let seconds = (self.stage.clock.at() - began).as_secs();
        self.tell_of(&tape, told, RecordingEvent::Completed, Some(seconds));
        self.keep(&tape, seconds, Some(""));
        Some(tape.url)
    }

    /// The leg is over: one line in the report, and its last callback.
    fn end_leg(&mut self, mut ringing: Ringing, status: &'static str, bridged: bool, seconds: u64) {
        let (sid, to) = (ringing.leg.sid.clone(), ringing.phone.to.clone());
        self.stage.carrier.archive.end(&sid, status, self.stage.clock.date(), seconds);
        self.stage.dialled.push(Dialled { sid, to, status, bridged, duration_s: seconds });
        let mut extra: Fields = vec![("CallDuration", seconds.to_string())];
        if status == "completed" {
            extra.push(("Duration", seconds.div_ceil(60).to_string()));
        }
        self.progress(&mut ringing, LegEvent::Completed, status, extra);
    }

    /// Tells the noun's status callback, if it asked for this event.
    fn progress(&mut self, ringing: &mut Ringing, event: LegEvent, status: &'static str, extra: Fields) {
        ringing.leg.status = status;
        let at = self.stage.clock.date();
        match event {
            LegEvent::Initiated | LegEvent::Completed => {}
            _ => self.stage.carrier.archive.progress(&ringing.leg.sid, status, at),
        }
        let Some((to, method)) = ringing.phone.told_of(event).cloned() else { return };
        let mut fields = ringing.leg.fields(&self.stage.carrier.account_sid);
        fields.extend(self.stage.progress_fields(ringing.sequence));
        fields.extend(extra);
        ringing.sequence += 1;
        self.callback("leg status", (&to, Some(method)), fields, Duration::ZERO);
    }
}
