//! Whole calls to people: screened, all at once, and in a queue; through the real house, on both engines.

use crate::house::{House, PUBLIC_URL, TOKEN};
use crate::simulator_stand::{dials, keys, plan, transcript};
use crate::support::Database;
use std::time::Duration;
use switchboard::base::Secret;
use switchboard::simulator::{Archive, CallPlan, Callee, Carrier, CarrierSettings, Report, Script, Target, Waiting};

const FILE: &str = r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
[lines.people.ana]
dial = "+15875550101"
[lines.people.ben]
dial = "+15875550102"
[lines.menus.main]
prompt = "?"
[lines.menus.main.keys]
1 = { dial = ["ana", "ben"] }
2 = { dial = ["ana", "ben"], order = "all" }
3 = { queue = "support", max_wait_s = 90 }
7 = { answer_queue = "support", from = ["ana"] }
9 = "voicemail"
"#;

async fn house(database: &Database) -> House {
    House::with(&database.url, &[], Some(FILE)).await
}

async fn called(house: &House, seed: u128, from: &str, script: Script) -> Report {
    let target = Target::new(&house.base(), Some(PUBLIC_URL)).unwrap();
    let settings = CarrierSettings::new(target, "AC00000000000000000000000000000001", Secret::new(TOKEN));
    let carrier = Carrier::new(settings, Archive::default()).unwrap();
    let report = carrier.place(CallPlan { seed, from: from.to_owned(), ..plan(script) }, |_| {}).await;
    assert!(report.went_through && report.warnings.is_empty(), "{}", transcript(&report));
    report
}

const CALLER: &str = "+15875550111";

fn pressing(key: &str, script: Script) -> Script {
    Script { acts: keys(key).acts, ..script }
}

/// To whom, how it ended, and whether the two talked.
fn legs(report: &Report) -> Vec<(&str, &str, bool)> {
    report.dialled.iter().map(|leg| (leg.to.as_str(), leg.status, leg.bridged)).collect()
}

fn left_a_message(report: &Report) -> bool {
    report.recordings.iter().any(|recording| !recording.absent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_swallows_nothing() {
    for database in Database::each().await {
        let house = house(&database).await;
        let script = |callees: &[Callee]| pressing("1", dials(callees));
        let accepted = called(&house, 1, CALLER, script(&[Callee::ANSWERS])).await;
        assert_eq!(legs(&accepted), [("+15875550101", "completed", true)], "{}", transcript(&accepted));
        let second = called(&house, 2, CALLER, script(&[Callee::Mailbox, Callee::ANSWERS])).await;
        let swallowed = [("+15875550101", "completed", false), ("+15875550102", "completed", true)];
        assert_eq!(legs(&second), swallowed, "{}", transcript(&second));
        let nobody = called(&house, 3, CALLER, script(&[Callee::Declines, Callee::Mailbox])).await;
        assert!(left_a_message(&nobody) && legs(&nobody).iter().all(|leg| !leg.2), "{}", transcript(&nobody));
        // A call is answered when the key is pressed, and only then; its legs are rows beside it.
        let answered = "select count(*) from events where type = 'call.answered' and payload like '%15875550101%'";
        assert_eq!(database.count(answered).await, 1);
        assert_eq!(database.count("select count(*) from calls where parent_call_sid is not null").await, 5);
        assert_eq!(
            database.count("select count(*) from calls where parent_call_sid is null and outcome = 'voicemail'").await,
            1
        );
        let asked = "select count(*) from call_events where kind = 'screen'";
        assert_eq!(database.count(asked).await, 2 + 3 + 2 + 3 + 3);
        assert_eq!(
            database.count("select count(*) from consents where scope = 'recording'").await,
            3,
            "the callers' own"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_at_once_goes_on_in_turn() {
    for database in Database::each().await {
        let house = house(&database).await;
        let script = pressing("2", dials(&[Callee::Declines, Callee::NoAnswer, Callee::NoAnswer, Callee::ANSWERS]));
        let report = called(&house, 1, CALLER, script).await;
        let all = [
            ("+15875550102", "canceled", false),
            ("+15875550101", "completed", false),
            ("+15875550101", "no-answer", false),
            ("+15875550102", "completed", true),
        ];
        assert_eq!(legs(&report), all, "{}", transcript(&report));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_lets_its_callers_out_in_every_way() {
    for database in Database::each().await {
        let house = house(&database).await;
        let waiting = |outcome| pressing("3", Script { waiting: outcome, ..Script::default() });
        let taken = Waiting::Taken { after: Duration::from_secs(40), talk: Duration::from_secs(15) };
        let bridged = called(&house, 1, CALLER, waiting(taken)).await;
        let text = transcript(&bridged);
        assert!(text.contains("You are number 2 in line.") && text.contains("You are number 1 in line."), "{text}");
        assert!(text.contains("Goodbye.") && !left_a_message(&bridged), "{text}");
        for (seed, outcome) in [(2, Waiting::Nobody), (3, Waiting::Full), (4, Waiting::Failed)] {
            let report = called(&house, seed, CALLER, waiting(outcome)).await;
            assert!(left_a_message(&report), "{outcome:?}: {}", transcript(&report));
        }
        let key = called(&house, 5, CALLER, pressing("3,w5,*", waiting(Waiting::Nobody))).await;
        let key = called(&house, 6, CALLER, Script { acts: keys("3,w0.2,*").acts, ..waiting(Waiting::Nobody) })
            .await
            .duration_s
            .min(key.duration_s);
        assert!(key < 90, "a key leaves at once: {key} s");
        let gone = Script { hang_up_after: Duration::from_secs(30), ..waiting(Waiting::Nobody) };
        assert_eq!(called(&house, 7, CALLER, gone).await.ended, "the caller hung up");
        for (kind, wanted) in [("added", 5), ("answered", 1), ("abandoned", 6)] {
            let sql = match kind {
                "added" => "select count(*) from events where type = 'queue.call_added'",
                "answered" => "select count(*) from events where type = 'queue.call_answered'",
                _ => "select count(*) from events where type = 'queue.call_abandoned'",
            };
            assert_eq!(database.count(sql).await, wanted, "{kind}");
        }
        let payload = database.text("select payload from events where type = 'queue.call_answered'").await.unwrap();
        assert!(payload.contains("\"call\"") && payload.contains("\"wait_s\""), "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_take_calls_until_nobody_waits() {
    for database in Database::each().await {
        let house = house(&database).await;
        let script = pressing("7,w60,9", dials(&[Callee::ANSWERS, Callee::ANSWERS, Callee::NoAnswer]));
        let report = called(&house, 1, "+15875550101", script).await;
        assert_eq!(report.dialled.iter().filter(|leg| leg.bridged).count(), 2, "{}", transcript(&report));
        assert!(transcript(&report).contains("Nobody is waiting right now."), "{}", transcript(&report));
        assert_eq!(database.count("select count(*) from events where type = 'queue.call_answered'").await, 2);
    }
}
