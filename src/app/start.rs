//! Starting and stopping the service.

use super::audio::Audio;
use super::front::Front;
use super::instance::{FolderError, InstanceLock};
use super::listener::{Patience, serve};
use super::reload::{Keeping, Reloadable, reload};
use super::streams;
use super::wiring::{self, NumbersFrom};
use super::workers::Workers;
use super::worlds::WorldMaker;
use crate::base::{Clock, Seal, SealError};
use crate::carrier::{CarrierError, House};
use crate::config::{Loaded, Source};
use crate::db::{Db, DbError};
use crate::gate::Refusals;
use crate::ledger::{Ledger, Phase, Setup, SpoolFolders};
use crate::media::{LiveStream, Media};
use crate::ops::{self, Exporter};
use crate::shelf::BucketError;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

/// Why the service does not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The address.
    #[error("cannot listen on {address}: {source}; set BIND_ADDR to another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The database URL.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The carrier's address.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// The bucket of recordings.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// DATA_KEY.
    #[error(transparent)]
    DataKey(#[from] SealError),
    /// The threads that answer.
    #[error("no threads to answer calls with: {0}")]
    Threads(#[source] std::io::Error),
    /// The metrics exporter.
    #[error("metrics: {0}")]
    Metrics(String),
}

/// A service that runs. [`Running::stop`] stops it; dropped, it only answers no more.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    reloadable: Reloadable,
    ledger: Ledger,
    db: Db,
    media: Media,
    /// Fires when the stop begins: not ready any more.
    draining: CancellationToken,
    /// Fires a moment later: nobody new is let in.
    closing: CancellationToken,
    /// Fires when the listener has closed: workers end.
    stop: CancellationToken,
    server: tokio::task::JoinHandle<()>,
    tasks: TaskTracker,
    _front: Front,
    /// `None` while the disk cannot be written.
    _lock: Option<InstanceLock>,
}

/// How long the first webhooks may be kept waiting for a database that is there but not open yet.
const STORAGE_PATIENCE: Duration = Duration::from_secs(2);
/// Between "not ready" and a closed door: whoever routes calls here gets to see the one before callers meet the other.
const LINGER: Duration = Duration::from_millis(300);
/// How long live streams may delay the stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long requests in flight may delay the stop.
const STOP_PATIENCE: Duration = Duration::from_millis(1200);

