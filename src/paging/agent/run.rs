//! Sockets, and the one task that owns all calls.

use super::super::desk::Paging;
use super::core::{Binds, Core, CoreParts};
use super::desk::Desk;
use super::leg::{Legs, News};
use super::ports::Ports;
use super::streams::{Came, Streams};
use super::tls::{Identity, Protected, Unusable};
use super::trunk::{Lookup, Trunk};
use crate::base::SipMeters;
use crate::config::paging::Tls;
use crate::sip::Transport;
use ring::rand::{SecureRandom, SystemRandom};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages of connections that wait for their turn; then their readers do.
const WAITING: usize = 256;
/// Datagrams taken in one turn, so that answers do not wait for all of a burst.
const BURST: usize = 64;
/// How long a name may take to be found.
const FINDING: Duration = Duration::from_secs(2);
/// How long the answers to our goodbyes are waited for.
const GOODBYE: Duration = Duration::from_millis(500);

/// What the agent needs.
pub struct AgentParts {
    /// `SIP_BIND_ADDR`: UDP and TCP.
    pub bind: SocketAddr,
    /// `RTP_PORT_RANGE`.
    pub rtp_ports: Ports,
    /// The room.
    pub paging: Paging,
    /// What is counted.
    pub meters: SipMeters,
    /// The tasks of calls and connections.
    pub tasks: TaskTracker,
}

impl std::fmt::Debug for AgentParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentParts")
            .field("bind", &self.bind)
            .field("rtp_ports", &self.rtp_ports)
            .finish_non_exhaustive()
    }
}

