//! Limits on calls, in the transaction that opens them, on both engines.

use crate::ledger::{LONG, instance, noon, unit};
use crate::support::Database;
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::join_all;
use switchboard::base::{CallSid, CallState, Outcome, Time};
use switchboard::db::Db;
use switchboard::ledger::{Facts, Ledger, Rule, Stored, TurnedAway, Unit, Wish};

const BUSY: &[u8] = b"<Response><Reject reason=\"busy\"/></Response>";

/// Call number `n`, which asks to come in at `at`.
fn call(n: u8, at: Time, limits: Vec<Wish>) -> Unit {
    let busy = TurnedAway {
        action: "busy",
        outcome: Outcome::Rejected,
        facts: Facts::default(),
        answer: Bytes::from_static(BUSY),
    };
    Unit { at, limits, busy: Some(Box::new(busy)), ..unit(n, n, Some(CallState::Ringing)) }
}

fn wish(rule: Rule, whom: &str, burst: u32, every_s: i64) -> Wish {
    let key = format!("{}/main/{whom}", rule.as_str());
    Wish { rule, key, burst, every_us: every_s * 1_000_000 }
}

fn caller() -> Vec<Wish> {
    vec![wish(Rule::Caller, "+14035550111", 10, 6)]
}

fn second(n: i64) -> Time {
    noon() + TimeDelta::seconds(n)
}

