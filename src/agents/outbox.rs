//! What waits on its way to an agent: never blocks whoever fills it, never grows.

use super::port::ToAgent;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Sound that may wait: 500 ms. Of more the oldest is dropped, and the next frame says how much is missing.
const MOST_SOUND: usize = 4_000;
/// Other words that may wait. They are never dropped; one more, and the agent counts as stalled.
const MOST_WORDS: usize = 64;

/// The stream's words for the agent, shared with the task that sends them.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    filled: Notify,
}

/// The queue alone.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<ToAgent>,
    sound: usize,
    words: usize,
    closed: bool,
}

/// What became of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It waits its turn.
    Waiting,
    /// The agent does not read: too many words wait.
    Full,
}

impl Outbox {
    pub(super) fn put(&self, word: ToAgent) -> Put {
        let put = self.lock().put(word);
        self.filled.notify_one();
        put
    }

    pub(super) fn take(&self) -> Option<ToAgent> {
        self.lock().take()
    }

    /// The stream is gone: what waits is still given out, then nothing more comes.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Whether the stream is gone and nothing waits.
    pub(super) fn is_over(&self) -> bool {
        let queue = self.lock();
        queue.closed && queue.waiting.is_empty()
    }

    /// Until something was put, or the stream went.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn put(&mut self, word: ToAgent) -> Put {
        if let ToAgent::Audio { data, .. } = &word {
            self.sound += data.len();
            self.waiting.push_back(word);
            self.drop_oldest_sound();
            return Put::Waiting;
        }
        if self.words >= MOST_WORDS {
            return Put::Full;
        }
        self.words += 1;
        self.waiting.push_back(word);
        Put::Waiting
    }

    fn take(&mut self) -> Option<ToAgent> {
        let word = self.waiting.pop_front()?;
        match &word {
            ToAgent::Audio { data, .. } => self.sound -= data.len(),
            _ => self.words -= 1,
        }
        Some(word)
    }

    fn drop_oldest_sound(&mut self) {
        let mut lost_ms = 0;
        while self.sound > MOST_SOUND {
            let Some(oldest) = self.waiting.iter().position(is_sound) else { break };
            if let Some(ToAgent::Audio { data, gap_ms }) = self.waiting.remove(oldest) {
                self.sound -= data.len();
                lost_ms += gap_ms + millis(data.len());
            }
        }
        if lost_ms > 0
            && let Some(ToAgent::Audio { gap_ms, .. }) = self.waiting.iter_mut().find(|word| is_sound(word))
        {
            *gap_ms += lost_ms;
        }
    }
}

const fn is_sound(word: &ToAgent) -> bool {
    matches!(word, ToAgent::Audio { .. })
}

/// Milliseconds of so many mu-law bytes.
pub(super) fn millis(bytes: usize) -> u32 {
    u32::try_from(bytes / 8).unwrap_or(u32::MAX)
}

/// A frame of the caller as a word.
pub(super) fn sound(frame: &[u8], gap_ms: u32) -> ToAgent {
    ToAgent::Audio { data: Bytes::copy_from_slice(frame), gap_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_sound_goes_and_the_next_says_so() {
        let outbox = Outbox::default();
        assert_eq!(outbox.put(ToAgent::Begin), Put::Waiting);
        for n in 0..30_u8 {
            assert_eq!(outbox.put(sound(&[n; 160], 0)), Put::Waiting);
        }
        assert_eq!(outbox.take(), Some(ToAgent::Begin));
        assert_eq!(outbox.take(), Some(ToAgent::Audio { data: Bytes::from_static(&[5; 160]), gap_ms: 100 }));
        assert_eq!(outbox.take(), Some(sound(&[6; 160], 0)));
        assert_eq!(std::iter::from_fn(|| outbox.take()).count(), 23);
    }

    #[test]
    fn gaps_add_up() {
        let mut queue = Queue::default();
        for n in 0..60_u8 {
            queue.put(sound(&[n; 160], u32::from(n == 3) * 40));
        }
        assert_eq!(queue.take(), Some(sound(&[35; 160], 740)));
    }

    #[test]
    fn words_are_never_dropped_and_have_an_end() {
        let outbox = Outbox::default();
        let key = |n: u8| ToAgent::Dtmf { digit: char::from(b'0' + n % 10) };
        let put: Vec<Put> = (0..66).map(|n| outbox.put(key(n))).collect();
        assert_eq!(put.iter().filter(|put| **put == Put::Full).count(), 2);
        assert_eq!(outbox.put(sound(&[1; 4_001], 0)), Put::Waiting);
        assert_eq!(std::iter::from_fn(|| outbox.take()).count(), 64);
        outbox.close();
        assert!(outbox.is_over());
    }
}
