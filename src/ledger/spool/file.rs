//! One spool on disk: a preallocated file that is written from front to back and begins anew when it is empty.
//!
//! ```text
//!    0  magic, version, generation, CRC        header, written when the file is made and when it begins anew
//!  512  generation, head, CRC                  how far it has been replayed
//! 4096  length u32, CRC u32, bytes             records, little endian, one behind the other
//! ```
//!
//! The checksum of a record covers generation and place too, so what an earlier generation left behind is never read.
//! The head needs no sync of its own: replaying something twice is harmless, the event id shows it.

use super::size::{self, GROWTH, MOST, SMALL};
use crc::{CRC_32_ISCSI, Crc, Table};
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the name of a file ends that holds what could not be read.
pub(super) const UNREAD: &str = "spool.unread";

const MAGIC: [u8; 8] = *b"SWBSPOOL";
/// Raised when the layout changes.
const VERSION: u64 = 1;
const HEAD_AT: u64 = 512;
/// Where the first record stands.
const START: u64 = 4096;
/// Length and checksum before a record's bytes.
const PREFIX: u64 = 8;
/// No unit is this long: a webhook's body ends at 64 KiB, an answer too.
const LONGEST: u64 = 4 << 20;

const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Why a file that is there is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// Another process has it.
    #[error("another process holds it")]
    Held,
    /// A newer binary made it.
    #[error("a newer version of switchboard made it (layout {0}); it is left as it is")]
    Newer(u64),
    /// Its header was never written: no record can be in it.
    #[error("it has no header")]
    NoHeader,
    /// There is something in it, and its header does not say what.
    #[error("its header is spoilt")]
    Spoilt,
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A record as it was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where the next one stands.
    pub next: u64,
    /// `None`: the bytes are not those that were written.
    pub bytes: Option<Vec<u8>>,
}

/// A spool, locked as long as it is open.
#[derive(Debug)]
pub(super) struct SpoolFile {
    file: Arc<File>,
    path: PathBuf,
    generation: u64,
    head: u64,
    tail: u64,
    size: u64,
    /// How much room is taken at a time.
    growth: u64,
}

