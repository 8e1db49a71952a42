//! A sound of the line's own, ready for the telephone.

use bytes::Bytes;
use std::fmt;

/// A file that callers hear, as it is served.
#[derive(Clone, PartialEq, Eq)]
pub struct Sound {
    /// As the configuration names it.
    pub file: String,
    /// Of what is served, in hexadecimal: another sound has another name.
    pub digest: String,
    /// What it is.
    pub kind: SoundKind,
    /// What is served.
    pub bytes: Bytes,
}

/// What the carrier is told that it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundKind {
    /// Mu-law, 8 kHz, one channel: what the telephone carries.
    Wav,
    /// As the file was.
    Mpeg,
}

impl Sound {
    /// Where it is served, behind the public URL.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/prompts/{}", self.name())
    }

    /// Its name there.
    #[must_use]
    pub fn name(&self) -> String {
        let end = match self.kind {
            SoundKind::Wav => "wav",
            SoundKind::Mpeg => "mp3",
        };
        format!("{}.{end}", self.digest)
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self.kind {
            SoundKind::Wav => "audio/wav",
            SoundKind::Mpeg => "audio/mpeg",
        }
    }
}

impl fmt::Debug for Sound {
    /// Nobody reads samples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sound").field("file", &self.file).field("digest", &self.digest).finish_non_exhaustive()
    }
}
