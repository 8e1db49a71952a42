//! Everything that waits on disk to be replayed, in order: spools of earlier instances, and our own.

use super::file::{SpoolFile, UNREAD, Unusable};
use super::place::discard;
use super::size::MOST;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where what cannot be stored is kept now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Keeping {
    /// In the first folder, `DATA_DIR/spool`.
    Spool,
    /// On disk too, but not where it should be.
    SecondSpool,
    /// In memory: gone with the process. Consents kept so do not count as stored.
    Memory,
}

/// What the replay took from the shelf, and has to hand back when it is done.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// `None`: its bytes are spoilt.
    pub records: Vec<Option<Vec<u8>>>,
    pub from: Source,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Source {
    /// The first file, up to here.
    File { to: u64 },
    #[default]
    Memory,
}

/// Units and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Waiting {
    pub units: u64,
    pub bytes: u64,
}

/// What became of records that should go to disk.
#[derive(Debug)]
pub(super) enum Written {
    /// They are durable once this is synced.
    To(Arc<File>),
    /// Our own file does not take them.
    Failed(io::Error),
    /// There is no file of our own.
    Nowhere,
}

#[derive(Debug)]
pub(super) struct Shelf {
    /// Oldest first. While there is a `place` the last one is ours, and written to.
    files: VecDeque<SpoolFile>,
    /// The folder that our own spool is in.
    place: Option<usize>,
    units: u64,
    /// Bytes that may wait on disk.
    most: u64,
    /// Spools that this process cannot read: left where they are.
    left: Vec<PathBuf>,
    /// What is whole and makes no sense to this version.
    unread: Option<SpoolFile>,
    closed: bool,
}

impl Shelf {
    /// Takes over what was left behind.
    pub(super) fn open(left_behind: Vec<SpoolFile>) -> Self {
        let files: VecDeque<_> = left_behind.into_iter().filter_map(not_empty).collect();
        let units = files.iter().map(count).sum();
        if units > 0 {
            tracing::warn!(webhooks = units, "an earlier instance left webhooks in its spool; they are replayed");
        }
        Self { files, place: None, units, most: MOST, left: Vec::new(), unread: None, closed: false }
    }

    pub(super) fn keeping(&self) -> Keeping {
        match self.place {
            None => Keeping::Memory,
            Some(0) => Keeping::Spool,
            Some(_) => Keeping::SecondSpool,
        }
    }

    pub(super) const fn place(&self) -> Option<usize> {
        self.place
    }

    /// What waits on disk.
    pub(super) fn waiting(&self) -> Waiting {
        Waiting { units: self.units, bytes: self.files.iter().map(SpoolFile::waiting).sum() }
    }

    /// Whether another spool may be begun: not before the replay has made some room.
    pub(super) fn has_room(&self) -> bool {
        self.waiting().bytes <= self.most / 16 * 15
    }

    /// From now on this spool is ours, in the folder at this place; without one everything goes to memory.
    pub(super) fn go(&mut self, own: Option<(usize, SpoolFile)>) {
        self.give_up_own();
        match own {
            Some((_, file)) if self.closed => discard(file),
            Some((place, file)) => {
                self.files.push_back(file);
                self.place = Some(place);
            }
            None => {}
        }
    }

    /// From now on our own spool is one of those that only wait to be replayed.
    fn give_up_own(&mut self) {
        if self.place.take().is_some()
            && let Some(own) = self.files.pop_back()
        {
            self.files.extend(not_empty(own));
        }
    }

    /// Writes records to our own file.
    pub(super) fn append(&mut self, records: &[Vec<u8>]) -> Written {
        let bytes: usize = records.iter().map(Vec::len).sum();
        let is_full = self.waiting().bytes + bytes as u64 > self.most;
        let Some(own) = self.files.back_mut().filter(|_| self.place.is_some()) else { return Written::Nowhere };
        if is_full {
            tracing::error!("the spool is full");
            self.give_up_own();
            return Written::Nowhere;
        }
        match own.append(records) {
            Ok(()) => {
                self.units += records.len() as u64;
                Written::To(own.handle())
            }
            Err(error) => Written::Failed(error),
        }
    }

    /// Where records are written now, for the log.
    pub(super) fn own_path(&self) -> Option<String> {
        self.files.back().filter(|_| self.place.is_some()).map(|own| own.path().display().to_string())
    }

    /// The next records to replay, at most so many; `None` when nothing waits on disk.
    pub(super) fn chunk(&mut self, most: usize) -> Option<Chunk> {
        while let Some(first) = self.files.front() {
            match first.some(most) {
                Ok((records, to)) if !records.is_empty() => return Some(Chunk { records, from: Source::File { to } }),
                Ok(_) if self.is_own(0) => break,
                Ok(_) => self.files.pop_front().into_iter().for_each(discard),
                Err(error) => {
                    tracing::error!(path = %first.path().display(), %error, "a spool cannot be read; it is left as it is");
                    if self.is_own(0) {
                        self.place = None;
                    }
                    self.leave_first();
                }
            }
        }
        None
    }

