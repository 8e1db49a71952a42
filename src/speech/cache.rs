//! Sound on disk: a file is whole under its name, or not there. The ones that were not asked for the longest go first.

use crate::base::Time;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// What is kept at most: some nine hours of speech.
const ROOM: u64 = 256 << 20;
/// A sound that is asked for counts as new at most this often.
const TOUCH: Duration = Duration::from_secs(24 * 3600);
/// A file that nobody finished in this time never will be.
const STALE: Duration = Duration::from_secs(3600);
const ENDING: &str = "ulaw";

/// A folder of sounds.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    room: u64,
    /// Tells unfinished files of this process apart.
    drafts: AtomicU64,
}

/// The name of a sound: everything that makes it sound as it does.
pub(super) fn name(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, room: ROOM, drafts: AtomicU64::new(0) }
    }

    #[cfg(test)]
    fn with_room(self, room: u64) -> Self {
        Self { room, ..self }
    }

    /// The sound, if it is there. It stays longer for having been asked for.
    pub(super) async fn find(&self, name: &str, now: Time) -> Option<Bytes> {
        let path = self.path(name);
        let sound = fs::read(&path).await.ok().filter(|sound| !sound.is_empty())?;
        self.touch(path, SystemTime::from(now));
        Some(sound.into())
    }

    /// Best effort: a time that cannot be written only makes the sound go earlier.
    fn touch(&self, path: PathBuf, now: SystemTime) {
        tokio::task::spawn_blocking(move || {
            let file = std::fs::File::options().append(true).open(path)?;
            let old = file.metadata()?.modified()?;
            if now.duration_since(old).is_ok_and(|age| age > TOUCH) { file.set_modified(now) } else { Ok(()) }
        });
    }

    /// Keeps a sound, and makes room for it.
    ///
    /// # Errors
    /// What the disk says; then nothing is there under this name.
    pub(super) async fn keep(&self, name: &str, sound: &[u8], now: Time) -> io::Result<()> {
        fs::create_dir_all(&self.folder).await?;
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("{name}.{}.{number}.part", std::process::id()));
        let kept = self.write(&draft, &self.path(name), sound, SystemTime::from(now)).await;
        if kept.is_err() {
            let _ = fs::remove_file(&draft).await;
        }
        kept?;
        self.make_room(SystemTime::from(now)).await
    }

    async fn write(&self, draft: &Path, path: &Path, sound: &[u8], now: SystemTime) -> io::Result<()> {
        let mut file = fs::File::create(draft).await?;
        file.write_all(sound).await?;
        file.flush().await?;
        // A name on a file whose bytes did not survive would be silence for ever.
        file.sync_all().await?;
        file.into_std().await.set_modified(now)?;
        fs::rename(draft, path).await
    }

    async fn make_room(&self, now: SystemTime) -> io::Result<()> {
        let (mut sounds, mut bytes) = (Vec::new(), 0);
        let mut entries = fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let Ok(about) = entry.metadata().await else { continue };
            let (path, written) = (entry.path(), about.modified()?);
            if path.extension().is_some_and(|ending| ending == ENDING) {
                bytes += about.len();
                sounds.push((written, about.len(), path));
            } else if now.duration_since(written).is_ok_and(|age| age > STALE) {
                let _ = fs::remove_file(path).await;
            }
        }
        sounds.sort_unstable();
        for (_, length, path) in sounds {
            if bytes <= self.room {
                break;
            }
            let _ = fs::remove_file(path).await;
            bytes -= length;
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(hour: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(hour)
    }

    #[tokio::test]
    async fn the_oldest_goes_when_there_is_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("prompts")).with_room(250);
        assert_eq!(cache.find("a", at(0)).await, None);
        for (hour, name) in [(0, "a"), (1, "b"), (2, "c")] {
            cache.keep(name, &[7; 100], at(hour)).await.unwrap();
        }
        assert_eq!(cache.find("a", at(3)).await, None);
        assert_eq!(cache.find("b", at(3)).await.unwrap().len(), 100);
        assert_eq!(cache.find("c", at(3)).await.unwrap().len(), 100);
    }

    #[tokio::test]
    async fn unfinished_files_are_no_sounds_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned());
        let draft = folder.path().join("x.1.1.part");
        std::fs::write(&draft, [1; 10]).unwrap();
        std::fs::File::options().append(true).open(&draft).unwrap().set_modified(SystemTime::from(at(0))).unwrap();
        std::fs::write(folder.path().join("empty.ulaw"), []).unwrap();
        assert_eq!(cache.find("x", at(0)).await, None);
        assert_eq!(cache.find("empty", at(0)).await, None);
        cache.keep("y", &[2; 3], at(2)).await.unwrap();
        assert!(!draft.exists());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), []).unwrap();
        let cache = Cache::new(folder.path().join("file"));
        assert!(cache.keep("y", &[2; 3], at(0)).await.is_err());
        assert_eq!(cache.find("y", at(0)).await, None);
    }

    #[test]
    fn names_tell_all_parts_apart() {
        assert_ne!(name(&["ab", "c"]), name(&["a", "bc"]));
        assert_eq!(name(&["a"]).len(), 64);
    }
}
