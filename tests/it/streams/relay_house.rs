//! Conversations in text: what the house itself adds to them, a greeting and loudspeakers.

use super::carrier::LONG;
use super::relay::{Agent, Caller, address, house, line};
use crate::house::House;
use crate::support::Database;
use serde_json::json;
use std::time::Instant;
use switchboard::audio::{g711, tone, wav};
use switchboard::simulator::{Speaker, heard_streams};

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_agent_waits_is_greeted_in_the_language_of_the_line() {
    for (language, words) in [
        ("en-US", "Hello, this is the automatic assistant. How can I help you?"),
        ("de-DE", "Guten Tag, hier ist der automatische Assistent. Wie kann ich Ihnen helfen?"),
        ("pl-PL", "Hello, this is the automatic assistant. How can I help you?"),
    ] {
        let (listener, url) = address().await;
        let database = Database::sqlite();
        let file = line(&url).replacen("[lines.menus", &format!("language = \"{language}\"\n[lines.menus"), 1);
        let house = House::with(&database.url, &[], Some(&file)).await;
        let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, false));
        let begun = Instant::now();
        assert_eq!(caller.hears().await, words);
        assert!(begun.elapsed().as_millis() < 2_000, "{:?}", begun.elapsed());
        caller.says("When do you open?").await;
        assert_eq!(agent.until("speech_started").await["speech"], "s1");
        agent.says("u1", "At seven.", true).await;
        assert_eq!(caller.hears().await, "At seven.", "greeted once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_at_once_or_is_spoken_to_is_not_greeted_by_the_house() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, false));
    agent.says("u1", "The bakery.", true).await;
    assert_eq!(caller.hears().await, "The bakery.");
    agent.until("played").await;
    agent.says("u2", "Hello?", true).await;
    assert_eq!(caller.hears().await, "Hello?");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_in_text_pages_the_building() {
    let speaker = std::iter::repeat_with(|| Speaker::unicast(([127, 0, 0, 1], 0).into()).expect("a speaker"));
    let speaker = { speaker }.find(|speaker| speaker.address().port() % 2 == 0).expect("an even port");
    let folder = tempfile::tempdir().expect("a folder");
    let said = folder.path().join("said.wav");
    let sound = wav::Sound::mono(8_000, tone::sine(700.0, 600, 0.4, 8_000));
    std::fs::write(&said, wav::pcm16(&sound)).expect("a file");
    let (listener, url) = address().await;
    let more = format!(
        "{url}\npage_zones = [\"701\"]\n[lines.speech.voice]\nengine = \"command\"\ncommand = [\"cat\", \"{}\"]\n\
         [paging.outputs.hall]\nkind = \"unicast\"\naddress = \"127.0.0.1\"\nport = {}\n[paging.zones.701]\noutputs = [\"hall\"]\n",
        said.display(),
        speaker.address().port()
    );
    let (house, _database) = house(&more).await;
    let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    agent.says("u1", "I am calling somebody.", true).await;
    caller.hears().await;
    // His own words, by the name of the utterance.
    let page = json!({"type": "tool.call", "id": "t1", "name": "page", "args": {"zone": "701", "audio_utt": "u1"}});
    agent.say(&page).await;
    let result = agent.until("tool.result").await;
    assert_eq!((&result["ok"], &result["result"]["zone"]), (&json!(true), &json!("701")), "{result}");
    while !house.get("/api/pages").await.body.contains("\"state\":\"ended\"") {
        tokio::task::yield_now().await;
    }
    assert!(speaker.hears(30, LONG));
    let streams = heard_streams(&speaker.heard());
    let frames =
        streams[0].payload.chunks_exact(160).map(|frame| frame.iter().map(|byte| g711::decode(*byte)).collect());
    let frames: Vec<Vec<i16>> = frames.collect();
    let heard = frames.iter().filter(|frame| tone::share(frame, 700.0, 8_000) > 0.9).count() * 20;
    assert!(heard.abs_diff(600) <= 40, "{heard} ms");
    agent.says("u2", "Somebody comes.", true).await;
    assert_eq!(caller.hears().await, "Somebody comes.");
}