    /// So many units have been replayed, all that stand before `to` in the first file.
    pub(super) fn done(&mut self, units: usize, to: u64) {
        self.units = self.units.saturating_sub(units as u64);
        self.cut(to);
    }

    fn cut(&mut self, to: u64) {
        let own = self.is_own(0);
        let Some(first) = self.files.front_mut() else { return };
        if let Err(error) = first.cut(to) {
            // Harmless: what was replayed is replayed again, and its event ids show it.
            tracing::warn!(path = %first.path().display(), %error, "a spool could not be cut");
        }
        if first.waiting() == 0 && !own {
            self.files.pop_front().into_iter().for_each(discard);
        }
    }

    /// The first file cannot be replayed by this process: it stays on disk for another one.
    pub(super) fn leave_first(&mut self) {
        if let Some(first) = self.files.pop_front() {
            self.units = self.units.saturating_sub(count(&first));
            self.left.push(first.path().to_owned());
        }
    }

    /// Keeps records that this version cannot read, durably, in a file beside the first spool; says where.
    pub(super) fn set_aside(&mut self, records: &[Vec<u8>]) -> io::Result<PathBuf> {
        let mut unread = match self.unread.take() {
            Some(unread) => unread,
            None => open_unread(self.files.front().ok_or(io::ErrorKind::NotFound)?.path())?,
        };
        let path = unread.path().to_owned();
        unread.append(records)?;
        unread.handle().sync_data()?;
        self.unread = Some(unread);
        Ok(path)
    }

    fn is_own(&self, at: usize) -> bool {
        self.place.is_some() && at + 1 == self.files.len()
    }

    /// At the end: an empty spool of ours is taken away.
    pub(super) fn close(&mut self) {
        (self.place, self.closed) = (None, true);
        self.files = std::mem::take(&mut self.files).into_iter().filter_map(not_empty).collect();
        self.files.clear();
        self.unread = None;
    }
}

/// A file for what cannot be read, beside this spool. What stands in one that is there already is kept; one that is just
/// being replayed is another.
fn open_unread(beside: &Path) -> io::Result<SpoolFile> {
    for turn in 0.. {
        let path = beside.with_file_name(format!("units-{turn}.{UNREAD}"));
        match SpoolFile::adopt(&path) {
            Ok(there) => return Ok(there),
            Err(Unusable::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return SpoolFile::create_small(&path);
            }
            Err(_) => {}
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// The file, unless nothing waits in it; then it is taken away.
fn not_empty(file: SpoolFile) -> Option<SpoolFile> {
    if file.waiting() > 0 {
        return Some(file);
    }
    discard(file);
    None
}

fn count(file: &SpoolFile) -> u64 {
    let (mut at, mut units) = (file.head(), 0);
    while let Ok(Some(found)) = file.read(at) {
        (at, units) = (found.next, units + 1);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str) -> SpoolFile {
        std::fs::create_dir(folder.path().join(name)).expect("made");
        SpoolFile::create(&folder.path().join(name).join("units")).expect("made")
    }

    #[test]
    fn all_spools_together_take_no_more_than_the_most() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut shelf = Shelf { most: 100, ..Shelf::open(Vec::new()) };
        shelf.go(Some((1, file(&folder, "a"))));
        assert!(matches!(shelf.append(&[vec![1; 82]]), Written::To(_)));
        assert!(shelf.has_room());
        shelf.go(Some((0, file(&folder, "b"))));
        assert!(matches!(shelf.append(&[vec![1; 1]]), Written::To(_)));
        assert!(!shelf.has_room(), "what waits in the first counts too");
        assert!(matches!(shelf.append(&[vec![1; 10]]), Written::Nowhere));
        assert_eq!((shelf.keeping(), shelf.waiting().units), (Keeping::Memory, 2));
        let Some(Chunk { records, from: Source::File { to } }) = shelf.chunk(9) else { unreachable!() };
        shelf.done(records.len(), to);
        assert!(shelf.has_room());
    }

    #[test]
    fn a_spool_that_was_made_while_the_shelf_closed_is_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut shelf = Shelf::open(Vec::new());
        let late = file(&folder, "a");
        shelf.close();
        shelf.go(Some((0, late)));
        assert_eq!((shelf.keeping(), std::fs::read_dir(folder.path()).expect("there").count()), (Keeping::Memory, 0));
    }
}
