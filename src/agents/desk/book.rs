//! What was said so far, for an agent that has to begin anew in the middle of a call.

use crate::agents::port::{Transcript, Who};
use std::collections::VecDeque;

/// Letters that are kept; older words go first.
const MOST: usize = 16 * 1_024;

/// The conversation in words: of the agent only what was heard.
#[derive(Debug, Default)]
pub(in crate::agents) struct Book {
    lines: VecDeque<(Who, String)>,
    letters: usize,
}

impl Book {
    /// Keeps what was said to its end.
    pub(in crate::agents) fn note(&mut self, said: &Transcript) {
        if !said.last || said.text.is_empty() {
            return;
        }
        self.letters += said.text.len();
        self.lines.push_back((said.who, said.text.clone()));
        while self.letters > MOST
            && let Some((_, text)) = self.lines.pop_front()
        {
            self.letters -= text.len();
        }
    }

    /// In the order in which it was said.
    pub(in crate::agents) fn lines(&self) -> impl Iterator<Item = (Who, &str)> {
        self.lines.iter().map(|(who, text)| (*who, text.as_str()))
    }
}
