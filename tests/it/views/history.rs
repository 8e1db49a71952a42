//! Random histories of calls, played by a carrier that follows what it is told, in the order of a clock.

use crate::house::{Answer, House, call, with};
use crate::support::Database;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use std::collections::BTreeMap;
use switchboard::base::Clock;
use switchboard::db::Db;

type Time = DateTime<Utc>;

/// The same throws for the same seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.next() % end.unsigned_abs()).expect("small")
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(i64::try_from(all.len()).expect("few"))).expect("small")]
    }

    /// Whole milliseconds, as JSON has them.
    fn within(&mut self, seconds: i64) -> TimeDelta {
        TimeDelta::milliseconds(1000 + self.below(seconds * 1000))
    }
}

/// What is to happen at a moment.
enum Todo {
    Ring(usize),
    Next(usize),
    Post(String, Vec<(String, String)>),
}

struct Caller {
    sid: String,
    from: &'static str,
    to: &'static str,
    last: Option<Answer>,
}

pub(super) struct History<'d> {
    house: House,
    clock: Clock,
    dice: &'d mut Dice,
    end: Time,
    callers: Vec<Caller>,
    agenda: BTreeMap<(Time, usize), Todo>,
    made: usize,
}

const CALLS: usize = 70;
/// The edge of what `call_success_metrics` and `active_calls` look at; no call begins close to it.
const EDGE: i64 = 24 * 3600;

impl<'d> History<'d> {
    /// Two days of calls that end at `end`; the house stands where they left it.
    pub(super) async fn play(database: &Database, dice: &'d mut Dice, end: Time) -> House {
        let begin = end - TimeDelta::hours(47);
        let clock = Clock::manual(begin);
        let house = House::at(clock.clone(), &database.url, &[], None).await;
        let mut history = Self { house, clock, dice, end, callers: Vec::new(), agenda: BTreeMap::new(), made: 0 };
        for nth in 0..CALLS {
            history.invite(nth);
        }
        while let Some(((at, _), todo)) = history.agenda.pop_first() {
            history.clock.advance(at - history.clock.now());
            history.perform(at, todo).await;
        }
        history.work_the_inbox().await;
        history.house
    }

    fn invite(&mut self, nth: usize) {
        let mut ago = 1200 + self.dice.below(46 * 3600);
        if (ago - EDGE).abs() < 600 {
            ago -= 1200;
        }
        let from = self.dice.one_of(&["+14035550111", "+14035550112", "+14035550113", "anonymous"]);
        let to = if self.dice.chance(10) { "+15875550199" } else { "+15875550100" };
        let sid = format!("CA{:032x}", self.dice.next());
        self.callers.push(Caller { sid, from, to, last: None });
        let millis = TimeDelta::milliseconds(self.dice.below(1000));
        let at = DateTime::from_timestamp_millis((self.end - TimeDelta::seconds(ago)).timestamp_millis());
        self.plan(at.expect("a time") + millis, Todo::Ring(nth));
    }

    /// What would happen after the end does not happen.
    fn plan(&mut self, at: Time, todo: Todo) {
        if at < self.end - TimeDelta::seconds(10) {
            self.made += 1;
            self.agenda.insert((at, self.made), todo);
        }
    }

    async fn perform(&mut self, at: Time, todo: Todo) {
        match todo {
            Todo::Ring(caller) => {
                let answer = self.tell(caller, "/twilio/voice".to_owned(), "ringing", &[]).await;
                self.callers[caller].last = Some(answer);
                self.later(at, 40, Todo::Next(caller));
            }
            Todo::Next(caller) => self.go_on(at, caller).await,
            Todo::Post(target, fields) => {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                self.house.post(&target, &fields).await;
            }
        }
    }

    fn later(&mut self, at: Time, seconds: i64, todo: Todo) {
        let wait = self.dice.within(seconds);
        self.plan(at + wait, todo);
    }

    /// One webhook of a call, and perhaps a copy of it later.
    async fn tell(&mut self, caller: usize, target: String, status: &str, more: &[(&str, &str)]) -> Answer {
        let Caller { sid, from, to, .. } = &self.callers[caller];
        let more = [&[("From", *from), ("To", *to), ("CallStatus", status)], more].concat();
        let fields = with(call(sid), &more);
        let answer = self.house.post(&target, &fields).await;
        assert_eq!(answer.status, 200, "{target} {fields:?}: {}", answer.body);
        let owned = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        if self.dice.chance(10) {
            self.later(self.clock.now(), 60, Todo::Post(target, owned));
        }
        answer
    }

    async fn go_on(&mut self, at: Time, caller: usize) {
        let Some(last) = self.callers[caller].last.clone() else { return };
        if self.dice.chance(4) {
            // The carrier forgets to say more.
            return;
        }
        if self.dice.chance(4) {
            self.tell(caller, "/twilio/status".to_owned(), "thoughtful", &[]).await;
        }
        if self.dice.chance(15) {
            return self.end(caller).await;
        }
        let answer = if last.body.contains("<Record") {
            return self.leave_a_message(at, caller, &last).await;
        } else if last.body.contains("<Dial") {
            self.end_the_dial(caller, &last).await
        } else if last.body.contains("<Gather") {
            let digits = self.dice.one_of(&["1", "2", "9", "9", "0", "5", "*", ""]);
            let keys = [("Digits", digits)];
            let keys = if digits.is_empty() { &keys[..0] } else { &keys };
            self.tell(caller, last.target("action"), "in-progress", keys).await
        } else {
            return self.end(caller).await;
        };
        self.callers[caller].last = Some(answer);
        self.later(at, 40, Todo::Next(caller));
    }

