//! Limits as callers and operators meet them: over real sockets, as the line's configuration says.

use crate::house::{Answer, House, call, with};
use crate::support::Database;

const BUSY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Reject reason=\"busy\"/></Response>";

/// A line that lets in `limits`.
fn line(limits: &str) -> String {
    format!("[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\n{limits}\n")
}

/// A house whose database answers: until then nobody is asked.
async fn open(database: &Database, file: Option<&str>) -> House {
    let house = House::with(&database.url, &[], file).await;
    while house.get("/health").await.status != 200 {
        tokio::task::yield_now().await;
    }
    house
}

/// Call number `n` from `from`.
async fn ring(house: &House, n: usize, from: &str) -> Answer {
    let sid = format!("CA{n:032x}");
    house.post("/twilio/voice", &with(call(&sid), &[("From", from)])).await
}

/// How many of so many calls at once from `from` are let in; `first` is the number of the first.
async fn let_in(house: &House, first: usize, count: usize, from: &str) -> usize {
    let mut let_in = 0;
    for n in first..first + count {
        let answer = ring(house, n, from).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/xml"));
        let_in += usize::from(answer.body != BUSY);
        assert!(answer.body == BUSY || answer.body.contains("<Gather"), "{}", answer.body);
    }
    let_in
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_calls_at_once_come_in_and_the_eleventh_hears_busy_whichever_instance_it_meets() {
    for database in Database::each().await {
        let (one, two) = (open(&database, None).await, open(&database, None).await);
        let mut first = None;
        for n in 0..10 {
            let answer = ring(if n % 2 == 0 { &one } else { &two }, n, "+14035550111").await;
            assert!(answer.body.contains("<Gather"), "{}", answer.body);
            first.get_or_insert(answer);
        }
        for house in [&one, &two] {
            let refused = ring(house, if std::ptr::eq(house, &one) { 10 } else { 11 }, "+14035550111").await;
            assert_eq!((refused.status, refused.content_type.as_str()), (200, "text/xml"));
            assert_eq!(refused.body, BUSY);
        }
        assert!(ring(&one, 12, "+14035550112").await.body.contains("<Gather"), "another caller is unaffected");
        // A later step of a running call is never refused.
        let sid = format!("CA{:032x}", 0);
        let pressed = with(call(&sid), &[("CallStatus", "in-progress"), ("Digits", "9")]);
        let step = two.post(&first.expect("the first answer").target("action"), &pressed).await;
        assert!(step.body.contains("<Record"), "{}", step.body);
        let metrics = [one.get("/metrics").await.body, two.get("/metrics").await.body];
        assert!(metrics.iter().all(|text| text.contains("switchboard_rate_limited_total{rule=\"caller\"} 1")));
        let told = one.get(&format!("/api/calls/CA{:032x}", 10)).await.body;
        assert!(told.contains("over the limit by caller") && told.contains("\"outcome\":\"rejected\""), "{told}");
        one.running.stop().await;
        two.running.stop().await;
        assert_eq!(database.count("select count(*) from events where type = 'limit.violated'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_number_has_no_callers_limit() {
    let database = Database::sqlite();
    let house = open(&database, None).await;
    for (place, from) in ["anonymous", "+266696687", "Restricted", "+7378742833", ""].into_iter().enumerate() {
        assert_eq!(let_in(&house, place * 20, 15, from).await, 15, "{from:?}");
    }
    assert_eq!(let_in(&house, 500, 15, "sip:ana@pbx.example").await, 10, "a SIP caller has a name");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lines_limit_counts_all_callers_but_those_on_the_list() {
    let text = line(
        "[lines.limits]\ncaller = \"off\"\nline = { burst = 5, every_s = 3600 }\n\
         allow = [\"+14035550155\", \"+1587555*\"]",
    );
    let database = Database::sqlite();
    let house = open(&database, Some(&text)).await;
    for (first, from) in [(0, "+14035550155"), (20, "+15875550199")] {
        assert_eq!(let_in(&house, first, 12, from).await, 12, "{from} is on the list");
    }
    assert_eq!(let_in(&house, 40, 3, "anonymous").await, 3);
    assert_eq!(let_in(&house, 50, 3, "+14035550111").await, 2, "the line's, not the caller's");
    let metrics = house.get("/metrics").await.body;
    assert!(metrics.contains("switchboard_rate_limited_total{rule=\"line\"} 1"), "{metrics}");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_fields_of_ones_choice_have_limits_too() {
    let text = line(
        "[lines.limits]\naccount = { burst = 3, every_s = 3600 }\n\
         custom = { by = [\"FromCountry\"], burst = 1, every_s = 3600 }",
    );
    let database = Database::sqlite();
    let house = open(&database, Some(&text)).await;
    let mut rules = Vec::new();
    for (n, country) in ["CA", "CA", "US", "GB", "DE"].into_iter().enumerate() {
        let sid = format!("CA{n:032x}");
        let from = format!("+1403555011{n}");
        house.post("/twilio/voice", &with(call(&sid), &[("From", &from), ("FromCountry", country)])).await;
        let told = house.get(&format!("/api/calls/{sid}")).await.body;
        rules.push(["custom", "account"].into_iter().find(|rule| told.contains(&format!("over the limit by {rule}"))));
    }
    assert_eq!(rules, [None, Some("custom"), None, None, Some("account")]);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_chooses_what_a_refused_caller_hears() {
    const ONE: &str = "[lines.limits]\ncaller = { burst = 1, every_s = 3600 }";
    for (busy, status, words, outcome) in [
        ("busy = 429", 429, "more calls than this line's limits let in", "rejected"),
        ("busy = { message = \"Please try again soon.\" }", 200, "Please try again soon.</Say><Hangup/>", "rejected"),
        ("busy = \"voicemail\"", 200, "<Record", "voicemail"),
    ] {
        let database = Database::sqlite();
        let house = open(&database, Some(&line(&format!("{busy}\n{ONE}")))).await;
        assert_eq!(ring(&house, 1, "+14035550111").await.status, 200);
        let refused = ring(&house, 2, "+14035550111").await;
        assert_eq!(refused.status, status, "{busy}");
        assert!(refused.body.contains(words), "{busy}: {}", refused.body);
        assert_eq!(ring(&house, 2, "+14035550111").await, refused, "a copy hears the same");
        house.running.stop().await;
        let expected = i64::from(outcome == "voicemail");
        assert_eq!(database.count("select count(*) from voicemails where state = 'expected'").await, expected);
        assert_eq!(database.count("select count(*) from consents").await, expected);
        let stored = database.text("select outcome from calls where call_sid like '%2'").await;
        assert_eq!(stored.as_deref(), Some(outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_everybody_comes_in_and_the_house_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let blocker = folder.path().join("blocker");
    std::fs::write(&blocker, b"").expect("a file");
    let url = format!("postgres://nobody@localhost/none?host={}", blocker.display());
    let house = House::with(&url, &[], None).await;
    assert_eq!(let_in(&house, 0, 15, "+14035550111").await, 15);
    assert_eq!(let_in(&house, 20, 5, "anonymous").await, 5);
    let metrics = house.get("/metrics").await.body;
    assert!(metrics.contains("switchboard_limits_failed_open_total 15\n"), "{metrics}");
    let health = house.get("/health").await.body;
    assert!(health.contains("15 calls of this process were let in before their limits could be asked"), "{health}");
    house.running.stop().await;
}
