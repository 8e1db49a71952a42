//! Paging the building: the SIP side and the PIN.

use super::values;
use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

const SIP_BIND_ADDR: Variable =
    Variable::plain("SIP_BIND_ADDR", "Address and port of the SIP side; unset: no SIP, no paging.")
        .example("192.0.2.10:5060");
const RTP_PORT_RANGE: Variable =
    Variable::plain("RTP_PORT_RANGE", "UDP ports for RTP, first-last.").default("10000-10199");
const PAGING_PIN: Variable = Variable::secret(
    "PAGING_PIN",
    "Digits a caller enters to page; without zones and a PIN or a caller list the page key is not offered.",
);

pub(super) const VARIABLES: &[Variable] = &[SIP_BIND_ADDR, RTP_PORT_RANGE, PAGING_PIN];

/// SIP, RTP and the PIN of paging.
#[derive(Clone, Debug)]
pub struct Paging {
    /// `SIP_BIND_ADDR`.
    pub sip_bind_addr: Option<SocketAddr>,
    /// `RTP_PORT_RANGE`.
    pub rtp_ports: RangeInclusive<u16>,
    /// `PAGING_PIN`.
    pub pin: Option<Secret>,
}

impl Paging {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self {
            sip_bind_addr: env.parsed(&SIP_BIND_ADDR, values::socket),
            rtp_ports: env.parsed(&RTP_PORT_RANGE, ports).unwrap_or(10_000..=10_199),
            pin: env.secret(&PAGING_PIN, values::pin),
        }
    }
}

fn ports(text: &str) -> Result<RangeInclusive<u16>, Wrong> {
    let parsed =
        text.split_once('-').and_then(|(first, last)| Some(first.trim().parse().ok()?..=last.trim().parse().ok()?));
    parsed.filter(|ports: &RangeInclusive<u16>| *ports.start() >= 1024 && ports.start() < ports.end()).ok_or_else(
        || Wrong::new(format!("`{text}` is not a range of ports"), "write first-last, from 1024 up, like 10000-10199"),
    )
}
