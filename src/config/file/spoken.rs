//! Texts that callers hear: words, words with markup, sounds, a list of these, or a table of them by language.

use super::reader::{Table, Value};
use super::sound;
use super::text::File;
use super::words::Ours;
use crate::config::mistake::{Wrong, nearest};
use crate::config::text::{Part, Text, Tongue, Translations, is_marked, read_markup};
use std::sync::Arc;

const WANTED: &str = "\"…\", a list of texts that are heard in turn, { file = \"welcome.wav\", text = \"…\" }, or a \
                      table of them by language";

/// Voices that read markup aloud, signs and all.
const WITHOUT_MARKUP: [&str; 2] = ["man", "woman"];

impl<'a> Value<'a> {
    /// What a caller hears.
    pub(super) fn spoken(&self) -> Option<Text> {
        let tongues = self.file.tongues.borrow().clone();
        if self.is_table() && !is_part(&self.table(WANTED)?) {
            return self.translated();
        }
        let text = Text::new(self.parts(&tongues.own)?);
        // Silence and music are the same everywhere.
        if tongues.is_own() || text.as_str().trim().is_empty() {
            return Some(text);
        }
        self.file.note_untranslated(&self.path);
        Some(text.said_in(tongues.own))
    }

    /// A table by language.
    fn translated(&self) -> Option<Text> {
        let tongues = self.file.tongues.borrow().clone();
        let mut languages = Translations::new();
        for (tag, value) in self.by_language()? {
            let tongue = tongues.named(&tag)?;
            languages.push((tongue.language.clone(), value.parts(tongue)?));
        }
        let of = |tongue: &Tongue| languages.iter().find(|(tag, _)| *tag == tongue.language);
        let (now, own) = (of(&tongues.now), of(&tongues.own));
        let Some((tag, parts)) = now.or(own) else {
            let what = format!("`{}` says nothing in {}, the line's own language", self.key(), tongues.own.language);
            self.mistake(what, format!("write {} = \"…\" too", tongues.own.language));
            return None;
        };
        let text = Text::new(parts.clone());
        let text = if *tag == tongues.now.language {
            text
        } else {
            self.file.note_untranslated(&self.path);
            text.said_in(tongues.own)
        };
        Some(if tongues.all.len() > 1 { text.among(Arc::new(languages)) } else { text })
    }

    /// The values of a table whose keys are languages of the line; `None`: some are not, which was said.
    fn by_language(&self) -> Option<Vec<(String, Value<'a>)>> {
        let entries = self.table(WANTED)?.entries();
        let tongues = self.file.tongues.borrow();
        let mut sound = true;
        for (tag, span, _) in &entries {
            if tongues.named(tag).is_none() {
                sound = false;
                let near = nearest(tag, tongues.all.iter().map(|tongue| tongue.language.as_str()));
                let mend = near.map_or_else(
                    || format!("its languages: {}; [lines.languages.…] adds one", tongues.tags()),
                    |near| format!("did you mean `{near}`?"),
                );
                self.file.mistake(span, format!("the line does not speak `{tag}`"), mend);
            }
        }
        sound.then(|| entries.into_iter().map(|(tag, _, value)| (tag, value)).collect())
    }

    /// The value in the language of this reading, where it may stand in a table by language: of settings that nobody hears
    /// in so many words. Without one for that language it is the line's own.
    pub(super) fn in_tongue(&self) -> Option<Value<'a>> {
        if !self.is_table() {
            return Some(self.clone());
        }
        let (now, own) = {
            let tongues = self.file.tongues.borrow();
            (Arc::clone(&tongues.now), Arc::clone(&tongues.own))
        };
        let values = self.by_language()?;
        let of = |tongue: &Tongue| values.iter().find(|(tag, _)| tongue.is(tag)).map(|(_, value)| value.clone());
        let found = of(&now).or_else(|| {
            self.file.note_untranslated(&self.path);
            of(&own)
        });
        if found.is_none() {
            self.mistake(format!("`{}` is not written in {}", self.key(), own.language), "write it in all of them");
        }
        found
    }

    /// The parts of a text in one language.
    pub(super) fn parts(&self, tongue: &Tongue) -> Option<Vec<Part>> {
        let parts = if self.is_list() { self.list() } else { vec![self.clone()] };
        parts.iter().map(|value| part(value, tongue)).collect()
    }
}

