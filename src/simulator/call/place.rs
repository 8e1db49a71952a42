//! A call from its beginning to its report.

use super::hook::Hook;
use super::leg::Leg;
use super::run::{Ended, Fetch, Role, Run, Source};
use super::stage::Stage;
use crate::base::Clock;
use crate::simulator::chaos::{Pending, Schedule};
use crate::simulator::clock::{CallClock, Speed};
use crate::simulator::script::{Person, Script};
use crate::simulator::sids::Sids;
use crate::simulator::transcript::{Actor, Kind, Report, Step, Transcript};
use crate::simulator::{Carrier, http::Fields};

/// A call to be placed.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// Who calls.
    pub from: String,
    /// Which number.
    pub to: String,
    /// What caller and callees do.
    pub script: Script,
    /// How fast time runs.
    pub speed: Speed,
    /// Chance as an input: the same seed gives the same SIDs.
    pub seed: u128,
    /// Where the date comes from.
    pub clock: Clock,
    /// Every webhook is delivered a second time, as a carrier does that lost the first answer.
    pub twice: bool,
    /// What goes wrong on purpose; the report then has the carrier's record. `None`: nothing, and no record.
    pub chaos: Option<Schedule>,
}

impl Carrier {
    /// Places one call and stays with it to its end. `watch` sees each step as it happens.
    pub async fn place(&self, plan: CallPlan, watch: impl FnMut(&Step) + Send) -> Report {
        place(self, plan, watch).await
    }
}

async fn place(carrier: &Carrier, plan: CallPlan, watch: impl FnMut(&Step) + Send) -> Report {
    let CallPlan { from, to, script, speed, seed, clock, twice, chaos } = plan;
    let mut sids = Sids::seeded(seed);
    let leg = Leg::inbound(sids.next("CA"), from, to);
    let person = Person::new(&script.acts, &script.words);
    let transcript = Transcript::watched_by(watch);
    let mut stage = Stage::new(carrier, CallClock::start(clock, speed), sids, transcript, script);
    stage.twice = twice;
    // Calls begin at any instance, and one call always at the same.
    stage.turn = first_turn(seed);
    chaos.into_iter().for_each(|schedule| stage.goes_wrong(Pending::new(schedule)));
    stage.did(Actor::Caller, format!("calls {} from {}", leg.to, leg.from));
    stage.orders = Some(carrier.archive.begin(stage.record(&leg)));
    let mut run = Run::new(&mut stage, leg, person, Role::Caller, carrier.voice.clone());
    let first = Fetch { method: carrier.voice_method, ..Fetch::first() };
    let ended = run.follow(Source::Fetch(first)).await;
    let leg = run.into_leg();
    finish(stage, leg, ended).await
}

fn first_turn(seed: u128) -> usize {
    usize::try_from(seed % 1_000_003).unwrap_or_default()
}

/// The call is over: transcriptions stop, the number's status callback is told, what is still due is delivered.
async fn finish(mut stage: Stage<'_>, mut leg: Leg, ended: Ended) -> Report {
    stage.did(Actor::Carrier, format!("the call is over: {}", ended.words()));
    stage.stop_transcriptions(None);
    stage.stop_asides(None, "the call is over").await;
    leg.status = ended.status();
    let duration_s = stage.since_answer().as_secs();
    stage.carrier.archive.end(&leg.sid, leg.status, stage.clock.date(), duration_s);
    if let Some(url) = stage.carrier.status.clone() {
        let fields = terminal_fields(&stage, &leg, duration_s);
        let method = stage.carrier.status_method;
        stage.now(Hook { purpose: "call status", method, url, fields });
    }
    stage.settle().await;
    report(stage, leg, ended, duration_s)
}

/// PROTOCOL.md 2.5: seconds in CallDuration, whole minutes in Duration of a completed call.
fn terminal_fields(stage: &Stage<'_>, leg: &Leg, duration_s: u64) -> Fields {
    let mut fields = leg.fields(&stage.carrier.account_sid);
    fields.extend(stage.progress_fields(0));
    fields.push(("CallDuration", duration_s.to_string()));
    if leg.status == "completed" {
        fields.push(("Duration", duration_s.div_ceil(60).to_string()));
    }
    fields
}

pub(super) fn report(stage: Stage<'_>, leg: Leg, ended: Ended, duration_s: u64) -> Report {
    let Stage { transcript, dialled, recordings, streams, record, .. } = stage;
    let steps = transcript.into_steps();
    let errors = Report::problems(&steps, Kind::Error);
    Report {
        call_sid: leg.sid,
        from: leg.from,
        to: leg.to,
        status: leg.status,
        ended: ended.words(),
        duration_s,
        went_through: errors.is_empty(),
        without_twiml: ended == Ended::ApplicationError,
        warnings: Report::problems(&steps, Kind::Warning),
        errors,
        dialled,
        recordings,
        streams,
        sent: record.unwrap_or_default(),
        steps,
    }
}
