//! The type of everything that a line says.

use super::{Sound, Tongue};
use crate::twiml::Speech;
use std::fmt;
use std::sync::Arc;

/// What a caller hears at one place. May be empty: then nothing is said there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    parts: Vec<Part>,
    /// Of all parts, without markup.
    words: String,
    /// Who says it, where that is not who says everything else: it is not translated.
    tongue: Option<Arc<Tongue>>,
    /// On a line of several languages: the parts in each that it is written in, by tag.
    languages: Option<Arc<Translations>>,
}

/// The parts of a text by language, in the order of the file.
pub type Translations = Vec<(String, Vec<Part>)>;

// No part holds a number that could be none.
impl Eq for Text {}

/// A part of a text: one verb of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Plain words: nothing in them is markup, whatever it looks like.
    Words(String),
    /// Words with markup (SSML), which was checked.
    Marked {
        /// As the file writes it.
        source: String,
        /// What it means.
        speech: Vec<Speech>,
    },
    /// A file of the line's own.
    Sound {
        /// What is played.
        sound: Arc<Sound>,
        /// What is said in it, for transcripts and logs; may be empty.
        words: String,
    },
}

impl Part {
    /// Its words, without markup.
    fn words(&self) -> String {
        match self {
            Self::Words(words) | Self::Sound { words, .. } => words.clone(),
            Self::Marked { speech, .. } => Speech::words(speech),
        }
    }

    /// Whether nothing would be heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) => words.trim().is_empty(),
            Self::Marked { speech, .. } => speech.is_empty(),
            Self::Sound { .. } => false,
        }
    }
}

impl Text {
    /// Parts that are heard one after another.
    #[must_use]
    pub fn new(mut parts: Vec<Part>) -> Self {
        parts.retain(|part| !matches!(part, Part::Words(words) if words.is_empty()));
        let words = match parts.as_slice() {
            [Part::Words(words)] => words.clone(),
            several => several.iter().map(Part::words).collect::<Vec<_>>().join(" "),
        };
        Self { parts, words, tongue: None, languages: None }
    }

    /// The same as part of a text that is written in several languages.
    #[must_use]
    pub fn among(self, languages: Arc<Translations>) -> Self {
        Self { languages: Some(languages), ..self }
    }

    /// The same, said in another language than the line's.
    #[must_use]
    pub fn said_in(self, tongue: Arc<Tongue>) -> Self {
        Self { tongue: Some(tongue), ..self }
    }

    /// In which language and by whom it is said, where that is not the line's.
    #[must_use]
    pub fn tongue(&self) -> Option<&Tongue> {
        self.tongue.as_deref()
    }

    /// The parts by language, where it is written in several.
    #[must_use]
    pub fn languages(&self) -> Option<&Translations> {
        self.languages.as_deref()
    }

    /// The parts, in turn.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The words, without markup: for transcripts and logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// What makes it another text: its words, and its sounds.
    #[must_use]
    pub fn marks(&self) -> Vec<&str> {
        let sounds = self.parts.iter().filter_map(|part| match part {
            Part::Sound { sound, .. } => Some(sound.digest.as_str()),
            Part::Words(_) | Part::Marked { .. } => None,
        });
        std::iter::once(self.words.as_str()).chain(sounds).collect()
    }

    /// Whether nothing would be heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Part::is_empty)
    }

    /// The same with what `fill` makes of the words, wherever they stand.
    #[must_use]
    pub fn filled(&self, fill: &dyn Fn(&str) -> String) -> Self {
        let part = |part: &Part| match part {
            Part::Words(words) => Part::Words(fill(words)),
            Part::Marked { source, speech } => {
                let mut speech = speech.clone();
                speech.iter_mut().for_each(|speech| speech.fill(fill));
                Part::Marked { source: source.clone(), speech }
            }
            sound @ Part::Sound { .. } => sound.clone(),
        };
        let Self { parts, words, .. } = Self::new(self.parts.iter().map(part).collect());
        Self { parts, words, ..self.clone() }
    }

    /// The same with `more` behind it; `own` is the line's own language.
    #[must_use]
    pub fn then(self, more: &Self, own: &str) -> Self {
        let languages = [&self, more].into_iter().filter_map(|text| text.languages.as_deref());
        let mut tags: Vec<&String> = languages.flatten().map(|(tag, _)| tag).collect();
        tags.dedup();
        let both = |tag: &str| Some((tag.to_owned(), joined(self.in_language(tag, own)?, more.in_language(tag, own)?)));
        let languages: Translations = tags.into_iter().filter_map(|tag| both(tag)).collect();
        let Self { parts, words, .. } = Self::new(joined(&self.parts, &more.parts));
        Self { parts, words, languages: (!languages.is_empty()).then(|| Arc::new(languages)), tongue: self.tongue }
    }

    fn in_language(&self, tag: &str, own: &str) -> Option<&[Part]> {
        match &self.languages {
            Some(languages) => languages.iter().find(|(known, _)| known == tag).map(|(_, parts)| parts.as_slice()),
            None => (tag == own).then_some(self.parts.as_slice()),
        }
    }
}

/// Words go on in one breath.
fn joined(parts: &[Part], more: &[Part]) -> Vec<Part> {
    let mut all = parts.to_vec();
    for part in more {
        match (all.last_mut(), part) {
            (Some(Part::Words(words)), Part::Words(more)) => {
                words.push(' ');
                words.push_str(more);
            }
            _ => all.push(part.clone()),
        }
    }
    all
}

impl From<&str> for Text {
    /// Plain words.
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<String> for Text {
    /// Plain words.
    fn from(words: String) -> Self {
        Self::new(vec![Part::Words(words)])
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, words: &str) -> bool {
        self.words == words
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, words: &&str) -> bool {
        self.words == *words
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(source: &str) -> Text {
        Text::new(vec![Part::Marked {
            source: source.to_owned(),
            speech: super::super::read_markup(source).expect("sound"),
        }])
    }

    #[test]
    fn words_of_any_form_can_be_filled() {
        let fill = |words: &str| words.replace("{opens}", "at nine");
        assert_eq!(Text::from("We open {opens}.").filled(&fill), "We open at nine.");
        let text = marked("We open <emphasis level=\"strong\">{opens}</emphasis>.");
        assert_eq!(text, "We open {opens}.");
        assert_eq!(text.filled(&fill), "We open at nine.");
    }

    #[test]
    fn only_what_is_heard_counts() {
        assert!(Text::from("").is_empty() && Text::from("  \n").is_empty() && Text::default().is_empty());
        assert!(!marked("<break time=\"1s\"/>").is_empty());
        assert_eq!(Text::from("One.").then(&Text::from("Two."), "en").parts(), [Part::Words("One. Two.".to_owned())]);
        assert_eq!(marked("<s>One.</s>").then(&Text::from("Two."), "en").parts().len(), 2);
    }
}