/// Whether a table is a text, and not texts by language.
fn is_part(table: &Table<'_>) -> bool {
    table.has("words") || table.has("file")
}

fn part(value: &Value<'_>, tongue: &Tongue) -> Option<Part> {
    if value.is_table() {
        let table = value.table(WANTED)?;
        if let Some(file) = table.get("file") {
            let words = table.text("text", "");
            table.finish();
            return Some(Part::Sound { sound: sound::read(&file)?, words });
        }
        // Words that look like markup and are none.
        let words = table.get("words").and_then(|words| words.text("words = \"…\""));
        if !table.has("words") {
            table.mistake("the text says nothing", format!("write {WANTED}"));
        }
        table.finish();
        return words.map(Part::Words);
    }
    let source = value.text(WANTED)?;
    if !is_marked(&source) {
        return Some(Part::Words(source));
    }
    if let Some(voice) = tongue.voice.as_deref().filter(|voice| WITHOUT_MARKUP.contains(voice)) {
        value.mistake(
            format!("the voice `{voice}` would read the markup aloud"),
            "take the markup out, or choose another voice: voice = \"Polly.Joanna\"",
        );
        return None;
    }
    match read_markup(&source) {
        Ok(speech) => Some(Part::Marked { source, speech }),
        Err(Wrong { what, mend }) => {
            value.mistake(what, mend);
            None
        }
    }
}

impl Table<'_> {
    /// A spoken text that may be empty, or words of ours.
    pub(super) fn spoken(&self, key: &'static str, ours: impl Into<Ours>) -> Text {
        let written = self.get(key);
        written.as_ref().and_then(Value::spoken).unwrap_or_else(|| {
            let ours = ours.into();
            if written.is_none() {
                self.file.note_ours(self.path_of(key), ours);
            }
            self.file.ours(ours)
        })
    }

    /// A spoken text without which a caller would hear nothing.
    pub(super) fn spoken_always(&self, key: &'static str, ours: impl Into<Ours>) -> Text {
        let text = self.spoken(key, ours);
        if text.is_empty()
            && let Some(value) = self.get(key)
            && !value.is_table()
        {
            value.mistake(
                format!("`{key}` is empty: the caller would hear nothing"),
                "write what the caller shall hear",
            );
        }
        text
    }

    /// Plain words that others say for the line: one text, or a table of texts by language.
    pub(super) fn told(&self, key: &'static str) -> Option<String> {
        self.get(key)?.in_tongue()?.text(&format!("{key} = \"…\""))
    }
}

impl File<'_> {
    /// A sentence of ours.
    pub(super) fn ours(&self, ours: Ours) -> Text {
        self.said(|language| ours.of(language).map(str::to_owned), ours.english())
    }

    /// Our own words where the file says nothing, in the languages of the line that we speak.
    pub(super) fn said(&self, ours: impl Fn(&str) -> Option<String>, english: &str) -> Text {
        let tongues = self.tongues.borrow();
        let (now, own) = (ours(&tongues.now.language), ours(&tongues.own.language));
        let untranslated = now.is_none() && !tongues.is_own();
        let words = now.or_else(|| own.clone()).unwrap_or_else(|| english.to_owned());
        let text = Text::from(words);
        if tongues.all.len() == 1 || text.is_empty() {
            return text;
        }
        let languages = tongues.all.iter().filter_map(|tongue| {
            let known = ours(&tongue.language);
            let words =
                if tongue.is(&tongues.own.language) { known.or_else(|| Some(english.to_owned())) } else { known };
            Some((tongue.language.clone(), vec![Part::Words(words?)]))
        });
        let text = text.among(Arc::new(languages.collect()));
        if untranslated { text.said_in(Arc::clone(&tongues.own)) } else { text }
    }

    /// Notes words of ours that stand in for what is not written, if they are in the wrong language.
    pub(super) fn note_ours(&self, path: String, ours: Ours) {
        let tongues = self.tongues.borrow();
        if ours.english().is_empty() || ours.of(&tongues.now.language).is_some() {
            return;
        }
        let list = if tongues.is_own() { &self.unwritten } else { &self.untranslated };
        list.borrow_mut().push(path);
    }

    /// Notes a text that is written, but not in the language of this reading.
    fn note_untranslated(&self, path: &str) {
        self.untranslated.borrow_mut().push(path.to_owned());
    }
}
