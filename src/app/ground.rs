//! What stands before any room: the folder, the database, the address, what is counted, and who we are.

use super::error::StartError;
use super::instance::{FolderError, InstanceLock};
use super::wiring;
use crate::base::{Clock, Meters, Seal};
use crate::carrier::{Carrier, CarrierError, House};
use crate::config::Settings;
use crate::db::Db;
use crate::ledger::{Ledger, Setup, SpoolFolders};
use crate::ops::Exporter;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};

/// What every room is built on.
pub(super) struct Ground {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub db: Db,
    pub seal: Seal,
    pub meters: Arc<Meters>,
    pub exporter: Exporter,
    pub instance: u64,
    /// Who this instance is where only one may do a work: see [`Db::lease`].
    pub holder: Arc<str>,
}

/// Where callers will come in, and the folder that nobody else may use meanwhile.
pub(super) struct Plot {
    pub listener: TcpListener,
    pub address: SocketAddr,
    /// `None` while the disk cannot be written.
    pub lock: Option<InstanceLock>,
}

impl Ground {
    /// Finds out at once what an operator has to mend: folder, address, database URL, DATA_KEY.
    pub(super) fn take(settings: &Settings, clock: Clock) -> Result<(Self, Plot), StartError> {
        let lock = lock(&settings.storage.data_dir)?;
        let db = Db::open(settings.storage.database.url())?;
        // The ledger would make it too, but a wrong path is the operator's to hear now.
        db.make_folder()?;
        let address = settings.server.bind_addr;
        let listener = listen(address).map_err(|source| StartError::Listen { address, source })?;
        let address = listener.local_addr().unwrap_or(address);
        let (exporter, meters) =
            Exporter::new(&wiring::endpoints()).map_err(|error| StartError::Metrics(error.to_string()))?;
        let seal = Seal::new(settings.storage.data_key.as_ref())?;
        let (settings, meters, instance) = (Arc::new(settings.clone()), Arc::new(meters), instance_number());
        let holder = format!("{instance:016x}").into();
        let ground = Self { settings, clock, db, seal, meters, exporter, instance, holder };
        Ok((ground, Plot { listener, address, lock }))
    }

    /// The ledger, with its spool.
    pub(super) fn ledger(&self) -> Ledger {
        let setup = Setup {
            clock: self.clock.clone(),
            instance: self.instance,
            public_url: self.settings.server.public_url.as_str().into(),
            meters: Arc::clone(&self.meters),
        };
        let storage = &self.settings.storage;
        let folders = SpoolFolders::of(&storage.data_dir, storage.spare_dir.as_deref());
        Ledger::start_with_spool(&self.db, setup, folders)
    }

    /// The carrier's REST API, where an account and a token are configured.
    pub(super) fn carrier(&self) -> Result<Option<Carrier>, CarrierError> {
        let house = House { clock: self.clock.clone(), seed: self.instance, meters: Arc::clone(&self.meters) };
        wiring::carrier(&self.settings, house)
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

/// Told apart from other instances by chance: 15 bits of it end up in event ids.
#[expect(clippy::disallowed_methods, reason = "an instance is told apart from others by chance, once")]
fn instance_number() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
