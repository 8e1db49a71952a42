//! A recording as words.

use super::cache;
use super::error::SpeechError;
use super::form::Form;
use super::http::ask;
use super::speaker::Speech;
use crate::audio::{loudness, resample, wav};
use crate::config::speech::Transcription;
use serde::Deserialize;
use std::time::Duration;

/// For a whole message. Local servers work at about the speed of speech.
const PATIENCE: Duration = Duration::from_secs(300);
/// What all of them read, in samples a second.
const RATE: u32 = 8_000;
/// A frame of 20 ms is sound from here on (-45 dBFS): a telephone line's hum lies below.
const AUDIBLE: f64 = 0.0056;
/// As many audible frames are somebody speaking: 200 ms.
const SPOKEN: usize = 10;
/// From here on a segment is what a recogniser makes of silence.
const NO_SPEECH: f64 = 0.6;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The words.
    Words(String),
    /// Nobody spoke.
    Silence,
}

/// The parts of an answer that all servers agree on; whatever else is there is not read.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    #[serde(default)]
    text: String,
    #[serde(default)]
    segments: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    #[serde(default)]
    text: String,
    #[serde(default)]
    no_speech_prob: f64,
}

impl Speech {
    /// The words of a WAV file, whatever its encoding; two channels are heard as one.
    ///
    /// # Errors
    /// [`SpeechError`].
    pub async fn transcribe(&self, engine: &Transcription, file: &[u8], language: &str) -> Result<Heard, SpeechError> {
        let Some(recording) = telephone(file)? else { return Ok(Heard::Silence) };
        let place = self.0.place(&format!("listen {}", engine.url));
        if !place.breaker.may_ask(self.0.clock.now()) {
            return Err(SpeechError::Resting);
        }
        // One by one: whisper.cpp does no two at once, and nobody waits for a message's words.
        let _places = place.free.acquire_many(2).await.map_err(|_| SpeechError::Away("it is closed".to_owned()))?;
        let verbose = !engine.model.starts_with("gpt-");
        let mut heard = self.ask(engine, &recording, language, verbose).await;
        // Some models give no more than the text, and say so.
        if matches!(&heard, Err(SpeechError::Refused { status: 400 | 422, .. })) && verbose {
            heard = self.ask(engine, &recording, language, false).await;
        }
        place.breaker.note(heard.as_ref().is_err_and(SpeechError::counts), self.0.clock.now());
        heard
    }

    async fn ask(
        &self,
        engine: &Transcription,
        recording: &[u8],
        language: &str,
        verbose: bool,
    ) -> Result<Heard, SpeechError> {
        let key = self.0.key_for(&engine.url)?;
        let digest = cache::name(&[&engine.url, &recording.len().to_string()]);
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let mut form = Form::new(digest.get(..24).unwrap_or_default())
            .file("file", "message.wav", "audio/wav", recording)
            .field("model", &engine.model)
            .field("language", &primary)
            .field("response_format", if verbose { "verbose_json" } else { "json" });
        if !engine.prompt.is_empty() {
            form = form.field("prompt", &engine.prompt);
        }
        let (content_type, body) = form.finish();
        let request = self.0.client()?.post(&engine.url).header(reqwest::header::CONTENT_TYPE, content_type).body(body);
        let request = match key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        };
        words(&ask(request, key, PATIENCE).await?.body)
    }
}

/// The recording as all of them read it: PCM, 8 kHz, one channel. None: nobody speaks in it.
fn telephone(file: &[u8]) -> Result<Option<Vec<u8>>, SpeechError> {
    let sound = wav::read(file).map_err(|error| SpeechError::Unreadable(error.to_string()))?;
    let mixed = sound.mixed();
    let samples = resample::resampled(&mixed, sound.rate, RATE)
        .ok_or_else(|| SpeechError::Unreadable("its rate is no usual one".to_owned()))?;
    let audible = samples.chunks_exact(160).filter(|frame| loudness::rms(frame) > AUDIBLE).count();
    Ok((audible >= SPOKEN).then(|| wav::pcm16(&wav::Sound::mono(RATE, samples))))
}

/// The words of an answer: JSON as OpenAI gives it, or a bare text.
fn words(body: &[u8]) -> Result<Heard, SpeechError> {
    let answer = match serde_json::from_slice::<Answer>(body) {
        Ok(answer) => answer,
        Err(_) if body.first().is_some_and(|first| matches!(first, b'{' | b'[' | b'<')) => {
            return Err(SpeechError::Unreadable("it is no transcript".to_owned()));
        }
        Err(_) => Answer { text: String::from_utf8_lossy(body).into_owned(), segments: Vec::new() },
    };
    let doubted = answer.segments.iter().any(|segment| segment.no_speech_prob > NO_SPEECH);
    let text = if doubted {
        // What a recogniser itself does not believe is what it makes of silence: "Thank you for watching".
        let believed = answer.segments.iter().filter(|segment| segment.no_speech_prob <= NO_SPEECH);
        believed.map(|segment| segment.text.trim()).collect::<Vec<_>>().join(" ")
    } else {
        answer.text
    };
    let text = text.trim();
    Ok(if text.is_empty() { Heard::Silence } else { Heard::Words(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone;

    fn heard(body: &str) -> Result<Heard, SpeechError> {
        words(body.as_bytes())
    }

    #[test]
    fn every_servers_answer_is_read() {
        let said = |text: &str| Ok(Heard::Words(text.to_owned()));
        assert_eq!(heard(r#"{"text":" Call me back.","usage":{"type":"duration"}}"#), said("Call me back."));
        assert_eq!(heard(" Call me back.\n"), said("Call me back."));
        assert_eq!(heard(r#"{"text":""}"#), Ok(Heard::Silence));
        let doubtful = r#"{"text":"Hi. Thank you for watching.","segments":[
            {"text":" Hi.","no_speech_prob":0.01},{"text":" Thank you for watching.","no_speech_prob":0.93}]}"#;
        assert_eq!(heard(doubtful), said("Hi."));
        assert_eq!(heard(r#"{"text":"You","segments":[{"text":"You","no_speech_prob":0.7}]}"#), Ok(Heard::Silence));
        assert!(heard("<html>").is_err() && heard(r#"{"text":7}"#).is_err());
    }

    #[test]
    fn silence_is_not_even_sent() {
        let file = |level| wav::mulaw(&wav::Sound::mono(8_000, tone::sine(300.0, 1_000, level, 8_000)));
        assert_eq!(telephone(&file(0.0)), Ok(None));
        assert_eq!(telephone(&file(0.001)), Ok(None));
        assert!(telephone(&file(0.1)).unwrap().is_some_and(|wav| wav.len() == 44 + 16_000));
        assert!(telephone(b"nothing").is_err());
    }
}
