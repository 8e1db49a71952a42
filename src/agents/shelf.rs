//! Sound files that scripts name, read once for each time they change.

use crate::audio::{resample::resampled, wav};
use crate::config::agent::{Prompt, Script};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// What was read, and how old the file was.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    read: Mutex<HashMap<String, (Option<SystemTime>, Bytes)>>,
}

impl Shelf {
    /// The sounds of a script. One that cannot be read is said by the speech engine instead, and noted.
    pub(super) fn sounds(&self, script: &Script) -> HashMap<String, Bytes> {
        let prompts = std::iter::once(&script.prompt).chain(script.rules.iter().filter_map(|rule| rule.say.as_ref()));
        let files = prompts.filter_map(|Prompt { file, .. }| file.clone());
        files.filter_map(|file| Some((file.clone(), self.sound(&file)?))).collect()
    }

    fn sound(&self, file: &str) -> Option<Bytes> {
        let age = std::fs::metadata(file).and_then(|file| file.modified()).ok();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, sound)) = read.get(file)
            && *known == age
        {
            return Some(sound.clone());
        }
        match load(file) {
            Ok(sound) => {
                read.insert(file.to_owned(), (age, sound.clone()));
                Some(sound)
            }
            Err(why) => {
                tracing::warn!(file, "a script's sound cannot be played: {why}");
                None
            }
        }
    }
}

/// A WAV of any rate, or mu-law as it is.
fn load(file: &str) -> Result<Bytes, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    if !bytes.starts_with(b"RIFF") {
        return Ok(Bytes::from(bytes));
    }
    let sound = wav::read(&bytes).map_err(|error| error.to_string())?;
    let here = resampled(&sound.mixed(), sound.rate, 8_000).ok_or("its rate is odd")?;
    Ok(here.iter().map(|sample| crate::audio::g711::encode(*sample)).collect())
}
