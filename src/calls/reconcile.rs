//! Calls whose last status never came. The carrier is asked about them, and what it says is read like the callback that
//! is missing. Nothing is ever hung up or begun here, and what the carrier contradicts stays beside it as a fact.

use super::decide::decide;
use crate::base::{CallState, Clock, Time};
use crate::carrier::{Blame, Carrier, CarrierError, RemoteCall};
use crate::db::{Db, DbError};
use crate::gate::{Route, Storage, Webhook};
use crate::ledger::{Key, Ledger, Silence, SilentCall, Unit, silent_calls};
use crate::twilio::form::Form;
use crate::world::{World, Worlds};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A phone that rings longer than this was forgotten.
const RINGING: TimeDelta = TimeDelta::minutes(2);
/// A conversation brings no webhooks: silence means little.
const TALKING: TimeDelta = TimeDelta::minutes(15);
/// Who began earlier is not asked about any more.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// Calls of one round: with a round every 15 s, 40 questions a minute.
const MOST_A_ROUND: usize = 10;
/// Calls looked at in one round.
const MOST_SEEN: i64 = 1000;
/// Until the same call is asked about again; it doubles up to the longest.
const AGAIN: (TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::hours(1));
/// Without questions after a fault of the carrier; it doubles up to the longest.
const PAUSE: (TimeDelta, TimeDelta) = (TimeDelta::seconds(30), TimeDelta::minutes(10));
/// How long one instance asks before another may.
const LEASE: Duration = Duration::from_secs(60);
const LEASE_NAME: &str = "calls: reconcile";
/// How long the database may take to store an answer.
const STORAGE_PATIENCE: Duration = Duration::from_secs(5);

/// What a reconciler works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where calls are.
    pub db: Db,
    /// Who is asked.
    pub carrier: Carrier,
    /// Who is told.
    pub ledger: Ledger,
    /// Lines of the calls.
    pub worlds: Worlds,
    /// Where the time comes from.
    pub clock: Clock,
    /// Who this instance is.
    pub holder: Arc<str>,
}

/// Asks the carrier about silent calls.
#[derive(Debug)]
pub struct Reconciler {
    parts: Parts,
    rhythm: Mutex<Rhythm>,
}

/// What the carrier says of a call.
#[derive(Debug)]
enum Answer {
    Has(Box<RemoteCall>),
    /// It does not know the call any more.
    Gone,
}

impl Reconciler {
    /// Nothing is asked before [`Reconciler::step`].
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts, rhythm: Mutex::default() }
    }

    /// One round: the calls that are due, one after the other. Says how many answers were stored.
    ///
    /// # Errors
    /// [`DbError`]. A fault of the carrier is none: it is logged, and waited for.
    pub async fn step(&self) -> Result<usize, DbError> {
        let Parts { db, clock, holder, .. } = &self.parts;
        let now = clock.now();
        let since = Silence { ringing: now - RINGING, talking: now - TALKING, begun: now - OLDEST };
        let silent = silent_calls(db, since, MOST_SEEN).await?;
        let due = self.rhythm().due(silent, now);
        if due.is_empty() || !db.lease(LEASE_NAME, holder, now, LEASE).await? {
            return Ok(0);
        }
        let mut stored = 0;
        for call in &due {
            match self.ask(call).await {
                Ok(answer) => {
                    self.rhythm().answered(call, now);
                    stored += usize::from(self.hand_over(call, &answer).await);
                }
                Err(error) if self.gives_up(call, &error) => break,
                Err(_) => {}
            }
        }
        Ok(stored)
    }

    async fn ask(&self, call: &SilentCall) -> Result<Answer, CarrierError> {
        let own = &self.parts.carrier;
        let account = call.account_sid.as_deref().unwrap_or(own.account_sid());
        if let Some(found) = own.acting_on(account)?.call(&call.call_sid).await? {
            return Ok(Answer::Has(Box::new(found)));
        }
        // Only somebody who knows the account can say that it has no such call.
        match own.account(account).await? {
            Some(_) => Ok(Answer::Gone),
            None => Err(CarrierError::NotFound),
        }
    }

    /// Whether the round ends here: the next question would meet the same fault.
    fn gives_up(&self, call: &SilentCall, error: &CarrierError) -> bool {
        tracing::warn!(call.sid = call.call_sid, %error, "the carrier did not say what became of a call");
        let now = self.parts.clock.now();
        let down = matches!(error.blame(), Blame::Carrier | Blame::Network);
        if down {
            self.rhythm().failed(now, error.retry_after_s());
        } else {
            self.rhythm().answered(call, now);
        }
        down
    }

    /// Whether the answer said something new and is durable now.
    async fn hand_over(&self, call: &SilentCall, answer: &Answer) -> bool {
        let world = self.parts.worlds.current();
        let Some(unit) = unit(&world, call, answer, self.parts.clock.now()) else { return false };
        tracing::info!(
            call.sid = call.call_sid,
            found = unit.webhook.decision,
            "asked the carrier about a silent call"
        );
        match self.parts.ledger.store(unit, STORAGE_PATIENCE).await {
            Ok(_) => true,
            Err(why) => {
                tracing::warn!(call.sid = call.call_sid, %why, "what became of a call could not be stored; it is asked again");
                false
            }
        }
    }

    fn rhythm(&self) -> MutexGuard<'_, Rhythm> {
        self.rhythm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The missing callback, as far as the carrier's answer says something that the call's row does not.
