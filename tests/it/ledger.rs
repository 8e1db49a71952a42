//! The one transaction, on both engines.

use crate::support::Database;
use bytes::Bytes;
use chrono::{TimeDelta, TimeZone, Utc};
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{CallSid, CallState, Clock, Meters, Outcome, Time};
use switchboard::config::retention::Retention;
use switchboard::db::Db;
use switchboard::ledger::{
    CallChange, CallFact, Consent, ConsentMethod, ConsentScope, ErrorEntry, Facts, Keeping, Ledger, NotStored,
    OutboxEvent, Phase, Setup, Stored, Unit, VoicemailChange, VoicemailState, Webhook,
};

pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant")
}

/// A webhook of call `CA{call}` that proves `state`.
pub(crate) fn unit(key: u8, call: u8, state: Option<CallState>) -> Unit {
    let change = CallChange {
        sid: CallSid::parse(&format!("CA{call:032x}")).expect("a SID"),
        fact: CallFact {
            line: Some("main".to_owned()),
            direction: Some("inbound".to_owned()),
            from: Some("+14035550111".to_owned()),
            to: Some("+15875550100".to_owned()),
            ..CallFact::default()
        },
        state,
        outcome: None,
        reason: None,
        duration_s: None,
    };
    Unit {
        key: [key; 16],
        at: noon() + TimeDelta::seconds(i64::from(key)),
        call: Some(change),
        parent: None,
        webhook: Webhook {
            kind: "voice",
            input: "{}".to_owned(),
            decision: "said hello".to_owned(),
            ..Webhook::default()
        },
        facts: Facts::default(),
        answer: Bytes::from(format!("<Response><Say>{key}</Say></Response>")),
        limits: Vec::new(),
        busy: None,
    }
}

/// A ledger whose lanes have their connections.
async fn ledger(database: &Database) -> Ledger {
    instance(database, 1).await
}

fn setup(instance: u64) -> Setup {
    let public_url = "https://phone.example.com".into();
    Setup { clock: Clock::manual(noon()), instance, public_url, meters: Arc::new(Meters::silent()) }
}

pub(crate) async fn instance(database: &Database, number: u64) -> Ledger {
    let ledger = Ledger::start(&database.db, setup(number));
    let up = async {
        while ledger.condition().phase() != Phase::Up {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, up).await.expect("the ledger comes up");
    ledger
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_gets_the_first_answer_and_has_no_effect() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let first = unit(1, 1, Some(CallState::Ringing));
        let mut copy = first.clone();
        copy.answer = Bytes::from_static(b"another answer");
        assert_eq!(ledger.store(first.clone(), LONG).await, Ok(Stored::First(first.answer.clone())));
        assert_eq!(ledger.store(copy, LONG).await, Ok(Stored::Copy(first.answer.clone())));
        assert_eq!(database.count("select count(*) from call_events").await, 1);
        assert_eq!(database.count("select count(*) from events where type = 'call.started'").await, 1);
        assert_eq!(database.count("select seen from idempotency_keys").await, 1);
        ledger.close().await;
    }
}

/// Everything a copy could change, as text.
const ALL_OF_THE_CALL: &str = "select coalesce(reason, '') || ' ' || state || ' ' || coalesce(outcome, '') || ' ' || \
    cast(updated_at as text) || ' ' || cast(opened_by as text) || ' ' || cast(coalesce(ended_by, 0) as text) || ' ' || \
    cast(coalesce(answered_by, 0) as text) from calls";

