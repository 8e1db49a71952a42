//! `[lines.callers]`: who is not let in, and who is led past the menu.

use super::patterns::patterns;
use super::reader::{Table, Value};
use super::scope::Scope;
use super::{action, busy};
use crate::config::callers::{Block, Lists, Vip};
use crate::config::line::{Action, Busy};

const BLOCK: &str = "block = { numbers = [\"+1900*\"], withheld = true, then = \"reject\" }";
const VIP: &str = "vip = { numbers = [\"+15875550111\"], then = { dial = \"+15875550101\" } }";

pub(super) fn read(line: &Table<'_>, scope: &Scope<'_>) -> Lists {
    let table = line.table("callers", "[lines.callers]");
    let lists = Lists {
        allow: table.get("allow").map(|value| patterns(&value)).unwrap_or_default(),
        block: table.get("block").and_then(|value| block(&value)),
        vip: table.get("vip").and_then(|value| vip(&value, scope)),
    };
    table.finish();
    lists
}

fn block(value: &Value<'_>) -> Option<Block> {
    let table = value.table(BLOCK)?;
    let block = Block {
        numbers: table.get("numbers").map(|value| patterns(&value)).unwrap_or_default(),
        withheld: table.boolean("withheld").unwrap_or(false),
        unverified: table.boolean("unverified").unwrap_or(false),
        then: table.get("then").and_then(|value| busy::read(&value)).unwrap_or_default(),
    };
    if !table.has("numbers") && !block.withheld && !block.unverified {
        table.mistake("`block` names nobody", format!("write {BLOCK}"));
    }
    if block.then == Busy::Status429
        && let Some(then) = table.get("then")
    {
        then.mistake(
            "a blocked caller cannot be answered 429: the carrier would play an error",
            format!("write {BLOCK}"),
        );
    }
    table.finish();
    Some(block)
}

fn vip(value: &Value<'_>, scope: &Scope<'_>) -> Option<Vip> {
    let table = value.table(VIP)?;
    let numbers = table.get("numbers").map(|value| patterns(&value)).unwrap_or_default();
    if !table.has("numbers") {
        table.mistake("`vip` names nobody", format!("write {VIP}"));
    }
    let then = table.get("then").and_then(|value| Some((action::read(&value, scope)?.action, value)));
    let greeting = table.spoken("greeting", "");
    if !table.has("then") {
        table.mistake("`vip` leads nowhere", format!("write {VIP}"));
    }
    table.finish();
    let (then, written) = then?;
    if matches!(then.last(), Action::Repeat | Action::Page { .. } | Action::Hours { .. }) {
        written.mistake("a VIP is led past the menu, not into it", format!("write {VIP}"));
    }
    Some(Vip { numbers, greeting, then })
}
