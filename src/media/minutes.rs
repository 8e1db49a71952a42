//! What was said in a conversation, as it may be kept: without the numbers of cards, whoever of both spoke them.

use crate::agents::port::{Transcript, Who};
use crate::base::{E164, Hide};
use crate::config::line::Line;
use crate::ledger::{OutboxEvent, Sentence};
use crate::words::{Earlier, masked, masked_after};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A longer conversation keeps its beginning.
const MOST: usize = 500;
/// Bytes of one sentence.
const LONGEST: usize = 2_000;
/// A number that was broken off is not gone on with after this long.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// Sentences in the order in which they were finished.
#[derive(Debug, Default)]
pub(super) struct Minutes {
    sentences: Vec<(&'static str, String)>,
    /// What each side's last number was, and when it was said.
    earlier: [(Earlier, Option<Instant>); 2],
}

impl Minutes {
    /// Takes a sentence that will not change any more.
    pub(super) fn take(&mut self, line: &Line, said: &Transcript, now: Instant) {
        if !said.last || said.text.trim().is_empty() || self.sentences.len() >= MOST {
            return;
        }
        let [caller, agent] = &mut self.earlier;
        let (who, (earlier, at)) = match said.who {
            Who::Caller => ("caller", caller),
            Who::Agent => ("agent", agent),
        };
        if at.replace(now).is_some_and(|at| now.saturating_duration_since(at) > FORGOTTEN) {
            *earlier = Earlier::default();
        }
        let (hide, own) = rule(line);
        let mut text = masked_after(earlier, said.text.trim(), &line.language, hide, &own).into_owned();
        text.truncate(text.floor_char_boundary(LONGEST));
        self.sentences.push((who, text));
    }

    /// For the timeline.
    pub(super) fn as_json(&self) -> Value {
        self.sentences.iter().map(|(who, text)| json!({ "who": who, "text": text })).collect()
    }

    /// For those who listen to events.
    pub(super) fn events(&self, call_sid: &str, line: &Line, stream_sid: &str) -> Vec<OutboxEvent> {
        let event = |(sequence, (who, text)): (i64, &(&'static str, String))| {
            let (line, language) = (line.name.as_str(), Some(line.language.as_str()));
            Sentence {
                call_sid,
                line,
                source: "agent",
                who,
                of: stream_sid,
                sequence,
                language,
                confidence: None,
                text,
            }
            .event()
        };
        (1..).zip(&self.sentences).map(event).collect()
    }
}

/// A text of the caller as it may be kept.
pub(super) fn hidden(line: &Line, text: &str) -> String {
    let (hide, own) = rule(line);
    masked(text, &line.language, hide, &own).into_owned()
}

fn rule(line: &Line) -> (Hide, Vec<&str>) {
    (line.speech.hide, line.numbers.iter().map(E164::as_str).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FixedSource, builtin_lines};

    #[test]
    fn a_card_in_two_sentences_is_not_kept_and_each_sentence_is_one_event() {
        let line = builtin_lines(&FixedSource::default()).unwrap().remove(0);
        let (mut minutes, now) = (Minutes::default(), Instant::now());
        let mut say = |who, text: &str, last, s| {
            let (text, interrupted) = (text.to_owned(), false);
            let said = Transcript { who, text, last, utt: None, start_ms: None, end_ms: None, interrupted };
            minutes.take(&line, &said, now + Duration::from_secs(s));
        };
        say(Who::Caller, "it is 4242", false, 0);
        say(Who::Caller, "it is 4242 4242", true, 1);
        say(Who::Agent, "Go on.", true, 2);
        say(Who::Caller, "4242 4242 that's it", true, 3);
        say(Who::Agent, "4242 4242 4242 4242?", true, 5);
        let kept = minutes.as_json();
        assert_eq!(kept[2]["text"], "[card ...4242] that's it");
        assert_eq!((&kept[3]["who"], &kept[3]["text"]), (&json!("agent"), &json!("[card ...4242]?")));
        let events = minutes.events("CA1", &line, "MZ1");
        assert_eq!(events.len(), 4);
        assert_eq!((events[3].kind, &events[3].data["transcript"]["sequence"]), ("transcript.ready", &json!(4)));
        assert_eq!(events[0].id, minutes.events("CA1", &line, "MZ1")[0].id, "told twice it is one");
    }
}
