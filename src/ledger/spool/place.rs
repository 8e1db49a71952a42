//! Where spools are kept: in `DATA_DIR`, or where that cannot be written, in `CACHE_DIRECTORY` or under `/var/tmp`.

use super::file::{SpoolFile, UNREAD, Unusable};
use crate::ledger::record::decode;
use sha2::{Digest, Sha256};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Folders that may hold spools, the wanted one first. Each holds one folder an instance.
#[derive(Clone, Debug, Default)]
pub struct SpoolFolders(Vec<PathBuf>);

/// The file in an instance's folder.
const UNITS: &str = "units.spool";

impl SpoolFolders {
    /// `DATA_DIR/spool`, then `spare` or `/var/tmp/switchboard-UID`. There a part of the name follows from `DATA_DIR`, so
    /// that no two houses of one machine replay each other's calls. Both survive a restart of the machine, unlike `/tmp`
    /// and `/run`; but a service of systemd may have a `/var/tmp` of its own that ends with it, so `spare` replaces it.
    #[must_use]
    pub fn of(data_dir: &Path, spare: Option<&Path>) -> Self {
        let whole = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
        let digest = Sha256::digest(whole.as_os_str().as_bytes());
        let house: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let user = rustix::process::geteuid().as_raw();
        let shared = || Path::new("/var/tmp").join(format!("switchboard-{user}"));
        let second = spare.map_or_else(shared, |spare| spare.join("spool"));
        Self(vec![data_dir.join("spool"), second.join(house)])
    }

