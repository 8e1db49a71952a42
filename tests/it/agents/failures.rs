//! Agents that are slow, silent, gone or broken: the caller goes on.

use super::caller::{Call, Stage, find, line};
use super::neutral::Agent;
use crate::support::Database;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use switchboard::audio::prompts;
use tokio::net::TcpListener;

/// From the decision that an agent is of no use to the next step, in milliseconds.
const ONWARD: f64 = 300.0;
const SALES: &str = "on_failure = { dial = \"+15875550102\" }\n";
const MAILBOX: &str = "on_failure = \"voicemail\"\n";

fn number(n: usize) -> String {
    format!("+1587555019{n}")
}

/// When what followed the stream was there, counted from the stream's beginning, in milliseconds.
fn onward_ms(call: &Call) -> f64 {
    call.stream().seconds * 1_000.0 + call.next().1
}

/// The caller was put through, or met the mailbox, and heard that something is wrong.
fn went_to_sales(call: &Call) {
    assert!(call.next().0.contains("+15875550102"), "{}", call.story());
    assert!(call.0.dialled.iter().any(|dialled| dialled.to == "+15875550102"), "{}", call.story());
}

fn went_to_the_mailbox(call: &Call) {
    assert!(call.next().0.contains("<Record"), "{}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_cannot_be_had_costs_no_second() {
    // Nobody listens; somebody listens and never answers the handshake; somebody opens and is never ready.
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let never_ready = Agent::who(async |mut call| {
        call.until("start").await;
        call.listen_to_the_end().await;
    })
    .await;
    let urls = [
        format!("ws://{closed}/"),
        format!("ws://{}/", mute.local_addr().expect("an address")),
        never_ready.url.clone(),
    ];
    let rows = urls.iter().enumerate().map(|(n, url)| {
        let next = if n == 1 { MAILBOX } else { SALES };
        line(&number(n), &format!("kind = \"websocket\"\nurl = \"{url}\"\n{next}"))
    });
    let stage = Stage::open(&rows.collect::<String>()).await;
    let [one, two, three] = [number(0), number(1), number(2)];
    let (refused, unanswered, unready) = tokio::join!(
        stage.call(&one, "3", Vec::new()),
        stage.call(&two, "3", Vec::new()),
        stage.call(&three, "3", Vec::new()),
    );
    for (call, after) in [(&refused, 0.0), (&unanswered, 800.0), (&unready, 700.0)] {
        assert!(onward_ms(call) <= after + ONWARD, "{}: {}", onward_ms(call), call.story());
    }
    went_to_sales(&refused);
    went_to_the_mailbox(&unanswered);
    went_to_sales(&unready);
    assert_eq!(never_ready.told.only("close")["code"], 4003);
    // Who refused while the carrier connected was asked once more when he was needed: each attempt counts.
    let metrics = stage.house.get("/metrics").await.body;
    for counted in ["{cause=\"refused\"} 2", "{cause=\"late\"} 2", "{cause=\"closed\"} 0"] {
        assert!(metrics.contains(&format!("switchboard_agent_failures_total{counted}")), "{counted}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_shows_its_own_secret_and_no_other() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({})).await;
        call.say(json!({"type": "stop", "reason": "done"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let rows = |n, more: &str| line(&number(n), &(agent.rows() + more));
    let lines =
        rows(0, "") + &rows(1, "secret_env = \"AGENT_SECRET_ONE\"\n") + &rows(2, "secret_env = \"AGENT_SECRET_TWO\"\n");
    let secrets = [("AGENT_SECRET", "of-all"), ("AGENT_SECRET_ONE", "of-one")];
    let stage = Stage::with(Database::sqlite(), &secrets, &lines).await;
    for n in 0..3 {
        stage.call(&number(n), "3", Vec::new()).await;
    }
    let shown: Vec<_> = agent.told.of("upgrade").iter().map(|upgrade| upgrade["authorization"].clone()).collect();
    assert_eq!(shown, ["Bearer of-all", "Bearer of-one"], "whose own secret is not there calls nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_agent_is_bridged_and_then_given_up() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(&number(0), &(agent.rows() + SALES))).await;
    let call = stage.call(&number(0), "3", Vec::new()).await;
    let first = call.stream().first_heard_ms.expect("a voice");
    assert!(first < 2_000.0, "{first}");
    assert!(find(call.heard(), &prompts::MOMENT.sound[800..4_000]).is_some(), "{}", call.story());
    let onward = onward_ms(&call);
    assert!((4_900.0..=5_000.0 + ONWARD).contains(&onward), "{onward}");
    went_to_sales(&call);
    assert_eq!(agent.told.only("close")["code"], 4004);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_dies_leaves_nobody_in_silence() {
    let died: Arc<Mutex<Option<Instant>>> = Arc::default();
    let dies = Arc::clone(&died);
    let agent = Agent::who(move |mut call| {
        let dies = Arc::clone(&dies);
        async move {
            call.begin(json!({"speaks_first": true})).await;
            call.part("u1", 440.0, 3_000).await;
            call.until("playing").await;
            *dies.lock().unwrap() = Some(Instant::now());
        }
    })
    .await;
    let stage = Stage::open(&line(&number(0), &(agent.rows() + SALES))).await;
    let onward = Mutex::new(None);
    let call = stage
        .watched(&number(0), "3", Vec::new(), |step| {
            if step.request.as_ref().is_some_and(|request| request.purpose == "connect action") {
                onward.lock().unwrap().get_or_insert_with(Instant::now);
            }
        })
        .await;
    let died = died.lock().unwrap().expect("it died");
    let onward = onward.lock().unwrap().expect("the call went on");
    let took = onward.duration_since(died).as_secs_f64() * 1_000.0;
    assert!(took <= ONWARD, "{took}: {}", call.story());
    went_to_sales(&call);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_stops_in_the_middle_of_a_word_is_given_up() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.part("u1", 440.0, 600).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(&number(0), &(agent.rows() + MAILBOX))).await;
    let call = stage.call(&number(0), "3", Vec::new()).await;
    let began = call.stream().first_heard_ms.expect("a voice");
    let onward = onward_ms(&call) - began;
    assert!((2_000.0..=600.0 + 1_500.0 + ONWARD).contains(&onward), "{onward}");
    went_to_the_mailbox(&call);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_was_accepted_is_carried_through_though_its_agent_dies() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.tone("u1", 440.0, 2_000).await;
        call.tool("t1", "transfer", json!({"to": "sales"})).await;
        call.until("tool.result").await;
    })
    .await;
    let stage = Stage::open(&line(&number(0), &(agent.rows() + MAILBOX))).await;
    let call = stage.call(&number(0), "3", Vec::new()).await;
    assert!(call.next().0.contains("+15875550101"), "{}", call.story());
}
