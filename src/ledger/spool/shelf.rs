//! Everything that waits to be replayed, in order: spools of earlier instances, our own, and what is only in memory.

use super::file::SpoolFile;
use super::place::{SpoolFolders, discard};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes that may wait in memory where no disk can be written: some 6,000 webhooks.
const MOST_IN_MEMORY: usize = 16 << 20;

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
    from: Source,
}

#[derive(Debug, Default)]
enum Source {
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

#[derive(Debug)]
pub(super) struct Shelf {
    folders: SpoolFolders,
    instance: u64,
    /// Oldest first. While `place` names a folder the last one is ours, and written to.
    files: VecDeque<SpoolFile>,
    place: usize,
    memory: VecDeque<Vec<u8>>,
    memory_bytes: usize,
    units: u64,
    /// Spools that this process cannot read: left where they are.
    left: Vec<PathBuf>,
}

impl Shelf {
    /// Takes over what was left behind, and opens a spool of its own in the first folder that can be written.
    pub(super) fn open(folders: SpoolFolders, instance: u64) -> Self {
        let mut shelf = Self {
            files: folders.left_behind().into(),
            instance,
            place: folders.len(),
            folders,
            memory: VecDeque::new(),
            memory_bytes: 0,
            units: 0,
            left: Vec::new(),
        };
        shelf.files = shelf.files.into_iter().filter_map(not_empty).collect();
        shelf.units = shelf.files.iter().map(count).sum();
        if shelf.units > 0 {
            tracing::warn!(webhooks = shelf.units, "an earlier instance left webhooks in its spool; they are replayed");
        }
        shelf.mend();
        shelf
    }

    pub(super) fn keeping(&self) -> Keeping {
        match self.place {
            place if place >= self.folders.len() => Keeping::Memory,
            0 => Keeping::Spool,
            _ => Keeping::SecondSpool,
        }
    }

    pub(super) fn waiting(&self) -> Waiting {
        let bytes = self.files.iter().map(SpoolFile::waiting).sum::<u64>() + self.memory_bytes as u64;
        Waiting { units: self.units, bytes }
    }

    /// Goes to the best folder that can be written now; says whether that changed anything.
    pub(super) fn mend(&mut self) -> bool {
        for place in 0..self.place {
            match self.folders.create(place, self.instance) {
                Ok(file) => {
                    self.give_up_own();
                    self.files.push_back(file);
                    self.place = place;
                    return true;
                }
                Err(error) => tracing::debug!(place, %error, "no spool can be made here"),
            }
        }
        false
    }

    /// The file that is written to cannot be written any more: on to the next folder that can, or to memory.
    fn move_on(&mut self, error: &io::Error) {
        let path = self.files.back().map(|file| file.path().display().to_string());
        tracing::error!(path, %error, "the spool cannot be written");
        let next = self.place + 1;
        self.give_up_own();
        self.place = self.folders.len();
        for place in next..self.folders.len() {
            if let Ok(file) = self.folders.create(place, self.instance) {
                self.files.push_back(file);
                self.place = place;
                return;
            }
        }
    }

    /// From now on our own spool is one of those that only wait to be replayed.
    fn give_up_own(&mut self) {
        if self.place < self.folders.len()
            && let Some(own) = self.files.pop_back()
        {
            self.files.extend(not_empty(own));
        }
    }

    /// Writes records to disk, wherever that is possible, and gives what has to be synced. `None`: nowhere.
    pub(super) fn append(&mut self, records: &[Vec<u8>]) -> Option<Arc<File>> {
        while self.place < self.folders.len() {
            let own = self.files.back_mut()?;
            match own.append(records) {
                Ok(()) => {
                    self.units += records.len() as u64;
                    return Some(own.handle());
                }
                Err(error) => self.move_on(&error),
            }
        }
        None
    }

    /// A sync failed: what it should have made durable is written elsewhere, or `None`.
    pub(super) fn append_elsewhere(&mut self, records: &[Vec<u8>], error: &io::Error) -> Option<Arc<File>> {
        self.move_on(error);
        self.append(records)
    }

    /// Keeps a record in memory; `false` when that is full.
    pub(super) fn remember(&mut self, record: Vec<u8>) -> bool {
        if self.memory_bytes + record.len() > MOST_IN_MEMORY {
            return false;
        }
        self.memory_bytes += record.len();
        self.units += 1;
        self.memory.push_back(record);
        true
    }

    /// The next records to replay, at most so many; empty when nothing waits.
    pub(super) fn chunk(&mut self, most: usize) -> Chunk {
        while let Some(first) = self.files.front() {
            match first.some(most) {
                Ok((records, to)) if !records.is_empty() => return Chunk { records, from: Source::File { to } },
                Ok(_) if self.is_own(0) => break,
                Ok(_) => self.files.pop_front().into_iter().for_each(discard),
                Err(error) => {
                    tracing::error!(path = %first.path().display(), %error, "a spool cannot be read; it is left as it is");
                    if self.is_own(0) {
                        self.place = self.folders.len();
                    }
                    self.leave_first();
                }
            }
        }
        let records = self.memory.iter().take(most).cloned().map(Some).collect();
        Chunk { records, from: Source::Memory }
    }

    /// All of a chunk has been replayed.
    pub(super) fn done(&mut self, chunk: &Chunk) {
        self.units = self.units.saturating_sub(chunk.records.len() as u64);
        match chunk.from {
            Source::File { to } => self.cut(to),
            Source::Memory => {
                let gone = self.memory.drain(..chunk.records.len().min(self.memory.len()));
                self.memory_bytes -= gone.map(|record| record.len()).sum::<usize>();
            }
        }
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

    fn is_own(&self, at: usize) -> bool {
        self.place < self.folders.len() && at + 1 == self.files.len()
    }

    /// At the end: an empty spool of ours is taken away. Says how many units are lost with the memory.
    pub(super) fn close(&mut self) -> usize {
        self.place = self.folders.len();
        self.files = std::mem::take(&mut self.files).into_iter().filter_map(not_empty).collect();
        self.files.clear();
        self.memory.len()
    }
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
