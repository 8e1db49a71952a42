//! `[paging.outputs.<name>]`: where sound leaves the house.

use super::super::reader::Table;
use super::named::{find, tables};
use super::values::{command, even_port, group, interface, packets, password, port, small};
use crate::config::mistake::{Place, Wrong, nearest};
use crate::config::paging::{Contact, Multicast, Output, OutputKind, PipeFormat, Poly, Process, SipSpeaker, Unicast};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

const SHAPE: &str = "[paging.outputs.hall]";
const KINDS: [&str; 6] = ["multicast", "linksys", "poly", "sip", "unicast", "process"];
const GROUP: &str = "address = \"239.255.7.1\"";
const URI: &str = "uri = \"sip:speaker@192.0.2.20\"";
const COMMAND: &str =
    "command = [\"aplay\", \"-q\", \"-t\", \"raw\", \"-f\", \"S16_LE\", \"-r\", \"8000\", \"-c\", \"1\"]";
/// Where Poly telephones listen.
const POLY: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 1, 116), 5001);

pub(super) fn read(paging: &Table<'_>, contacts: &[Arc<Contact>]) -> Vec<Arc<Output>> {
    let mut taken = BTreeMap::new();
    let mut outputs = Vec::new();
    for (name, table) in tables(paging, "outputs", SHAPE) {
        let contact =
            table.get("contact").and_then(|value| find(&value, ("contact", "contacts"), contacts, |c| &c.name));
        if let Some(kind) = kind(&table) {
            twice(&table, &kind, &mut taken);
            outputs.push(Arc::new(Output { name, kind, contact }));
        }
        table.finish();
    }
    outputs
}

fn kind(table: &Table<'_>) -> Option<OutputKind> {
    let Some(written) = table.get("kind") else {
        table.mistake("the output has no kind", format!("write kind = \"…\", one of: {}", KINDS.join(", ")));
        return None;
    };
    match written.parsed("kind = \"multicast\"", known)? {
        "linksys" => Some(OutputKind::Multicast(Multicast { control: control(table), ..multicast(table)? })),
        "poly" => Some(OutputKind::Poly(poly(table))),
        "sip" => sip(table).map(OutputKind::Sip),
        "unicast" => unicast(table).map(OutputKind::Unicast),
        "process" => Some(OutputKind::Process(process(table))),
        _ => multicast(table).map(OutputKind::Multicast),
    }
}

