//! Anything that answers `POST /audio/speech` as OpenAI does: OpenAI, Kokoro, speaches and others.

use super::error::SpeechError;
use super::http::ask;
use super::sound;
use super::wish::Wish;
use crate::base::Secret;
use crate::config::speech::Sound;
use bytes::Bytes;
use reqwest::Client;
use serde_json::json;
use std::time::Duration;

/// Longest text that it takes.
pub(super) const LONGEST: usize = 4_096;

/// Asks for a whole text.
pub(super) async fn say(
    client: &Client,
    (url, form): (&str, Sound),
    key: Option<&Secret>,
    wish: &Wish<'_>,
    within: Duration,
) -> Result<Bytes, SpeechError> {
    let format = match form {
        Sound::Wav => "wav",
        Sound::Pcm { .. } => "pcm",
    };
    let mut body = json!({
        "model": wish.voice.model,
        "input": wish.text,
        "voice": wish.voice.voice,
        "response_format": format,
    });
    // Not every model knows a speed, so only a wish is told.
    if let Some(body) = body.as_object_mut().filter(|_| wish.voice.speed_percent != 100) {
        body.insert("speed".to_owned(), json!(f64::from(wish.voice.speed_percent) / 100.0));
    }
    let request = client.post(format!("{url}/audio/speech")).json(&body);
    let request = match key {
        Some(key) => request.bearer_auth(key.expose()),
        None => request,
    };
    let answer = ask(request, key, within).await?;
    if answer.content_type == "application/json" {
        return Err(SpeechError::Unreadable("it is application/json".to_owned()));
    }
    sound::of_engine(&answer.body, form)
}
