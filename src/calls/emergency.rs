//! Calls for help in what a caller said: heard by the room `words`, told as an event, never with a card's number in it.

use super::hiding::hidden;
use crate::config::line::Line;
use crate::ledger::{CallForHelp, OutboxEvent};
use crate::words::{Alarm, Listening, heard as listen};

/// The surest call for help in `said`, if there is one.
pub(super) fn heard(line: &Line, said: &str) -> Option<Alarm> {
    let emergency = &line.emergency;
    let listening = Listening {
        language: &line.language,
        own: &emergency.keywords,
        ignored: &emergency.ignore,
        built_in: emergency.built_in,
    };
    listen(&listening, said)
}

/// Where `phrase` stands in folded text with a space, or nothing, on both sides.
pub(super) fn whole_words(said: &str, phrase: &str) -> Option<usize> {
    if phrase.is_empty() {
        return None;
    }
    said.match_indices(phrase).map(|(at, _)| at).find(|&at| {
        let before = said.get(..at).is_none_or(|text| text.is_empty() || text.ends_with(' '));
        let after = said.get(at + phrase.len()..).is_none_or(|text| text.is_empty() || text.starts_with(' '));
        before && after
    })
}

/// Where a word was heard.
pub(super) struct Place<'a> {
    pub call_sid: &'a str,
    pub line: &'a Line,
    /// `speech` in a menu, `stream` in a live conversation, `transcription` of a message or a conversation.
    pub source: &'static str,
    /// What tells this place from others of the same call.
    pub at: &'a str,
}

/// The event.
pub(super) fn event(alarm: &Alarm, place: &Place<'_>, action: &'static str) -> OutboxEvent {
    let Place { call_sid, line, source, at } = *place;
    let excerpt = hidden(Some(line), &alarm.excerpt);
    let (line, keyword) = (line.name.as_str(), alarm.keyword.as_str());
    CallForHelp { call_sid, line, source, at, keyword, excerpt: &excerpt, action }.event()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::folded;
    use crate::config::line::Emergency;
    use crate::config::{FixedSource, builtin_lines};
    use proptest::prelude::*;

    fn line(keywords: &[&str], built_in: bool) -> Line {
        let keywords = keywords.iter().map(|word| folded(word)).collect();
        let mut line = builtin_lines(&FixedSource::default()).unwrap().remove(0);
        line.emergency = Emergency { keywords, built_in, ..Emergency::default() };
        line
    }

    fn keyword(keywords: &[&str], said: &str) -> Option<String> {
        heard(&line(keywords, false), said).map(|alarm| alarm.keyword)
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
            ("l'urgence", "À l’urgence"),
            ("infarctus", "c'est l\u{2019}infarctus"),
            ("crise cardiaque", "une CRISE CARDIAQUE"),
        ] {
            assert!(keyword(&[word], said).is_some(), "{word}: {said}");
        }
        assert_eq!(keyword(&["chest pain"], "pain in the chest"), None);
        assert_eq!(keyword(&[""], "anything"), None);
    }

    #[test]
    fn a_line_takes_words_out_and_leaves_the_rest() {
        let mut line = line(&[], true);
        assert!(heard(&line, "we smell gas").is_some());
        line.emergency.ignore = vec!["fire".to_owned(), "flooding".to_owned()];
        assert_eq!(heard(&line, "we smell gas").map(|alarm| alarm.keyword), None);
        assert_eq!(heard(&line, "the basement is flooding").map(|alarm| alarm.keyword), None);
        assert!(heard(&line, "he is not breathing").is_some());
    }

    #[test]
    fn the_excerpt_keeps_whole_words_and_no_card() {
        let said = "please help me now because since this morning my mother says that she has chest pain and it \
                    does not go away whatever we do or say to her";
        let alarm = heard(&line(&["chest pain"], false), said).unwrap();
        assert_eq!(
            alarm.excerpt,
            "… morning my mother says that she has chest pain and it does not go away whatever we do …"
        );
        let line = line(&[], true);
        let alarm = heard(&line, "4242 4242 4242 4242 and he is not breathing").unwrap();
        let place = Place { call_sid: "CA1", line: &line, source: "speech", at: "1" };
        let told = event(&alarm, &place, "none").data["excerpt"].as_str().unwrap().to_owned();
        assert_eq!(told, "[card ...4242] and he is not breathing");
    }

    proptest! {
        #[test]
        fn any_words_around_it_leave_a_keyword_heard(before in "[ b-mq-z.]{0,120}", after in "[ a-zé!?]{0,120}") {
            let said = format!("{before}. Chest  pain {after}");
            prop_assert!(keyword(&["chest pain"], &said).is_some());
        }

        #[test]
        fn anything_said_is_harmless(said in any::<String>()) {
            let _ = keyword(&["can't breathe", "é"], &said);
            let _ = heard(&line(&[], true), &said);
        }
    }
}
