//! `[paging]` with every default written out.

use super::rows::{Rows, key, list, quoted};
use crate::config::paging::{
    Bell, Caller, Chime, Contact, ContactKind, Hours, Multicast, Output, OutputKind, Packets, Paging, Password,
    PipeFormat, Poly, Process, Registration, SipSpeaker, Tls, Unicast, Zone,
};
use chrono::{NaiveTime, Weekday};
use std::sync::Arc;

pub(super) fn write(rows: &mut Rows, paging: &Paging) {
    rows.header("[paging]");
    rows.row("enabled", paging.enabled);
    rows.text("timezone", paging.timezone.name());
    if !paging.announcements.is_empty() {
        rows.header("[paging.announcements]");
        for announcement in &paging.announcements {
            rows.text(&announcement.name, &announcement.file);
        }
    }
    let mut contacts: Vec<&Arc<Contact>> = paging.outputs.iter().filter_map(|output| output.contact.as_ref()).collect();
    contacts.sort_by_key(|contact| &contact.name);
    contacts.dedup();
    contacts.into_iter().for_each(|one| contact(rows, one));
    paging.outputs.iter().for_each(|one| output(rows, one));
    paging.callers.iter().for_each(|one| caller(rows, one));
    paging.registrations.iter().for_each(|one| registration(rows, one));
    paging.tls.iter().for_each(|one| tls(rows, one));
    paging.zones.iter().for_each(|one| zone(rows, one));
    paging.bells.iter().for_each(|one| bell(rows, one));
}

fn header(rows: &mut Rows, kind: &str, name: &str) {
    rows.header(&format!("[paging.{kind}.{}]", key(name)));
}

fn contact(rows: &mut Rows, contact: &Contact) {
    header(rows, "contacts", &contact.name);
    match &contact.kind {
        ContactKind::Commands { on, off } => {
            rows.row("on", words(on));
            rows.row("off", words(off));
        }
        ContactKind::File { path, inverted } => {
            rows.text("file", path);
            rows.row("inverted", inverted);
        }
    }
}

fn output(rows: &mut Rows, output: &Output) {
    header(rows, "outputs", &output.name);
    rows.text("kind", output.kind.name());
    if let Some(contact) = &output.contact {
        rows.text("contact", &contact.name);
    }
    match &output.kind {
        OutputKind::Multicast(to) => multicast(rows, to),
        OutputKind::Poly(to) => poly(rows, to),
        OutputKind::Unicast(Unicast { address, port, packets: of }) => {
            rows.text("address", &address.to_string());
            rows.row("port", port);
            packets(rows, of);
        }
        OutputKind::Sip(speaker) => sip(rows, speaker),
        OutputKind::Process(Process { command, format }) => {
            rows.row("command", words(command));
            rows.text("format", if *format == PipeFormat::S16le { "s16le" } else { "mulaw" });
        }
    }
}

fn multicast(rows: &mut Rows, to: &Multicast) {
    rows.text("address", &to.group.to_string());
    rows.row("port", to.port);
    packets(rows, &to.packets);
    rows.row("ttl", to.ttl);
    if let Some(interface) = to.interface {
        rows.text("interface", &interface.to_string());
    }
    rows.row("local", to.local);
    if let Some(control) = to.control {
        rows.text("control", &control.to_string());
    }
}

fn poly(rows: &mut Rows, to: &Poly) {
    rows.text("address", &to.group.to_string());
    rows.row("port", to.port);
    rows.row("channel", to.channel);
    rows.text("caller_id", &to.caller_id);
    rows.row("ttl", to.ttl);
    if let Some(interface) = to.interface {
        rows.text("interface", &interface.to_string());
    }
    rows.row("local", to.local);
    rows.row("dscp", to.dscp);
}

fn sip(rows: &mut Rows, speaker: &SipSpeaker) {
    rows.text("uri", &speaker.uri);
    account(rows, speaker.user.as_deref(), speaker.password.as_ref());
    rows.row("ring_s", speaker.ring_s);
    packets(rows, &speaker.packets);
}

