//! Sockets, shared by outputs that want the same of them, so that one call sends for many.

use crate::config::paging::{Multicast, Poly};
use rustix::net::sockopt;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Room for a tick of many packets.
const SEND_BUFFER: usize = 4 << 20;

/// What is asked of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wish {
    Group { interface: Ipv4Addr, ttl: u8, local: bool, dscp: u8 },
    Unicast { six: bool, dscp: u8 },
}

/// The sockets that are open.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// Where multicast leaves that names no interface.
    interface: Option<Ipv4Addr>,
    open: Mutex<HashMap<Wish, Weak<UdpSocket>>>,
}

impl Sockets {
    pub(crate) fn new(interface: Option<Ipv4Addr>) -> Self {
        Self { interface, open: Mutex::default() }
    }

    pub(crate) fn multicast(&self, wanted: &Multicast) -> io::Result<Arc<UdpSocket>> {
        self.group(wanted.group, wanted.interface, (wanted.ttl, wanted.local, wanted.packets.dscp))
    }

    pub(crate) fn poly(&self, wanted: &Poly) -> io::Result<Arc<UdpSocket>> {
        self.group(wanted.group, wanted.interface, (wanted.ttl, wanted.local, wanted.dscp))
    }

    pub(crate) fn unicast(&self, to: IpAddr, dscp: u8) -> io::Result<Arc<UdpSocket>> {
        self.shared(Wish::Unicast { six: to.is_ipv6(), dscp })
    }

    /// The interface is always set: a machine with several would send on its default route, which is seldom the one
    /// with the speakers.
    fn group(
        &self,
        group: Ipv4Addr,
        interface: Option<Ipv4Addr>,
        (ttl, local, dscp): (u8, bool, u8),
    ) -> io::Result<Arc<UdpSocket>> {
        let interface = interface.or(self.interface).map_or_else(|| route(group), Ok)?;
        self.shared(Wish::Group { interface, ttl, local, dscp })
    }

    fn shared(&self, wish: Wish) -> io::Result<Arc<UdpSocket>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(socket) = open.get(&wish).and_then(Weak::upgrade) {
            return Ok(socket);
        }
        let socket = Arc::new(opened(wish)?);
        open.retain(|_, socket| socket.strong_count() > 0);
        open.insert(wish, Arc::downgrade(&socket));
        Ok(socket)
    }
}

fn opened(wish: Wish) -> io::Result<UdpSocket> {
    let socket = match wish {
        Wish::Group { interface, ttl, local, dscp } => {
            let socket = UdpSocket::bind((interface, 0))?;
            sockopt::set_ip_multicast_if(&socket, &interface)?;
            socket.set_multicast_ttl_v4(u32::from(ttl))?;
            socket.set_multicast_loop_v4(local)?;
            sockopt::set_ip_tos(&socket, dscp << 2)?;
            socket
        }
        Wish::Unicast { six: false, dscp } => {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
            sockopt::set_ip_tos(&socket, dscp << 2)?;
            socket
        }
        Wish::Unicast { six: true, dscp } => {
            let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
            sockopt::set_ipv6_tclass(&socket, u32::from(dscp) << 2)?;
            socket
        }
    };
    // As much as the system grants.
    let _ = sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER);
    // A clock waits for nobody.
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The address that the system would send from.
fn route(group: Ipv4Addr) -> io::Result<Ipv4Addr> {
    let probe = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    probe.connect((group, 9))?;
    match probe.local_addr()? {
        SocketAddr::V4(from) => Ok(*from.ip()),
        SocketAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_wishes_share_a_socket_and_its_settings_hold() {
        let sockets = Sockets::new(Some(Ipv4Addr::LOCALHOST));
        let wanted = Multicast {
            group: Ipv4Addr::new(239, 255, 7, 1),
            port: 5004,
            packets: crate::config::paging::Packets::default(),
            ttl: 3,
            interface: None,
            local: true,
            control: None,
        };
        let first = sockets.multicast(&wanted).expect("a socket");
        let second = sockets.multicast(&Multicast { port: 5006, ..wanted.clone() }).expect("a socket");
        let other = sockets.multicast(&Multicast { local: false, ..wanted }).expect("a socket");
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &other));
        assert_eq!(first.multicast_ttl_v4().ok(), Some(3));
        assert_eq!((first.multicast_loop_v4().ok(), other.multicast_loop_v4().ok()), (Some(true), Some(false)));
        assert_eq!(sockopt::ip_tos(&first).ok(), Some(0xB8), "expedited forwarding");
        assert_eq!(sockopt::ip_multicast_if(&first).ok(), Some(Ipv4Addr::LOCALHOST));
        let unicast = sockets.unicast(Ipv6Addr::LOCALHOST.into(), 46).expect("a socket");
        assert_eq!(sockopt::ipv6_tclass(&unicast).ok(), Some(0xB8));
    }
}
