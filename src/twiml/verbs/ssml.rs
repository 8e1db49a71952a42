//! Speech Synthesis Markup Language, as far as Twilio passes it on.

use crate::twiml::xml::{choice, element};

choice! {
    /// Words, or markup with words in it.
    Speech (Text) { Break, Emphasis, Lang, Paragraph, Phoneme, Prosody, Sentence, SayAs, Sub, Word }
}

element! {
    /// A pause.
    #[derive(Default)]
    Break "break" {
        /// `none`, `x-weak`, `weak`, `medium`, `strong`, `x-strong`.
        strength: String = "strength",
        /// `500ms`, `2s`.
        time: String = "time",
    }

    /// Louder or softer.
    #[derive(Default)]
    Emphasis "emphasis" [
        /// The words.
        speech: Vec<Speech>
    ] {
        /// `strong`, `moderate`, `reduced`.
        level: String = "level",
    }

    /// Words of another language.
    #[derive(Default)]
    Lang "lang" [
        /// The words.
        speech: Vec<Speech>
    ] {
        /// BCP 47.
        language: String = "xml:lang",
    }

    /// A paragraph.
    #[derive(Default)]
    Paragraph "p" [
        /// The words.
        speech: Vec<Speech>
    ] {}

    /// A pronunciation.
    #[derive(Default)]
    Phoneme "phoneme" [
        /// The word.
        text: String
    ] {
        /// `ipa`, `x-sampa`.
        alphabet: String = "alphabet",
        /// The sounds in that alphabet.
        sounds: String = "ph",
    }

    /// Volume, speed and pitch.
    #[derive(Default)]
    Prosody "prosody" [
        /// The words.
        speech: Vec<Speech>
    ] {
        /// `loud`, `+6dB`.
        volume: String = "volume",
        /// `slow`, `85%`.
        rate: String = "rate",
        /// `low`, `-10%`.
        pitch: String = "pitch",
    }

    /// A sentence.
    #[derive(Default)]
    Sentence "s" [
        /// The words.
        speech: Vec<Speech>
    ] {}

    /// How digits, dates and the like are read.
    #[derive(Default)]
    SayAs "say-as" [
        /// The text.
        text: String
    ] {
        /// `digits`, `date`, `telephone`, `spell-out` and more.
        interpret_as: String = "interpret-as",
        /// Of a date: `mdy`.
        format: String = "format",
    }

    /// What is said instead of what is written.
    #[derive(Default)]
    Sub "sub" [
        /// What is written.
        text: String
    ] {
        /// What is said.
        alias: String = "alias",
    }

    /// A word with its part of speech.
    #[derive(Default)]
    Word "w" [
        /// The word.
        speech: Vec<Speech>
    ] {
        /// `amazon:VB` and the like.
        role: String = "role",
    }
}

impl From<&str> for Speech {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Speech {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Speech {
    /// The words of `speech` without markup.
    #[must_use]
    pub fn words(speech: &[Self]) -> String {
        speech.iter().map(Self::own_words).collect()
    }

    /// Replaces the text wherever it is said, by what `fill` makes of it.
    pub fn fill(&mut self, fill: &dyn Fn(&str) -> String) {
        match self {
            Self::Break(_) => {}
            Self::Text(text) | Self::Phoneme(Phoneme { text, .. }) | Self::SayAs(SayAs { text, .. }) => {
                *text = fill(text);
            }
            Self::Sub(Sub { alias, text }) => {
                *text = fill(text);
                *alias = alias.as_deref().map(fill);
            }
            Self::Emphasis(Emphasis { speech, .. })
            | Self::Lang(Lang { speech, .. })
            | Self::Paragraph(Paragraph { speech })
            | Self::Prosody(Prosody { speech, .. })
            | Self::Sentence(Sentence { speech })
            | Self::Word(Word { speech, .. }) => speech.iter_mut().for_each(|speech| speech.fill(fill)),
        }
    }

    fn own_words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Break(_) => " ".to_owned(),
            Self::Emphasis(Emphasis { speech, .. })
            | Self::Lang(Lang { speech, .. })
            | Self::Paragraph(Paragraph { speech })
            | Self::Prosody(Prosody { speech, .. })
            | Self::Sentence(Sentence { speech })
            | Self::Word(Word { speech, .. }) => Self::words(speech),
            Self::Phoneme(Phoneme { text, .. }) | Self::SayAs(SayAs { text, .. }) => text.clone(),
            Self::Sub(Sub { alias, text }) => alias.as_ref().unwrap_or(text).clone(),
        }
    }
}