/// Starts the service: folder, database, ledger, gate, operators' side, workers, listener. A database that is away
/// does not keep it from starting.
///
/// # Errors
/// [`StartError`], each with what to do about it.
pub async fn start(loaded: Loaded, clock: Clock) -> Result<Running, StartError> {
    // A second start in one process (tests, demo) finds a provider installed; that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (settings, retention) = (Arc::new(loaded.settings.clone()), Keeping::new(loaded.retention));
    let lock = lock(&settings.storage.data_dir)?;
    let db = Db::open(settings.storage.database.url())?;
    // The ledger would make it too, but a wrong path is the operator's to hear now.
    db.make_folder()?;
    let address = settings.server.bind_addr;
    let listener = listen(address).map_err(|source| StartError::Listen { address, source })?;
    let address = listener.local_addr().unwrap_or(address);

    let (exporter, meters) =
        Exporter::new(&wiring::endpoints()).map_err(|error| StartError::Metrics(error.to_string()))?;
    let (meters, refusals) = (Arc::new(meters), Arc::new(Refusals::default()));
    let seal = Seal::new(settings.storage.data_key.as_ref())?;
    let worlds = WorldMaker::new(Arc::clone(&settings), loaded.lines, seal.clone());
    let recordings = Keeping::new(loaded.recordings);
    let reloadable = Reloadable { worlds: worlds.clone(), retention, recordings, s3: loaded.s3 };
    let public_url = settings.server.public_url.as_str().into();
    let instance = instance_number();
    let setup = Setup { clock: clock.clone(), instance, public_url, meters: Arc::clone(&meters) };
    let folders = SpoolFolders::of(&settings.storage.data_dir, settings.storage.spare_dir.as_deref());
    let ledger = Ledger::start_with_spool(&db, setup, folders);
    let speech = wiring::speech(&settings, &clock);
    let from = streams::From {
        settings: &settings,
        worlds: worlds.worlds(),
        ledger: &ledger,
        db: &db,
        clock: &clock,
        meters: &meters,
        speech: &speech,
    };
    let media = streams::media(&from);
    let parts = (&refusals, &meters, streams::for_gate(&media));
    let gate = wiring::gate(&settings, worlds.worlds(), &ledger, &clock, parts);
    let (draining, stop, tasks) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
    let probe = wiring::probe(clock.now(), ledger.clone(), draining.clone(), (&meters, &gate));
    let house = House { clock: clock.clone(), seed: instance, meters: Arc::clone(&meters) };
    let carrier = wiring::carrier(&settings, house)?;
    let holder: Arc<str> = format!("{instance:016x}").into();
    let numbers = wiring::numbers(
        &settings,
        &db,
        &clock,
        NumbersFrom {
            carrier: carrier.as_ref(),
            seal: &seal,
            worlds: worlds.worlds(),
            holder: &holder,
            meters: &meters,
        },
    );
    let guests = wiring::guests(&numbers);
    let reconciler = wiring::reconciler(carrier.as_ref(), (&db, &ledger, &clock), worlds.worlds(), &holder);
    let shelf = wiring::shelf(&settings, reloadable.s3.as_ref(), instance)?;
    let recorder = wiring::recorder((&db, &ledger, &clock), carrier.clone(), &shelf, &holder);
    let parts = (exporter, &meters, carrier, &ledger, shelf, streams::for_operators(&media));
    let ops = wiring::ops(&settings, &db, &clock, probe, parts);
    let workers = Workers {
        db: db.clone(),
        clock,
        condition: ledger.condition().clone(),
        refusals,
        unstored: Arc::clone(gate.unstored()),
        turned_away: Arc::clone(gate.turned_away()),
        ops: ops.clone(),
        retention: reloadable.retention.clone(),
        holder,
        worlds: worlds.clone(),
        numbers,
        reconciler,
        meters: Arc::clone(&meters),
        stop: stop.clone(),
    };
    Audio::beside(&workers, recorder, &reloadable.recordings, speech).start(&tasks);
    workers.start(&tasks);
    let front = Front::open(gate.door(), &tasks, &stop).map_err(StartError::Threads)?;
    await_storage(&ledger).await;
    read_lines(&ledger, &worlds, &db).await;
    // The gate turns a panic into an apology by itself; an operator gets a plain 500.
    let operators = ops::router_with(ops, guests).layer(CatchPanicLayer::new());
    let closing = CancellationToken::new();
    let router = gate.router().merge(operators);
    let server = front.handle().spawn(serve(listener, router, closing.clone(), Patience::default()));
    Ok(Running {
        address,
        reloadable,
        ledger,
        db,
        media,
        draining,
        closing,
        stop,
        server,
        tasks,
        _front: front,
        _lock: lock,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The live streams of this process.
    #[must_use]
    pub fn streams(&self) -> Vec<LiveStream> {
        self.media.live()
    }

    /// Reloads lines and retention at every signal of `hangups`, until the service stops.
    pub fn reload_on_hangup(&self, mut hangups: Signal, source: impl Source + Send + 'static) {
        let (reloadable, stop) = (self.reloadable.clone(), self.stop.clone());
        let reloads = async move {
            while hangups.recv().await.is_some() {
                reload(&reloadable, &source);
            }
        };
        self.tasks.spawn(async move { stop.run_until_cancelled_owned(reloads).await });
    }

    /// Not ready at once; live streams end, or are handed over after the grace period; then the door closes, requests in flight end, what is queued is stored, then everything closes.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    /// The same with another time for live streams to end by themselves. What they lead to is still answered here.
    pub async fn stop_within(self, grace: Duration) {
        self.draining.cancel();
        tokio::time::sleep(LINGER).await;
        self.media.drain(grace).await;
        self.closing.cancel();
        if tokio::time::timeout(STOP_PATIENCE, self.server).await.is_err() {
            tracing::warn!("requests were still in flight when the time to stop was over");
        }
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.ledger.close().await;
        self.db.close().await;
        tracing::info!("stopped");
    }
}

/// Connections that may wait to be accepted. When a crowd does not fit, the kernel drops their first packets and they try
/// again after one second and after three: callers would wait for nothing.
const BACKLOG: u32 = 4096;

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// One process a folder. A disk that cannot be written keeps nobody from answering: what happens is kept elsewhere.
fn lock(data_dir: &Path) -> Result<Option<InstanceLock>, FolderError> {
    match InstanceLock::take(data_dir) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.is_the_disks() => {
            tracing::error!(cause = %error, "DATA_DIR cannot be written: calls are answered, the spool goes elsewhere");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The first caller should not be spooled only because the file is just opening.
async fn await_storage(ledger: &Ledger) {
    let up = async {
        while matches!(ledger.condition().phase(), Phase::Starting | Phase::Behind) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(STORAGE_PATIENCE, up).await;
}

/// What the tables add to the file, before the first call comes in.
async fn read_lines(ledger: &Ledger, worlds: &WorldMaker, db: &Db) {
    if ledger.condition().phase() == Phase::Up
        && let Err(error) = worlds.refresh(db).await
    {
        tracing::warn!(%error, "starting with the lines and numbers that were read last");
    }
}

/// Told apart from other instances by chance: 15 bits of it end up in event ids.
#[expect(clippy::disallowed_methods, reason = "an instance is told apart from others by chance, once")]
fn instance_number() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
