//! OpenAI's Realtime API, played by scripts, through whole calls.

use super::caller::{Call, EDGES, Stage, line, voice, whistle};
use super::vendor::Vendor;
use serde_json::json;
use switchboard::simulator::Clip;

const NUMBER: &str = "+15875550100";

/// A call while a script plays; `more` are rows of `[lines.agent]`.
async fn call(vendor: &Vendor, more: &str, acts: &str, voices: Vec<Clip>) -> (Stage, Call) {
    let stage = Stage::open(&line(NUMBER, &(vendor.rows() + more))).await;
    let call = stage.call(NUMBER, acts, voices).await;
    (stage, call)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_normal_turn() {
    let vendor = Vendor::plays("01-normal-turn", None).await;
    let (_stage, call) = call(&vendor, "", "3,w2.6,s,w5,h", vec![whistle(1_400)]).await;
    vendor.check();
    for (hz, ms) in [(440.0, 1_600), (520.0, 1_600)] {
        assert!(call.tone(hz).abs_diff(ms) <= EDGES, "{hz}: {} {}", call.tone(hz), call.story());
    }
    let said = super::caller::tone_ms(&vendor.sound(), super::caller::CALLER_HZ);
    assert!(said.abs_diff(1_400) <= EDGES, "{said}");
    call.was_fluent();
    assert_eq!(vendor.of("close"), [json!({"type": "close", "code": 1000})]);
}

/// The caller interrupts so many seconds after the greeting began; what is cut is what was heard.
async fn interrupted(script: &str, acts: &str) -> (Vendor, Call) {
    let vendor = Vendor::plays(script, None).await;
    let (_stage, call) = call(&vendor, "", acts, vec![voice()]).await;
    vendor.check();
    let truncated = vendor.of("conversation.item.truncate");
    let [truncated] = truncated.as_slice() else { panic!("{truncated:?}: {}", call.story()) };
    assert_eq!((&truncated["item_id"], &truncated["content_index"]), (&json!("item_a2"), &json!(0)));
    let heard_ms = usize::try_from(truncated["audio_end_ms"].as_u64().expect("a number")).expect("it fits");
    assert!(heard_ms.abs_diff(call.tone(520.0)) <= 2 * EDGES, "{truncated} {}", call.tone(520.0));
    let [interruption] = call.stream().interruptions.as_slice() else { panic!("{}", call.story()) };
    assert!(interruption.cleared_after_ms.is_some_and(|ms| ms < 500.0) && !interruption.talked_on, "{interruption:?}");
    (vendor, call)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_of_an_answer_that_is_still_made() {
    let (_vendor, call) = interrupted("02-interruption-generating", "3,w3,s,w3,h").await;
    assert!(call.tone(620.0) > 300, "the next answer is heard: {}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_when_all_has_been_made() {
    interrupted("03-interruption-after-done", "3,w3.45,s,h").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_waits_for_the_farewell() {
    let vendor = Vendor::plays("04-tool-call", None).await;
    let (_stage, call) = call(&vendor, "", "3", Vec::new()).await;
    vendor.check();
    assert!(call.tone(520.0).abs_diff(1_200) <= EDGES, "{} {}", call.tone(520.0), call.story());
    assert!(call.0.dialled.iter().any(|dialled| dialled.to == "+15875550101"), "{}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_that_end_nothing() {
    let vendor = Vendor::plays("05-error-nonfatal", None).await;
    let (_stage, call) = call(&vendor, "", "3,w6.5,h", Vec::new()).await;
    vendor.check();
    assert!(call.tone(520.0) > 300, "{}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credit_nobody_is_kept_waiting() {
    let vendor = Vendor::plays("06-error-fatal", None).await;
    let (stage, first) = call(&vendor, "", "3", Vec::new()).await;
    assert!(first.next().0.contains("<Record"), "{}", first.story());
    assert!(first.stream().seconds < 1.0, "{}", first.story());
    // The account is not asked again for a while: the next caller goes on at once.
    let second = stage.call(NUMBER, "3", Vec::new()).await;
    assert!(second.stream().seconds < 0.3 && second.next().0.contains("<Record"), "{}", second.story());
    assert_eq!(vendor.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_connection_leads_on() {
    let vendor = Vendor::plays("07-disconnect-mid-utterance", Some("A")).await;
    let (_stage, call) = call(&vendor, "on_failure = { dial = \"+15875550102\" }\n", "3", Vec::new()).await;
    vendor.check();
    assert!(call.next().0.contains("+15875550102"), "{}", call.story());
    // It broke 3.3 s after it opened, which was before the stream began.
    assert!(call.stream().seconds < 3.6, "{}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_connection_is_mended_with_what_was_heard() {
    let vendor = Vendor::plays("07-disconnect-mid-utterance", Some("B")).await;
    let (_stage, call) = call(&vendor, "reconnect = true\n", "3,w7,h", Vec::new()).await;
    assert_eq!(vendor.connections(), 2, "{}", call.story());
    let replayed: Vec<String> = vendor
        .of("conversation.item.create")
        .iter()
        .filter_map(|event| event["item"]["content"][0]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(replayed[..2], ["Good morning, the bakery, how can I help?", "Do you have rye bread?"], "{replayed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_format_than_was_asked_for() {
    let vendor = Vendor::plays("09-format-ignored", None).await;
    let (_stage, call) = call(&vendor, "", "3,w1,h", Vec::new()).await;
    vendor.check();
    assert!(call.tone(440.0).abs_diff(400) <= EDGES, "{} {}", call.tone(440.0), call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_freezes_costs_two_seconds_at_most() {
    let vendor = Vendor::plays("10-stall", None).await;
    let (_stage, call) = call(&vendor, "", "3", Vec::new()).await;
    let onward = call.stream().seconds * 1_000.0 + call.next().1;
    assert!(onward <= 2_000.0, "{onward}: {}", call.story());
    assert!(call.next().0.contains("<Record"), "{}", call.story());
}
