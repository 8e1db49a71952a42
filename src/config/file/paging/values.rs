//! Addresses, ports, times and commands.

use super::super::reader::{Table, Value};
use crate::base::Secret;
use crate::config::mistake::{Wrong, nearest};
use crate::config::paging::{Codec, Packets, Password};
use chrono::{NaiveTime, Weekday};
use std::net::Ipv4Addr;

/// A group that hardware may listen to. 224.0.0.0/24 belongs to the network itself: no router or switch treats it alike.
pub(super) fn group(text: &str) -> Result<Ipv4Addr, Wrong> {
    let mend = "write one of 239.0.0.0/8, like 239.255.7.1";
    let group: Ipv4Addr =
        text.parse().map_err(|_| Wrong::new(format!("`{text}` is not a multicast address (IPv4)"), mend))?;
    match group.octets() {
        [224, 0, 0, _] => Err(Wrong::new(format!("{group} belongs to the network's own protocols"), mend)),
        _ if group.is_multicast() => Ok(group),
        _ => Err(Wrong::new(format!("{group} is not a multicast address"), mend)),
    }
}

/// A port for RTP: even, because the next one is RTCP's, and because hardware insists on it.
pub(super) fn even_port(table: &Table<'_>, key: &'static str, default: u16) -> u16 {
    let port = port(table, key, default);
    if port % 2 == 1
        && let Some(value) = table.get(key)
    {
        value.mistake(format!("`{key}` is odd: {port}"), format!("write an even port, like {}", port - 1));
    }
    port
}

pub(super) fn port(table: &Table<'_>, key: &'static str, default: u16) -> u16 {
    u16::try_from(table.number(key, 1024..=65_535, u32::from(default))).unwrap_or(default)
}

pub(super) fn small(table: &Table<'_>, key: &'static str, range: std::ops::RangeInclusive<u32>, default: u8) -> u8 {
    u8::try_from(table.number(key, range, u32::from(default))).unwrap_or(default)
}

/// An address of one of our interfaces.
pub(super) fn interface(table: &Table<'_>) -> Option<Ipv4Addr> {
    table.parsed("interface", "interface = \"192.0.2.10\"", |text| {
        text.parse().map_err(|_| {
            Wrong::new(format!("`{text}` is not an IPv4 address"), "write the address of the interface that sends")
        })
    })
}

pub(super) fn packets(table: &Table<'_>) -> Packets {
    let usual = Packets::default();
    let packet_ms = table.number("packet_ms", 20..=60, usual.packet_ms);
    if !packet_ms.is_multiple_of(20)
        && let Some(value) = table.get("packet_ms")
    {
        value.mistake(format!("packets of {packet_ms} ms are no whole frames"), "write 20, 40 or 60");
    }
    let codec = table.parsed("codec", "codec = \"pcmu\"", codec).unwrap_or_default();
    Packets { codec, packet_ms, dscp: small(table, "dscp", 0..=63, usual.dscp) }
}

fn codec(text: &str) -> Result<Codec, Wrong> {
    [Codec::Pcmu, Codec::Pcma].into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
        Wrong::new(format!("`{text}` is no encoding that this version sends"), "write \"pcmu\" or \"pcma\"")
    })
}

/// A program and its arguments.
pub(super) fn command(table: &Table<'_>, key: &'static str, shape: &str) -> Vec<String> {
    let words = table.get(key).map(|value| value.list()).unwrap_or_default();
    let command: Vec<String> = words.iter().filter_map(|word| word.text(shape)).collect();
    if words.is_empty() || command.first().is_some_and(|program| program.trim().is_empty()) {
        table.mistake(format!("`{key}` names no program"), format!("write {shape}"));
    }
    command
}

/// A password that the environment holds under the name that the file gives.
pub(super) fn password(table: &Table<'_>) -> Option<Password> {
    const SHAPE: &str = "password_env = \"SIP_PASSWORD_HALL\"";
    let written = table.get("password_env")?;
    let variable = written.text(SHAPE)?;
    let sound = variable.starts_with(|c: char| c.is_ascii_uppercase())
        && variable.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if !sound {
        // Never the text itself: it may be the password.
        written.mistake("`password_env` is not the name of a variable", format!("write {SHAPE}"));
        return None;
    }
    let source = table.file.around.source;
    let from_file = || source.read_file(&source.var(&format!("{variable}_FILE"))?).ok();
    let value = source.var(&variable).or_else(from_file).map(|value| value.trim_end_matches(['\r', '\n']).to_owned());
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        let mend = format!("set it, or {variable}_FILE, in the environment");
        written.mistake(format!("{variable} is not set"), mend);
        return None;
    };
    Some(Password { variable, value: Secret::new(value) })
}

/// `08:00`.
pub(super) fn time(value: &Value<'_>) -> Option<NaiveTime> {
    value.parsed("a time like \"08:00\"", clock)
}

fn clock(text: &str) -> Result<NaiveTime, Wrong> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .map_err(|_| Wrong::new(format!("`{text}` is not a time"), "write it like \"08:00\", in 24 hours"))
}

/// `08:00-17:30`.
pub(super) fn range(text: &str) -> Result<(NaiveTime, NaiveTime), Wrong> {
    let (from, to) = text.split_once('-').unwrap_or((text, ""));
    match (clock(from.trim()), clock(to.trim())) {
        (Ok(from), Ok(to)) if from != to => Ok((from, to)),
        _ => Err(Wrong::new(format!("`{text}` is not a range of time"), "write it like \"07:30-18:00\"")),
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// `["mon", "tue"]`; all seven when nothing is written.
pub(super) fn days(table: &Table<'_>) -> Vec<Weekday> {
    let Some(written) = table.get("days") else { return DAYS.map(|(_, day)| day).to_vec() };
    written.list().iter().filter_map(|value| value.parsed("days = [\"mon\", \"fri\"]", day)).collect()
}

fn day(text: &str) -> Result<Weekday, Wrong> {
    DAYS.into_iter().find(|(name, _)| *name == text).map(|(_, day)| day).ok_or_else(|| {
        let names = DAYS.map(|(name, _)| name);
        let mend = nearest(text, names)
            .map_or_else(|| format!("write some of: {}", names.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Wrong::new(format!("`{text}` is no day"), mend)
    })
}