    /// Just these, in this order.
    #[must_use]
    pub fn these(folders: Vec<PathBuf>) -> Self {
        Self(folders)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes a spool in the folder at `place`.
    pub(super) fn create(&self, place: usize, instance: u64) -> io::Result<SpoolFile> {
        let folder = self.0.get(place).ok_or(io::ErrorKind::NotFound)?;
        private(folder)?;
        // Several in a row, when one of this instance broke and still waits to be replayed.
        for turn in 0.. {
            let own =
                folder.join(if turn == 0 { format!("{instance:016x}") } else { format!("{instance:016x}-{turn}") });
            match DirBuilder::new().mode(0o700).create(&own) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            let made = SpoolFile::create(&own.join(UNITS));
            if made.is_err() {
                let _ = std::fs::remove_dir(&own);
            }
            return made;
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Spools that earlier instances left, oldest first. Those that cannot be used are told of and left alone.
    pub(super) fn left_behind(&self) -> Vec<SpoolFile> {
        let mut found = Vec::new();
        for path in self.0.iter().filter(|folder| folder.is_dir() && is_private(folder).is_ok()).flat_map(|f| spools(f))
        {
            let changed = path.metadata().and_then(|about| about.modified()).ok();
            match SpoolFile::adopt(&path) {
                Ok(file) if is_unread(&path) && !makes_sense(&file) => {
                    tracing::warn!(path = %path.display(), "records that this version cannot read are kept here");
                }
                Ok(file) => found.push((changed, file)),
                Err(Unusable::NoHeader) => remove(&path),
                Err(Unusable::Spoilt) => set_aside(&path),
                Err(why) => {
                    tracing::error!(path = %path.display(), cause = %why, "a spool that was left behind is not replayed")
                }
            }
        }
        found.sort_by_key(|(changed, _)| *changed);
        found.into_iter().map(|(_, file)| file).collect()
    }
}

/// Takes away a spool that nothing waits in, and its folder.
pub(super) fn discard(file: SpoolFile) {
    let path = file.path().to_owned();
    if let Err(error) = file.remove() {
        tracing::warn!(path = %path.display(), %error, "an empty spool could not be removed");
    }
    if let Some(folder) = path.parent() {
        let _ = std::fs::remove_dir(folder);
    }
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
    if let Some(folder) = path.parent() {
        let _ = std::fs::remove_dir(folder);
    }
}

/// A spool whose header is spoilt may be full of records; whoever knows the layout can still get at them.
fn set_aside(path: &Path) {
    let aside = path.with_extension("spool.bad");
    match std::fs::rename(path, &aside) {
        Ok(()) => tracing::error!(path = %aside.display(), "a spool that was left behind is spoilt; it is kept here"),
        Err(error) => tracing::error!(path = %path.display(), %error, "a spoilt spool is not replayed"),
    }
}

fn spools(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let own = entries.filter_map(|entry| std::fs::read_dir(entry.ok()?.path()).ok());
    let files = own.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(|path| path.is_file() && (path.ends_with(UNITS) || is_unread(path))).collect()
}

fn is_unread(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(UNREAD))
}

/// Whether this version can read any of what an earlier one could not.
fn makes_sense(file: &SpoolFile) -> bool {
    let mut at = file.head();
    while let Ok(Some(found)) = file.read(at) {
        if found.bytes.is_some_and(|bytes| decode(&bytes).is_ok()) {
            return true;
        }
        at = found.next;
    }
    false
}

/// Makes the folder for us alone: it holds what callers said and who they are.
fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(folder)?;
    is_private(folder)
}

/// `/var/tmp` is everybody's: a folder there that another user made, or can write, is not ours.
fn is_private(folder: &Path) -> io::Result<()> {
    let shared = folder.starts_with("/var/tmp");
    for folder in [Some(folder), folder.parent()].into_iter().flatten().filter(|_| shared) {
        let about = folder.symlink_metadata()?;
        let ours = about.is_dir() && about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o022 == 0;
        if !ours {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to somebody else"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_data_folders_have_two_second_places() {
        let of = |folder| SpoolFolders::of(Path::new(folder), None);
        let (one, two) = (of("/srv/one"), of("/srv/two"));
        assert_eq!(one.0[0], Path::new("/srv/one/spool"));
        assert_ne!(one.0[1], two.0[1]);
        assert_eq!(one.0[1], of("/srv/one").0[1]);
        assert!(one.0[1].starts_with("/var/tmp"));
        let spared = SpoolFolders::of(Path::new("/srv/one"), Some(Path::new("/var/cache/switchboard")));
        assert!(spared.0[1].starts_with("/var/cache/switchboard/spool") && spared.len() == 2);
    }

    #[test]
    fn a_spool_left_behind_is_found_and_the_one_in_use_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = SpoolFolders::these(vec![folder.path().join("spool")]);
        let one = folders.create(0, 1).expect("made");
        drop(folders.create(0, 2).expect("made"));
        let again = folders.create(0, 2).expect("another of the same instance");
        let found = folders.left_behind();
        assert_eq!(found.len(), 1);
        for file in found.into_iter().chain([one, again]) {
            discard(file);
        }
        assert_eq!(std::fs::read_dir(folder.path().join("spool")).expect("there").count(), 0);
    }

    #[test]
    fn a_spoilt_spool_is_kept_under_another_name_and_one_that_never_began_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (spoilt, short) = (folder.path().join("1"), folder.path().join("2"));
        for own in [&spoilt, &short] {
            std::fs::create_dir(own).expect("made");
        }
        std::fs::write(spoilt.join(UNITS), [7; 5000]).expect("written");
        std::fs::write(short.join(UNITS), b"SWB").expect("written");
        assert!(SpoolFolders::these(vec![folder.path().to_owned()]).left_behind().is_empty());
        assert_eq!(std::fs::read(spoilt.join("units.spool.bad")).expect("kept"), [7; 5000]);
        assert!(!spoilt.join(UNITS).exists() && !short.exists());
    }

    #[test]
    fn a_file_in_the_way_is_an_error_and_nothing_more() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("spool"), b"").expect("written");
        let folders = SpoolFolders::these(vec![folder.path().join("spool")]);
        assert!(folders.create(0, 1).is_err());
        assert!(folders.left_behind().is_empty());
    }
}
