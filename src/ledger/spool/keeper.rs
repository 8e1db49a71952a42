//! The spool as the ledger uses it: give it a record, be told when it is durable. A thread of its own writes what has
//! gathered and syncs once for all of it.

use super::calls::WaitingCalls;
use super::file::SpoolFile;
use super::memory::Memory;
use super::order::{self, Until};
use super::place::SpoolFolders;
use super::shelf::{Chunk, Keeping, Shelf, Source, Waiting, Written};
use super::size::FOR_ALL;
use crate::base::Time;
use crate::ledger::record::Record;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Records that may wait for the writing thread. It takes a thousand in a few milliseconds; when there is no room,
/// whoever asks is told so and answers without storing.
const QUEUE: usize = 4096;
/// Records of one sync.
const GROUP: usize = 1024;
/// A disk that takes longer than this is no place to keep what a caller waits for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is tried whether a better place can be written again.
const MEND: Duration = Duration::from_secs(5);

/// A record could not be made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct NotKept;

/// Keeps records until they are replayed. Cloning is cheap.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folders: SpoolFolders,
    instance: u64,
    /// Held while files are read and written: nobody takes it who answers a call.
    shelf: Mutex<Shelf>,
    memory: Mutex<Memory>,
    calls: WaitingCalls,
    /// Gone once the spool is closed.
    writer: Mutex<Option<SyncSender<Job>>>,
    keeping: AtomicU8,
    /// The disk did not answer in time, and has not since.
    stuck: AtomicBool,
    /// On disk.
    units: AtomicU64,
    bytes: AtomicU64,
    /// Milliseconds since 1970: when the first that waits happened; 0 while nothing waits.
    oldest: AtomicI64,
    arrived: Notify,
}

#[derive(Debug)]
struct Job {
    record: Record,
    done: oneshot::Sender<Result<(), NotKept>>,
}

impl Spool {
    /// Takes over what earlier instances left and starts the writing thread.
    pub(in crate::ledger) fn open(folders: SpoolFolders, instance: u64) -> Self {
        let (sender, jobs) = sync_channel(QUEUE);
        let inner = Arc::new(Inner {
            shelf: Mutex::new(Shelf::open(folders.left_behind())),
            memory: Mutex::default(),
            calls: WaitingCalls::default(),
            folders,
            instance,
            writer: Mutex::new(Some(sender)),
            keeping: AtomicU8::new(0),
            stuck: AtomicBool::new(false),
            units: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            oldest: AtomicI64::new(0),
            arrived: Notify::new(),
        });
        inner.with_shelf(|_| ());
        inner.go_to_better();
        let writer = Arc::clone(&inner);
        let started = std::thread::Builder::new().name("spool".to_owned()).spawn(move || writer.write(&jobs));
        if let Err(error) = started {
            tracing::error!(%error, "the spool's thread does not start");
            inner.stuck.store(true, Ordering::Release);
        }
        Self(inner)
    }

    /// Of which calls something waits.
    pub(in crate::ledger) fn calls(&self) -> &WaitingCalls {
        &self.0.calls
    }

    /// Makes a record durable; `Ok` when it is.
    pub(in crate::ledger) async fn keep(&self, record: Record) -> Result<(), NotKept> {
        self.first_is(record.at);
        let (done, mut told) = oneshot::channel();
        let writer = self.writer().clone().ok_or(NotKept)?;
        writer.try_send(Job { record, done }).map_err(|_full_or_closed| NotKept)?;
        match tokio::time::timeout(PATIENCE, &mut told).await {
            Ok(told) => told.unwrap_or(Err(NotKept)),
            Err(_elapsed) => {
                // Before `told` goes: the thread that finds it gone writes, so the disk answers again.
                self.0.stuck.store(true, Ordering::Release);
                Err(NotKept)
            }
        }
    }

    /// Keeps a record as long as the process lives; `false` when there is no room.
    pub(in crate::ledger) fn remember(&self, record: Record) -> bool {
        self.first_is(record.at);
        let event_id = record.event_id;
        // Before it can be replayed.
        self.0.calls.begins(&record);
        let kept = self.0.memory().remember(record);
        if !kept {
            self.0.calls.is_over(event_id);
        }
        self.0.arrived.notify_one();
        kept
    }

    /// Where records are kept now.
    pub(in crate::ledger) fn keeping(&self) -> Keeping {
        match self.0.keeping.load(Ordering::Acquire) {
            _ if self.0.stuck.load(Ordering::Acquire) => Keeping::Memory,
            0 => Keeping::Spool,
            1 => Keeping::SecondSpool,
            _ => Keeping::Memory,
        }
    }

