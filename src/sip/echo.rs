//! What an answer repeats of its request, and where it goes. Made of broken requests too, as far as they let it.

use super::Transport;
use super::read::{Address, Message, Via, list};
use std::net::SocketAddr;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// How.
    pub transport: Transport,
    /// To whom.
    pub address: SocketAddr,
}

/// The headers that every answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    pub(super) vias: Vec<String>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) to_has_tag: bool,
    pub(super) call_id: String,
    pub(super) cseq: String,
    pub(super) record_routes: Vec<String>,
    /// Where answers go.
    pub target: Target,
}

impl Echo {
    /// `None`: something is missing without which nobody could know whose answer this is.
    #[must_use]
    pub fn of(message: &Message, source: SocketAddr, transport: Transport) -> Option<Self> {
        let value = |name: &str| message.first(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let mut vias: Vec<String> = message.all("via").map(str::to_owned).collect();
        let top = vias.first_mut()?;
        let hops = list(top).unwrap_or_else(|| vec![top.as_str()]);
        let first = hops.first().and_then(|hop| Via::parse(hop));
        let port = first.as_ref().filter(|via| !via.wants_rport()).map(|via| via.port.unwrap_or(5060));
        if let Some(via) = first {
            let seen = via.seen_from(source);
            *top = std::iter::once(seen.as_str()).chain(hops.into_iter().skip(1)).collect::<Vec<_>>().join(", ");
        }
        let address = match (transport, port) {
            (Transport::Udp, Some(port)) if port != 0 => SocketAddr::new(source.ip(), port),
            _ => source,
        };
        let to = value("to")?;
        Some(Self {
            vias,
            to_has_tag: Address::parse(&to).map_or_else(|| to.contains("tag="), |to| to.tag.is_some()),
            from: value("from")?,
            to,
            call_id: value("call-id")?,
            cseq: value("cseq")?,
            record_routes: message.all("record-route").map(str::to_owned).collect(),
            target: Target { transport, address },
        })
    }

    /// What makes a tag for answers to this request that nobody remembers: the same for its repeats.
    #[must_use]
    pub fn grain(&self) -> String {
        format!("{}\n{}\n{}", self.call_id, self.from, self.cseq)
    }
}
