//! `[lines.speech]` with every default written out.

use super::rows::{Rows, list, quoted};
use crate::base::Hide;
use crate::config::speech::{Engine, Sound, Speech, Voice};

pub(super) fn write(rows: &mut Rows, speech: &Speech) {
    rows.header("[lines.speech]");
    let hide = match speech.hide {
        Hide::Cards => "cards",
        Hide::Digits => "digits",
        Hide::Off => "off",
    };
    rows.text("hide", hide);
    if let Some(voice) = &speech.voice {
        write_voice(rows, voice);
    }
    if let Some(transcription) = &speech.transcription {
        rows.header("[lines.speech.transcription]");
        rows.text("url", &transcription.url);
        rows.text("model", &transcription.model);
        rows.text("prompt", &transcription.prompt);
    }
}

fn write_voice(rows: &mut Rows, voice: &Voice) {
    rows.header("[lines.speech.voice]");
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
