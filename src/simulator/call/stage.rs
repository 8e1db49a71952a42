//! What all legs of one call share: its time, its transcript, and what is still to come.

use super::due::Due;
use super::leg::Leg;
use super::streaming::Running;
use super::transcription::Transcription;
use crate::simulator::Carrier;
use crate::simulator::archive::{CallRecord, Order};
use crate::simulator::chaos::{Pending, Sent};
use crate::simulator::clock::CallClock;
use crate::simulator::http::{Fault, Fields};
use crate::simulator::script::{Callee, Script};
use crate::simulator::sids::Sids;
use crate::simulator::stream::StreamReport;
use crate::simulator::transcript::{Actor, Dialled, Kind, Recorded, Step, Transcript};
use crate::twiml::StreamTrack;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// The carrier ends a call after four hours.
const LONGEST_CALL: Duration = Duration::from_secs(4 * 3600);

/// How far a transcription is behind the voice.
const TRANSCRIBING: Duration = Duration::from_millis(300);

/// The caller has put the phone down, is taken out of a queue, or an order has come: the verb that runs is over. What comes next is only about
/// telling the service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HungUp;

/// See the module.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) carrier: &'a Carrier,
    pub(super) clock: CallClock,
    pub(super) sids: Sids,
    pub(super) transcript: Transcript<'a>,
    pub(super) script: Script,
    pub(super) dialled: Vec<Dialled>,
    pub(super) recordings: Vec<Recorded>,
    pub(super) streams: Vec<StreamReport>,
    pub(super) transcriptions: Vec<Transcription>,
    /// One-way streams.
    pub(super) asides: Vec<Running>,
    /// Which side is speaking, for who listens to the sound.
    pub(super) speaks: Option<StreamTrack>,
    /// Deliver everything a second time.
    pub(super) twice: bool,
    /// Documents asked for so far.
    pub(super) documents: usize,
    /// What the REST API asks; `None`: nobody can.
    pub(super) orders: Option<UnboundedReceiver<Order>>,
    /// The order that is to be followed next.
    pub(super) told: Option<Order>,
    /// When somebody takes the caller out of the queue where he waits.
    pub(super) taken_at: Option<Duration>,
    answered_at: Option<Duration>,
    hangs_up_at: Duration,
    hung_up: bool,
    /// A stream was cut, and the caller waits for what follows.
    pub(super) owes_a_verb: bool,
    /// What goes wrong on purpose.
    pub(super) chaos: Pending,
    /// What was sent, if anybody wants to know.
    pub(super) record: Option<Vec<Sent>>,
    pub(super) due: Vec<Due>,
    pub(super) cookies: Vec<(String, String)>,
    next_callee: usize,
    /// Which instance gets the next request.
    pub(super) turn: usize,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        carrier: &'a Carrier,
        clock: CallClock,
        sids: Sids,
        transcript: Transcript<'a>,
        script: Script,
    ) -> Self {
        Self {
            carrier,
            clock,
            sids,
            transcript,
            hangs_up_at: script.hang_up_after.min(LONGEST_CALL),
            script,
            dialled: Vec::new(),
            recordings: Vec::new(),
            streams: Vec::new(),
            transcriptions: Vec::new(),
            asides: Vec::new(),
            speaks: None,
            twice: false,
            documents: 0,
            orders: None,
            told: None,
            taken_at: None,
            answered_at: None,
            hung_up: false,
            owes_a_verb: false,
            chaos: Pending::default(),
            record: None,
            due: Vec::new(),
            cookies: Vec::new(),
            next_callee: 0,
            turn: 0,
        }
    }

    /// The carrier has a bad day, and keeps a record of it.
    pub(super) fn goes_wrong(&mut self, chaos: Pending) {
        self.hangs_up_at = chaos.hang_up().map_or(self.hangs_up_at, |at| at.min(self.hangs_up_at));
        self.clock.skew(chaos.skew_s());
        (self.chaos, self.record) = (chaos, Some(Vec::new()));
    }

    /// The carrier picks up for this leg. Only the first time counts.
    pub(super) fn answer(&mut self, sid: &str) {
        self.carrier.archive.progress(sid, "in-progress", self.clock.date());
        self.answered_at.get_or_insert(self.clock.at());
    }

    pub(super) fn since_answer(&self) -> Duration {
        self.answered_at.map_or(Duration::ZERO, |at| self.clock.at().saturating_sub(at))
    }

    /// How the next one who is dialled answers. The last of the script goes on answering.
    pub(super) fn next_callee(&mut self) -> Callee {
        let last = self.script.callees.len().saturating_sub(1);
        let at = self.next_callee.min(last);
        self.next_callee += 1;
        self.script.callees.get(at).copied().unwrap_or(Callee::ANSWERS)
    }

    /// Lets `time` pass, and delivers what falls due meanwhile.
    pub(super) async fn pass(&mut self, time: Duration) -> Result<(), HungUp> {
        let until = self.clock.at() + time;
        let taken_at = self.taken_at.unwrap_or(Duration::MAX);
        let end = until.min(self.hangs_up_at).min(taken_at);
        self.deliver_until(end).await;
        if self.wait_until(end).await {
            return Err(HungUp);
        }
        if taken_at < self.hangs_up_at && taken_at <= until {
            return Err(HungUp);
        }
        if self.hangs_up_at <= until { Err(self.hang_up()) } else { Ok(()) }
    }

    /// When something has to be done next: a report falls due, or the caller puts the phone down.
    pub(super) fn next_moment(&self) -> Duration {
        self.due.iter().map(|due| due.at).fold(self.hangs_up_at, Duration::min)
    }

    /// Whether the caller has been on the phone for as long as they wanted.
    pub(super) fn is_time_to_hang_up(&self) -> bool {
        self.hangs_up_at <= self.clock.at()
    }

    /// The caller puts the phone down now.
    pub(super) fn hang_up(&mut self) -> HungUp {
        if !self.must_stop() {
            self.cut_off();
            self.did(Actor::Caller, "hangs up");
        }
        HungUp
    }

    /// From now on nobody is there.
    pub(super) const fn cut_off(&mut self) {
        self.hung_up = true;
        self.hangs_up_at = self.clock.at();
    }

    pub(super) const fn has_hung_up(&self) -> bool {
        self.hung_up
    }

    /// A leg as the archive keeps it, from now on.
    pub(super) fn record(&self, leg: &Leg) -> CallRecord {
        CallRecord {
            sid: leg.sid.clone(),
            parent_sid: leg.parent.clone(),
            account_sid: self.carrier.account_sid.clone(),
            from: leg.from.clone(),
            to: leg.to.clone(),
            direction: leg.direction,
            status: leg.status,
            created: self.clock.date(),
            answered: None,
            ended: None,
            duration_s: 0,
        }
    }

    /// Notes what somebody does.
    pub(super) fn did(&mut self, actor: Actor, what: impl Into<String>) {
        self.transcript.add(Step::new(self.clock.at(), actor, Kind::Did, what));
    }

    /// Notes what Twilio would log as a warning.
    pub(super) fn warn(&mut self, code: u32, what: impl Into<String>) {
        self.problem(Kind::Warning, code, what.into());
    }

    /// Notes what Twilio would log as an error.
    pub(super) fn fail(&mut self, code: u32, what: impl Into<String>) {
        self.problem(Kind::Error, code, what.into());
    }

    /// Notes a failed request: an error, unless it failed on purpose.
    pub(super) fn blame(&mut self, fault: Fault) {
        let kind = if fault.on_purpose { Kind::Warning } else { Kind::Error };
        self.problem(kind, fault.code, fault.why);
    }

    fn problem(&mut self, kind: Kind, code: u32, what: String) {
        let mut step = Step::new(self.clock.at(), Actor::Carrier, kind, what);
        step.code = (code > 0).then_some(code);
        self.transcript.add(step);
    }

    /// The fields of call progress: source, sequence, time (PROTOCOL.md 2.5).
    pub(super) fn progress_fields(&self, sequence: usize) -> Fields {
        vec![
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", sequence.to_string()),
            ("Timestamp", self.clock.date().to_rfc2822()),
        ]
    }

    /// `2026-11-20T08:03:01.120000Z`, as streams and transcriptions date their events.
    pub(super) fn iso_date(&self) -> String {
        self.clock.date().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    /// Somebody spoke; every transcription of that side of the call tells it.
    pub(super) fn overhear(&mut self, track: StreamTrack, words: &str) {
        let date = self.iso_date();
        let mut hooks = Vec::new();
        for each in self.transcriptions.iter_mut().filter(|each| each.hears(track)) {
            hooks.push(each.content(&date, track, words));
        }
        hooks.into_iter().for_each(|hook| self.later(TRANSCRIBING, hook));
    }

    /// Stops the transcription of this name, or all.
    pub(super) fn stop_transcriptions(&mut self, name: Option<&str>) {
        let date = self.iso_date();
        let all = std::mem::take(&mut self.transcriptions).into_iter();
        let (stopped, running): (Vec<_>, Vec<_>) = all.partition(|each| each.is_called(name));
        self.transcriptions = running;
        for mut each in stopped {
            let hook = each.stopped(&date);
            self.later(TRANSCRIBING, hook);
        }
    }
}
