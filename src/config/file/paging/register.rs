//! `[paging.register.<name>]`: PBXes that this house is a telephone of.

use super::super::names::extension;
use super::super::reader::Table;
use super::named::tables;
use super::values::{password, small};
use crate::config::mistake::Wrong;
use crate::config::paging::Registration;
use std::sync::Arc;

const SHAPE: &str = "[paging.register.pbx]";
const REGISTRAR: &str = "registrar = \"sip:192.0.2.5\"";
const USER: &str = "user = \"paging\"";

pub(super) fn read(paging: &Table<'_>) -> Vec<Arc<Registration>> {
    let tables = tables(paging, "register", SHAPE).into_iter();
    tables.filter_map(|(name, table)| registration(name, table)).map(Arc::new).collect()
}

fn registration(name: String, table: Table<'_>) -> Option<Registration> {
    for (key, shape) in [("registrar", REGISTRAR), ("user", USER)] {
        if !table.has(key) {
            table.mistake(format!("`{key}` is missing"), format!("write {shape}"));
        }
    }
    let registrar = table.parsed("registrar", REGISTRAR, registrar);
    let user = table.parsed("user", USER, user);
    let registration = Registration {
        name,
        registrar: String::new(),
        user: String::new(),
        auth_user: table.parsed("auth_user", "auth_user = \"4711\"", user_of_digest),
        password: password(&table),
        expires_s: table.number("expires_s", 60..=86_400, 300),
        zones: paged(&table),
        priority: small(&table, "priority", 0..=9, 8),
    };
    table.finish();
    Some(Registration { registrar: registrar?, user: user?, ..registration })
}

fn paged(table: &Table<'_>) -> Vec<String> {
    let values = table.get("zones").map(|value| value.list()).unwrap_or_default();
    values.iter().filter_map(|value| value.parsed("zones = [\"701\"]", extension)).collect()
}

fn registrar(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::new(format!("`{text}` is not the address of a registrar"), format!("write {REGISTRAR}"));
    let rest =
        text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("sip:")).and(text.get(4..)).ok_or_else(wrong)?;
    let host = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    let legal = |c: u8| c.is_ascii_alphanumeric() || b".-:[];=".contains(&c);
    if host && text.len() < 255 && rest.bytes().all(legal) { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn user(text: &str) -> Result<String, Wrong> {
    let legal = |c: u8| c.is_ascii_alphanumeric() || b"-_.+".contains(&c);
    let sound = !text.is_empty() && text.len() < 64 && text.bytes().all(legal);
    let wrong = || Wrong::new(format!("`{text}` is not the user of an account"), format!("write {USER}"));
    if sound { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn user_of_digest(text: &str) -> Result<String, Wrong> {
    let sound = text.len() < 128 && text.bytes().all(|c| c.is_ascii_graphic() && !matches!(c, b'"' | b'\\'));
    let wrong = || Wrong::new(format!("`{text}` is not a user name"), "write it without spaces and quotes");
    if sound && !text.is_empty() { Ok(text.to_owned()) } else { Err(wrong()) }
}