    /// Whether what is given to it survives the process.
    pub(in crate::ledger) fn is_durable(&self) -> bool {
        self.keeping() != Keeping::Memory
    }

    /// What has not been replayed.
    pub(in crate::ledger) fn waiting(&self) -> Waiting {
        let memory = self.0.memory();
        let (units, bytes) = (memory.units() as u64, memory.bytes() as u64);
        Waiting {
            units: self.0.units.load(Ordering::Acquire) + units,
            bytes: self.0.bytes.load(Ordering::Acquire) + bytes,
        }
    }

    /// Whether a new call may be kept: not when only the part is left that is kept for running ones.
    pub(in crate::ledger) fn has_room(&self) -> bool {
        self.waiting().bytes < FOR_ALL
    }

    /// When the first happened that waits.
    pub(in crate::ledger) fn oldest(&self) -> Option<Time> {
        let millis = self.0.oldest.load(Ordering::Relaxed);
        if self.waiting().units == 0 || millis == 0 { None } else { Time::from_timestamp_millis(millis) }
    }

    /// The next to be replayed happened then.
    pub(super) fn oldest_is(&self, at: Time) {
        self.0.oldest.store(at.timestamp_millis(), Ordering::Relaxed);
    }

    fn first_is(&self, at: Time) {
        if self.waiting().units == 0 {
            self.oldest_is(at);
        }
    }

    /// Returns when something has come since the last time, or at once if it has already.
    pub(in crate::ledger) async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// What happened first of what is on disk and in memory: both may hold steps of the same call. Empty when nothing
    /// waits.
    pub(super) fn chunk(&self, most: usize) -> Chunk {
        let Some(disk) = self.0.with_shelf(|shelf| shelf.chunk(most)) else { return self.memory_chunk(most, None) };
        let Some(first) = self.0.memory().first() else { return disk };
        match order::until(&disk.records, first) {
            Until::End => disk,
            Until::Record { before: 0, at } => self.memory_chunk(most, Some(at)),
            Until::Record { before, .. } => self.0.with_shelf(|shelf| shelf.chunk(before)).unwrap_or(disk),
        }
    }

    fn memory_chunk(&self, most: usize, until: Option<Time>) -> Chunk {
        let records = self.0.memory().take(most, until).into_iter().map(Some).collect();
        Chunk { records, from: Source::Memory }
    }

    /// All of a chunk has been replayed.
    pub(super) fn done(&self, chunk: &Chunk) {
        let units = chunk.records.len();
        match chunk.from {
            Source::File { to } => self.0.with_shelf(|shelf| shelf.done(units, to)),
            Source::Memory => self.0.memory().forget(units),
        }
    }

    /// Keeps records of the first spool that this version cannot read; says where.
    pub(super) fn set_aside(&self, records: &[Vec<u8>]) -> io::Result<PathBuf> {
        self.0.with_shelf(|shelf| shelf.set_aside(records))
    }

    pub(super) fn leave_first(&self) {
        self.0.with_shelf(Shelf::leave_first);
    }

    /// Closes the spool. What waits in it is replayed at the next start; so is what is in memory, if the disk takes it
    /// now. Says how many units are lost.
    pub(in crate::ledger) fn close(&self) -> usize {
        self.writer().take();
        self.0.put_memory_on_disk();
        self.0.shelf().close();
        self.0.keeping.store(Keeping::Memory as u8, Ordering::Release);
        self.0.memory().units()
    }

