//! What was said, in the order in which it was said: the caller's words come from another model, often later than the
//! answer to them.

use crate::agents::port::{Ms, Transcript, Utt, Who};
use std::collections::VecDeque;

/// Words of the caller are waited for so long.
const LATE_MS: Ms = 5_000;
/// Turns that are remembered.
const MOST: usize = 64;
/// Letters of one turn.
const MOST_TEXT: usize = 8 * 1_024;

/// One turn of the caller whose words are not known yet.
#[derive(Debug)]
struct Turn {
    item: String,
    text: String,
    until: Ms,
}

/// Words that wait for others.
#[derive(Debug, Default)]
pub(super) struct Words {
    turns: VecDeque<Turn>,
    /// Turns whose words have come: a second copy of them is nothing.
    known: VecDeque<String>,
    /// The agent's words, with the turns that they follow.
    waiting: VecDeque<(Transcript, Vec<String>)>,
    /// Turns that an utterance follows.
    follows: VecDeque<(Utt, Vec<String>)>,
}

impl Words {
    /// A turn of the caller is complete; its words come.
    pub(super) fn turn(&mut self, at: Ms, item: &str) {
        let known = self.known.iter().any(|known| known == item) || self.turns.iter().any(|turn| turn.item == item);
        if !known {
            self.turns.push_back(Turn { item: item.to_owned(), text: String::new(), until: at + LATE_MS });
            self.turns.keep_newest(MOST);
        }
    }

    /// An utterance begins: it follows all turns so far.
    pub(super) fn opened(&mut self, utt: Utt) {
        if self.follows.iter().any(|(known, _)| *known == utt) {
            return;
        }
        self.follows.push_back((utt, self.turns.iter().map(|turn| turn.item.clone()).collect()));
        self.follows.keep_newest(MOST);
    }

    /// More words of a turn; all of them so far.
    pub(super) fn more(&mut self, item: &str, delta: &str) -> Option<Transcript> {
        let turn = self.turns.iter_mut().find(|turn| turn.item == item)?;
        if turn.text.len() + delta.len() > MOST_TEXT {
            return None;
        }
        turn.text.push_str(delta);
        Some(caller(turn.text.clone(), false))
    }

    /// All words of a turn, once.
    pub(super) fn complete(&mut self, item: &str, text: &str) -> Option<Transcript> {
        if self.known.iter().any(|known| known == item) {
            return None;
        }
        self.turns.retain(|turn| turn.item != item);
        self.known.push_back(item.to_owned());
        self.known.keep_newest(MOST);
        (!text.trim().is_empty()).then(|| caller(text.trim().to_owned(), true))
    }

    /// The agent's words; they may have to wait.
    pub(super) fn agent(&mut self, said: Transcript) {
        let follows = said.utt.and_then(|utt| self.follows.iter().find(|(known, _)| *known == utt));
        let follows = follows.map(|(_, turns)| turns.clone()).unwrap_or_default();
        self.waiting.push_back((said, follows));
        self.waiting.keep_newest(MOST);
    }

    /// The agent's words that wait for nothing any more.
    pub(super) fn next(&mut self, at: Ms) -> Option<Transcript> {
        self.turns.retain(|turn| turn.until > at);
        let (_, follows) = self.waiting.front()?;
        let waits = follows.iter().any(|item| self.turns.iter().any(|turn| turn.item == *item));
        if waits { None } else { self.waiting.pop_front().map(|(said, _)| said) }
    }

    pub(super) fn wakes(&self) -> Option<Ms> {
        self.waiting.front().and_then(|_| self.turns.iter().map(|turn| turn.until).min())
    }
}

fn caller(text: String, last: bool) -> Transcript {
    Transcript { who: Who::Caller, text, last, utt: None, start_ms: None, end_ms: None, interrupted: false }
}

/// Keeps the newest.
trait KeepNewest {
    fn keep_newest(&mut self, most: usize);
}

impl<T> KeepNewest for VecDeque<T> {
    fn keep_newest(&mut self, most: usize) {
        while self.len() > most {
            self.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(utt: u32, text: &str) -> Transcript {
        Transcript { who: Who::Agent, utt: Some(Utt(utt)), ..caller(text.to_owned(), true) }
    }

    #[test]
    fn an_answer_stands_behind_its_question() {
        let mut words = Words::default();
        words.turn(0, "u1");
        words.opened(Utt(1));
        words.agent(agent(1, "At seven."));
        assert_eq!(words.next(1_000), None);
        assert_eq!(words.more("u1", "When").map(|said| said.last), Some(false));
        assert_eq!(words.complete("u1", "When do you open?").map(|said| said.last), Some(true));
        assert_eq!(words.complete("u1", "When do you open?"), None);
        assert_eq!(words.next(1_000), Some(agent(1, "At seven.")));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut words = Words::default();
        words.turn(0, "u1");
        words.opened(Utt(1));
        words.turn(100, "u2");
        words.agent(agent(1, "Hello."));
        assert_eq!((words.wakes(), words.next(4_999)), (Some(5_000), None));
        assert_eq!(words.next(5_000), Some(agent(1, "Hello.")));
    }
}