/// The password stays where it is: its variable's name is all that is shown.
fn account(rows: &mut Rows, user: Option<&str>, password: Option<&Password>) {
    if let Some(user) = user {
        rows.text("user", user);
    }
    if let Some(password) = password {
        rows.text("password_env", &password.variable);
    }
}

fn packets(rows: &mut Rows, packets: &Packets) {
    rows.text("codec", packets.codec.name());
    rows.row("packet_ms", packets.packet_ms);
    rows.row("dscp", packets.dscp);
}

fn caller(rows: &mut Rows, caller: &Caller) {
    header(rows, "callers", &caller.name);
    rows.row("numbers", words(&caller.numbers));
    rows.row("networks", list(caller.networks.iter().map(|network| quoted(&network.to_string()))));
    account(rows, caller.user.as_deref(), caller.password.as_ref());
    rows.row("md5_only", caller.md5_only);
    rows.row("zones", words(&caller.zones));
    rows.row("priority", caller.priority);
    rows.row("pin", caller.pin);
}

fn registration(rows: &mut Rows, registration: &Registration) {
    header(rows, "register", &registration.name);
    rows.text("registrar", &registration.registrar);
    account(rows, Some(&registration.user), registration.password.as_ref());
    if let Some(user) = &registration.auth_user {
        rows.text("auth_user", user);
    }
    rows.row("expires_s", registration.expires_s);
    rows.row("zones", words(&registration.zones));
    rows.row("priority", registration.priority);
}

fn tls(rows: &mut Rows, tls: &Tls) {
    rows.header("[paging.sip]");
    rows.text("tls_bind_addr", &tls.bind_addr.to_string());
    rows.text("tls_cert", &tls.cert);
    rows.text("tls_key", &tls.key);
}

fn zone(rows: &mut Rows, zone: &Zone) {
    header(rows, "zones", &zone.extension);
    rows.text("name", &zone.name);
    if !zone.outputs.is_empty() {
        rows.row("outputs", list(zone.outputs.iter().map(|output| quoted(&output.name))));
    }
    rows.row("priority", zone.priority);
    rows.text(
        "chime",
        match &zone.chime {
            Chime::Off => "off",
            Chime::Beep => "beep",
            Chime::TwoTone => "two-tone",
            Chime::Announcement(name) => name,
        },
    );
    rows.row("settle_ms", zone.settle_ms);
    rows.row("tail_ms", zone.tail_ms);
    rows.row("limit_s", zone.limit_s);
    rows.row("emergency_limit_s", zone.emergency_limit_s);
    rows.row("partly", zone.partly);
    rows.row("enabled", zone.enabled);
    rows.row("schedule", list(zone.schedule.iter().map(hours)));
    rows.row("callers", words(&zone.callers));
}

fn hours(hours: &Hours) -> String {
    format!(
        "{{ days = {}, time = \"{}-{}\" }}",
        days(&hours.days),
        hours.from.format("%H:%M"),
        hours.to.format("%H:%M")
    )
}

fn days(days: &[Weekday]) -> String {
    list(days.iter().map(|day| quoted(&day.to_string().to_lowercase())))
}

fn bell(rows: &mut Rows, bell: &Bell) {
    rows.header("[[paging.bells]]");
    rows.text("zone", &bell.zone);
    if let Some(announcement) = &bell.announcement {
        rows.text("announcement", announcement);
    }
    let time = |at: &NaiveTime| quoted(&at.format("%H:%M").to_string());
    rows.row("at", list(bell.at.iter().map(time)));
    rows.row("days", days(&bell.days));
    rows.row("except", list(bell.except.iter().map(|date| quoted(&date.to_string()))));
    rows.row("priority", bell.priority);
}

fn words(words: &[String]) -> String {
    list(words.iter().map(|word| quoted(word)))
}