/// Why the agent cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The address is taken, or not ours.
    #[error(
        "cannot listen for SIP on {address}: {source}; set SIP_BIND_ADDR to an address of this machine that is free"
    )]
    Bind {
        /// `SIP_BIND_ADDR`.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// `tls_bind_addr` is taken, or not ours.
    #[error(
        "cannot listen for SIP over TLS on {address}: {source}; set tls_bind_addr to an address of this machine that is free"
    )]
    BindTls {
        /// `tls_bind_addr`.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Certificate or key.
    #[error("no certificate for SIP: {0}; mend `tls_cert` and `tls_key`, or take [paging.sip] out")]
    Certificate(#[from] Unusable),
    /// The system has no randomness.
    #[error("the system gives no random bytes")]
    Random,
}

/// Sockets that are open, and nobody answers yet.
#[derive(Debug)]
pub struct Listening {
    udp: UdpSocket,
    tcp: TcpListener,
    tls: Option<Protected>,
    address: SocketAddr,
    parts: AgentParts,
}

impl Listening {
    /// Opens the sockets.
    ///
    /// # Errors
    /// [`AgentError`].
    pub async fn open(parts: AgentParts) -> Result<Self, AgentError> {
        let bind = |source| AgentError::Bind { address: parts.bind, source };
        let (udp, tcp) = both(parts.bind).await.map_err(bind)?;
        let address = udp.local_addr().map_err(bind)?;
        let tls = open_protected(parts.paging.plan().config.tls.as_ref()).await?;
        Ok(Self { udp, tcp, tls, address, parts })
    }

    /// Where it listens for TLS.
    #[must_use]
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(|tls| tls.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers calls until the stop fires; then hangs up.
    ///
    /// # Errors
    /// [`AgentError::Random`].
    pub async fn run(self, stop: CancellationToken) -> Result<(), AgentError> {
        let Self { udp, tcp, tls, address, parts } = self;
        let AgentParts { rtp_ports, paging, meters, tasks, .. } = parts;
        let mut key = [0u8; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| AgentError::Random)?;
        let (leg_news, heard) = mpsc::unbounded_channel();
        let (stream_news, came) = mpsc::channel(WAITING);
        let (protected_news, came_protected) = mpsc::channel(WAITING);
        let legs = Legs::new(rtp_ports, tasks.clone(), leg_news);
        let replaced = paging.replaced();
        let pages = Arc::new(Desk::new(paging));
        let bind = Binds { plain: address, tls: tls.as_ref().map(|tls| tls.address) };
        let core = Core::new(CoreParts { pages, legs, bind, key, meters }, Instant::now());
        let streams = Streams::new(tasks.clone(), stream_news);
        let protected = tls.map(|door| {
            let streams = Streams::protected(tasks.clone(), protected_news, door.acceptor());
            ProtectedTurns { door, streams, came: came_protected }
        });
        let (find, found) = mpsc::unbounded_channel();
        let mut turns = Turns { core, streams, udp, tcp, protected, heard, came, replaced, find, found, tasks };
        match bind.tls {
            Some(tls) => tracing::info!(%address, %tls, "answering SIP"),
            None => tracing::info!(%address, "answering SIP"),
        }
        let mut bytes = vec![0u8; 65_536];
        while stop.run_until_cancelled(turns.turn(&mut bytes)).await.is_some() {
            turns.send().await;
        }
        turns.core.hang_up_all(Instant::now());
        turns.send().await;
        let _ = timeout(GOODBYE, turns.goodbyes(&mut bytes)).await;
        Ok(())
    }
}

struct Turns {
    core: Core,
    streams: Streams,
    udp: UdpSocket,
    tcp: TcpListener,
    protected: Option<ProtectedTurns>,
    heard: mpsc::UnboundedReceiver<News>,
    came: mpsc::Receiver<Came>,
    /// The file was read anew.
    replaced: watch::Receiver<()>,
    find: mpsc::UnboundedSender<Found>,
    found: mpsc::UnboundedReceiver<Found>,
    tasks: TaskTracker,
}

/// Where a PBX is; `None`: nobody knows.
type Found = (u64, Option<SocketAddr>);

impl Turns {
    /// Waits for one thing, and does what it asks.
    async fn turn(&mut self, bytes: &mut [u8]) {
        let due = self.core.next();
        let late = async {
            match due {
                Some(at) => sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            datagram = self.udp.recv_from(bytes) => self.datagrams(datagram, bytes),
            Some(Came { peer, message }) = self.came.recv() => match message {
                Some(message) => self.core.receive(&message, peer, Transport::Tcp, Instant::now()),
                None => self.streams.closed(peer),
            },
            Some(news) = self.heard.recv() => self.core.heard(news, Instant::now()),
            connected = self.tcp.accept() => {
                if let Some((stream, peer)) = self.connected(connected).await {
                    self.streams.accept(stream, peer);
                }
            }
            news = protected(self.protected.as_mut()) => self.over_tls(news).await,
            Ok(()) = self.replaced.changed() => self.reload(),
            Some((trunk, address)) = self.found.recv() => self.core.located(trunk, address, Instant::now()),
            () = late => self.core.wake(Instant::now()),
        }
    }

    fn datagrams(&mut self, first: std::io::Result<(usize, SocketAddr)>, bytes: &mut [u8]) {
        let mut next = first;
        for _ in 0..BURST {
            // An error is somebody's unreachable port, or that there are no more.
            let Ok((length, source)) = next else { return };
            self.core.receive(bytes.get(..length).unwrap_or_default(), source, Transport::Udp, Instant::now());
            next = self.udp.try_recv_from(bytes);
        }
    }

    fn reload(&mut self) {
        self.core.follow_file(Instant::now());
        if let Some(protected) = &self.protected {
            protected.door.reload(self.core.pages.config().tls.as_ref());
        }
    }

    async fn over_tls(&mut self, news: OverTls) {
        match news {
            OverTls::Connected(connected) => {
                let connected = self.connected(connected).await;
                if let Some((protected, (stream, peer))) = self.protected.as_mut().zip(connected) {
                    protected.streams.accept(stream, peer);
                }
            }
            OverTls::Came(Came { peer, message: Some(message) }) => {
                self.core.receive(&message, peer, Transport::Tls, Instant::now());
            }
            OverTls::Came(Came { peer, message: None }) => {
                if let Some(protected) = &mut self.protected {
                    protected.streams.closed(peer);
                }
            }
        }
    }

    /// A stranger's connection is closed before anything of it is read.
    async fn connected(
        &mut self,
        connected: std::io::Result<(TcpStream, SocketAddr)>,
    ) -> Option<(TcpStream, SocketAddr)> {
        match connected {
            Ok((stream, peer)) => self.core.lets_in(peer.ip(), Instant::now()).then_some((stream, peer)),
            Err(error) => {
                tracing::warn!(%error, "a SIP connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                None
            }
        }
    }

    async fn send(&mut self) {
        for lookup in std::mem::take(&mut self.core.lookups) {
            let find = self.find.clone();
            self.tasks.spawn(async move {
                let Lookup { trunk, host, port } = lookup;
                let found = timeout(FINDING, tokio::net::lookup_host((host, port))).await;
                let address = found.ok().and_then(Result::ok).and_then(|mut all| all.next());
                let _ = find.send((trunk, address));
            });
        }
        for (target, bytes) in std::mem::take(&mut self.core.out) {
            match target.transport {
                Transport::Tcp => self.streams.send(target.address, bytes),
                Transport::Tls => {
                    if let Some(protected) = &mut self.protected {
                        protected.streams.send(target.address, bytes);
                    }
                }
                Transport::Udp => {
                    if let Err(error) = self.udp.send_to(&bytes, target.address).await {
                        tracing::debug!(%error, to = %target.address, "a SIP datagram could not be sent");
                    }
                }
            }
        }
    }

    /// Until everybody has answered our BYE.
    async fn goodbyes(&mut self, bytes: &mut [u8]) {
        while self.core.clients.values().any(|asked| !asked.client.is_answered())
            || self.core.trunks.values().any(Trunk::is_leaving)
        {
            self.turn(bytes).await;
            self.send().await;
        }
    }
}

/// One number for UDP and TCP. Where any number will do (port 0), one that is free for both.
async fn both(bind: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    const NUMBERS: u32 = 32;
    let mut left = if bind.port() == 0 { NUMBERS } else { 1 };
    loop {
        left -= 1;
        let udp = UdpSocket::bind(bind).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(taken) if left == 0 || taken.kind() != io::ErrorKind::AddrInUse => return Err(taken),
            Err(_) => {}
        }
    }
}

async fn open_protected(tls: Option<&Tls>) -> Result<Option<Protected>, AgentError> {
    let Some(tls) = tls else { return Ok(None) };
    let identity = Identity::read(tls)?;
    let opened = Protected::open(tls.bind_addr, identity).await;
    opened.map(Some).map_err(|source| AgentError::BindTls { address: tls.bind_addr, source })
}

/// The protected door, and who came through it.
struct ProtectedTurns {
    door: Protected,
    streams: Streams,
    came: mpsc::Receiver<Came>,
}

enum OverTls {
    Connected(std::io::Result<(TcpStream, SocketAddr)>),
    Came(Came),
}

/// Nobody ever comes where no door is.
async fn protected(turns: Option<&mut ProtectedTurns>) -> OverTls {
    let Some(ProtectedTurns { door, came, .. }) = turns else { return std::future::pending().await };
    tokio::select! {
        connected = door.accept() => OverTls::Connected(connected),
        Some(came) = came.recv() => OverTls::Came(came),
    }
}