    fn writer(&self) -> MutexGuard<'_, Option<SyncSender<Job>>> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, shelf: &Shelf) {
        let Waiting { units, bytes } = shelf.waiting();
        self.units.store(units, Ordering::Release);
        self.bytes.store(bytes, Ordering::Release);
        self.keeping.store(shelf.keeping() as u8, Ordering::Release);
    }

    /// Runs until the spool is closed.
    fn write(&self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(MEND) {
                Ok(first) => {
                    self.write_group(std::iter::once(first).chain(jobs.try_iter()).take(GROUP));
                    self.arrived.notify_one();
                }
                Err(RecvTimeoutError::Timeout) => self.mend(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn write_group(&self, jobs: impl Iterator<Item = Job>) {
        // Who waits no longer has decided again, and kept that: what he decided first must not come true as well.
        let awaited = jobs.filter(|job| !job.done.is_closed()).inspect(|job| self.calls.begins(&job.record));
        let told = |job: Job| (job.record.bytes, (job.record.event_id, job.done));
        let (records, waiting): (Vec<_>, Vec<_>) = awaited.map(told).unzip();
        let kept = if records.is_empty() { Ok(()) } else { self.make_durable(&records) };
        self.stuck.store(false, Ordering::Release);
        for (event_id, done) in waiting {
            if kept.is_err() {
                self.calls.is_over(event_id);
            }
            let _ = done.send(kept);
        }
    }

    /// Writes and syncs, in the next place when one fails.
    fn make_durable(&self, records: &[Vec<u8>]) -> Result<(), NotKept> {
        loop {
            let written = match self.with_shelf(|shelf| shelf.append(records)) {
                Written::To(file) => File::sync_data(&file),
                Written::Failed(error) => Err(error),
                Written::Nowhere => return Err(NotKept),
            };
            match written {
                Ok(()) => return Ok(()),
                Err(error) => self.move_on(&error),
            }
        }
    }

    /// A crowd, or a disk that was slow or full for a while, left records in memory: they go behind those on disk.
    fn put_memory_on_disk(&self) {
        let records = self.memory().take(usize::MAX, None);
        if records.is_empty() {
            return;
        }
        self.go_to_better();
        if self.make_durable(&records).is_ok() {
            self.memory().forget(records.len());
        }
    }

    /// The file that is written to cannot be written any more: on to the next folder that can, or to memory.
    fn move_on(&self, error: &io::Error) {
        let (place, path) = self.with_shelf(|shelf| (shelf.place(), shelf.own_path()));
        tracing::error!(path, %error, "the spool cannot be written");
        let next = place.and_then(|place| self.make(place + 1..self.folders.len()));
        self.with_shelf(|shelf| shelf.go(next));
    }

    /// A spool in the first of these places that can be written. It takes its time, and no lock.
    fn make(&self, places: Range<usize>) -> Option<(usize, SpoolFile)> {
        places.into_iter().find_map(|place| match self.folders.create(place, self.instance) {
            Ok(file) => Some((place, file)),
            Err(error) => {
                tracing::debug!(place, %error, "no spool can be made here");
                None
            }
        })
    }

    fn mend(&self) {
        self.stuck.store(false, Ordering::Release);
        if self.go_to_better() {
            tracing::info!("the spool can be written again");
        }
    }

    /// Goes to the best folder that can be written now; says whether that changed anything.
    fn go_to_better(&self) -> bool {
        let (place, has_room) = self.with_shelf(|shelf| (shelf.place(), shelf.has_room()));
        let better = if has_room { self.make(0..place.unwrap_or(self.folders.len())) } else { None };
        let found = better.is_some();
        if found {
            self.with_shelf(|shelf| shelf.go(better));
        }
        found
    }

    fn with_shelf<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        let mut shelf = self.shelf();
        let done = change(&mut shelf);
        self.note(&shelf);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(folder: &std::path::Path) -> SpoolFolders {
        SpoolFolders::these(vec![folder.join("first"), folder.join("second")])
    }

    fn record(text: &[u8]) -> Record {
        Record { bytes: text.to_vec(), at: Time::UNIX_EPOCH, event_id: 1, calls: Vec::new() }
    }

    fn texts(spool: &Spool) -> Vec<String> {
        let chunk = spool.chunk(100);
        let texts = chunk.records.iter().flatten().map(|bytes| String::from_utf8(bytes.clone()).expect("text"));
        let texts = texts.collect();
        spool.done(&chunk);
        texts
    }

    #[tokio::test]
    async fn what_one_instance_kept_the_next_one_finds_and_takes_away_when_it_is_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Spool::open(folders(folder.path()), 1);
        assert_eq!(first.keep(record(b"one")).await, Ok(()));
        assert_eq!(first.keep(record(b"two")).await, Ok(()));
        assert_eq!(first.waiting().units, 2);
        assert_eq!(first.close(), 0);
        let second = Spool::open(folders(folder.path()), 2);
        assert_eq!(second.keep(record(b"three")).await, Ok(()));
        assert_eq!(second.waiting().units, 3);
        assert_eq!(
            (texts(&second), texts(&second)),
            (vec!["one".to_owned(), "two".to_owned()], vec!["three".to_owned()])
        );
        assert_eq!(second.waiting(), Waiting::default());
        assert_eq!(second.close(), 0);
        assert_eq!(std::fs::read_dir(folder.path().join("first")).expect("there").count(), 0);
    }

    #[tokio::test]
    async fn without_the_first_folder_the_second_and_without_any_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("first"), b"in the way").expect("written");
        let spool = Spool::open(folders(folder.path()), 1);
        assert_eq!(spool.keeping(), Keeping::SecondSpool);
        assert_eq!(spool.keep(record(b"one")).await, Ok(()));
        spool.close();
        std::fs::remove_dir_all(folder.path().join("second")).expect("removed");
        std::fs::write(folder.path().join("second"), b"in the way").expect("written");
        let spool = Spool::open(folders(folder.path()), 2);
        assert_eq!((spool.keeping(), spool.is_durable()), (Keeping::Memory, false));
        assert_eq!(spool.keep(record(b"two")).await, Err(NotKept));
        assert!(spool.remember(record(b"two")));
        assert_eq!(texts(&spool), ["two"]);
        assert!(!spool.remember(record(&vec![0; 17 << 20])));
        assert!(spool.remember(record(b"three")));
        assert_eq!(spool.close(), 1);
    }

    #[tokio::test]
    async fn what_is_in_memory_at_the_end_goes_to_the_disk_and_behind_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Spool::open(folders(folder.path()), 1);
        assert!(first.remember(record(b"later")));
        assert_eq!(first.keep(record(b"first")).await, Ok(()));
        assert_eq!(first.close(), 0);
        let second = Spool::open(folders(folder.path()), 2);
        assert_eq!(texts(&second), ["first", "later"]);
        second.close();
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folders(folder.path()), 1);
        let (done, _) = oneshot::channel();
        let (awaited, told) = oneshot::channel();
        let jobs = [(b"given up", done), (b"awaited.", awaited)];
        spool.0.write_group(jobs.into_iter().map(|(text, done)| Job { record: record(text), done }));
        assert_eq!(told.await, Ok(Ok(())));
        assert_eq!(texts(&spool), ["awaited."]);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_kept_until_a_version_can() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = async |number, text: &[u8]| {
            let spool = Spool::open(folders(folder.path()), number);
            assert_eq!(spool.keep(record(text)).await, Ok(()));
            let chunk = spool.chunk(100);
            let path = spool.set_aside(&[chunk.records[0].clone().expect("whole")]).expect("kept");
            spool.done(&chunk);
            assert_eq!((spool.close(), path.is_file()), (0, true));
            path
        };
        let nonsense = kept(1, b"\x01{\"of\":\"another version\"}").await;
        let again = Spool::open(folders(folder.path()), 2);
        assert_eq!(again.waiting(), Waiting::default(), "this version does not try it at each start");
        again.close();
        assert!(nonsense.is_file());
        let unit = crate::ledger::unit::Unit {
            key: [1; 16],
            at: Time::UNIX_EPOCH,
            call: None,
            parent: None,
            webhook: crate::ledger::unit::Webhook { kind: "voice", ..Default::default() },
            facts: crate::ledger::unit::Facts::default(),
            answer: "<Response/>".into(),
            limits: Vec::new(),
            busy: None,
        };
        let sense = Record::of(&crate::ledger::work::Entry { event_id: 7, unit, judged: true });
        let readable = kept(3, &sense.bytes).await;
        let newer = Spool::open(folders(folder.path()), 4);
        assert_eq!((newer.waiting().units, readable != nonsense), (1, true));
        newer.done(&newer.chunk(100));
        newer.close();
        assert!(!readable.is_file() && nonsense.is_file(), "what was taken is gone, the rest is not");
    }

    #[tokio::test]
    async fn who_remembers_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folders(folder.path()), 1);
        let slow = spool.0.shelf();
        let (told, heard) = std::sync::mpsc::channel();
        let other = spool.clone();
        let thread = std::thread::spawn(move || {
            let _ = told.send((other.remember(record(b"one")), other.waiting().units));
        });
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok((true, 1)));
        drop(slow);
        thread.join().expect("it ends");
    }

    #[tokio::test]
    async fn when_the_first_folder_can_be_written_again_it_is_used_again_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("first"), b"in the way").expect("written");
        let spool = Spool::open(folders(folder.path()), 1);
        assert_eq!(spool.keep(record(b"one")).await, Ok(()));
        std::fs::remove_file(folder.path().join("first")).expect("removed");
        spool.0.mend();
        assert_eq!(spool.keeping(), Keeping::Spool);
        assert_eq!(spool.keep(record(b"two")).await, Ok(()));
        assert_eq!((texts(&spool), texts(&spool)), (vec!["one".to_owned()], vec!["two".to_owned()]));
    }
}
