//! Paging when `SIP_BIND_ADDR` is set and no file says otherwise.

use super::paging::{Chime, Multicast, Output, OutputKind, Packets, Paging, Zone};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Zones 701 to 704.
const ZONES: std::ops::RangeInclusive<u8> = 1..=4;
const PORT: u16 = 5004;

/// Four multicast groups on the interface of the SIP side, and all of them together.
pub(super) fn builtin(bind: SocketAddr) -> Paging {
    let interface = match bind.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    };
    let outputs: Vec<Arc<Output>> = ZONES.map(|number| Arc::new(output(number, interface))).collect();
    let all = zone("700".to_owned(), "All zones".to_owned(), outputs.clone(), 7);
    let each = outputs.iter().zip(ZONES);
    let each = each.map(|(output, n)| zone(format!("70{n}"), format!("Zone {n}"), vec![Arc::clone(output)], 5));
    let zones = std::iter::once(all).chain(each).map(Arc::new).collect();
    Paging { zones, outputs, ..Paging::none() }
}

fn output(number: u8, interface: Option<Ipv4Addr>) -> Output {
    let multicast = Multicast {
        group: Ipv4Addr::new(239, 255, 7, number),
        port: PORT,
        packets: Packets::default(),
        ttl: 1,
        interface,
        // Whoever tries it out may listen on this machine.
        local: true,
        control: None,
    };
    Output { name: format!("zone-70{number}"), kind: OutputKind::Multicast(multicast), contact: None }
}

fn zone(extension: String, name: String, outputs: Vec<Arc<Output>>, priority: u8) -> Zone {
    Zone {
        extension,
        name,
        outputs,
        priority,
        chime: Chime::Off,
        settle_ms: 0,
        tail_ms: 0,
        limit_s: 60,
        emergency_limit_s: 600,
        partly: false,
        enabled: true,
        schedule: Vec::new(),
        callers: Vec::new(),
    }
}
