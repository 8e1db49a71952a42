//! Sockets of calls to speakers: made when they are first needed, so a house without such speakers opens none.

use super::super::agent::{Port, Ports};
use super::dialog::Way;
use crate::sip::{Target, Transport};
use rustix::net::sockopt;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What speakers send is dropped by the system: nobody reads it, and there is little room for it.
const RECEIVE_BUFFER: usize = 4_096;
/// Room for a tick of many packets.
const SEND_BUFFER: usize = 1 << 20;

/// Where our sound to speakers leaves, shared by all that want the same of it: one call of the system sends for many.
#[derive(Debug)]
pub(super) struct Sound {
    pub socket: Arc<std::net::UdpSocket>,
    pub address: SocketAddr,
    /// Rests when nobody uses it any more.
    _port: Port,
}

/// Something that came.
#[derive(Debug)]
pub(super) enum Came {
    Datagram {
        bytes: Vec<u8>,
        source: SocketAddr,
        us: SocketAddr,
    },
    /// A speaker connected.
    Stream(TcpStream, SocketAddr),
}

/// All of them.
pub(super) struct Network {
    /// Of `SIP_BIND_ADDR`.
    bind: Option<IpAddr>,
    ports: Ports,
    sounds: HashMap<(IpAddr, u8), Weak<Sound>>,
    signals: HashMap<IpAddr, (SocketAddr, Arc<UdpSocket>)>,
    tasks: TaskTracker,
    news: mpsc::Sender<Came>,
    stop: CancellationToken,
}

impl Network {
    pub(super) fn new(
        (bind, ports): (Option<SocketAddr>, Ports),
        (tasks, stop): (TaskTracker, CancellationToken),
        news: mpsc::Sender<Came>,
    ) -> Self {
        let bind = bind.map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
        Self { bind, ports, sounds: HashMap::new(), signals: HashMap::new(), tasks, news, stop }
    }

    /// How messages reach a speaker.
    pub(super) async fn way(&mut self, target: Target) -> io::Result<Way> {
        let ip = self.local(target.address.ip())?;
        if let Some((us, _)) = self.signals.get(&ip) {
            return Ok(Way { us: *us, target });
        }
        let socket = Arc::new(UdpSocket::bind((ip, 0)).await?);
        let us = socket.local_addr()?;
        let (reads, news, stop) = (Arc::clone(&socket), self.news.clone(), self.stop.clone());
        self.tasks.spawn(stop.clone().run_until_cancelled_owned(listen(reads, us, news)));
        // A speaker that was called over TCP may have closed its connection when it wants something.
        if let Ok(listener) = TcpListener::bind(us).await {
            self.tasks.spawn(stop.run_until_cancelled_owned(accept(listener, self.news.clone())));
        }
        self.signals.insert(ip, (us, socket));
        Ok(Way { us, target })
    }

    /// The address that a speaker sees of us: that of `SIP_BIND_ADDR` where that may be, or what the route to it has.
    fn local(&self, peer: IpAddr) -> io::Result<IpAddr> {
        let fits = |ip: &IpAddr| ip.is_ipv4() == peer.is_ipv4() && ip.is_loopback() == peer.is_loopback();
        if let Some(ip) = self.bind.filter(fits) {
            return Ok(ip);
        }
        let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
        let probe = std::net::UdpSocket::bind(any)?;
        probe.connect((peer, 9))?;
        Ok(probe.local_addr()?.ip())
    }

    /// A port for sound, of the range; the same for all that want it alike.
    pub(super) fn sound(&mut self, ip: IpAddr, dscp: u8, random: u64) -> io::Result<Arc<Sound>> {
        if let Some(sound) = self.sounds.get(&(ip, dscp)).and_then(Weak::upgrade) {
            return Ok(sound);
        }
        let full = || io::Error::other("no port of RTP_PORT_RANGE is free");
        let (port, socket) = self.ports.open(ip, random, Instant::now()).ok_or_else(full)?;
        if ip.is_ipv4() {
            sockopt::set_ip_tos(&socket, dscp << 2)?;
        } else {
            sockopt::set_ipv6_tclass(&socket, u32::from(dscp) << 2)?;
        }
        // As much, and as little, as the system grants.
        let _ = sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER);
        let _ = sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER);
        let sound = Arc::new(Sound { address: socket.local_addr()?, socket: Arc::new(socket), _port: port });
        self.sounds.retain(|_, sound| sound.strong_count() > 0);
        self.sounds.insert((ip, dscp), Arc::downgrade(&sound));
        Ok(sound)
    }

    /// Sends a datagram. One that the system has no room for is lost, as any may be.
    pub(super) fn send(&self, way: Way, bytes: &[u8]) -> io::Result<()> {
        let Some((_, socket)) = self.signals.get(&way.us.ip()) else { return Ok(()) };
        match socket.try_send_to(bytes, way.target.address) {
            Err(why) if why.kind() != io::ErrorKind::WouldBlock => Err(why),
            _ => Ok(()),
        }
    }
}

async fn listen(socket: Arc<UdpSocket>, us: SocketAddr, news: mpsc::Sender<Came>) {
    let mut bytes = vec![0u8; 65_536];
    loop {
        // An error is somebody's unreachable port.
        let Ok((length, source)) = socket.recv_from(&mut bytes).await else { continue };
        let bytes = bytes.get(..length).unwrap_or_default().to_vec();
        if news.send(Came::Datagram { bytes, source, us }).await.is_err() {
            return;
        }
    }
}

async fn accept(listener: TcpListener, news: mpsc::Sender<Came>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if news.send(Came::Stream(stream, peer)).await.is_err() {
                    return;
                }
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

/// The transport that a parameter names. `None`: one that we do not speak to speakers.
pub(super) fn transport(parameter: Option<&str>) -> Option<Transport> {
    match parameter {
        None | Some("udp") => Some(Transport::Udp),
        Some("tcp") => Some(Transport::Tcp),
        Some(_) => None,
    }
}
