//! Speech engines: what they are asked, what becomes of their answers, and of their failures.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use std::sync::{Arc, Mutex};
use switchboard::audio::{g711, tone, wav};
use switchboard::base::{Clock, Secret, Time};
use switchboard::config;
use switchboard::config::speech::{Engine, Sound, Transcription, Voice};
use switchboard::speech::{Heard, Parts, Speech, SpeechError};

/// A question as the engine got it.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    path: String,
    headers: axum::http::HeaderMap,
    body: Bytes,
}

type Answer = (u16, &'static str, Vec<u8>);

/// An engine that gives the answers it was told to, the last one for ever.
#[derive(Clone, Default)]
pub(crate) struct Pretend(Arc<Mutex<(Vec<Answer>, Vec<Question>)>>);

impl Pretend {
    pub(crate) async fn answering(answers: Vec<Answer>) -> (Self, String) {
        let pretend = Self(Arc::new(Mutex::new((answers, Vec::new()))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(pretend.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (pretend, url)
    }

    pub(crate) fn asked(&self) -> Vec<Question> {
        self.0.lock().unwrap().1.clone()
    }

    pub(crate) fn now_answers(&self, answer: Answer) {
        self.0.lock().unwrap().0 = vec![answer];
    }
}

async fn answer(State(pretend): State<Pretend>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let mut inner = pretend.0.lock().unwrap();
    inner.1.push(Question { path: parts.uri.to_string(), headers: parts.headers, body });
    let (status, content_type, body) = if inner.0.len() > 1 { inner.0.remove(0) } else { inner.0[0].clone() };
    (StatusCode::from_u16(status).unwrap(), [("content-type", content_type)], body).into_response()
}

struct House {
    folder: tempfile::TempDir,
    clock: Clock,
}

impl House {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let at = Time::UNIX_EPOCH + TimeDelta::days(20_000);
        Self { folder: tempfile::tempdir().unwrap(), clock: Clock::manual(at) }
    }

    fn speech(&self) -> Speech {
        let keys = config::Speech {
            openai: Some(Secret::new("sk-openai")),
            elevenlabs: Some(Secret::new("sk-eleven")),
            other: Some(Secret::new("sk-other")),
        };
        Speech::new(Parts { keys, folder: self.folder.path().join("prompts"), clock: self.clock.clone() })
    }
}

fn voice(engine: Engine) -> Voice {
    Voice { engine, voice: "abc123".to_owned(), model: "eleven_flash_v2_5".to_owned(), speed_percent: 90 }
}

fn spoken(hz: f64) -> Vec<u8> {
    wav::pcm16(&wav::Sound::mono(24_000, tone::sine(hz, 1_000, 0.1, 24_000)))
}

fn is_tone(sound: &[u8], hz: f64) -> bool {
    let samples: Vec<i16> = sound.iter().map(|byte| g711::decode(*byte)).collect();
    sound.len() == 8_000 && tone::share(&samples[800..7_200], hz, 8_000) > 0.97
}

#[tokio::test]
async fn a_text_is_asked_for_once_and_kept() {
    let (pretend, url) = Pretend::answering(vec![(200, "audio/wav", spoken(500.0))]).await;
    let (house, voice) = (House::new(), voice(Engine::OpenAi { url: format!("{url}/v1"), sound: Sound::Wav }));
    let speech = house.speech();
    let sounds = futures_util::future::join_all((0..20).map(|_| speech.say(&voice, "Hello there.", "en-US"))).await;
    assert!(sounds.iter().all(|sound| is_tone(sound.as_ref().unwrap(), 500.0)));
    assert_eq!(pretend.asked().len(), 1, "twenty want it, one asks");
    let again = house.speech().say(&voice, "Hello there.", "en-US").await.unwrap();
    assert!(is_tone(&again, 500.0));
    assert_eq!(pretend.asked().len(), 1, "it is on the disk");
    speech.say(&voice, "Something else.", "en-US").await.unwrap();
    let asked = pretend.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        (asked[0].path.as_str(), &asked[0].headers["authorization"]),
        ("/v1/audio/speech", &"Bearer sk-other".parse().unwrap())
    );
    let body: serde_json::Value = serde_json::from_slice(&asked[0].body).unwrap();
    let wanted = serde_json::json!({
        "model": "eleven_flash_v2_5", "input": "Hello there.", "voice": "abc123", "response_format": "wav", "speed": 0.9,
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn elevenlabs_sends_the_telephones_sound() {
    let sound: Vec<u8> = tone::sine(500.0, 1_000, 0.3, 8_000).iter().map(|sample| g711::encode(*sample)).collect();
    let (pretend, url) = Pretend::answering(vec![(200, "audio/basic", sound.clone())]).await;
    let (house, mut voice) = (House::new(), voice(Engine::ElevenLabs { url: format!("{url}/v1") }));
    assert_eq!(house.speech().say(&voice, "Hi.", "fr-CA").await.unwrap(), sound);
    let asked = pretend.asked();
    assert_eq!(asked[0].path, "/v1/text-to-speech/abc123?output_format=ulaw_8000");
    assert_eq!(asked[0].headers["xi-api-key"], "sk-eleven");
    let body: serde_json::Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(
        (&body["language_code"], &body["voice_settings"]["speed"]),
        (&serde_json::json!("fr"), &serde_json::json!(0.9))
    );
    voice.voice = "../../v1/user".to_owned();
    assert!(matches!(house.speech().say(&voice, "Hi.", "en").await, Err(SpeechError::Refused { status: 404, .. })));
    assert_eq!(pretend.asked().len(), 1, "no address of somebody else's making");
}

#[tokio::test]
async fn a_busy_engine_is_asked_again_and_a_refusal_is_not() {
    let busy =
        || (429, "application/json", br#"{"detail":{"status":"too_many_concurrent_requests","message":"x"}}"#.to_vec());
    let (pretend, url) = Pretend::answering(vec![busy(), busy(), (200, "audio/wav", spoken(500.0))]).await;
    let (house, voice) = (House::new(), voice(Engine::OpenAi { url, sound: Sound::Wav }));
    assert!(house.speech().say(&voice, "One.", "en").await.is_ok());
    assert_eq!(pretend.asked().len(), 3);
    pretend.now_answers((
        400,
        "application/json",
        br#"{"error":{"message":"bad voice","code":"voice_not_found"}}"#.to_vec(),
    ));
    let refused = house.speech().say(&voice, "Two.", "en").await.unwrap_err();
    assert_eq!(refused.to_string(), "the engine refused with 400: voice_not_found: bad voice");
    assert_eq!(pretend.asked().len(), 4);
    pretend.now_answers((200, "audio/mpeg", b"ID3\x04".to_vec()));
    assert!(matches!(house.speech().say(&voice, "Two.", "en").await, Err(SpeechError::Unreadable(_))));
}

#[tokio::test]
async fn an_engine_that_fails_rests() {
    let (pretend, url) = Pretend::answering(vec![(500, "text/plain", b"oops".to_vec())]).await;
    let (house, voice) = (House::new(), voice(Engine::OpenAi { url, sound: Sound::Wav }));
    let speech = house.speech();
    for text in ["a", "b", "c"] {
        assert_eq!(speech.say(&voice, text, "en").await, Err(SpeechError::Away("500: oops".to_owned())));
    }
    assert_eq!(speech.say(&voice, "d", "en").await, Err(SpeechError::Resting));
    assert_eq!(pretend.asked().len(), 3);
    house.clock.advance(TimeDelta::seconds(31));
    pretend.now_answers((200, "audio/wav", spoken(500.0)));
    assert!(speech.say(&voice, "d", "en").await.is_ok());
    assert!(speech.say(&voice, "e", "en").await.is_ok());
}

#[tokio::test]
async fn a_program_reads_text_and_writes_sound() {
    let house = House::new();
    let file = house.folder.path().join("said.wav");
    std::fs::write(&file, spoken(500.0)).unwrap();
    let run = |script: String| voice(Engine::Command { command: vec!["sh".to_owned(), "-c".to_owned(), script] });
    let speaks =
        run(format!("read said; [ \"$said\" = Hello. ] && [ $SPEECH_LANGUAGE = en-US ] && cat {}", file.display()));
    assert!(is_tone(&house.speech().say(&speaks, "Hello.", "en-US").await.unwrap(), 500.0));
    for (script, why) in [("exit 3", "it ended with exit status: 3"), ("echo '{}'", "it is no mu-law")] {
        let error = house.speech().say(&run(script.to_owned()), "Hello.", "en-US").await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let missing = voice(Engine::Command { command: vec!["/no/such/program".to_owned()] });
    assert!(matches!(house.speech().say(&missing, "Hello.", "en").await, Err(SpeechError::Command(_))));
}

fn message() -> Vec<u8> {
    wav::mulaw(&wav::Sound::stereo(8_000, &tone::sine(300.0, 1_000, 0.2, 8_000), &[]))
}

#[tokio::test]
async fn a_message_is_sent_as_all_servers_read_it() {
    let (pretend, url) = Pretend::answering(vec![(200, "application/json", br#"{"text":" Call me."}"#.to_vec())]).await;
    let engine =
        Transcription { url: format!("{url}/inference"), model: "whisper-1".to_owned(), prompt: "Banff".to_owned() };
    let (house, words) = (House::new(), Ok(Heard::Words("Call me.".to_owned())));
    let speech = house.speech();
    assert_eq!(speech.transcribe(&engine, &message(), "fr-CA").await, words);
    let asked = pretend.asked();
    let body = String::from_utf8_lossy(&asked[0].body);
    assert_eq!(
        (asked[0].path.as_str(), &asked[0].headers["authorization"]),
        ("/inference", &"Bearer sk-other".parse().unwrap())
    );
    let form = ["name=\"file\"; filename=\"message.wav\"", "RIFF", "verbose_json", "\r\nfr\r\n", "whisper-1", "Banff"];
    assert!(form.iter().all(|part| body.contains(part)), "{body}");
    let silence = wav::mulaw(&wav::Sound::mono(8_000, vec![0; 16_000]));
    assert_eq!(speech.transcribe(&engine, &silence, "en").await, Ok(Heard::Silence));
    assert_eq!(pretend.asked().len(), 1, "silence is not sent");
    assert!(matches!(speech.transcribe(&engine, b"no audio", "en").await, Err(SpeechError::Unreadable(_))));
}

#[tokio::test]
async fn a_server_that_gives_only_text_is_asked_for_that() {
    let refused = (400, "application/json", br#"{"error":"response_format is not supported"}"#.to_vec());
    let (pretend, url) = Pretend::answering(vec![refused, (200, "text/html", b" Call me.\n".to_vec())]).await;
    let engine = Transcription { url, model: "x".to_owned(), prompt: String::new() };
    let heard = House::new().speech().transcribe(&engine, &message(), "en").await;
    assert_eq!(heard, Ok(Heard::Words("Call me.".to_owned())));
    assert!(!String::from_utf8_lossy(&pretend.asked()[1].body).contains("verbose"));
    pretend.now_answers((500, "application/json", br#"{"error":"busy with another file"}"#.to_vec()));
    let error = House::new().speech().transcribe(&engine, &message(), "en").await.unwrap_err();
    assert_eq!(error, SpeechError::Away("500: busy with another file".to_owned()));
}
