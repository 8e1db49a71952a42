//! What a caller and an agent of somebody's own have to say to each other.

use super::caller::{CALLER_HZ, EDGES, Stage, find, line, tone_ms, voice, whistle};
use super::neutral::Agent;
use serde_json::json;
use switchboard::audio::keys;

const NUMBER: &str = "+15875550100";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_goes_both_ways() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.tone("u1", 440.0, 1_000).await;
        call.until_whistled().await;
        call.tone("u2", 520.0, 800).await;
        call.until("played").await;
        call.say(json!({"type": "stop", "reason": "done"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
    let call = stage.call(NUMBER, "3,w1.5,s", vec![whistle(700)]).await;
    let stream = call.stream();
    assert!(call.tone(440.0).abs_diff(1_000) <= EDGES, "{} {}", call.tone(440.0), call.story());
    assert!(call.tone(520.0).abs_diff(800) <= EDGES, "{} {}", call.tone(520.0), call.story());
    assert_eq!((stream.invalid, stream.clears), (0, 0), "{}", call.story());
    call.was_fluent();
    let said = tone_ms(&agent.told.sound(), CALLER_HZ);
    assert!(said.abs_diff(700) <= EDGES, "{said}");
    let start = agent.told.only("start");
    assert_eq!(
        (&start["from"], &start["to"], &start["line"]),
        (&json!("0111"), &json!(NUMBER), &json!("line-15875550100"))
    );
    assert_eq!(agent.told.only("stop")["reason"], "agent_stop");
    assert_eq!(agent.told.only("close")["code"], 1000);
    assert!(call.next().0.contains("<Record"), "behind a conversation is the mailbox: {}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_is_told_as_it_was_heard() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.part("u1", 440.0, 4_000).await;
        for (at_ms, text) in [(0, "We open at seven "), (900, "and close at five, "), (2_000, "every day but Sunday.")]
        {
            call.say(json!({"type": "caption", "utt": "u1", "at_ms": at_ms, "text": text})).await;
        }
        call.say(json!({"type": "audio_end", "utt": "u1"})).await;
        call.tone("u2", 620.0, 500).await;
        call.until("interrupted").await;
        // It is too late for both.
        call.part("u1", 440.0, 500).await;
        call.part("u2", 620.0, 500).await;
        call.until("speech_ended").await;
        call.tone("u3", 520.0, 600).await;
        call.until("played").await;
        call.say(json!({"type": "stop", "reason": "done", "next": "hangup"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
    let call = stage.call(NUMBER, "3,w1.3,s", vec![voice()]).await;
    let cut = agent.told.only("interrupted");
    let heard_ms = usize::try_from(cut["heard_ms"].as_u64().expect("a number")).expect("it fits");
    assert!(heard_ms.abs_diff(call.tone(440.0)) <= 2 * EDGES, "{cut} {}", call.tone(440.0));
    assert_eq!((&cut["utt"], &cut["cause"], &cut["dropped"]), (&json!("u1"), &json!("speech"), &json!(["u2"])));
    assert_eq!(cut["received_ms"], 4_000);
    let text = cut["heard_text"].as_str().expect("words");
    assert!(text.starts_with("We open at seven") && !text.contains("every day"), "{text}");
    assert_eq!(agent.told.only("speech_started")["during"]["utt"], "u1");
    let unknown = agent.told.of("error");
    assert!(!unknown.is_empty() && unknown.iter().all(|error| error["code"] == "unknown_utterance"), "{unknown:?}");
    assert_eq!(call.tone(620.0), 0, "what was dropped is never heard");
    assert!(call.tone(520.0).abs_diff(600) <= EDGES, "{} {}", call.tone(520.0), call.story());
    let [interruption] = call.stream().interruptions.as_slice() else { panic!("{}", call.story()) };
    assert!(interruption.cleared_after_ms.is_some_and(|ms| ms < 500.0) && !interruption.talked_on, "{interruption:?}");
    assert!(call.next().0.contains("<Hangup"), "{}", call.story());
}

/// What an agent does that says a word and asks for a tool.
async fn asks(tool: &'static str, args: serde_json::Value) -> Agent {
    Agent::who(move |mut call| {
        let args = args.clone();
        async move {
            call.begin(json!({"speaks_first": true})).await;
            call.tone("u1", 440.0, 1_200).await;
            call.tool("t1", tool, args.clone()).await;
            // The same once more has no second effect.
            call.tool("t1", tool, args).await;
            call.listen_to_the_end().await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_follow_the_last_word() {
    for (tool, args, why, next) in [
        ("transfer", json!({"to": "sales"}), "transferred", "+15875550101"),
        ("take_message", json!({}), "message", "<Record"),
        ("hangup_after_speech", json!({}), "hung_up", "<Hangup"),
    ] {
        let agent = asks(tool, args).await;
        let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
        let call = stage.call(NUMBER, "3", Vec::new()).await;
        assert!(call.tone(440.0).abs_diff(1_200) <= EDGES, "{tool}: {}", call.tone(440.0));
        assert!(call.next().0.contains(next), "{tool}: {}", call.story());
        let results = agent.told.of("tool.result");
        assert!(results.iter().all(|result| result["ok"] == true), "{tool}: {results:?}");
        assert_eq!(results[0]["result"], json!({"when": "after_speech"}), "{tool}");
        assert_eq!(agent.told.only("stop")["reason"], why, "{tool}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_and_a_prompt_are_said_before_the_next_step() {
    for (tool, args, said, before) in [
        ("transfer", json!({"to": "sales", "announce": "Ana will help you."}), "Ana will help you.", "<Dial"),
        (
            "take_message",
            json!({"prompt": "Tell us your size."}),
            "Tell us your size.",
            "Your message will be recorded",
        ),
    ] {
        let agent = asks(tool, args).await;
        let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
        let call = stage.call(NUMBER, "3", Vec::new()).await;
        let (document, _) = call.next();
        let place = |text: &str| document.find(text).unwrap_or_else(|| panic!("no {text}: {document}"));
        assert!(place(said) < place(before), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_sound_behind_what_was_said() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.tone("u1", 440.0, 400).await;
        call.tool("t1", "send_digits", json!({"digits": "5w#"})).await;
        call.tone("u2", 520.0, 400).await;
        while call.until("played").await["utt"] != "u2" {}
        call.tool("t2", "page", json!({"zone": "701", "text": "Hello."})).await;
        call.until("tool.result").await;
        call.say(json!({"type": "stop", "reason": "done"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
    let call = stage.call(NUMBER, "3", Vec::new()).await;
    let keys = find(call.heard(), &keys::mulaw("5w#")[..6_800]).unwrap_or_else(|| panic!("{}", call.story()));
    let first =
        |hz: f64| (0..call.heard().len() / 160).find(|n| tone_ms(&call.heard()[n * 160..(n + 1) * 160], hz) > 0);
    assert!(first(440.0).is_some_and(|n| n * 160 < keys) && first(520.0).is_some_and(|n| n * 160 > keys));
    let results = agent.told.of("tool.result");
    assert_eq!(results[0]["result"], json!({"ms": 860}), "{results:?}");
    assert_eq!(results[1]["error"]["code"], "tool_denied", "no zone is named: {results:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_for_help_goes_before_everything_whoever_talks() {
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.part("u1", 440.0, 5_000).await;
        call.until("playing").await;
        let said = json!({"type": "transcript", "who": "caller", "text": "Help, there is a fire!", "final": false});
        call.say(said).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(NUMBER, &agent.rows())).await;
    let call = stage.call(NUMBER, "3", Vec::new()).await;
    assert!(call.tone(440.0) < 1_000, "{}", call.tone(440.0));
    assert!(call.next().0.contains("+15875550103"), "{}", call.story());
    assert_eq!(agent.told.only("stop")["reason"], "emergency");
    // What the agent itself says is no call for help.
    let talks = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.tone("u1", 440.0, 500).await;
        call.say(json!({"type": "transcript", "who": "agent", "text": "There is a fire!", "final": true})).await;
        call.until("played").await;
        call.say(json!({"type": "stop", "reason": "done"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let stage = Stage::open(&line(NUMBER, &talks.rows())).await;
    let call = stage.call(NUMBER, "3", Vec::new()).await;
    assert!(call.next().0.contains("<Record"), "{}", call.story());
}