#[tokio::test(flavor = "multi_thread")]
async fn a_late_copy_changes_nothing_even_beside_what_is_new() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let said = |key, reason: &str, outcome| {
            let mut unit = unit(key, 1, Some(CallState::InProgress));
            let call = unit.call.as_mut().expect("a call");
            (call.outcome, call.reason) = (Some(outcome), Some(reason.to_owned()));
            unit.answer = Bytes::from(reason.to_owned());
            unit
        };
        let first = said(1, "sent to voicemail", Outcome::Voicemail);
        for unit in [first.clone(), said(2, "message left", Outcome::Voicemail)] {
            ledger.store(unit, LONG).await.expect("stored");
        }
        let before = database.text(ALL_OF_THE_CALL).await;
        assert!(before.as_deref().is_some_and(|row| row.starts_with("message left")), "{before:?}");
        let late = Unit { at: first.at + TimeDelta::hours(1), ..first.clone() };
        assert_eq!(ledger.store(late.clone(), LONG).await, Ok(Stored::Copy(first.answer.clone())));
        assert_eq!(database.text(ALL_OF_THE_CALL).await, before);
        // In one batch with news of the same call: the news count, the copy does not.
        let better = Unit { at: noon() + TimeDelta::minutes(2), ..said(3, "emergency word said", Outcome::Emergency) };
        let other = unit(4, 2, Some(CallState::Completed));
        let (copy, new, other) =
            tokio::join!(ledger.store(late, LONG), ledger.store(better, LONG), ledger.store(other, LONG));
        assert_eq!(copy, Ok(Stored::Copy(first.answer)));
        assert!(matches!((new, other), (Ok(Stored::First(_)), Ok(Stored::First(_)))));
        let of_first = "select reason || ' ' || cast(updated_at as text) from calls order by id limit 1";
        let told = database.text(of_first).await.expect("a row");
        assert!(told.starts_with("emergency word said 2026-11-20") && told.contains("12:02:00"), "{told}");
        assert_eq!(database.count("select seen from idempotency_keys order by event_id limit 1").await, 2);
        assert_eq!(database.count("select count(*) from call_events").await, 4);
        assert_eq!(database.count("select count(*) from events where type = 'call.started'").await, 2);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn states_only_climb_whatever_the_order() {
    use CallState::{Completed, Failed, InProgress, Ringing};
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for (key, state) in [Completed, Ringing, InProgress, Failed, Completed].into_iter().enumerate() {
            let key = u8::try_from(key).expect("small");
            ledger.store(unit(key, 7, Some(state)), LONG).await.expect("stored");
        }
        assert_eq!(database.text("select state from calls").await.as_deref(), Some("completed"));
        assert_eq!(database.text("select outcome from calls").await.as_deref(), Some("abandoned"));
        assert_eq!(database.count("select count(*) from call_events").await, 5);
        assert_eq!(database.count("select count(*) from events where type = 'call.ended'").await, 1);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_one_call_in_one_batch_fold_into_one_row() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let mut answered = unit(2, 3, Some(CallState::InProgress));
        if let Some(call) = &mut answered.call {
            call.outcome = Some(Outcome::Answered);
            call.reason = Some("talked to sales".to_owned());
        }
        let mut ended = unit(3, 3, Some(CallState::Completed));
        if let Some(call) = &mut ended.call {
            call.outcome = Some(Outcome::Abandoned);
            call.reason = Some("caller hung up".to_owned());
            call.duration_s = Some(42);
        }
        let (a, b, c) = tokio::join!(
            ledger.store(unit(1, 3, Some(CallState::Ringing)), LONG),
            ledger.store(answered, LONG),
            ledger.store(ended, LONG),
        );
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(database.count("select count(*) from calls").await, 1);
        assert_eq!(
            database.text("select outcome || ' ' || state || ' ' || reason from calls").await.as_deref(),
            Some("answered completed talked to sales")
        );
        assert_eq!(database.count("select duration_s from calls").await, 42);
        let types = "select count(*) from events where type in ('call.started', 'call.ended')";
        assert_eq!(database.count(types).await, 2);
        ledger.close().await;
    }
}

/// A state, a piece of the transcript, the transcript's state.
type Reported<'a> = (VoicemailState, Option<(i64, &'a str)>, Option<&'static str>);

