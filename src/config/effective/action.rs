//! Actions as the file writes them.

use super::rows::{list, quoted, spoken};
use crate::config::line::{Action, Dial, Target};

pub(super) fn written(action: &Action) -> String {
    match action {
        Action::Dial(dial) => dialled(dial),
        Action::Voicemail => quoted("voicemail"),
        Action::Menu(name) => format!("{{ menu = {} }}", quoted(name)),
        Action::Repeat => quoted("repeat"),
        Action::Say { text, then } => format!("{{ say = {}, then = {} }}", spoken(text), written(then)),
        Action::Talk => quoted("talk"),
        Action::Page { zone, .. } => format!("{{ page = {} }}", quoted(zone)),
        Action::Hangup { text } => format!("{{ hangup = {} }}", spoken(text)),
    }
}

fn dialled(dial: &Dial) -> String {
    let targets = match dial.targets.as_slice() {
        [one] => target(one),
        several => list(several.iter().map(target)),
    };
    let order = if dial.in_turn { "in-turn" } else { "all" };
    let caller_id =
        dial.caller_id.as_ref().map_or_else(String::new, |id| format!(", caller_id = {}", quoted(id.as_str())));
    let Dial { say, ring_s, .. } = dial;
    format!("{{ dial = {targets}, order = {}, ring_s = {ring_s}, say = {}{caller_id} }}", quoted(order), spoken(say),)
}

pub(super) fn target(target: &Target) -> String {
    quoted(match target {
        Target::Number(number) => number.as_str(),
        Target::Sip(uri) => uri,
        Target::Public(number) => number,
    })
}