/// Whether it was let in.
async fn comes_in(ledger: &Ledger, unit: Unit) -> bool {
    match ledger.store(unit, LONG).await.expect("stored") {
        Stored::First(answer) => answer.as_ref() != BUSY,
        other => unreachable!("not new: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_call_at_once_is_turned_away_and_a_later_one_comes_in() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        for n in 0..10 {
            assert!(comes_in(&ledger, call(n, noon(), caller())).await, "call {n}");
        }
        assert!(!comes_in(&ledger, call(10, noon(), caller())).await);
        assert!(!comes_in(&ledger, call(11, second(5), caller())).await);
        assert!(comes_in(&ledger, call(12, second(6), caller())).await, "one every 6 s");
        assert!(!comes_in(&ledger, call(13, second(7), caller())).await);
        let told = "select reason || ', ' || outcome from calls where call_sid like '%0a'";
        assert_eq!(database.text(told).await.as_deref(), Some("over the limit by caller, rejected"));
        let decided = "select decision || ', ' || answer from call_events where decision like 'over%' limit 1";
        let expected = format!("over the limit by caller: busy, {}", std::str::from_utf8(BUSY).expect("text"));
        assert_eq!(database.text(decided).await, Some(expected));
        let by_rule = "select cast(sum(count) as bigint) from rate_limit_rejections where rule = 'caller'";
        assert_eq!(database.count(by_rule).await, 3);
        // A copy of who was turned away hears the same again; a copy of who came in does too.
        assert_eq!(
            ledger.store(call(10, second(60), caller()), LONG).await,
            Ok(Stored::Copy(Bytes::from_static(BUSY)))
        );
        let first = call(1, second(60), caller());
        assert_eq!(ledger.store(first.clone(), LONG).await, Ok(Stored::Copy(first.answer)));
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_call_is_never_refused() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        let one = vec![wish(Rule::Line, "", 1, 60)];
        assert!(comes_in(&ledger, call(1, noon(), one.clone())).await);
        assert!(!comes_in(&ledger, call(2, noon(), one.clone())).await);
        for key in 100..120 {
            let step = Unit { key: [key; 16], ..call(1, second(i64::from(key)), one.clone()) };
            assert!(comes_in(&ledger, step).await);
        }
        assert!(comes_in(&ledger, call(3, second(60), one)).await, "its steps cost nothing");
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_a_bucket() {
    for database in Database::each().await {
        let instances = [instance(&database, 1).await, instance(&database, 2).await];
        let calls = (0..100u8).map(|n| comes_in(&instances[usize::from(n % 2)], call(n, noon(), caller())));
        let let_in = join_all(calls).await.into_iter().filter(|came_in| *came_in).count();
        assert_eq!(let_in, 10, "{}", database.url);
        assert_eq!(database.count("select cast(sum(count) as bigint) from rate_limit_rejections").await, 90);
        assert_eq!(database.count("select count(*) from events where type = 'limit.violated'").await, 1);
        for ledger in instances {
            ledger.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_refused_takes_nothing_from_the_line() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        let both = |whom: &str| vec![wish(Rule::Caller, whom, 2, 60), wish(Rule::Line, "", 5, 60)];
        let flood = (0..20).map(|n| comes_in(&ledger, call(n, noon(), both("+14035550111"))));
        assert_eq!(join_all(flood).await.into_iter().filter(|came_in| *came_in).count(), 2);
        let others = (20..30).map(|n| comes_in(&ledger, call(n, noon(), both(&format!("+1403555{n:04}")))));
        assert_eq!(join_all(others).await.into_iter().filter(|came_in| *came_in).count(), 3);
        let by_rule =
            |rule| format!("select cast(sum(count) as bigint) from rate_limit_rejections where rule = '{rule}'");
        assert_eq!(database.count(Box::leak(by_rule("caller").into_boxed_str())).await, 18);
        assert_eq!(database.count(Box::leak(by_rule("line").into_boxed_str())).await, 7);
        ledger.close().await;
    }
}

/// `count` of each `limit.violated`, in order.
async fn violations(database: &Database) -> Vec<i64> {
    let sql = "select payload from events where type = 'limit.violated' order by place";
    let payloads: Vec<String> = match &database.db {
        Db::Sqlite(engine) => sqlx::query_scalar(sql).fetch_all(&engine.read).await.expect("rows"),
        Db::Postgres(engine) => sqlx::query_scalar(sql).fetch_all(&engine.rest).await.expect("rows"),
    };
    let data = payloads.iter().map(|payload| serde_json::from_str(payload).expect("JSON"));
    data.map(|data: serde_json::Value| {
        assert_eq!(
            (&data["rule"], &data["key"], &data["line"], &data["limit"], &data["window_s"], &data["action"]),
            (&"caller".into(), &"+1403•••0111".into(), &"main".into(), &10.into(), &60.into(), &"busy".into())
        );
        data["count"].as_i64().expect("a number")
    })
    .collect()
}

/// All that a worker does at this time.
async fn tended(database: &Database, at: Time) {
    while Ledger::tend_limits(&database.db, at).await.expect("tended") > 0 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violation_is_told_when_it_begins_and_summed_up_when_its_window_ends() {
    for database in Database::each().await {
        let instances = [instance(&database, 1).await, instance(&database, 2).await];
        for n in 0..30 {
            comes_in(&instances[usize::from(n % 2)], call(n, second(i64::from(n) / 10), caller())).await;
        }
        assert_eq!(violations(&database).await, [1]);
        tended(&database, second(60)).await;
        assert_eq!(violations(&database).await, [1], "the window is not over");
        // Refused after the window, before anybody has summed it up: it is part of it.
        for n in 30..50 {
            comes_in(&instances[usize::from(n % 2)], call(n, second(62), caller())).await;
        }
        let refused = database.count("select cast(sum(count) as bigint) from rate_limit_rejections").await;
        assert_eq!(refused, database.count("select count(*) from calls where outcome = 'rejected'").await);
        tokio::join!(tended(&database, second(63)), tended(&database, second(63)));
        assert_eq!(violations(&database).await, [1, refused], "{}", database.url);
        for n in 50..70 {
            comes_in(&instances[usize::from(n % 2)], call(n, second(64), caller())).await;
        }
        tended(&database, second(200)).await;
        let later = database.count("select cast(sum(count) as bigint) from rate_limit_rejections").await - refused;
        assert_eq!(violations(&database).await, [1, refused, 1, later]);
        assert_eq!(database.rows("rate_limit_buckets").await, 0, "it says nothing that a new one would not");
        for ledger in instances {
            ledger.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_removed_when_it_has_filled_up_and_not_before() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        for n in 0..4 {
            comes_in(&ledger, call(n, noon(), caller())).await;
        }
        tended(&database, second(24)).await;
        assert_eq!(database.rows("rate_limit_buckets").await, 1);
        tended(&database, second(25)).await;
        assert_eq!(database.rows("rate_limit_buckets").await, 0);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_are_stormed_by_the_same_callers_never_wait_for_each_other() {
    for database in Database::each().await {
        let instances = [instance(&database, 1).await, instance(&database, 2).await];
        let both = |n: u8, line: &str| {
            vec![wish(Rule::Caller, &format!("+1403555{:04}", n % 7), 3, 60), wish(Rule::Line, line, 15, 60)]
        };
        let storm = (0..240u8).map(|n| {
            // In another order on each instance.
            let whom = if n % 2 == 0 { n } else { 240 - n };
            comes_in(&instances[usize::from(n % 2)], call(n, noon(), both(whom, if n % 3 == 0 { "a" } else { "b" })))
        });
        let let_in = join_all(storm).await.into_iter().filter(|came_in| *came_in).count();
        assert_eq!(let_in, 21, "three of each of seven callers; {}", database.url);
        for ledger in instances {
            ledger.close().await;
        }
        if database.url.starts_with("postgres") {
            let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
            assert_eq!(database.count(deadlocks).await, 0);
        }
    }
}

/// A bucket of tokens, refilled one microsecond at a time: another way to say the same.
struct Tokens {
    level: i64,
    at: i64,
}

impl Tokens {
    fn takes(&mut self, wish: &Wish, now: i64) -> bool {
        let whole = i64::from(wish.burst) * wish.every_us;
        self.level = whole.min(self.level + (now - self.at));
        self.at = now;
        let takes = self.level >= wish.every_us;
        if takes {
            self.level -= wish.every_us;
        }
        takes
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_batches_a_bucket_lets_in_what_a_bucket_of_tokens_does() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
        let mut roll = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        let mut key = 0u128;
        for bucket in 0..40 {
            let burst = u32::try_from(roll(6) + 1).expect("small");
            let every_us = i64::try_from(roll(5_000_000) + 1).expect("small");
            let wish = Wish { rule: Rule::Line, key: format!("line/{bucket}"), burst, every_us };
            let mut now = noon();
            let mut tokens = Tokens { level: i64::from(burst) * every_us, at: now.timestamp_micros() };
            for step in 0..12 {
                now += TimeDelta::microseconds(i64::try_from(roll(3)).expect("small") * every_us / 2);
                let wanted = roll(5) + 1;
                let batch: Vec<Unit> = (0..wanted)
                    .map(|_| {
                        key += 1;
                        let mut call = call(0, now, vec![wish.clone()]);
                        call.key = key.to_be_bytes();
                        call.call.as_mut().expect("a call").sid =
                            CallSid::parse(&format!("CA{key:032x}")).expect("a SID");
                        call
                    })
                    .collect();
                let expected = batch.iter().filter(|_| tokens.takes(&wish, now.timestamp_micros())).count();
                let let_in = join_all(batch.into_iter().map(|unit| comes_in(&ledger, unit))).await;
                let let_in = let_in.into_iter().filter(|came_in| *came_in).count();
                assert_eq!(let_in, expected, "{wish:?}, step {step} in {}", database.url);
            }
        }
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_answered_without_us_is_charged_and_not_judged() {
    for database in Database::each().await {
        let ledger = instance(&database, 1).await;
        for n in 0..12 {
            assert!(ledger.remember(call(n, noon(), caller())));
        }
        while database.rows("call_events").await < 12 {
            tokio::task::yield_now().await;
        }
        assert_eq!(database.count("select count(*) from calls where outcome is null").await, 12);
        assert!(!comes_in(&ledger, call(12, noon(), caller())).await, "the bucket is empty now");
        assert!(comes_in(&ledger, call(13, second(6), caller())).await, "and owes nothing");
        ledger.close().await;
    }
}