fn unit(world: &World, call: &SilentCall, answer: &Answer, now: Time) -> Option<Unit> {
    let before = CallState::parse(&call.state);
    let (state, at) = match answer {
        Answer::Has(found) => {
            let state = found.state().filter(|state| Some(state.rank()) != before.map(CallState::rank))?;
            (state, found.end_time.filter(|_| state.is_final()).map_or(now, |end| end.clamp(call.updated_at, now)))
        }
        // When it ended is not known either; it was alive when it was last heard of.
        Answer::Gone => (lost(call, before), call.updated_at),
    };
    let body = fields(call, answer, state);
    let (fields, url) = (Form::parse(body.as_bytes()), state_of(call));
    let mut unit = decide(
        world,
        &Webhook {
            route: Route::Status,
            state: &Form::parse(url.as_bytes()),
            fields: &fields,
            at,
            key: key(call, answer, state),
            storage: Storage::Durable,
            carrier_token: None,
            by_get: false,
            end: None,
        },
    );
    unit.webhook.kind = "reconcile";
    let gone = matches!(answer, Answer::Gone);
    let says = if gone { "the carrier does not know it any more" } else { "asked, the carrier says" };
    unit.webhook.decision = format!("{says}: {}", unit.webhook.decision);
    if let Some(change) = unit.call.as_mut().filter(|_| gone) {
        change.reason = Some("lost: the carrier does not know it any more".to_owned());
    }
    Some(unit)
}

/// A call that we answered was answered; of any other nobody knows that it was.
fn lost(call: &SilentCall, before: Option<CallState>) -> CallState {
    let answered = before == Some(CallState::InProgress) || call.direction.as_deref() == Some("inbound");
    if answered { CallState::Completed } else { CallState::Failed }
}

/// As the callback would have named them.
fn fields(call: &SilentCall, answer: &Answer, state: CallState) -> String {
    let (found, duration) = match answer {
        Answer::Has(found) => {
            (Some(found.as_ref()), found.duration.filter(|_| state.is_final()).map(|s| s.to_string()))
        }
        Answer::Gone => (None, None),
    };
    let told = |of: fn(&RemoteCall) -> &Option<String>| found.and_then(|found| of(found).as_deref());
    let fields = [
        ("CallSid", Some(call.call_sid.as_str())),
        ("AccountSid", call.account_sid.as_deref()),
        ("ParentCallSid", call.parent_call_sid.as_deref().or(told(|found| &found.parent_call_sid))),
        ("CallStatus", Some(state.as_str())),
        ("CallDuration", duration.as_deref()),
        ("Direction", call.direction.as_deref().or(told(|found| &found.direction))),
        ("From", told(|found| &found.from)),
        ("To", told(|found| &found.to)),
    ];
    let filled = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish()
}

/// The state that a URL of ours would have carried: the line is known.
fn state_of(call: &SilentCall) -> String {
    let line = call.line.as_deref().unwrap_or_default();
    form_urlencoded::Serializer::new(String::new()).extend_pairs([("v", "1"), ("n", "0"), ("l", line)]).finish()
}

/// The same word about the same call is the same fact, whoever asks and however often.
fn key(call: &SilentCall, answer: &Answer, state: CallState) -> Key {
    let word = if matches!(answer, Answer::Gone) { "gone" } else { state.as_str() };
    let digest = Sha256::digest(["reconcile", &call.call_sid, word].join("\0"));
    let mut key = Key::default();
    key.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    key
}

