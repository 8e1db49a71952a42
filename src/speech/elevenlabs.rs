//! ElevenLabs, in the telephone's own encoding.

use super::error::SpeechError;
use super::http::ask;
use super::sound;
use super::wish::Wish;
use crate::base::Secret;
use bytes::Bytes;
use reqwest::Client;
use serde_json::json;
use std::time::Duration;

/// Asks for a whole text; the answer is played when it is complete, and kept.
pub(super) async fn say(
    client: &Client,
    url: &str,
    key: &Secret,
    wish: &Wish<'_>,
    within: Duration,
) -> Result<Bytes, SpeechError> {
    // It stands in the address, and an agent may have named it.
    if wish.voice.voice.is_empty() || !wish.voice.voice.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(SpeechError::Refused { status: 404, why: "no such voice".to_owned() });
    }
    let url = format!("{url}/text-to-speech/{}?output_format=ulaw_8000", wish.voice.voice);
    let speed = f64::from(wish.voice.speed_percent) / 100.0;
    let mut body = json!({
        "text": wish.text,
        "model_id": wish.voice.model,
        "voice_settings": { "stability": 0.5, "similarity_boost": 0.75, "style": 0.0, "use_speaker_boost": true, "speed": speed },
    });
    // The multilingual model refuses a language; flash and turbo want one for digits and short texts.
    if let Some(body) = body.as_object_mut().filter(|_| wish.voice.model.contains("_v2_5")) {
        let language = wish.language.split('-').next().unwrap_or_default();
        body.insert("language_code".to_owned(), json!(language.to_ascii_lowercase()));
    }
    let request = client.post(url).header("xi-api-key", key.expose()).json(&body);
    let answer = ask(request, Some(key), within).await?;
    if answer.content_type == "application/json" || answer.content_type == "audio/mpeg" {
        return Err(SpeechError::Unreadable(format!("it is {}", answer.content_type)));
    }
    sound::of_telephone(answer.body)
}
