//! What an agent said and the stream has not taken yet. The task that reads the agent's socket never waits for the
//! stream: a `clear` must get through.

use super::port::{Cause, Failure, FromAgent};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Words that may wait. How much sound waits is limited where it is received; crumbs of it are joined here.
const MOST_WORDS: usize = 1_024;
/// Sound of one utterance is joined up to this length.
const JOINED: usize = 4_000;

/// The agent's words for the stream.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<FromAgent>,
    /// The last word was said.
    failed: bool,
}

impl Inbox {
    /// Puts a word. Behind [`FromAgent::Failed`] nothing is said any more; a flood is a failure.
    pub(super) fn put(&self, word: FromAgent) {
        self.lock().put(word);
        self.filled.notify_one();
    }

    pub(super) fn take(&self) -> Option<FromAgent> {
        self.lock().waiting.pop_front()
    }

    /// Whether the last word was said.
    pub(super) fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Until something was put.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn put(&mut self, word: FromAgent) {
        if self.failed {
            return;
        }
        let Some(word) = self.joined(word) else { return };
        let word = if self.waiting.len() >= MOST_WORDS { flood() } else { word };
        self.failed = matches!(word, FromAgent::Failed(_));
        self.waiting.push_back(word);
    }

    /// Sound that goes on where the last word stopped becomes part of it.
    fn joined(&mut self, word: FromAgent) -> Option<FromAgent> {
        if let FromAgent::Audio { utt, data, .. } = &word
            && let Some(FromAgent::Audio { utt: last, data: before, .. }) = self.waiting.back_mut()
            && last == utt
            && before.len() + data.len() <= JOINED
        {
            *before = join(before, data);
            return None;
        }
        Some(word)
    }
}

fn join(before: &Bytes, data: &Bytes) -> Bytes {
    let mut joined = BytesMut::with_capacity(before.len() + data.len());
    joined.extend_from_slice(before);
    joined.extend_from_slice(data);
    joined.freeze()
}

fn flood() -> FromAgent {
    FromAgent::Failed(Failure { cause: Cause::Malformed, detail: format!("more than {MOST_WORDS} words wait") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::port::Utt;

    fn audio(utt: u32, length: usize) -> FromAgent {
        FromAgent::Audio { utt: Utt(utt), data: Bytes::from(vec![7; length]), interruptible: true }
    }

    #[test]
    fn crumbs_of_one_utterance_are_joined() {
        let inbox = Inbox::default();
        (0..5_000).for_each(|_| inbox.put(audio(1, 1)));
        inbox.put(audio(2, 1));
        let lengths: Vec<FromAgent> = std::iter::from_fn(|| inbox.take()).collect();
        assert_eq!(lengths, [audio(1, 4_000), audio(1, 1_000), audio(2, 1)]);
    }

    #[test]
    fn a_flood_is_a_failure_and_the_last_word() {
        let inbox = Inbox::default();
        (0..5_000).for_each(|_| inbox.put(FromAgent::Late));
        let words: Vec<FromAgent> = std::iter::from_fn(|| inbox.take()).collect();
        assert_eq!(words.len(), MOST_WORDS + 1);
        assert_eq!(words.last(), Some(&flood()));
    }
}
