//! The socket of a loudspeaker, and the thread that empties it.

use rustix::net::{AddressFamily, SocketType, bind, socket, sockopt};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread waits for a packet before it looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(20);
/// The longest datagram that is kept.
const LONGEST: usize = 2_048;
/// Packets that are kept: ten minutes of one stream.
const MOST: usize = 30_000;
/// Room for what comes while the thread is away.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A datagram as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardPacket {
    /// When it was read.
    pub at: Instant,
    /// Who sent it.
    pub from: SocketAddr,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// A loudspeaker that listens until it is dropped.
#[derive(Debug)]
pub struct Speaker {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<HeardPacket>>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Speaker {
    /// Listens to a multicast group on one interface; several may listen to the same one.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn group(group: SocketAddrV4, interface: Ipv4Addr) -> io::Result<Self> {
        let fresh = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
        sockopt::set_socket_reuseaddr(&fresh, true)?;
        // Bound to the group: packets for other groups on this port are not ours.
        bind(&fresh, &group)?;
        let socket = UdpSocket::from(fresh);
        socket.join_multicast_v4(group.ip(), &interface)?;
        Self::of(socket)
    }

    /// Listens to an address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn unicast(at: SocketAddr) -> io::Result<Self> {
        Self::of(UdpSocket::bind(at)?)
    }

    fn of(socket: UdpSocket) -> io::Result<Self> {
        let _ = sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER);
        socket.set_read_timeout(Some(PATIENCE))?;
        let (heard, ending): (Arc<Mutex<Vec<HeardPacket>>>, Arc<AtomicBool>) = Default::default();
        let address = socket.local_addr()?;
        let (all, over) = (heard.clone(), ending.clone());
        let listen = move || {
            let mut buffer = [0; LONGEST];
            while !over.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                let packet =
                    HeardPacket { at: Instant::now(), from, bytes: buffer.iter().take(length).copied().collect() };
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() < MOST {
                    all.push(packet);
                }
            }
        };
        let thread = std::thread::Builder::new().name("speaker".to_owned()).spawn(listen)?;
        Ok(Self { address, heard, ending, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything so far.
    #[must_use]
    pub fn heard(&self) -> Vec<HeardPacket> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many packets were heard; whether they were, in that time.
    #[must_use]
    pub fn hears(&self, packets: usize, within: Duration) -> bool {
        let until = Instant::now() + within;
        let count = || self.heard.lock().unwrap_or_else(PoisonError::into_inner).len();
        while count() < packets && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        count() >= packets
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
