//! How large a spool is, and how its blocks are taken before they are needed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Taken at the start, and again each time it does not suffice. Some 25,000 webhooks.
pub(super) const GROWTH: u64 = 64 << 20;
/// Taken for what this version cannot read: a few records, if any.
pub(super) const SMALL: u64 = 1 << 20;
/// All spools together hold no more records than this: a day's flood must not fill the disk of the whole machine.
pub(super) const MOST: u64 = 1 << 30;
/// Beyond, new calls are turned away: the rest is for steps of running ones.
pub(super) const FOR_ALL: u64 = MOST / 2;

/// Takes blocks of the disk for `length` bytes from `from` on. Where the file system cannot promise them, zeros are
/// written.
pub(super) fn reserve(file: &File, from: u64, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::empty(), from, length) {
        Ok(()) => Ok(()),
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => zeros(file, from, length),
        Err(error) => Err(error.into()),
    }
}

fn zeros(file: &File, from: u64, length: u64) -> io::Result<()> {
    let chunk = vec![0; 1 << 20];
    let mut at = from;
    while at < from + length {
        let now = (from + length - at).min(1 << 20);
        file.write_all_at(chunk.get(..usize::try_from(now).unwrap_or(0)).unwrap_or(&chunk), at)?;
        at += now;
    }
    Ok(())
}
