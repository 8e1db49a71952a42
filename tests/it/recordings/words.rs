//! Words of messages, from our own copy of the audio.

use super::scene::{HOW, Scene, message};
use crate::speech::Pretend;
use crate::support::Database;
use chrono::TimeDelta;
use std::sync::Arc;
use switchboard::config::line::Line;
use switchboard::config::speech::Transcription;
use switchboard::config::{FixedSource, builtin_lines};
use switchboard::ledger::{VoicemailChange, VoicemailState};
use switchboard::speech::{Parts, Speech};

fn line(url: &str) -> Vec<Arc<Line>> {
    let mut line = builtin_lines(&FixedSource::default()).expect("good").remove(0);
    line.name = "main".to_owned();
    let (url, model) = (url.to_owned(), "whisper-1".to_owned());
    line.speech.transcription = Some(Transcription { url, model, prompt: String::new() });
    vec![Arc::new(line)]
}

fn speech(scene: &Scene<'_>) -> Speech {
    let folder = scene.folder.path().join("prompts");
    Speech::new(Parts { keys: Default::default(), folder, clock: scene.clock.clone() })
}

/// A message with audio, whose words are wanted.
async fn wanted(scene: &Scene<'_>, call: u32) {
    scene.message(call, 2).await;
    let mut unit = scene.story.webhook(call, 41, "voicemail");
    let wanted = message(call, VoicemailState::Expected);
    unit.facts.voicemail(VoicemailChange { transcript_state: Some("wanted"), ..wanted });
    scene.story.tell(unit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_gets_its_words_once() {
    for database in Database::each().await {
        let scene = Scene::set(&database).await;
        let said = br#"{"text":"My card is 4242 4242 4242 4242. There is a gas leak."}"#.to_vec();
        let (pretend, url) = Pretend::answering(vec![(200, "application/json", said)]).await;
        wanted(&scene, 1).await;
        let (one, two, speech, lines) = (scene.recorder("one"), scene.recorder("two"), speech(&scene), line(&url));
        assert_eq!(one.transcribe_due(&speech, &lines).await.expect("a round"), 0, "there is no copy yet");
        one.round(&HOW).await.expect("a round");
        for recorder in [&one, &two, &one] {
            recorder.transcribe_due(&speech, &lines).await.expect("a round");
        }
        assert_eq!(pretend.asked().len(), 1);
        let ready = scene.events("transcript.ready").await;
        assert_eq!(ready.len(), 1);
        assert_eq!(ready[0]["source"], "switchboard");
        assert_eq!(ready[0]["transcript"]["text"], "My card is [card ...4242]. There is a gas leak.");
        assert_eq!(scene.events("emergency.detected").await.len(), 1);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_away_is_waited_for_and_not_for_ever() {
    let database = Database::sqlite();
    let scene = Scene::set(&database).await;
    let (pretend, url) = Pretend::answering(vec![(500, "text/plain", b"oops".to_vec())]).await;
    wanted(&scene, 1).await;
    let (recorder, speech, lines) = (scene.recorder("one"), speech(&scene), line(&url));
    recorder.round(&HOW).await.expect("a round");
    for _ in 0..3 {
        recorder.transcribe_due(&speech, &lines).await.expect("a round");
    }
    assert_eq!(pretend.asked().len(), 1, "not at once again");
    scene.later(TimeDelta::minutes(1));
    recorder.transcribe_due(&speech, &lines).await.expect("a round");
    assert_eq!(pretend.asked().len(), 2);
    let state = "select count(*) from voicemails where transcript_state = 'wanted'";
    assert_eq!(database.count(state).await, 1);
    scene.later(TimeDelta::hours(25));
    recorder.transcribe_due(&speech, &lines).await.expect("a round");
    assert_eq!(database.count(state).await, 0);
    assert_eq!(database.count("select count(*) from voicemails where transcript_state = 'failed'").await, 1);
    assert_eq!(scene.events("transcript.ready").await.len(), 0);
    scene.end().await;
}
