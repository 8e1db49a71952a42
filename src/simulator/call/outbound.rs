//! A call that the REST API asked for: somebody is rung, and hears documents once they answer (PROTOCOL.md 7.8).

use super::hook::Hook;
use super::leg::Leg;
use super::place::report;
use super::run::{Ended, Fetch, Role, Run, Source};
use super::stage::Stage;
use super::tape::Told;
use crate::base::Clock;
use crate::simulator::Carrier;
use crate::simulator::archive::Order;
use crate::simulator::clock::{CallClock, Speed};
use crate::simulator::http::Fields;
use crate::simulator::script::{Callee, Person, Script};
use crate::simulator::sids::Sids;
use crate::simulator::transcript::{Actor, Report, Transcript};
use crate::twiml::{LegEvent, Method, RecordingEvent};
use reqwest::Url;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

const SECOND: Duration = Duration::from_secs(1);

/// Who is told how a call goes.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Reports {
    pub(in crate::simulator) url: Url,
    pub(in crate::simulator) method: Method,
    pub(in crate::simulator) events: Vec<LegEvent>,
}

/// A call to be placed. The carrier's voice URL is what it begins with, unless there is a document.
#[derive(Debug)]
pub(in crate::simulator) struct Outbound {
    pub(in crate::simulator) sid: String,
    pub(in crate::simulator) from: String,
    pub(in crate::simulator) to: String,
    /// The `Twiml` parameter.
    pub(in crate::simulator) document: Option<String>,
    pub(in crate::simulator) reports: Option<Reports>,
    /// How long it rings.
    pub(in crate::simulator) timeout: Duration,
    /// All of it is recorded.
    pub(in crate::simulator) record: bool,
    /// Whether and how the one who is called answers, and what they do then.
    pub(in crate::simulator) callee: Callee,
    pub(in crate::simulator) script: Script,
    pub(in crate::simulator) speed: Speed,
    pub(in crate::simulator) seed: u128,
    pub(in crate::simulator) clock: Clock,
    /// What the REST API asks of it later.
    pub(in crate::simulator) orders: UnboundedReceiver<Order>,
}

/// A call on its way, and whom to tell.
struct Ring<'a> {
    stage: Stage<'a>,
    leg: Leg,
    reports: Option<Reports>,
    /// Reports sent so far.
    sequence: usize,
}

impl Carrier {
    /// Places the call and stays with it to its end. The archive knows it already.
    pub(in crate::simulator) async fn place_outbound(&self, plan: Outbound) -> Report {
        let Outbound { sid, from, to, document, reports, timeout, record, callee, .. } = plan;
        let Outbound { script, speed, seed, clock, orders, .. } = plan;
        let person = Person::new(&script.acts, &script.words);
        let transcript = Transcript::watched_by(|_| {});
        let mut stage = Stage::new(self, CallClock::start(clock, speed), Sids::seeded(seed), transcript, script);
        stage.orders = Some(orders);
        let mut ring = Ring { stage, leg: Leg::outbound(sid, from, to), reports, sequence: 0 };
        let ended = match ring.rings(callee, timeout).await {
            Some(unanswered) => Ended::Unanswered(unanswered),
            None => ring.talks(person, document, record).await,
        };
        ring.finish(ended).await
    }
}

impl Ring<'_> {
    /// Rings until somebody answers, or not: then Twilio's word for it.
    async fn rings(&mut self, callee: Callee, timeout: Duration) -> Option<&'static str> {
        self.progress(LegEvent::Initiated, "initiated", Vec::new());
        let (until, unanswered) = match callee {
            Callee::Failed => (SECOND, Some("failed")),
            Callee::Busy => (2 * SECOND, Some("busy")),
            Callee::Answers { .. } | Callee::Mailbox | Callee::Declines => (4 * SECOND, None),
            Callee::Canceled | Callee::Abandoned => (5 * SECOND, Some("canceled")),
            Callee::NoAnswer => (timeout, Some("no-answer")),
        };
        if callee != Callee::Failed {
            self.progress(LegEvent::Ringing, "ringing", Vec::new());
        }
        if self.stage.pass(until.min(timeout)).await.is_err() {
            return Some("canceled");
        }
        if until > timeout { Some("no-answer") } else { unanswered }
    }

    async fn talks(&mut self, person: Person, document: Option<String>, record: bool) -> Ended {
        self.stage.did(Actor::Callee, "answers");
        self.stage.answer(&self.leg.sid);
        self.progress(LegEvent::Answered, "in-progress", Vec::new());
        let (carrier, began) = (self.stage.carrier, self.stage.clock.at());
        let mut run = Run::new(&mut self.stage, self.leg.clone(), person, Role::Caller, carrier.voice.clone());
        let tape = record.then(|| run.new_tape("OutboundAPI", 1, "both"));
        let first = Fetch { method: carrier.voice_method, ..Fetch::first() };
        let ended = run.follow(document.map_or(Source::Fetch(first), Source::Document)).await;
        if let Some(tape) = tape {
            let seconds = (run.stage.clock.at() - began).as_secs();
            let told = Told { url: None, method: None, events: None };
            run.tell_of(&tape, told, RecordingEvent::Completed, Some(seconds));
            run.keep(&tape, seconds, Some(""));
        }
        self.leg = run.into_leg();
        ended
    }

    /// The call is over: the last report, and what is still due.
    async fn finish(mut self, ended: Ended) -> Report {
        self.stage.did(Actor::Carrier, format!("the call is over: {}", ended.words()));
        self.stage.stop_transcriptions(None);
        self.stage.stop_asides(None, "the call is over").await;
        self.leg.status = ended.status();
        let duration_s = self.stage.since_answer().as_secs();
        self.stage.carrier.archive.end(&self.leg.sid, self.leg.status, self.stage.clock.date(), duration_s);
        let mut extra: Fields = vec![("CallDuration", duration_s.to_string())];
        match self.leg.status {
            "completed" => extra.push(("Duration", duration_s.div_ceil(60).to_string())),
            "busy" => extra.push(("SipResponseCode", "486".to_owned())),
            "no-answer" | "canceled" => extra.push(("SipResponseCode", "487".to_owned())),
            _ => extra.push(("SipResponseCode", "404".to_owned())),
        }
        if let Some(recording) = self.stage.recordings.first() {
            let (url, sid, seconds) = (recording.url.clone(), recording.sid.clone(), recording.seconds.to_string());
            extra.extend([("RecordingUrl", url), ("RecordingSid", sid), ("RecordingDuration", seconds)]);
        }
        self.progress(LegEvent::Completed, self.leg.status, extra);
        self.stage.settle().await;
        report(self.stage, self.leg, ended, duration_s)
    }

    /// Tells the status callback, if it asked for this event.
    fn progress(&mut self, event: LegEvent, status: &'static str, extra: Fields) {
        self.leg.status = status;
        if matches!(event, LegEvent::Ringing) {
            self.stage.carrier.archive.progress(&self.leg.sid, status, self.stage.clock.date());
        }
        let Some(reports) = self.reports.as_ref().filter(|reports| reports.events.contains(&event)) else { return };
        let (url, method) = (reports.url.clone(), reports.method);
        let mut fields = self.leg.fields(&self.stage.carrier.account_sid);
        fields.extend(self.stage.progress_fields(self.sequence));
        fields.extend(extra);
        self.sequence += 1;
        self.stage.later(Duration::ZERO, Hook { purpose: "call status", method, url, fields });
    }
}
