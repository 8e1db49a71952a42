//! Voices: a line's own, and ours where the line's language is not among our [`Words`].

use super::words::{ENGLISH, Words};
use crate::config::line::Line;
use crate::config::text::{Part, Text, Tongue};
use crate::twiml::{Play, Prompted, Say};

/// A text of the line, in its voice: a verb a part, and none where nothing is written.
pub(super) fn text<'t>(line: &'t Line, text: &'t Text) -> impl Iterator<Item = Prompted> + 't {
    text.parts().iter().filter(|part| !part.is_empty()).map(|part| match part {
        Part::Words(words) => said(line, text, Say::new(words.as_str())).into(),
        // Whole once the document is: Draft knows where we are.
        Part::Sound { sound, .. } => Play::new(sound.path()).into(),
        Part::Marked { speech, .. } => said(line, text, Say { speech: speech.clone(), ..Say::default() }).into(),
    })
}

/// A text that is not translated keeps the voice of its own language.
fn said(line: &Line, text: &Text, say: Say) -> Say {
    match text.tongue() {
        Some(Tongue { language, voice }) => by(say, language, voice.as_deref()),
        None => voiced(line, say),
    }
}

fn voiced(line: &Line, say: Say) -> Say {
    by(say, &line.language, line.voice.as_deref())
}

fn by(say: Say, language: &str, voice: Option<&str>) -> Say {
    let say = say.language(language);
    match voice {
        Some(voice) => say.voice(voice),
        None => say,
    }
}

/// What an agent's caller is greeted with on a line that has no greeting of its own, and the language, if it is not the
/// line's.
#[must_use]
pub fn hello(line: &Line) -> (&'static str, Option<&'static str>) {
    Words::of(&line.language).map_or((ENGLISH.hello, Some("en-US")), |words| (words.hello, None))
}

/// A sentence of ours about something that has a name of its own, which stands where the sentence has `{}`.
pub(super) fn about(line: &Line, pick: impl FnOnce(&'static Words) -> &'static str, name: &str) -> Say {
    filled(line, |words| pick(words).replace("{}", name))
}

/// A sentence of ours with something of the call in it.
pub(super) fn filled(line: &Line, fill: impl FnOnce(&'static Words) -> String) -> Say {
    match Words::of(&line.language) {
        Some(words) => voiced(line, Say::new(fill(words))),
        None => Say::new(fill(&ENGLISH)).language("en-US"),
    }
}

/// A sentence of ours. In English, and by the carrier's own voice, for a line whose language we do not speak:
/// a Polish voice reading English is worse than an English one.
pub(super) fn sentence(line: Option<&Line>, pick: impl FnOnce(&'static Words) -> &'static str) -> Say {
    match line.and_then(|line| Words::of(&line.language).map(|words| (line, words))) {
        Some((line, words)) => voiced(line, Say::new(pick(words))),
        None => Say::new(pick(&ENGLISH)).language("en-US"),
    }
}