    async fn end_the_dial(&mut self, caller: usize, last: &Answer) -> Answer {
        let leg = format!("CA{:032x}", self.dice.next());
        let how = self.dice.one_of(&["completed", "busy", "no-answer", "failed"]);
        let mut more = vec![("DialCallStatus", how), ("DialCallSid", &leg)];
        if how == "completed" {
            let bridged = self.dice.one_of(&["true", "true", "false"]);
            more.extend([("DialBridged", bridged), ("DialCallDuration", "31")]);
        }
        self.tell(caller, last.target("action"), "in-progress", &more).await
    }

    /// The action, the recording's own callback and the end of the call, in any order; the last two may never come.
    async fn leave_a_message(&mut self, at: Time, caller: usize, last: &Answer) {
        let recording = format!("RE{:032x}", self.dice.next());
        let seconds = (self.dice.below(90) + 1).to_string();
        let said = [("RecordingSid", recording.as_str()), ("RecordingDuration", &seconds)];
        let sid = self.callers[caller].sid.clone();
        let mut report = vec![("AccountSid", "AC00000000000000000000000000000001"), ("CallSid", &sid)];
        report.extend(said);
        let status = self.dice.one_of(&["completed", "completed", "completed", "completed", "absent", "failed"]);
        report.extend([("RecordingStatus", status), ("RecordingSource", "RecordVerb")]);
        let report = report.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        self.later(at, 300, Todo::Post(last.target("recordingStatusCallback"), report));
        if self.dice.chance(90) {
            self.tell(caller, last.target("action"), "completed", &[&said[..], &[("Digits", "hangup")]].concat()).await;
        }
        if self.dice.chance(90) {
            self.end(caller).await;
        }
    }

    async fn end(&mut self, caller: usize) {
        let status = self.dice.one_of(&["completed", "completed", "completed", "completed", "failed", "no-answer"]);
        let seconds = self.dice.below(900).to_string();
        self.callers[caller].last = None;
        self.tell(caller, "/twilio/status".to_owned(), status, &[("CallDuration", &seconds)]).await;
    }

    /// Some messages are read, some deleted.
    async fn work_the_inbox(&mut self) {
        let list = self.house.get("/api/voicemails?limit=200").await;
        let list: serde_json::Value = serde_json::from_str(&list.body).expect("JSON");
        for message in list["items"].as_array().expect("messages") {
            let id = message["id"].as_str().expect("an id");
            if self.dice.chance(25) {
                self.house.act(Method::POST, &format!("/api/voicemails/{id}/read")).await;
            }
            if self.dice.chance(15) {
                self.house.act(Method::DELETE, &format!("/api/voicemails/{id}")).await;
            }
        }
    }
}

const TRANSACTION: &str = "insert into transactions (id, kind, state, subject, line, input, failed_step, error, \
    requested_by, attempts, next_at, created_at, updated_at, finished_at) \
    values ($1, $2, $3, $4, 'main', '{}', $5, $6, 'ana', 0, $7, $7, $7, $8)";
const STEP: &str = "insert into transaction_steps (transaction_id, number, name, state, attempts) \
    values ($1, $2, $3, $4, 0)";
const NUMBER: &str = "insert into numbers (phone_number, sid, account_sid, line, state, voice_url, voice_fallback_url, \
    status_callback, sms_url, monthly_price, currency, transaction_id, created_at, updated_at) \
    values ($1, 'PN1', 'AC1', 'main', 'active', '', '', '', '', '1.15', 'USD', $2, $3, $3)";

macro_rules! execute {
    ($database:expr, $query:expr) => {
        match &$database.db {
            Db::Sqlite(engine) => drop($query.execute(&engine.write).await.expect("written")),
            Db::Postgres(engine) => drop($query.execute(&engine.rest).await.expect("written")),
        }
    };
}

/// Transactions in every state, with their steps and numbers.
pub(super) async fn transactions(database: &Database, dice: &mut Dice, end: Time) {
    const STEPS: [&str; 4] = ["search", "buy", "configure", "bind"];
    for nth in 0..30_i64 {
        let id = format!("txn_{nth:02}");
        let kind = dice.one_of(&["provision_number", "onboard_tenant", "port_number", "release_number"]);
        // Each way to fail comes once by hand, without a step that failed, and once with one; then it is up to the dice.
        let (state, by_hand) = match nth {
            0 | 1 => ("rolling_back", nth == 0),
            2 | 3 => ("rolled_back", nth == 2),
            4 | 5 => ("failed_undo", nth == 4),
            _ => (dice.one_of(&["running", "done", "rolling_back", "rolled_back", "failed_undo"]), dice.chance(40)),
        };
        let failed = !matches!(state, "running" | "done");
        let step = (failed && !by_hand).then(|| dice.one_of(&STEPS));
        let error = step.map(|_| "carrier.21422");
        let at = DateTime::from_timestamp_millis((end - TimeDelta::minutes(nth)).timestamp_millis()).expect("a time");
        let finished = matches!(state, "done" | "rolled_back").then_some(at);
        let number = format!("+158755501{nth:02}");
        let subject = dice.chance(70).then_some(number.as_str());
        execute!(
            database,
            sqlx::query(TRANSACTION)
                .bind(&id)
                .bind(kind)
                .bind(state)
                .bind(subject)
                .bind(step)
                .bind(error)
                .bind(at)
                .bind(finished)
        );
        let done = if state == "done" { 4 } else { dice.below(4) };
        for (place, name) in (1_i64..).zip(STEPS) {
            let state = if place <= done { "done" } else { dice.one_of(&["waiting", "doing", "undone"]) };
            execute!(database, sqlx::query(STEP).bind(&id).bind(place).bind(name).bind(state));
        }
        if state == "done" {
            execute!(database, sqlx::query(NUMBER).bind(&number).bind(&id).bind(at));
        }
    }
}
