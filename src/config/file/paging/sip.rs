//! `[paging.sip]`: the protected door of the SIP side.

use super::super::reader::Table;
use crate::config::mistake::Wrong;
use crate::config::paging::Tls;
use std::net::SocketAddr;

const SHAPE: &str = "[paging.sip]";
const BIND: &str = "tls_bind_addr = \"192.0.2.10:5061\"";

pub(super) fn read(paging: &Table<'_>) -> Option<Tls> {
    let table = paging.get("sip").and_then(|value| value.table(SHAPE))?;
    let bind_addr = table.parsed("tls_bind_addr", BIND, address);
    let file = |key: &'static str, shape: &str| {
        let path = table.text(key, "");
        if path.trim().is_empty() {
            table.mistake(format!("`{key}` is missing"), format!("write {shape}"));
        }
        path
    };
    let tls = Tls {
        bind_addr: SocketAddr::from(([0, 0, 0, 0], 0)),
        cert: file("tls_cert", "tls_cert = \"/etc/switchboard/sip.pem\", the certificate and those above it"),
        key: file("tls_key", "tls_key = \"/etc/switchboard/sip.key\", its private key"),
    };
    if !table.has("tls_bind_addr") {
        table.mistake("TLS has no address", format!("write {BIND}"));
    }
    table.finish();
    bind_addr.map(|bind_addr| Tls { bind_addr, ..tls })
}

fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| Wrong::new(format!("`{text}` is not an address and port"), format!("write {BIND}")))
}
