//! Sounds beside the configuration: read whole at the start, made what the telephone carries, and served from memory.

use super::reader::Value;
use crate::audio::resample::Resampler;
use crate::audio::wav;
use crate::config::mistake::Wrong;
use crate::config::text::{Sound, SoundKind};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// Largest file.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Of all sounds together, as they are served.
const MOST_IN_ALL: usize = 64 * 1024 * 1024;
const TELEPHONE_HZ: u32 = 8_000;

/// The sound that a value names; what is wrong with it was said.
pub(super) fn read(value: &Value<'_>) -> Option<Arc<Sound>> {
    let name = value.text("file = \"prompts/welcome.wav\"")?;
    if value.file.around.numbers_later {
        let what = format!("`{name}` is a file, and a line that comes at run time has no folder");
        value.mistake(what, "write the words, or the line into switchboard.toml");
        return None;
    }
    let beside = Path::new(value.file.name).parent().unwrap_or(Path::new(""));
    let path = beside.join(&name).to_string_lossy().into_owned();
    let known = value.file.sounds.borrow().known.get(&path).cloned();
    let sound = match known {
        Some(sound) => sound,
        None => fresh(value, &name, path)?,
    };
    let mut sounds = value.file.sounds.borrow_mut();
    if !sounds.played.contains(&sound) {
        sounds.played.push(Arc::clone(&sound));
    }
    Some(sound)
}

fn fresh(value: &Value<'_>, name: &str, path: String) -> Option<Arc<Sound>> {
    let read = value.file.around.source.read_bytes(&path, MOST_BYTES).map_err(|error| {
        Wrong::new(format!("`{path}` cannot be read: {error}"), "name a file beside this one, of 16 MB at most")
    });
    let made = read.and_then(|bytes| made(value, name, bytes));
    let sound = match made {
        Ok(sound) => Arc::new(sound),
        Err(Wrong { what, mend }) => {
            value.mistake(what, mend);
            return None;
        }
    };
    let mut sounds = value.file.sounds.borrow_mut();
    sounds.bytes += sound.bytes.len();
    let before = sounds.bytes - sound.bytes.len();
    if sounds.bytes > MOST_IN_ALL && before <= MOST_IN_ALL {
        value.mistake("the sounds of this file are more than 64 MB", "shorten some, or say some of them in words");
    }
    sounds.known.insert(path, Arc::clone(&sound));
    Some(sound)
}

fn made(value: &Value<'_>, name: &str, bytes: Vec<u8>) -> Result<Sound, Wrong> {
    let (kind, bytes) = if bytes.starts_with(b"RIFF") {
        (SoundKind::Wav, telephone(value, name, &bytes)?)
    } else if is_mpeg(&bytes) {
        (SoundKind::Mpeg, bytes)
    } else {
        return Err(Wrong::new(format!("`{name}` is neither a WAV nor an MP3 file"), "export it as one of these"));
    };
    let digest = Sha256::digest(&bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(Sound { file: name.to_owned(), digest, kind, bytes: Bytes::from(bytes) })
}

/// Frames of MPEG audio, or the tag before them.
fn is_mpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ID3") || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0)
}

/// Once, here, and not by the carrier at each call: a tenth of a studio's file is sent.
fn telephone(value: &Value<'_>, name: &str, file: &[u8]) -> Result<Vec<u8>, Wrong> {
    let unreadable = |what: String| Wrong::new(format!("`{name}`: {what}"), "export it as PCM, 16 bit, 8 kHz, mono");
    let sound = wav::read(file).map_err(|error| unreadable(error.to_string()))?;
    if sound.samples.is_empty() {
        return Err(unreadable("there is no sound in it".to_owned()));
    }
    if sound.channels > 1 {
        value.warning(format!("`{name}` has two channels, and the telephone one"), "they are mixed: export it as mono");
    }
    if sound.rate > TELEPHONE_HZ {
        let what = format!("`{name}` has {} samples a second; the telephone carries {TELEPHONE_HZ}", sound.rate);
        value.file.note(&value.span, what, "");
    }
    let mut samples = Vec::new();
    let mut resampler = Resampler::new(sound.rate, TELEPHONE_HZ)
        .ok_or_else(|| unreadable(format!("{} samples a second are an odd rate", sound.rate)))?;
    resampler.push(&sound.mixed(), &mut samples);
    resampler.finish(&mut samples);
    Ok(wav::mulaw(&wav::Sound::mono(TELEPHONE_HZ, samples)))
}
