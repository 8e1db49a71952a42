//! Starting and stopping the service.

use super::ends::Ends;
use super::error::StartError;
use super::front::Front;
use super::ground::{Ground, Plot};
use super::instance::InstanceLock;
use super::listener::{Patience, serve};
use super::reload::{Reloadable, reload};
use super::rooms::Rooms;
use super::telephone;
use super::worlds::WorldMaker;
use crate::base::Clock;
use crate::config::{Loaded, Source};
use crate::db::Db;
use crate::ledger::{Ledger, Phase};
use crate::media::{LiveStream, Media};
use crate::ops;
use crate::paging::Paging;
use crate::prompts;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tower_http::catch_panic::CatchPanicLayer;

/// A service that runs. [`Running::stop`] stops it; dropped, it only answers no more.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    sip: Option<SocketAddr>,
    reloadable: Reloadable,
    ledger: Ledger,
    db: Db,
    media: Media,
    paging: Paging,
    ends: Ends,
    server: tokio::task::JoinHandle<()>,
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
    let (ground, Plot { listener, address, lock }) = Ground::take(&loaded.settings, clock)?;
    let ends = Ends::default();
    let rooms = Rooms::build(&ground, loaded, &ends)?;
    rooms.audio.start(&ends.tasks);
    rooms.mails.start(&ends.tasks);
    rooms.beside.start(&ends.tasks);
    rooms.workers.start(&ends.tasks);
    let front = Front::open(rooms.gate.door(), &ends.tasks, &ends.stop).map_err(StartError::Threads)?;
    await_storage(&rooms.ledger).await;
    read_lines(&rooms.ledger, &rooms.reloadable.worlds, &ground.db).await;
    let sip = telephone::answer(&ground, &rooms.paging, rooms.ports, &ends).await?;
    // The gate turns a panic into an apology by itself; an operator gets a plain 500.
    let operators = ops::router_with(rooms.ops, rooms.guests).layer(CatchPanicLayer::new());
    let sounds = prompts::routes(rooms.reloadable.worlds.worlds().clone());
    let router = rooms.gate.router().merge(operators).merge(sounds);
    let server = front.handle().spawn(serve(listener, router, ends.closing.clone(), Patience::default()));
    Ok(Running {
        address,
        sip,
        reloadable: rooms.reloadable,
        ledger: rooms.ledger,
        db: ground.db,
        media: rooms.media,
        paging: rooms.paging,
        ends,
        server,
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

    /// Where SIP is answered; `None` without `SIP_BIND_ADDR`.
    #[must_use]
    pub const fn sip_address(&self) -> Option<SocketAddr> {
        self.sip
    }

    /// The live streams of this process.
    #[must_use]
    pub fn streams(&self) -> Vec<LiveStream> {
        self.media.live()
    }

    /// Reloads lines and retention at every signal of `hangups`, until the service stops.
    pub fn reload_on_hangup(&self, mut hangups: Signal, source: impl Source + Send + 'static) {
        let (reloadable, stop) = (self.reloadable.clone(), self.ends.stop.clone());
        let reloads = async move {
            while hangups.recv().await.is_some() {
                reload(&reloadable, &source);
            }
        };
        self.ends.tasks.spawn(async move { stop.run_until_cancelled_owned(reloads).await });
    }

    /// Not ready at once; live streams end, or are handed over after the grace period; then the door closes, requests in flight end, what is queued is stored, then everything closes.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    /// The same with another time for live streams to end by themselves. What they lead to is still answered here.
    pub async fn stop_within(self, grace: Duration) {
        self.ends.draining.cancel();
        tokio::time::sleep(LINGER).await;
        tokio::join!(self.media.drain(grace), self.paging.drain(grace));
        self.ends.closing.cancel();
        if tokio::time::timeout(STOP_PATIENCE, self.server).await.is_err() {
            tracing::warn!("requests were still in flight when the time to stop was over");
        }
        self.ends.stop.cancel();
        self.ends.tasks.close();
        self.ends.tasks.wait().await;
        self.ledger.close().await;
        self.db.close().await;
        tracing::info!("stopped");
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
