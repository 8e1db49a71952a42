//! Limits on calls, in the transaction that opens them, on both engines.

use crate::ledger::{LONG, instance, noon, unit};
use crate::support::Database;
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::join_all;
use switchboard::base::{CallState, Outcome, Time};
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
