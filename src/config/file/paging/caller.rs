//! `[paging.callers.<name>]`: who may page.

use super::super::names::extension;
use super::super::reader::{Table, Value};
use super::super::target;
use super::named::tables;
use super::values::{password, small};
use crate::config::mistake::Wrong;
use crate::config::paging::Caller;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

const SHAPE: &str = "[paging.callers.reception]";
const NUMBERS: &str = "numbers = [\"+15875550111\", \"+1587555*\"]";
const NETWORKS: &str = "networks = [\"192.0.2.0/24\"]";

pub(super) fn read(paging: &Table<'_>) -> Vec<Arc<Caller>> {
    tables(paging, "callers", SHAPE).into_iter().map(|(name, table)| Arc::new(caller(name, table))).collect()
}

fn caller(name: String, table: Table<'_>) -> Caller {
    let caller = Caller {
        name,
        numbers: all(&table, "numbers", number),
        networks: all(&table, "networks", network),
        user: table.get("user").and_then(|user| user.text("user = \"reception\"")),
        password: password(&table),
        md5_only: table.boolean("md5_only").unwrap_or(false),
        zones: all(&table, "zones", |value| value.parsed("zones = [\"701\"]", extension)),
        priority: small(&table, "priority", 0..=9, 8),
        pin: table.boolean("pin").unwrap_or(false),
    };
    if caller.numbers.is_empty() && caller.networks.is_empty() && caller.user.is_none() {
        table.mistake("nobody is this caller", format!("write {NUMBERS}, {NETWORKS}, or a user"));
    }
    if caller.user.is_some() && !table.has("password_env") {
        table.mistake("the user has no password", "write password_env = \"SIP_PASSWORD_RECEPTION\"");
    }
    if caller.password.is_some() && caller.user.is_none() {
        table.mistake("a password without a user", "write user = \"…\"");
    }
    table.finish();
    caller
}

fn all<T>(table: &Table<'_>, key: &'static str, read: impl Fn(&Value<'_>) -> Option<T>) -> Vec<T> {
    table.get(key).map(|value| value.list()).unwrap_or_default().iter().filter_map(read).collect()
}

fn number(value: &Value<'_>) -> Option<String> {
    value.parsed(NUMBERS, |text| {
        let Some(prefix) = text.strip_suffix('*') else {
            return target::number(text).map(|number| number.to_string());
        };
        // A shorter beginning would let in a country.
        let sound = prefix.strip_prefix('+').is_some_and(|d| d.len() >= 4 && d.bytes().all(|b| b.is_ascii_digit()));
        let wrong =
            || Wrong::new(format!("`{text}` is no beginning of a number"), "write + and 4 digits or more: \"+1587*\"");
        sound.then(|| text.to_owned()).ok_or_else(wrong)
    })
}

fn network(value: &Value<'_>) -> Option<IpNet> {
    let network = value.parsed(NETWORKS, |text| {
        let alone = || text.parse::<IpAddr>().map(IpNet::from);
        let wrong = |_| Wrong::new(format!("`{text}` is not a network"), format!("write {NETWORKS}"));
        text.parse::<IpNet>().or_else(|_| alone()).map_err(wrong)
    })?;
    if network.prefix_len() == 0 {
        value.mistake(format!("{network} is everybody"), "name the network of the telephones");
    }
    Some(network)
}
