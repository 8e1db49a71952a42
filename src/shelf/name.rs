//! Names of copies: relative, plain, and never out of the folder.

use super::error::ShelfError;
use crate::base::Time;
use chrono::Datelike;
use std::path::{Path, PathBuf};

/// `2026/11/20/RE….wav`: by day, so that no folder grows without end.
#[must_use]
pub fn path_of(recording_sid: &str, found_at: Time) -> String {
    format!("{}/{:02}/{:02}/{recording_sid}.wav", found_at.year(), found_at.month(), found_at.day())
}

/// The place of `name` below `root`.
pub(super) fn below(root: &Path, name: &str) -> Result<PathBuf, ShelfError> {
    sound(name).map(|()| root.join(name))
}

/// Whether it is plain: such a name stays below its root, and needs no escape in a URL.
pub(super) fn sound(name: &str) -> Result<(), ShelfError> {
    let plain = |part: &str| {
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(sound)
    };
    if name.len() <= 200 && name.split('/').all(plain) { Ok(()) } else { Err(ShelfError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out() {
        let root = Path::new("/audio");
        let name = path_of("RE1", Time::UNIX_EPOCH);
        assert_eq!(below(root, &name).unwrap(), Path::new("/audio/1970/01/01/RE1.wav"));
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", ".hidden", "a/.b", "a b", "a\0", "a\\b", "é"] {
            assert!(below(root, bad).is_err(), "{bad}");
        }
    }
}
