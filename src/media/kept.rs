//! Sound that an agent gave, for as long as it may still ask that it be paged.

use super::pager::NotPaged;
use crate::agents::port::Utt;
use crate::config::agent::{Agent, AgentTool};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// A minute, in bytes; older utterances go first.
const MOST: usize = 60 * 8_000;

/// The last utterances of an agent; none where it may not page.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pages: bool,
    utterances: VecDeque<Utterance>,
    bytes: usize,
}

#[derive(Debug)]
struct Utterance {
    utt: Utt,
    parts: Vec<Bytes>,
    whole: bool,
}

impl Kept {
    pub(super) fn of(agent: &Agent) -> Self {
        Self { pages: agent.tools.contains(&AgentTool::Page), ..Self::default() }
    }

    /// More sound of an utterance.
    pub(super) fn add(&mut self, utt: Utt, sound: &Bytes) {
        if !self.pages {
            return;
        }
        self.bytes += sound.len();
        match self.utterances.iter_mut().find(|known| known.utt == utt) {
            Some(known) => known.parts.push(sound.clone()),
            None => self.utterances.push_back(Utterance { utt, parts: vec![sound.clone()], whole: false }),
        }
        while self.bytes > MOST
            && let Some(oldest) = self.utterances.pop_front()
        {
            self.bytes -= oldest.parts.iter().map(Bytes::len).sum::<usize>();
        }
    }

    /// Nothing more comes of it.
    pub(super) fn finish(&mut self, utt: Utt) {
        if let Some(known) = self.utterances.iter_mut().find(|known| known.utt == utt) {
            known.whole = true;
        }
    }

    /// All of an utterance.
    pub(super) fn whole(&self, utt: Utt) -> Result<Bytes, NotPaged> {
        let Some(known) = self.utterances.iter().find(|known| known.utt == utt) else {
            let words = "the utterance's sound is not here any more: a minute of it is kept";
            return Err(NotPaged::of("unplayable", words));
        };
        if !known.whole {
            return Err(NotPaged::of("unplayable", "the utterance is not complete: send its audio_end first"));
        }
        let mut sound = BytesMut::new();
        known.parts.iter().for_each(|part| sound.extend_from_slice(part));
        Ok(sound.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(kept: &Kept, utt: u32) -> Option<&'static str> {
        kept.whole(Utt(utt)).err().map(|why| why.word)
    }

    #[test]
    fn only_what_is_complete_and_not_too_old_is_paged() {
        let agent = Agent { tools: vec![AgentTool::Page], ..Agent::default() };
        let (mut kept, second) = (Kept::of(&agent), Bytes::from(vec![7; 8_000]));
        kept.add(Utt(1), &second);
        kept.add(Utt(1), &second);
        assert_eq!(word(&kept, 1), Some("unplayable"));
        kept.finish(Utt(1));
        assert_eq!(kept.whole(Utt(1)).map(|sound| sound.len()), Ok(16_000));
        (0..59).for_each(|_| kept.add(Utt(2), &second));
        kept.finish(Utt(2));
        assert_eq!((word(&kept, 1), word(&kept, 2)), (Some("unplayable"), None));
        assert_eq!(kept.bytes, 59 * 8_000);
    }

    #[test]
    fn nothing_is_kept_for_who_may_not_page() {
        let mut kept = Kept::of(&Agent::default());
        kept.add(Utt(1), &Bytes::from_static(&[7; 160]));
        assert!(kept.utterances.is_empty());
    }
}
