//! Sockets, and the one task that owns all calls.

use super::super::desk::Paging;
use super::core::{Core, CoreParts};
use super::desk::Desk;
use super::leg::{Legs, News};
use super::ports::Ports;
use super::streams::{Came, Streams};
use crate::sip::Transport;
use ring::rand::{SecureRandom, SystemRandom};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages of connections that wait for their turn; then their readers do.
const WAITING: usize = 256;
/// Datagrams taken in one turn, so that answers do not wait for all of a burst.
const BURST: usize = 64;
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
    /// The system has no randomness.
    #[error("the system gives no random bytes")]
    Random,
}

/// Sockets that are open, and nobody answers yet.
#[derive(Debug)]
pub struct Listening {
    udp: UdpSocket,
    tcp: TcpListener,
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
        let udp = UdpSocket::bind(parts.bind).await.map_err(bind)?;
        let address = udp.local_addr().map_err(bind)?;
        let tcp = TcpListener::bind(address).await.map_err(bind)?;
        Ok(Self { udp, tcp, address, parts })
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
        let Self { udp, tcp, address, parts } = self;
        let AgentParts { rtp_ports, paging, tasks, .. } = parts;
        let mut key = [0u8; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| AgentError::Random)?;
        let (leg_news, heard) = mpsc::unbounded_channel();
        let (stream_news, came) = mpsc::channel(WAITING);
        let legs = Legs::new(rtp_ports, tasks.clone(), leg_news);
        let pages = Arc::new(Desk::new(paging));
        let core = Core::new(CoreParts { pages, legs, bind: address, key }, Instant::now());
        let mut turns = Turns { core, streams: Streams::new(tasks, stream_news), udp, tcp, heard, came };
        tracing::info!(%address, "answering SIP");
        let mut bytes = vec![0u8; 65_536];
        while stop.run_until_cancelled(turns.turn(&mut bytes)).await.is_some() {
            turns.send().await;
        }
        turns.core.hang_up_all(Instant::now());
        turns.send().await;
        let _ = tokio::time::timeout(GOODBYE, turns.goodbyes(&mut bytes)).await;
        Ok(())
    }
}

struct Turns {
    core: Core,
    streams: Streams,
    udp: UdpSocket,
    tcp: TcpListener,
    heard: mpsc::UnboundedReceiver<News>,
    came: mpsc::Receiver<Came>,
}

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
            Some(Came { peer, message }) = self.came.recv() => self.message(peer, message),
            Some(news) = self.heard.recv() => self.core.heard(news, Instant::now()),
            connected = self.tcp.accept() => self.connected(connected).await,
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

    fn message(&mut self, peer: SocketAddr, message: Option<Vec<u8>>) {
        match message {
            Some(message) => self.core.receive(&message, peer, Transport::Tcp, Instant::now()),
            None => self.streams.closed(peer),
        }
    }

    /// A stranger's connection is closed before anything of it is read.
    async fn connected(&mut self, connected: std::io::Result<(TcpStream, SocketAddr)>) {
        match connected {
            Ok((stream, peer)) if self.core.hears(peer.ip(), Instant::now()) => self.streams.accept(stream, peer),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "a SIP connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    async fn send(&mut self) {
        for (target, bytes) in std::mem::take(&mut self.core.out) {
            match target.transport {
                Transport::Tcp => self.streams.send(target.address, bytes),
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
        while self.core.clients.values().any(|asked| !asked.client.is_answered()) {
            self.turn(bytes).await;
            self.send().await;
        }
    }
}