impl SpoolFile {
    /// Makes a new one, preallocated, so that a disk that fills up later does not matter.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Self::create_with(path, GROWTH)
    }

    /// Makes one for a few records.
    pub(super) fn create_small(path: &Path) -> io::Result<Self> {
        Self::create_with(path, SMALL)
    }

    fn create_with(path: &Path, growth: u64) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        let made = Self::prepare(file, path, growth);
        if made.is_err() {
            let _ = std::fs::remove_file(path);
        }
        made
    }

    fn prepare(file: File, path: &Path, growth: u64) -> io::Result<Self> {
        file.try_lock().map_err(io::Error::from)?;
        size::reserve(&file, 0, START + growth)?;
        let (file, path) = (Arc::new(file), path.to_owned());
        let spool = Self { file, path, generation: 1, head: START, tail: START, size: START + growth, growth };
        spool.write_header(spool.generation)?;
        spool.file.sync_all()?;
        if let Some(folder) = spool.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(spool)
    }

    /// Opens one that an earlier instance left, and finds where its records end.
    pub(super) fn adopt(path: &Path) -> Result<Self, Unusable> {
        let file = File::options().read(true).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Unusable::Held),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let size = file.metadata()?.len();
        let mut header = [0; 28];
        file.read_exact_at(&mut header, 0).map_err(no_header_if_short)?;
        let (about, sum) = header.split_at(24);
        if !about.starts_with(&MAGIC) || checksum(&[about]).to_le_bytes() != sum {
            return Err(if is_blank(&file, &header)? { Unusable::NoHeader } else { Unusable::Spoilt });
        }
        let number = |at: usize| about.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        let (version, generation) = (number(8), number(16));
        if version > VERSION {
            return Err(Unusable::Newer(version));
        }
        let (file, path) = (Arc::new(file), path.to_owned());
        let mut spool = Self { file, path, generation, head: START, tail: size, size, growth: GROWTH };
        spool.head = spool.stored_head().unwrap_or(START);
        spool.tail = spool.head;
        while let Some(found) = spool.found(spool.tail, size)? {
            spool.tail = found.next;
        }
        Ok(spool)
    }

    /// Writes records behind the last one; they are durable after [`SpoolFile::handle`] was synced.
    pub(super) fn append(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(records.iter().map(|record| record.len() + 8).sum());
        for record in records {
            let at = self.tail + bytes.len() as u64;
            let length = u32::try_from(record.len()).ok().filter(|length| u64::from(*length) <= LONGEST);
            let length = length.ok_or(io::ErrorKind::InvalidInput)?;
            bytes.extend(length.to_le_bytes());
            bytes.extend(self.sum(at, record).to_le_bytes());
            bytes.extend(record);
        }
        let end = self.tail + bytes.len() as u64;
        self.make_room(end)?;
        self.file.write_all_at(&bytes, self.tail)?;
        self.tail = end;
        Ok(())
    }

    fn make_room(&mut self, end: u64) -> io::Result<()> {
        if end <= self.size {
            return Ok(());
        }
        let more = (end - self.size).next_multiple_of(self.growth);
        if self.size + more > START + MOST {
            return Err(io::ErrorKind::StorageFull.into());
        }
        size::reserve(&self.file, self.size, more)?;
        self.size += more;
        Ok(())
    }

    /// For the sync, which takes its time and needs nothing else of the spool.
    pub(super) fn handle(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// The record at `at`, or `None` at the end.
    pub(super) fn read(&self, at: u64) -> io::Result<Option<Found>> {
        self.found(at, self.tail)
    }

    /// The first records that have not been replayed, at most so many, and where they end.
    pub(super) fn some(&self, most: usize) -> io::Result<(Vec<Option<Vec<u8>>>, u64)> {
        let (mut at, mut records) = (self.head, Vec::new());
        while records.len() < most
            && let Some(found) = self.read(at)?
        {
            at = found.next;
            records.push(found.bytes);
        }
        Ok((records, at))
    }

    /// A record that does not fit its checksum is the torn end of the file, unless a good one stands behind it: then
    /// it alone is spoilt.
    fn found(&self, at: u64, end: u64) -> io::Result<Option<Found>> {
        match self.record(at, end)? {
            Some(Found { next, bytes: None }) if self.record(next, end)?.is_none_or(|f| f.bytes.is_none()) => Ok(None),
            found => Ok(found),
        }
    }

    /// What stands at `at`, as far as its length makes sense.
    fn record(&self, at: u64, end: u64) -> io::Result<Option<Found>> {
        if at + PREFIX > end {
            return Ok(None);
        }
        let mut prefix = [0; PREFIX as usize];
        self.file.read_exact_at(&mut prefix, at)?;
        let [a, b, c, d, sum @ ..] = prefix;
        let length = u32::from_le_bytes([a, b, c, d]);
        let next = at + PREFIX + u64::from(length);
        if length == 0 || u64::from(length) > LONGEST || next > end {
            return Ok(None);
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, at + PREFIX)?;
        let whole = self.sum(at, &bytes) == u32::from_le_bytes(sum);
        Ok(Some(Found { next, bytes: whole.then_some(bytes) }))
    }

    /// Everything before `to` has been replayed. An empty spool begins anew, and gives back what it took on top.
    pub(super) fn cut(&mut self, to: u64) -> io::Result<()> {
        self.head = to.max(self.head);
        if self.head < self.tail {
            return self.write_head();
        }
        self.begin_anew()
    }

    /// Nothing changes until the header is written: records of a generation that the header does not name would not be
    /// found again.
    fn begin_anew(&mut self) -> io::Result<()> {
        self.write_header(self.generation + 1)?;
        self.generation += 1;
        (self.head, self.tail) = (START, START);
        if self.size > START + GROWTH {
            self.file.set_len(START + GROWTH)?;
            self.size = START + GROWTH;
        }
        self.write_head()
    }

    /// Takes the file away; nothing in it is needed any more.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the first record stands that has not been replayed.
    pub(super) const fn head(&self) -> u64 {
        self.head
    }

    /// Bytes that have not been replayed.
    pub(super) const fn waiting(&self) -> u64 {
        self.tail - self.head
    }

    fn write_header(&self, generation: u64) -> io::Result<()> {
        let mut header = Vec::from(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(generation.to_le_bytes());
        header.extend(checksum(&[&header]).to_le_bytes());
        self.file.write_all_at(&header, 0)
    }

    fn write_head(&self) -> io::Result<()> {
        let mut head = Vec::from(self.generation.to_le_bytes());
        head.extend(self.head.to_le_bytes());
        head.extend(checksum(&[&head]).to_le_bytes());
        self.file.write_all_at(&head, HEAD_AT)
    }

    /// `None`: it was not written whole, or by another generation; then everything is replayed.
    fn stored_head(&self) -> Option<u64> {
        let mut stored = [0; 20];
        self.file.read_exact_at(&mut stored, HEAD_AT).ok()?;
        let (about, sum) = stored.split_at(16);
        let (generation, head) = about.split_at(8);
        let fits = checksum(&[about]).to_le_bytes() == sum && generation == self.generation.to_le_bytes();
        let head = u64::from_le_bytes(head.try_into().ok()?);
        (fits && (START..=self.size).contains(&head)).then_some(head)
    }

    fn sum(&self, at: u64, bytes: &[u8]) -> u32 {
        checksum(&[&self.generation.to_le_bytes(), &at.to_le_bytes(), bytes])
    }
}

fn no_header_if_short(error: io::Error) -> Unusable {
    if error.kind() == io::ErrorKind::UnexpectedEof { Unusable::NoHeader } else { Unusable::Io(error) }
}

/// Blocks were taken for it, and then its process ended: there is no header and no record.
fn is_blank(file: &File, header: &[u8]) -> io::Result<bool> {
    let mut first = [0; PREFIX as usize];
    match file.read_exact_at(&mut first, START) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(error),
    }
    Ok(header.iter().chain(&first).all(|byte| *byte == 0))
}

