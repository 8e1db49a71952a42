//! Actions as the file writes them.

use super::rows::{list, quoted, spoken};
use crate::config::line::{Action, Dial, Phone, Queue, Target};

pub(super) fn written(action: &Action) -> String {
    match action {
        Action::Dial(dial) => dialled(dial),
        Action::Voicemail => quoted("voicemail"),
        Action::Menu(name) => format!("{{ menu = {} }}", quoted(name)),
        Action::Repeat => quoted("repeat"),
        Action::Say { text, then } => format!("{{ say = {}, then = {} }}", spoken(text), written(then)),
        Action::Talk => quoted("talk"),
        Action::Page { zone, .. } => format!("{{ page = {} }}", quoted(zone)),
        Action::Hours { callers } if callers.is_empty() => quoted("hours"),
        Action::Hours { callers } => {
            format!("{{ hours = {} }}", list(callers.iter().map(|caller| quoted(&caller.to_string()))))
        }
        Action::Queue(queue) => waited(queue),
        Action::Answer(answer) => {
            let from = list(answer.from.iter().map(|pattern| quoted(&pattern.to_string())));
            format!("{{ answer_queue = {}, from = {from}, wait_s = {} }}", quoted(&answer.queue), answer.wait_s)
        }
        Action::Hangup { text } => format!("{{ hangup = {} }}", spoken(text)),
    }
}

fn waited(queue: &Queue) -> String {
    let Queue { name, say, music, max_wait_s, max_size, leave_key } = queue;
    let music = music.as_deref().map_or_else(String::new, |url| format!(", music = {}", quoted(url)));
    let key = quoted(&leave_key.map_or_else(|| "none".to_owned(), String::from));
    let (name, say) = (quoted(name), spoken(say));
    let most = format!("max_wait_s = {max_wait_s}, max_size = {max_size}");
    format!("{{ queue = {name}, say = {say}, {most}, leave_key = {key}{music} }}")
}

fn dialled(dial: &Dial) -> String {
    let phones = match dial.phones.as_slice() {
        [one] => phone(one),
        several => list(several.iter().map(phone)),
    };
    let order = if dial.in_turn { "in-turn" } else { "all" };
    let caller_id =
        dial.caller_id.as_ref().map_or_else(String::new, |id| format!(", caller_id = {}", quoted(id.as_str())));
    let screen = dial.screen.map_or_else(String::new, |screen| format!(", screen = {screen}"));
    let Dial { say, ring_s, .. } = dial;
    let (order, say) = (quoted(order), spoken(say));
    format!("{{ dial = {phones}, order = {order}, ring_s = {ring_s}, say = {say}{caller_id}{screen} }}")
}

/// Somebody by name, or a number or an address.
fn phone(phone: &Phone) -> String {
    phone.person.as_deref().map_or_else(|| target(&phone.target), quoted)
}

pub(super) fn target(target: &Target) -> String {
    quoted(match target {
        Target::Number(number) => number.as_str(),
        Target::Sip(uri) => uri,
        Target::Public(number) => number,
    })
}
