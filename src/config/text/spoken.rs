//! The type of everything that a line says.

use crate::twiml::Speech;
use std::fmt;

/// What a caller hears at one place. May be empty: then nothing is said there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    parts: Vec<Part>,
    /// Of all parts, without markup.
    words: String,
}

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
}

impl Part {
    /// Its words, without markup.
    fn words(&self) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Marked { speech, .. } => Speech::words(speech),
        }
    }

    /// Whether nothing would be heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) => words.trim().is_empty(),
            Self::Marked { speech, .. } => speech.is_empty(),
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
        Self { parts, words }
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
        };
        Self::new(self.parts.iter().map(part).collect())
    }

    /// The same with `more` behind it. Words go on in one breath.
    #[must_use]
    pub fn then(mut self, more: Self) -> Self {
        for part in more.parts {
            match (self.parts.last_mut(), part) {
                (Some(Part::Words(words)), Part::Words(more)) => {
                    words.push(' ');
                    words.push_str(&more);
                }
                (_, part) => self.parts.push(part),
            }
        }
        Self::new(self.parts)
    }
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
        assert_eq!(Text::from("One.").then(Text::from("Two.")).parts(), [Part::Words("One. Two.".to_owned())]);
        assert_eq!(marked("<s>One.</s>").then(Text::from("Two.")).parts().len(), 2);
    }
}
