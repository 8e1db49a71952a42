//! A menu is played: prompt and Gather, and behind it a net, so that the document never ends without a next step.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{State, Why};
use super::{spoken, voicemail};
use crate::config::line::Menu;
use crate::gate::Route;
use crate::twiml::{Gather, GatherInput, Prompted, SpeechTimeout};

/// Bytes of hints: they only help the recogniser, and the document must stay small.
const HINTS: usize = 2000;

/// Plays the menu called `name` for the `tries`th time again; `prefix` is said first and may be cut short.
pub(super) fn play(turn: &Turn<'_>, draft: &mut Draft, name: &str, tries: u32, prefix: Vec<Prompted>) {
    let Some((name, menu)) = turn.menu_named(name).or_else(|| turn.menu_named(&turn.line.entry)) else {
        // Only a line that was built without its checks has no menu.
        return voicemail::take(turn, draft, Why::Chosen);
    };
    draft.decided("menu ");
    draft.also(name);
    let shown = if name == turn.line.entry { "" } else { name };
    let url = turn.url(Route::Dtmf, State { menu: shown, tries, ..turn.next() });
    let mut gather = Gather::new()
        .input(if menu.speech { GatherInput::DtmfSpeech } else { GatherInput::Dtmf })
        .action(url.as_str())
        .timeout(menu.timeout_s)
        .num_digits(1)
        // No key ends the input, so that `#` can be one of the menu's keys.
        .finish_on_key("")
        .action_on_empty_result(true);
    if menu.speech {
        gather = listening(gather, turn, menu);
    }
    gather.prompts = prefix;
    gather.prompts.extend(spoken::text(turn.line, &menu.prompt));
    draft.verb(gather);
    draft.redirect(url);
}

fn listening(gather: Gather, turn: &Turn<'_>, menu: &Menu) -> Gather {
    let gather = gather.speech_timeout(SpeechTimeout::Auto).language(turn.line.language.as_str());
    let mut hints = String::new();
    for phrase in turn.line.emergency.keywords.iter().chain(menu.phrases.keys()) {
        if phrase.len() <= 100 && hints.len() + phrase.len() <= HINTS {
            if !hints.is_empty() {
                hints.push_str(", ");
            }
            hints.push_str(phrase);
        }
    }
    if hints.is_empty() { gather } else { gather.hints(hints) }
}
