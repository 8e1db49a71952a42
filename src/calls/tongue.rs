//! The choice of a language: asked first, of callers of a line that speaks several.
//!
//! What follows is decided on the line in that language, whole as it was read at the start: nobody translates during a call.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{State, Tongue};
use super::{emergency, spoken, welcome};
use crate::base::folded;
use crate::config::languages::Offer;
use crate::config::line::{Languages, Line};
use crate::gate::Route;
use crate::twiml::{Gather, GatherInput, SpeechTimeout};

/// Seconds of silence that are an answer too.
const ANSWER_S: u32 = 5;
/// How often the question is put again.
const RETRIES: u32 = 1;

/// Puts the question, the `tries`th time again. `false`: the line speaks one language only.
pub(super) fn asks(turn: &Turn<'_>, draft: &mut Draft, tries: u32) -> bool {
    let Some(languages) = turn.line.languages.as_deref() else { return false };
    draft.decided("choice of language");
    let url = turn.url(Route::Dtmf, State { tries, tongue: Tongue::Asked, ..turn.next() });
    let mut gather = Gather::new()
        .input(GatherInput::Dtmf)
        .action(url.as_str())
        .timeout(ANSWER_S)
        .num_digits(1)
        .finish_on_key("")
        .action_on_empty_result(true);
    if listens(turn.line, languages) {
        let phrases = languages.offers.iter().flat_map(|offer| &offer.phrases);
        let hints = phrases.map(String::as_str).collect::<Vec<_>>().join(", ");
        gather = gather
            .input(GatherInput::DtmfSpeech)
            .speech_timeout(SpeechTimeout::Auto)
            .language(turn.line.language.as_str());
        gather.hints = (!hints.is_empty()).then_some(hints);
    }
    if languages.ask.is_empty() {
        let offers = languages.offers.iter().flat_map(|offer| spoken::text(turn.line, &offer.text));
        gather.prompts = offers.collect();
    } else {
        gather.prompts = spoken::text(turn.line, &languages.ask).collect();
    }
    draft.verb(gather);
    draft.redirect(url);
    true
}

/// Words are heard where a language has a name that callers may say, and where the first menu hears them.
fn listens(line: &Line, languages: &Languages) -> bool {
    languages.offers.iter().any(|offer| !offer.phrases.is_empty())
        || line.menus.get(&line.entry).is_some_and(|menu| menu.speech)
}

/// The caller chose, or did not: then once more, and then the line goes on in its own language.
pub(super) fn chosen(turn: &Turn<'_>, draft: &mut Draft) {
    let offer = turn.line.languages.as_deref().and_then(|languages| offered(turn, languages));
    let language = match offer {
        Some(offer) => offer.language.as_str(),
        None if turn.state.tries < RETRIES && asks(turn, draft, turn.state.tries.saturating_add(1)) => return,
        None => turn.line.language.as_str(),
    };
    draft.decided("language ");
    draft.also(language);
    if offer.is_none() {
        draft.also(": nobody chose");
    }
    speak(turn, draft, language);
}

/// Goes on without a choice, for a caller whose call stumbled over a failure of ours.
pub(super) fn unasked(turn: &Turn<'_>, draft: &mut Draft) {
    speak(turn, draft, &turn.line.language);
}

fn speak(turn: &Turn<'_>, draft: &mut Draft, language: &str) {
    let line = turn.line.in_language(language);
    let tongue = if std::ptr::eq(line, turn.line) { Tongue::Own } else { Tongue::Chosen(&line.language) };
    let state = State { tongue, tries: 0, ..turn.state };
    welcome::enter(Turn { line, state, ..*turn }, draft);
}

/// The language of the key that was pressed, or of the longest name that was said.
fn offered<'l>(turn: &Turn<'_>, languages: &'l Languages) -> Option<&'l Offer> {
    if let Some(digits) = turn.field("Digits") {
        return languages.offers.iter().find(|offer| digits.chars().eq([offer.key]));
    }
    let said = folded(turn.field("SpeechResult")?);
    let names = languages.offers.iter().flat_map(|offer| offer.phrases.iter().map(move |phrase| (phrase, offer)));
    let heard = names.filter(|(phrase, _)| emergency::whole_words(&said, phrase).is_some());
    heard.max_by_key(|(phrase, _)| phrase.len()).map(|(_, offer)| offer)
}
