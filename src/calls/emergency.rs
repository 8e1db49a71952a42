//! Emergency words: whole words and phrases in what a caller said.

use crate::base::{derived_id, folded};
use crate::config::line::Emergency;
use crate::ledger::OutboxEvent;
use serde_json::json;

/// How much of the sentence is quoted on each side of the keyword, in bytes of folded text.
const CONTEXT: usize = 40;

/// A keyword that was said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard<'k> {
    pub keyword: &'k str,
    /// The words around it, folded.
    pub excerpt: String,
}

/// The first keyword in `said`, if there is one.
pub(super) fn heard<'k>(emergency: &'k Emergency, said: &str) -> Option<Heard<'k>> {
    if emergency.keywords.is_empty() || said.is_empty() {
        return None;
    }
    find(&emergency.keywords, &folded(said)).or_else(|| {
        // Folding joins what an apostrophe divides (`can't` is `cant`); in `l'urgence` it hides a word.
        let apostrophe = |c: char| matches!(c, '\'' | '\u{2019}' | '\u{2bc}');
        said.contains(apostrophe).then(|| find(&emergency.keywords, &folded(&said.replace(apostrophe, " ")))).flatten()
    })
}

fn find<'k>(keywords: &'k [String], said: &str) -> Option<Heard<'k>> {
    keywords.iter().find_map(|keyword| {
        let at = whole_words(said, keyword)?;
        Some(Heard { keyword, excerpt: excerpt(said, at, at + keyword.len()) })
    })
}

/// Where `keyword` stands in folded text with a space, or nothing, on both sides.
pub(super) fn whole_words(said: &str, keyword: &str) -> Option<usize> {
    if keyword.is_empty() {
        return None;
    }
    said.match_indices(keyword).map(|(at, _)| at).find(|&at| {
        let before = said.get(..at).is_none_or(|text| text.is_empty() || text.ends_with(' '));
        let after = said.get(at + keyword.len()..).is_none_or(|text| text.is_empty() || text.starts_with(' '));
        before && after
    })
}

/// The keyword with whole words around it.
fn excerpt(said: &str, from: usize, to: usize) -> String {
    let start = said.floor_char_boundary(from.saturating_sub(CONTEXT));
    let end = said.ceil_char_boundary(to + CONTEXT);
    let before = said.get(start..from).unwrap_or_default();
    let after = said.get(to..end).unwrap_or_default();
    let before = if start == 0 { before } else { before.split_once(' ').map_or("", |(_, whole)| whole) };
    let after = if end == said.len() { after } else { after.rsplit_once(' ').map_or("", |(whole, _)| whole) };
    let keyword = said.get(from..to).unwrap_or_default();
    let (lead, trail) = (if start == 0 { "" } else { "… " }, if end == said.len() { "" } else { " …" });
    format!("{lead}{before}{keyword}{after}{trail}")
}

/// Where a keyword was heard.
pub(super) struct Place<'a> {
    pub call_sid: &'a str,
    pub line: &'a str,
    /// `speech` in a menu, `stream` in a conversation, `transcription` of a message.
    pub source: &'static str,
    /// What tells this place from others of the same call.
    pub at: &'a str,
}

/// The event. Its id follows from the place: a webhook that failed and its fallback tell of the same words.
pub(super) fn event(heard: &Heard<'_>, place: &Place<'_>, transferred: bool) -> OutboxEvent {
    let Place { call_sid, line, source, at } = *place;
    let action = if transferred { "transferred" } else { "none" };
    OutboxEvent {
        id: Some(derived_id("evt", &["emergency.detected", call_sid, source, at])),
        kind: "emergency.detected",
        line: Some(line.to_owned()),
        subject: format!("calls/{call_sid}"),
        data: json!({ "keyword": heard.keyword, "excerpt": heard.excerpt, "source": source, "action": action }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(keywords: &[&str]) -> Emergency {
        Emergency { keywords: keywords.iter().map(|word| folded(word)).collect(), ..Emergency::default() }
    }

    fn keyword(keywords: &[&str], said: &str) -> Option<String> {
        heard(&words(keywords), said).map(|heard| heard.keyword.to_owned())
    }

    #[test]
    fn whole_words_only() {
        for (said, found) in [
            ("my father had a stroke", true),
            ("STROKE!", true),
            ("I hit a keystroke", false),
            ("two strokes of a brush", false),
            ("a keystroke, then a stroke", true),
            ("heatstroke", false),
            ("", false),
        ] {
            assert_eq!(keyword(&["stroke"], said).is_some(), found, "{said}");
        }
    }

    #[test]
    fn case_accents_apostrophes_and_punctuation_are_folded() {
        for (word, said) in [
            ("can't breathe", "I can\u{2019}t breathe"),
            ("can\u{2019}t breathe", "i cant   breathe"),
            ("chest pain", "Chest... pain!"),
            ("chest pain", "my chest,\npain"),
            ("étouffe", "Il s'etouffe"),
            ("infarctus", "c'est l\u{2019}infarctus"),
            ("crise cardiaque", "une CRISE CARDIAQUE"),
        ] {
            assert!(keyword(&[word], said).is_some(), "{word}: {said}");
        }
        assert_eq!(keyword(&["chest pain"], "pain in the chest"), None);
        assert_eq!(keyword(&[""], "anything"), None);
    }

    #[test]
    fn the_excerpt_keeps_whole_words() {
        let said = "please help me now because since this morning my mother says that she has chest pain and it \
                    does not go away whatever we do or say to her";
        let heard = heard(&words(&["chest pain"]), said).map(|heard| heard.excerpt);
        assert_eq!(
            heard.as_deref(),
            Some("… morning my mother says that she has chest pain and it does not go away whatever we do …")
        );
    }

    proptest! {
        #[test]
        fn any_words_around_it_leave_a_keyword_heard(before in "[ a-z,.']{0,120}", after in "[ a-zé!?]{0,120}") {
            let said = format!("{before} Chest  pain {after}");
            prop_assert!(keyword(&["chest pain"], &said).is_some());
        }

        #[test]
        fn anything_said_is_harmless(said in any::<String>()) {
            let _ = keyword(&["can't breathe", "é"], &said);
        }
    }
}
