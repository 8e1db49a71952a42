//! `[lines.speech]` with every default written out.

use super::rows::{Rows, list, quoted};
use crate::base::Hide;
use crate::config::speech::{Engine, Sound, Speech, Voice};

pub(super) fn write(rows: &mut Rows, speech: &Speech) {
    write_under(rows, "lines.speech", speech);
}

/// The same under another name.
pub(super) fn write_under(rows: &mut Rows, name: &str, speech: &Speech) {
    rows.header(&format!("[{name}]"));
    let hide = match speech.hide {
        Hide::Cards => "cards",
        Hide::Digits => "digits",
        Hide::Off => "off",
    };
    rows.text("hide", hide);
    if let Some(voice) = &speech.voice {
        write_voice(rows, name, voice);
    }
    if let Some(transcription) = &speech.transcription {
        rows.header(&format!("[{name}.transcription]"));
        rows.text("url", &transcription.url);
        rows.text("model", &transcription.model);
        rows.text("prompt", &transcription.prompt);
    }
}

fn write_voice(rows: &mut Rows, name: &str, voice: &Voice) {
    rows.header(&format!("[{name}.voice]"));
    match &voice.engine {
        Engine::ElevenLabs { url } => {
            rows.text("engine", "elevenlabs");
            rows.text("url", url);
        }
        Engine::OpenAi { url, sound } => {
            rows.text("engine", "openai");
            rows.text("url", url);
            match sound {
                Sound::Wav => rows.text("format", "wav"),
                Sound::Pcm { rate } => {
                    rows.text("format", "pcm");
                    rows.row("rate", rate);
                }
            }
        }
        Engine::Command { command } => {
            rows.text("engine", "command");
            rows.row("command", list(command.iter().map(|word| quoted(word))));
        }
    }
    rows.text("voice", &voice.voice);
    rows.text("model", &voice.model);
    rows.row("speed_percent", voice.speed_percent);
}