fn known(text: &str) -> Result<&'static str, Wrong> {
    KINDS.into_iter().find(|kind| *kind == text).ok_or_else(|| {
        let mend = nearest(text, KINDS)
            .map_or_else(|| format!("write one of: {}", KINDS.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Wrong::new(format!("`{text}` is no kind of output"), mend)
    })
}

fn multicast(table: &Table<'_>) -> Option<Multicast> {
    if !table.has("address") {
        table.mistake("the output has no address", format!("write {GROUP}"));
    }
    let group = table.parsed("address", GROUP, group);
    let multicast = Multicast {
        group: group.unwrap_or(Ipv4Addr::UNSPECIFIED),
        port: even_port(table, "port", 5004),
        packets: packets(table),
        ttl: small(table, "ttl", 0..=255, 1),
        interface: interface(table),
        local: table.boolean("local").unwrap_or(false),
        control: None,
    };
    group.map(|_| multicast)
}

/// Where Cisco's and Linksys' telephones hear that a page starts.
fn control(table: &Table<'_>) -> Option<SocketAddr> {
    const SHAPE: &str = "control = \"224.168.168.168:6061\"";
    let parse = |text: &str| {
        let address: Result<SocketAddr, _> = text.parse();
        address.map_err(|_| Wrong::new(format!("`{text}` is not an address and port"), format!("write {SHAPE}")))
    };
    let usual = SocketAddr::from(([224, 168, 168, 168], 6061));
    if table.has("control") { table.parsed("control", SHAPE, parse) } else { Some(usual) }
}

fn poly(table: &Table<'_>) -> Poly {
    let caller_id = table.parsed("caller_id", "caller_id = \"Paging\"", |text| {
        let sound = text.len() <= 13 && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        let wrong = || Wrong::new(format!("`{text}` cannot be shown"), "write at most 13 letters without accents");
        sound.then(|| text.to_owned()).ok_or_else(wrong)
    });
    let channel = match (table.has("group"), table.has("channel")) {
        (true, true) => {
            let _ = (table.get("group"), table.get("channel"));
            table.mistake("`group` and `channel` name the same thing", "keep group (1 to 25), or channel (1 to 50)");
            26
        }
        (false, true) => small(table, "channel", 1..=50, 26),
        _ => small(table, "group", 1..=25, 1) + 25,
    };
    Poly {
        group: table.parsed("address", "address = \"224.0.1.116\"", group).unwrap_or(POLY.0),
        port: port(table, "port", POLY.1),
        channel,
        caller_id: caller_id.unwrap_or_else(|| "Paging".to_owned()),
        ttl: small(table, "ttl", 0..=255, 1),
        interface: interface(table),
        local: table.boolean("local").unwrap_or(false),
        dscp: small(table, "dscp", 0..=63, 46),
    }
}

fn sip(table: &Table<'_>) -> Option<SipSpeaker> {
    if !table.has("uri") {
        table.mistake("the speaker has no address", format!("write {URI}"));
    }
    let uri = table.parsed("uri", URI, |text| {
        let rest = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("sip:")).and(text.get(4..));
        let host = rest.map(|rest| rest.rsplit_once('@').map_or(rest, |(_, host)| host));
        let sound = host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
            && text.len() < 255
            && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'));
        let wrong = || Wrong::new(format!("`{text}` is not a SIP address"), format!("write {URI}"));
        sound.then(|| text.to_owned()).ok_or_else(wrong)
    });
    let speaker = SipSpeaker {
        uri: String::new(),
        user: table.get("user").and_then(|user| user.text("user = \"paging\"")),
        password: password(table),
        ring_s: table.number("ring_s", 1..=30, 5),
        packets: packets(table),
    };
    Some(SipSpeaker { uri: uri?, ..speaker })
}

fn unicast(table: &Table<'_>) -> Option<Unicast> {
    const SHAPE: &str = "address = \"192.0.2.20\"";
    if !table.has("address") {
        table.mistake("the output has no address", format!("write {SHAPE}"));
    }
    let address = table.parsed("address", SHAPE, |text| {
        let address: std::net::IpAddr =
            text.parse().map_err(|_| Wrong::new(format!("`{text}` is not an IP address"), format!("write {SHAPE}")))?;
        if address.is_multicast() {
            return Err(Wrong::new(format!("{address} is a multicast address"), "write kind = \"multicast\""));
        }
        Ok(address)
    });
    let (port, packets) = (even_port(table, "port", 5004), packets(table));
    Some(Unicast { address: address?, port, packets })
}

fn process(table: &Table<'_>) -> Process {
    let format = table.parsed("format", "format = \"s16le\"", |text| match text {
        "s16le" => Ok(PipeFormat::S16le),
        "mulaw" => Ok(PipeFormat::Mulaw),
        _ => Err(Wrong::new(format!("`{text}` is no format of a pipe"), "write \"s16le\" or \"mulaw\"")),
    });
    Process { command: command(table, "command", COMMAND), format: format.unwrap_or_default() }
}

/// Two senders on one address are mixed or take turns in the loudspeaker: one output each, in as many zones as need be.
fn twice(table: &Table<'_>, kind: &OutputKind, taken: &mut BTreeMap<String, Place>) {
    let address = match kind {
        OutputKind::Multicast(out) => format!("{}:{}", out.group, out.port),
        OutputKind::Unicast(out) => SocketAddr::new(out.address, out.port).to_string(),
        OutputKind::Poly(out) => format!("{}:{} channel {}", out.group, out.port, out.channel),
        OutputKind::Sip(out) => out.uri.to_ascii_lowercase(),
        OutputKind::Process(_) => return,
    };
    let place = table.file.place(table.span.start);
    if let Some(Place::File { line, .. }) = taken.insert(address.clone(), place) {
        let what = format!("another output sends to {address} too (line {line})");
        table.mistake(what, "keep one, and name it in every zone that plays there: its lock is what keeps pages apart");
    }
}