fn checksum(parts: &[&[u8]]) -> u32 {
    let mut digest = CRC.digest();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(spool: &SpoolFile) -> Vec<Option<String>> {
        let (mut at, mut texts) = (spool.head(), Vec::new());
        while let Some(found) = spool.read(at).expect("readable") {
            texts.push(found.bytes.map(|bytes| String::from_utf8(bytes).expect("text")));
            at = found.next;
        }
        texts
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    fn records(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    struct Stand {
        path: PathBuf,
        _folder: tempfile::TempDir,
    }

    /// A spool with three records, closed.
    fn three() -> Stand {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("units");
        let mut spool = SpoolFile::create(&path).expect("made");
        spool.append(&records(&["one"])).expect("written");
        spool.append(&records(&["two", "three"])).expect("written");
        Stand { path, _folder: folder }
    }

    fn spoil(stand: &Stand, text: &str) {
        let bytes = std::fs::read(&stand.path).expect("readable");
        let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).expect("it is there");
        let file = File::options().write(true).open(&stand.path).expect("writable");
        file.write_all_at(b"X", at as u64).expect("written");
    }

    #[test]
    fn what_was_written_is_found_again_and_the_file_has_its_size_from_the_start() {
        let stand = three();
        assert!(std::fs::metadata(&stand.path).expect("there").len() >= GROWTH);
        assert_eq!(all(&SpoolFile::adopt(&stand.path).expect("good")), some(&["one", "two", "three"]));
    }

    #[test]
    fn a_torn_end_is_cut_and_written_over() {
        let stand = three();
        spoil(&stand, "three");
        let mut spool = SpoolFile::adopt(&stand.path).expect("good");
        assert_eq!(all(&spool), some(&["one", "two"]));
        spool.append(&records(&["four"])).expect("written");
        drop(spool);
        assert_eq!(all(&SpoolFile::adopt(&stand.path).expect("good")), some(&["one", "two", "four"]));
    }

    #[test]
    fn a_spoilt_record_costs_itself_and_no_other() {
        let stand = three();
        spoil(&stand, "two");
        let found = all(&SpoolFile::adopt(&stand.path).expect("good"));
        assert_eq!(found, [Some("one".to_owned()), None, Some("three".to_owned())]);
    }

    #[test]
    fn what_was_replayed_stays_cut_and_an_empty_spool_begins_anew() {
        let stand = three();
        let mut spool = SpoolFile::adopt(&stand.path).expect("good");
        let next = spool.read(spool.head()).expect("readable").expect("one").next;
        spool.cut(next).expect("cut");
        drop(spool);
        let mut spool = SpoolFile::adopt(&stand.path).expect("good");
        assert_eq!(all(&spool), some(&["two", "three"]));
        let end = spool.tail;
        spool.cut(end).expect("cut");
        assert_eq!((spool.head(), spool.waiting()), (START, 0));
        spool.append(&records(&["1st"])).expect("written");
        drop(spool);
        // Of the old generation `two` stands right behind it, whole.
        assert_eq!(all(&SpoolFile::adopt(&stand.path).expect("good")), some(&["1st"]));
    }

    #[test]
    fn a_spool_that_could_not_begin_anew_goes_on_as_it_was() {
        let stand = three();
        let mut spool = SpoolFile::adopt(&stand.path).expect("good");
        let readable = Arc::new(File::open(&stand.path).expect("there"));
        let writable = std::mem::replace(&mut spool.file, readable);
        assert!(spool.cut(spool.tail).is_err());
        assert_eq!(spool.waiting(), 0);
        spool.file = writable;
        spool.append(&records(&["four"])).expect("written");
        assert_eq!(all(&spool), some(&["four"]));
        drop(spool);
        // That the others were replayed could not be noted: their event ids show it.
        assert_eq!(all(&SpoolFile::adopt(&stand.path).expect("good")), some(&["one", "two", "three", "four"]));
    }

    #[test]
    fn what_has_no_header_is_told_from_what_has_a_spoilt_one_and_from_what_cannot_be_read() {
        let stand = three();
        spoil(&stand, "SWBSPOOL");
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::Spoilt)));
        File::options().write(true).open(&stand.path).expect("writable").write_all_at(&[0; 28], 0).expect("written");
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::Spoilt)), "records are in it");
        let blank = File::options().write(true).truncate(true).open(&stand.path).expect("writable");
        blank.set_len(START + GROWTH).expect("zeros");
        drop(blank);
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::NoHeader)));
        assert!(matches!(no_header_if_short(io::Error::from_raw_os_error(5)), Unusable::Io(_)));
    }

    #[test]
    fn a_full_spool_grows_and_gives_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = SpoolFile::create(&folder.path().join("units")).expect("made");
        let large = vec![vec![7; 1 << 20]; (GROWTH >> 20) as usize + 1];
        spool.append(&large).expect("it grows");
        assert_eq!(spool.size, START + 2 * GROWTH);
        spool.cut(spool.tail).expect("cut");
        assert_eq!(spool.file.metadata().expect("there").len(), START + GROWTH);
    }

    #[test]
    fn one_process_at_a_time_and_no_guess_at_a_newer_layout() {
        let stand = three();
        let spool = SpoolFile::adopt(&stand.path).expect("good");
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::Held)));
        let mut header = Vec::from(MAGIC);
        header.extend(2u64.to_le_bytes());
        header.extend(1u64.to_le_bytes());
        header.extend(checksum(&[&header]).to_le_bytes());
        spool.file.write_all_at(&header, 0).expect("written");
        drop(spool);
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::Newer(2))));
        std::fs::write(&stand.path, b"").expect("written");
        assert!(matches!(SpoolFile::adopt(&stand.path), Err(Unusable::NoHeader)));
    }
}
