//! One process, one data folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process holds it.
    #[error("{} is in use by another instance: give this one a DATA_DIR of its own", .0.display())]
    InUse(PathBuf),
    /// It cannot be made or written.
    #[error("cannot use {}: {source}; set DATA_DIR to a folder that this user may write", .folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl FolderError {
    /// Whether the disk is at fault and not a setting: read-only after an error, or full. That is no reason to leave
    /// the telephone unanswered; a wrong path or a missing right is, because somebody is there who can mend it.
    #[must_use]
    pub fn is_the_disks(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let Self::Unusable { source, .. } = self else { return false };
        matches!(source.kind(), ReadOnlyFilesystem | StorageFull | QuotaExceeded)
    }
}

/// Held as long as the process runs; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct InstanceLock(#[expect(dead_code, reason = "held, not read")] File);

impl InstanceLock {
    /// Makes the folder if need be and locks it.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn take(folder: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { folder: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join("instance.lock");
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_disk_is_told_from_a_wrong_setting() {
        let unusable = |kind| FolderError::Unusable { folder: PathBuf::new(), source: io::Error::from(kind) };
        assert!(unusable(io::ErrorKind::ReadOnlyFilesystem).is_the_disks());
        assert!(unusable(io::ErrorKind::StorageFull).is_the_disks());
        assert!(!unusable(io::ErrorKind::PermissionDenied).is_the_disks());
        assert!(!FolderError::InUse(PathBuf::new()).is_the_disks());
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let first = InstanceLock::take(&data).expect("free");
        assert!(matches!(InstanceLock::take(&data), Err(FolderError::InUse(_))));
        drop(first);
        assert!(InstanceLock::take(&data).is_ok());
    }
}