/// When to ask about whom. Kept in memory: an instance that takes over asks once more than needed.
#[derive(Debug, Default)]
struct Rhythm {
    /// How often each silent call was asked about, and when last.
    asked: HashMap<String, (u32, Time)>,
    /// Faults of the carrier in a row.
    failures: u32,
    paused_until: Option<Time>,
}

impl Rhythm {
    /// Those whose turn it is; whoever is not silent any more is forgotten.
    fn due(&mut self, silent: Vec<SilentCall>, now: Time) -> Vec<SilentCall> {
        self.asked.retain(|sid, _| silent.iter().any(|call| call.call_sid == *sid));
        if self.paused_until.is_some_and(|until| now < until) {
            return Vec::new();
        }
        let is_due = |call: &SilentCall| {
            self.asked.get(&call.call_sid).is_none_or(|(times, last)| now - *last >= doubled(AGAIN, *times))
        };
        silent.into_iter().filter(is_due).take(MOST_A_ROUND).collect()
    }

    fn answered(&mut self, call: &SilentCall, now: Time) {
        let (times, last) = self.asked.entry(call.call_sid.clone()).or_insert((0, now));
        (*times, *last) = (*times + 1, now);
        (self.failures, self.paused_until) = (0, None);
    }

    fn failed(&mut self, now: Time, retry_after_s: Option<u64>) {
        self.failures = self.failures.saturating_add(1);
        let asked_for = retry_after_s.and_then(|s| TimeDelta::try_seconds(i64::try_from(s).ok()?)).unwrap_or_default();
        self.paused_until = Some(now + doubled(PAUSE, self.failures).max(asked_for.min(PAUSE.1)));
    }
}

/// The first after once, twice that after twice, up to the longest.
fn doubled((first, longest): (TimeDelta, TimeDelta), times: u32) -> TimeDelta {
    let doublings = times.saturating_sub(1).min(16);
    first.checked_mul(1 << doublings).map_or(longest, |wait| wait.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(n: usize) -> SilentCall {
        SilentCall {
            call_sid: format!("CA{n}"),
            account_sid: None,
            parent_call_sid: None,
            line: None,
            direction: Some("inbound".to_owned()),
            state: "in-progress".to_owned(),
            updated_at: Time::UNIX_EPOCH,
        }
    }

    fn minute(n: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::minutes(n)
    }

    #[test]
    fn the_same_call_is_asked_about_less_and_less() {
        let mut rhythm = Rhythm::default();
        let asked: Vec<i64> = (0..240)
            .filter(|n| {
                let due = rhythm.due(vec![call(1)], minute(*n));
                due.iter().for_each(|call| rhythm.answered(call, minute(*n)));
                !due.is_empty()
            })
            .collect();
        assert_eq!(asked, [0, 5, 15, 35, 75, 135, 195]);
        assert_eq!(rhythm.asked.len(), 1);
        rhythm.due(Vec::new(), minute(300));
        assert!(rhythm.asked.is_empty(), "whoever ended is forgotten");
    }

    #[test]
    fn a_round_is_bounded_and_goes_on_with_the_rest() {
        let mut rhythm = Rhythm::default();
        let silent: Vec<_> = (0..15).map(call).collect();
        for expected in [10, 5, 0] {
            let due = rhythm.due(silent.clone(), minute(0));
            assert_eq!(due.len(), expected);
            due.iter().for_each(|call| rhythm.answered(call, minute(0)));
        }
    }

    #[test]
    fn a_carrier_that_is_down_is_left_alone_longer_and_longer() {
        let mut rhythm = Rhythm::default();
        rhythm.failed(minute(0), None);
        assert!(rhythm.due(vec![call(1)], minute(0)).is_empty());
        assert_eq!(rhythm.due(vec![call(1)], minute(1)).len(), 1);
        for _ in 0..20 {
            rhythm.failed(minute(0), Some(u64::MAX));
        }
        assert!(rhythm.due(vec![call(1)], minute(9)).is_empty());
        assert_eq!(rhythm.due(vec![call(1)], minute(10)).len(), 1);
        rhythm.answered(&call(1), minute(10));
        rhythm.failed(minute(10), None);
        assert_eq!(rhythm.due(vec![call(2)], minute(11)).len(), 1, "a success makes it forgiven");
    }
}
