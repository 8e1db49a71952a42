//! Speech engines of a line. All are optional: without them the carrier speaks and transcribes.

use crate::base::Hide;

/// Where requests for OpenAI's own speech go.
pub const OPENAI: &str = "https://api.openai.com/v1";
/// Where requests for ElevenLabs' go.
pub const ELEVENLABS: &str = "https://api.elevenlabs.io/v1";

/// Speech of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Speech {
    /// Which spoken numbers are hidden in transcripts.
    pub hide: Hide,
    /// Text to speech; the carrier's voice when absent.
    pub voice: Option<Voice>,
    /// Speech to text for messages; the carrier's when absent.
    pub transcription: Option<Transcription>,
}

/// A voice: who speaks, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    /// Who makes the sound.
    pub engine: Engine,
    /// The engine's name of the voice; a command may not need one.
    pub voice: String,
    /// The engine's name of the model.
    pub model: String,
    /// In percent of the usual: 70 to 120 for ElevenLabs, 25 to 400 for others.
    pub speed_percent: u32,
}

/// Who makes the sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// ElevenLabs, in the telephone's own encoding.
    ElevenLabs {
        /// Base URL, without a slash at its end.
        url: String,
    },
    /// Anything that answers `POST /audio/speech` as OpenAI does.
    OpenAi {
        /// Base URL, without a slash at its end.
        url: String,
        /// What to ask for.
        sound: Sound,
    },
    /// A program that reads text and writes a WAV file or raw mu-law of 8 kHz.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// What an engine sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A WAV file, which says its own rate.
    Wav,
    /// Bare 16 bit samples at this rate.
    Pcm {
        /// Samples a second.
        rate: u32,
    },
}

/// Speech to text, by anything that answers `POST /audio/transcriptions` as OpenAI does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcription {
    /// The whole URL that the audio is posted to.
    pub url: String,
    /// The engine's name of the model; some servers have only one and ignore it.
    pub model: String,
    /// Words that help: names, products.
    pub prompt: String,
}
