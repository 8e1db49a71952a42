//! `[paging.contacts.<name>]`: the amplifier's relay.

use super::super::reader::Table;
use super::named::tables;
use super::values::command;
use crate::config::paging::{Contact, ContactKind};
use std::sync::Arc;

const SHAPE: &str = "[paging.contacts.amplifier]";
const ON: &str = "on = [\"gpioset\", \"-m\", \"exit\", \"gpiochip0\", \"17=1\"]";
const OFF: &str = "off = [\"gpioset\", \"-m\", \"exit\", \"gpiochip0\", \"17=0\"]";

pub(super) fn read(paging: &Table<'_>) -> Vec<Arc<Contact>> {
    let contact = |(name, table): (String, Table<'_>)| {
        let kind = if table.has("file") { file(&table) } else { commands(&table) };
        table.finish();
        Arc::new(Contact { name, kind })
    };
    tables(paging, "contacts", SHAPE).into_iter().map(contact).collect()
}

fn file(table: &Table<'_>) -> ContactKind {
    ContactKind::File { path: table.text("file", ""), inverted: table.boolean("inverted").unwrap_or(false) }
}

fn commands(table: &Table<'_>) -> ContactKind {
    ContactKind::Commands { on: command(table, "on", ON), off: command(table, "off", OFF) }
}
