//! `[lines.speech]`: voices and ears of a line's own.

use super::reader::{Table, Value};
use crate::base::Hide;
use crate::config::mistake::Wrong;
use crate::config::speech::{ELEVENLABS, Engine, OPENAI, Sound, Speech, Transcription, Voice};

pub(super) fn read(table: Table<'_>) -> Speech {
    let voice = table.has("voice").then(|| voice(table.table("voice", "[lines.speech.voice]"))).flatten();
    let transcription = table.has("transcription");
    let transcription =
        transcription.then(|| transcribing(table.table("transcription", "[lines.speech.transcription]")));
    let hide = table.parsed("hide", "hide = \"cards\"", hide).unwrap_or_default();
    // Asked for, so that they count as known.
    let _ = (table.get("voice"), table.get("transcription"));
    table.finish();
    Speech { hide, voice, transcription }
}

fn hide(text: &str) -> Result<Hide, Wrong> {
    match text {
        "cards" => Ok(Hide::Cards),
        "digits" => Ok(Hide::Digits),
        "off" => Ok(Hide::Off),
        _ => Err(Wrong::new(format!("`{text}` is not what can be hidden"), "write \"cards\", \"digits\" or \"off\"")),
    }
}

#[derive(Clone, Copy)]
enum Kind {
    ElevenLabs,
    OpenAi,
    Command,
}

fn voice(table: Table<'_>) -> Option<Voice> {
    const WANTED: &str = "engine = \"elevenlabs\", \"openai\" or \"command\"";
    if !table.has("engine") {
        table.mistake("the voice has no engine", format!("write {WANTED}"));
    }
    let kind = table.parsed("engine", WANTED, kind);
    let engine = match kind {
        Some(Kind::ElevenLabs) => {
            needs_key(&table, "ELEVENLABS_API_KEY");
            Some(Engine::ElevenLabs { url: url(&table, ELEVENLABS) })
        }
        Some(Kind::OpenAi) => {
            let url = url(&table, OPENAI);
            if url == OPENAI {
                needs_key(&table, "OPENAI_API_KEY");
            }
            Some(Engine::OpenAi { url, sound: sound(&table) })
        }
        Some(Kind::Command) => command(&table).map(|command| Engine::Command { command }),
        None => None,
    };
    let (voice, model, fastest, slowest) = match kind {
        Some(Kind::ElevenLabs) => ("", "eleven_flash_v2_5", 120, 70),
        Some(Kind::OpenAi) => ("alloy", "tts-1", 400, 25),
        Some(Kind::Command) | None => ("", "", 400, 25),
    };
    let (voice, model) = (table.text("voice", voice), table.text("model", model));
    if matches!(kind, Some(Kind::ElevenLabs)) && (voice.is_empty() || !voice.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        table.mistake(
            "ElevenLabs needs the id of a voice",
            "write voice = \"…\", the letters and digits after the voice's name",
        );
    }
    let speed_percent = table.number("speed_percent", slowest..=fastest, 100);
    table.finish();
    Some(Voice { engine: engine?, voice, model, speed_percent })
}

fn kind(text: &str) -> Result<Kind, Wrong> {
    match text {
        "elevenlabs" => Ok(Kind::ElevenLabs),
        "openai" => Ok(Kind::OpenAi),
        "command" => Ok(Kind::Command),
        _ => Err(Wrong::new(
            format!("there is no speech engine `{text}`"),
            "write \"elevenlabs\", \"openai\" (and any server that speaks like it) or \"command\"",
        )),
    }
}

/// A key that is missing costs only the voice: callers hear the carrier's.
fn needs_key(table: &Table<'_>, name: &str) {
    let set = |name: &str| table.file.around.source.var(name).is_some_and(|value| !value.trim().is_empty());
    if !set(name) && !set(&format!("{name}_FILE")) {
        let what = format!("{name} is not set, so the carrier's voice speaks");
        table.file.warning(&table.span, what, format!("set {name} in the environment"));
    }
}

fn url(table: &Table<'_>, default: &str) -> String {
    let url = table.parsed("url", &format!("url = \"{default}\""), checked_url);
    url.unwrap_or_else(|| default.to_owned())
}

/// Without credentials: they belong into the environment.
fn checked_url(text: &str) -> Result<String, Wrong> {
    let sound = url::Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
    });
    match sound {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => Err(Wrong::new(
            "the URL is not one of a server",
            "write http:// or https://, a host and a path, without user, password or query",
        )),
    }
}

fn sound(table: &Table<'_>) -> Sound {
    let rate = table.number("rate", 8_000..=48_000, 24_000);
    let format = table.parsed("format", "format = \"wav\"", |text| match text {
        "wav" => Ok(Sound::Wav),
        "pcm" => Ok(Sound::Pcm { rate }),
        _ => Err(Wrong::new(format!("`{text}` cannot be played"), "write \"wav\" or \"pcm\"")),
    });
    if let Some(value) = table.get("rate")
        && !rate.is_multiple_of(25)
    {
        value.mistake(format!("no sound has {rate} samples a second"), "write rate = 24000, or what the engine says");
    }
    format.unwrap_or(Sound::Wav)
}

/// A program of the operator. Lines that are written over the API may not start any.
fn command(table: &Table<'_>) -> Option<Vec<String>> {
    const WANTED: &str = "command = [\"piper\", \"--model\", \"…\"]";
    let Some(value) = table.get("command") else {
        table.mistake("the command is missing", format!("write {WANTED}"));
        return None;
    };
    if table.file.around.numbers_later {
        value.mistake(
            "a line that is stored over the API cannot start programs",
            "use another engine, or write the line into the file",
        );
        return None;
    }
    let words: Vec<String> = value.list().iter().filter_map(|word: &Value<'_>| word.text(WANTED)).collect();
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        value.mistake("the command names no program", format!("write {WANTED}"));
        return None;
    }
    Some(words)
}

fn transcribing(table: Table<'_>) -> Transcription {
    let url = table.parsed("url", "url = \"http://127.0.0.1:8000/v1/audio/transcriptions\"", checked_url);
    if url.is_none() {
        needs_transcription_key(&table);
    }
    let transcription = Transcription {
        url: url.unwrap_or_else(|| format!("{OPENAI}/audio/transcriptions")),
        model: table.text("model", "whisper-1"),
        prompt: table.text("prompt", ""),
    };
    table.finish();
    transcription
}

fn needs_transcription_key(table: &Table<'_>) {
    let set = |name: &str| table.file.around.source.var(name).is_some_and(|value| !value.trim().is_empty());
    if !set("OPENAI_API_KEY") && !set("OPENAI_API_KEY_FILE") {
        let what = "OPENAI_API_KEY is not set, so messages stay without words";
        table.file.warning(&table.span, what, "set OPENAI_API_KEY in the environment, or url to a server of your own");
    }
}