fn voicemail(key: u8, state: VoicemailState) -> (Unit, VoicemailChange) {
    let change = VoicemailChange {
        id: "vm_1".to_owned(),
        line: "main".to_owned(),
        mailbox: "main".to_owned(),
        from: None,
        state,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    };
    (unit(key, 9, None), change)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voicemail_climbs_to_ready_once_and_its_pieces_come_in_any_order() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let steps: [Reported<'_>; 7] = [
            (VoicemailState::Ready, None, None),
            (VoicemailState::Expected, None, Some("wanted")),
            (VoicemailState::Absent, None, None),
            (VoicemailState::Expected, Some((5, "me back")), None),
            (VoicemailState::Expected, Some((2, "please call")), None),
            (VoicemailState::Expected, Some((5, "me back")), None),
            (VoicemailState::Expected, None, Some("completed")),
        ];
        for (key, (state, piece, transcript_state)) in steps.into_iter().enumerate() {
            let (mut unit, mut change) = voicemail(u8::try_from(key).expect("small"), state);
            change.transcript_piece = piece.map(|(sequence, text)| (sequence, text.to_owned()));
            change.transcript_state = transcript_state;
            unit.facts.voicemail(change);
            ledger.store(unit, LONG).await.expect("stored");
        }
        assert_eq!(database.text("select state from voicemails").await.as_deref(), Some("ready"));
        assert_eq!(database.text("select transcript from voicemails").await.as_deref(), Some("please call me back"));
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.new'").await, 1);
        assert_eq!(database.count("select count(*) from events where type = 'recording.failed'").await, 0);
        assert_eq!(database.count("select count(*) from events where type = 'transcript.ready'").await, 1);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_goes_on_over_a_pause_is_not_kept_whole() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let pieces = [(4, "4242 4242 thanks"), (1, "my card"), (3, "it is 4242 4242"), (5, "4242 4242")];
        for (key, (sequence, text)) in (0..).zip(pieces) {
            let (mut unit, mut change) = voicemail(key, VoicemailState::Expected);
            (change.transcript_piece, change.cards_in) = (Some((sequence, text.to_owned())), Some("en".to_owned()));
            unit.facts.voicemail(change);
            ledger.store(unit, LONG).await.expect("stored");
        }
        let kept = "my card it is 4242 4242 [card ...4242] thanks 4242 4242";
        assert_eq!(database.text("select transcript from voicemails").await.as_deref(), Some(kept));
        let hidden = "select text from voicemail_pieces where sequence = 4";
        assert_eq!(database.text(hidden).await.as_deref(), Some("[card ...4242] thanks"));
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_there_beats_the_word_that_it_is_not() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for (key, state) in [(1, VoicemailState::Absent), (2, VoicemailState::Ready), (3, VoicemailState::Failed)] {
            let (mut unit, change) = voicemail(key, state);
            unit.facts.voicemail(change);
            ledger.store(unit, LONG).await.expect("stored");
        }
        assert_eq!(database.text("select state from voicemails").await.as_deref(), Some("ready"));
        assert_eq!(database.count("select count(*) from events where type = 'voicemail.new'").await, 1);
        assert_eq!(database.count("select count(*) from events where type = 'recording.failed'").await, 1);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_its_event_commit_with_the_answer() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let mut unit = unit(1, 4, Some(CallState::InProgress));
        let consent = Consent {
            id: "con_1".to_owned(),
            scope: ConsentScope::Recording,
            method: ConsentMethod::NoticeHeard,
            notice_version: "1".to_owned(),
            given: false,
        };
        let _permit = unit.facts.grant(consent.clone());
        unit.facts.refuse(Consent { id: "con_2".to_owned(), ..consent });
        unit.facts.error(ErrorEntry { kind: "test".to_owned(), message: "one".to_owned(), call_sid: None });
        ledger.store(unit, LONG).await.expect("stored");
        assert_eq!(database.count("select count(*) from consents where given").await, 1);
        assert_eq!(database.count("select count(*) from consents where not given").await, 1);
        assert_eq!(database.count("select count(*) from events where type like 'consent.%'").await, 2);
        assert_eq!(database.count("select count(*) from errors").await, 1);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_the_database_refuses_does_not_take_others_with_it() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let good = unit(1, 1, Some(CallState::Ringing));
        let mut bad = unit(2, 2, Some(CallState::Ringing));
        // A second timeline row with the id of the first cannot be made from outside; a NUL can, on Postgres.
        bad.webhook.decision = "nul \0 here".to_owned();
        let answer = bad.answer.clone();
        let (a, b) = tokio::join!(ledger.store(good, LONG), ledger.store(bad, LONG));
        assert!(a.is_ok());
        let postgres = database.url.starts_with("postgres");
        assert_eq!(b.map(Stored::into_answer), if postgres { Err(NotStored::Refused) } else { Ok(answer) });
        let errors = database.count("select count(*) from errors where kind = 'ledger.refused'").await;
        assert_eq!(errors, i64::from(postgres));
        assert_eq!(database.count("select count(*) from idempotency_keys").await, 2);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ledgers_on_one_database_store_a_webhook_once() {
    for database in Database::each().await {
        let (one, two) = (instance(&database, 1).await, instance(&database, 2).await);
        let copies = (0..200u8).map(|n| {
            let ledger = if n % 2 == 0 { &one } else { &two };
            let mut copy = unit(1, 1, Some(CallState::Ringing));
            copy.answer = Bytes::from(format!("answer of copy {n}"));
            ledger.store(copy, LONG)
        });
        let answers = futures_util::future::join_all(copies).await;
        let first = answers[0].clone().map(Stored::into_answer).expect("stored");
        for answer in &answers {
            assert_eq!(
                answer.clone().map(Stored::into_answer).as_ref(),
                Ok(&first),
                "{} {:?} {:?}",
                database.url,
                one.condition().since(),
                two.condition().since()
            );
        }
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(Stored::First(_)))).count(), 1);
        assert_eq!(database.count("select count(*) from call_events").await, 1);
        assert_eq!(database.count("select seen from idempotency_keys").await, 199);
        one.close().await;
        two.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_units_are_turned_back_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file where a folder should be: the database cannot be opened, today or tomorrow.
    let blocker = folder.path().join("blocker");
    std::fs::write(&blocker, b"").expect("a file");
    let db = switchboard::db::Db::open(&format!("sqlite://{}/test.db", blocker.display())).expect("a good URL");
    let ledger = Ledger::start(&db, setup(1));
    assert!(ledger.store(unit(1, 1, None), LONG).await.is_err());
    assert_ne!(ledger.condition().phase(), Phase::Up);
    assert_eq!(ledger.condition().unstored(), 0, "whoever is told counts by himself");
    assert!(ledger.remember(unit(2, 2, None)), "kept as long as the process lives");
    assert_eq!((ledger.backlog().units, ledger.backlog().keeping), (1, Keeping::Memory));
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_swept_and_the_rest_stays() {
    let keep = Retention { calls_days: 10, events_days: 10, errors_days: 10, ..Retention::default() };
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        for (key, days) in [(1, 0), (2, 9), (3, 20)] {
            let mut unit = unit(key, key, Some(CallState::Completed));
            unit.at = noon() - TimeDelta::days(days);
            unit.facts.error(ErrorEntry { kind: "test".to_owned(), message: "old".to_owned(), call_sid: None });
            ledger.store(unit, LONG).await.expect("stored");
        }
        let mut without_call = unit(4, 4, None);
        without_call.call = None;
        without_call.at = noon() - TimeDelta::days(20);
        ledger.store(without_call, LONG).await.expect("stored");
        while Ledger::sweep(&database.db, noon(), &keep).await.expect("swept") > 0 {}
        for (table, left) in [("calls", 2), ("call_events", 2), ("idempotency_keys", 2), ("errors", 2), ("events", 4)] {
            assert_eq!(database.rows(table).await, left, "{table} in {}", database.url);
        }
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_summed_by_rule() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let counts = [("signature.wrong", 7), ("signature.missing", 2)].into();
        Ledger::note_refusals(&database.db, noon(), &counts).await.expect("written");
        assert_eq!(database.count("select cast(sum(count) as bigint) from rate_limit_rejections").await, 9);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_never_stored_and_what_was_said_instead_is() {
    let database = Database::sqlite();
    let ledger = ledger(&database).await;
    // Another writer holds the database for longer than a caller can wait.
    let Db::Sqlite(engine) = &database.db else { unreachable!() };
    let blocker = engine.write.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    let (first, second) = (unit(1, 1, Some(CallState::Ringing)), unit(2, 2, Some(CallState::Ringing)));
    let mut stuck = std::pin::pin!(ledger.store(first, LONG));
    assert!(futures_util::poll!(&mut stuck).is_pending());
    while ledger.queued() > 0 {
        tokio::task::yield_now().await;
    }
    // The lane is in its transaction with the first; the second waits in the queue.
    assert_eq!(ledger.store(second.clone(), Duration::from_millis(50)).await, Err(NotStored::Late));
    let said = Unit { answer: Bytes::from_static(b"<Response/>"), ..second };
    assert!(ledger.remember(said));
    blocker.rollback().await.expect("the lock is free");
    assert!(stuck.await.is_ok());
    let third = ledger.store(unit(3, 3, Some(CallState::Ringing)), LONG).await;
    assert!(third.is_ok());
    ledger.close().await;
    assert_eq!(database.count("select count(*) from call_events").await, 3);
    assert_eq!(database.count("select count(*) from call_events where answer = '<Response/>'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consents_of_one_webhook_are_two_events() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        let consent = |id: &str, scope| Consent {
            id: id.to_owned(),
            scope,
            method: ConsentMethod::NoticeHeard,
            notice_version: "1".to_owned(),
            given: true,
        };
        for key in [1, 2] {
            // The second webhook, a second later, proves the same again: no row, no event.
            let mut unit = unit(key, 5, Some(CallState::InProgress));
            let _ = unit.facts.grant(consent("con_1", ConsentScope::Recording));
            let _ = unit.facts.grant(consent("con_2", ConsentScope::Voicemail));
            ledger.store(unit, LONG).await.expect("stored");
        }
        assert_eq!(database.count("select count(*) from consents").await, 2);
        assert_eq!(database.count("select count(*) from events where type = 'consent.given'").await, 2);
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_a_call_carries_that_call_whichever_leg_proves_it_and_the_end_comes_last() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        ledger.store(unit(1, 1, Some(CallState::InProgress)), LONG).await.expect("stored");
        let subject = format!("calls/CA{:032x}", 1);
        let mut leg = unit(2, 2, Some(CallState::InProgress));
        leg.call.as_mut().expect("a call").fact.parent_sid = Some(format!("CA{:032x}", 1));
        let event = OutboxEvent { id: None, kind: "call.answered", line: None, subject, data: serde_json::json!({}) };
        leg.facts.event(event.clone());
        ledger.store(leg, LONG).await.expect("stored");
        let payload = database.text("select payload from events where type = 'call.answered'").await.expect("written");
        let payload: serde_json::Value = serde_json::from_str(&payload).expect("JSON");
        assert_eq!(payload["call"]["sid"], format!("CA{:032x}", 1));
        assert_eq!(payload["ring_s"], 0);
        let mut last = unit(3, 1, Some(CallState::Completed));
        last.facts.event(OutboxEvent { kind: "emergency.detected", ..event.clone() });
        ledger.store(last, LONG).await.expect("stored");
        let last = database.text("select type from events order by place desc limit 1").await;
        assert_eq!(last.as_deref(), Some("call.ended"));
        // A report that comes late tells of what was before the end.
        let mut late = unit(9, 2, None);
        late.facts.event(OutboxEvent { id: Some("evt_late".to_owned()), ..event });
        ledger.store(late, LONG).await.expect("stored");
        let moments = "select count(distinct at) from events where type = 'call.ended' or id = 'evt_late'";
        assert_eq!((database.count("select count(*) from events").await, database.count(moments).await), (5, 1));
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_that_answers_answers_its_parents_call_at_once() {
    for database in Database::each().await {
        let ledger = ledger(&database).await;
        ledger.store(unit(1, 1, Some(CallState::InProgress)), LONG).await.expect("stored");
        let mut leg = unit(2, 2, Some(CallState::InProgress));
        let parent = unit(2, 1, None).call.expect("a call");
        leg.call.as_mut().expect("a call").fact.parent_sid = Some(parent.sid.to_string());
        leg.parent = Some(CallChange { outcome: Some(Outcome::Answered), ..parent });
        ledger.store(leg, LONG).await.expect("stored");
        let mut ended = unit(12, 1, Some(CallState::Completed));
        ended.call.as_mut().expect("a call").reason = Some("the conversation ended".to_owned());
        ledger.store(ended, LONG).await.expect("stored");
        let mut late = unit(20, 1, Some(CallState::Busy));
        late.call.as_mut().expect("a call").reason = Some("busy".to_owned());
        ledger.store(late, LONG).await.expect("stored");
        let payload = database.text("select payload from events where type = 'call.ended'").await.expect("written");
        let payload: serde_json::Value = serde_json::from_str(&payload).expect("JSON");
        assert_eq!((&payload["talk_s"], &payload["outcome"]), (&10.into(), &"answered".into()));
        assert_eq!(database.count("select count(*) from events where type = 'call.started'").await, 1);
        let reason = "select reason from calls where parent_call_sid is null";
        assert_eq!(database.text(reason).await.as_deref(), Some("the conversation ended"));
        ledger.close().await;
    }
}
