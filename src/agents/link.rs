//! A stream's end of a conversation.

use super::inbox::Inbox;
use super::outbox::{Outbox, Put, sound};
use super::port::{Cause, Failure, FromAgent, Ms, ToAgent};
use std::fmt;
use std::sync::Arc;

/// A conversation that needs no socket: it runs in whatever task holds its link.
pub(super) trait Conversation: Send + Sync {
    /// Hears a word.
    fn told(&mut self, at: Ms, word: ToAgent);
    /// Says the next word, if there is one by now.
    fn next(&mut self, at: Ms) -> Option<FromAgent>;
    /// When it will have something to say though nobody tells it anything.
    fn wakes(&self) -> Option<Ms>;
}

/// The link between a stream and what talks on it. Nothing here waits for the agent, and a dropped link ends the
/// conversation.
///
/// A stream calls [`Link::audio`] for each frame of the caller, [`Link::tell`] when something happened, and then
/// [`Link::next`] until it gives `None`; it selects on [`Link::wait`] beside its socket, and calls [`Link::next`] at
/// [`Link::wakes`] at the latest (frames come every 20 ms, so that is rarely a timer of its own).
pub struct Link {
    agent: Agent,
    over: bool,
}

enum Agent {
    Here(Box<dyn Conversation>),
    Wired { to: Arc<Outbox>, from: Arc<Inbox>, stalled: bool },
}

impl Link {
    pub(super) fn here(conversation: impl Conversation + 'static) -> Self {
        Self { agent: Agent::Here(Box::new(conversation)), over: false }
    }

    pub(super) fn wired(to: Arc<Outbox>, from: Arc<Inbox>) -> Self {
        Self { agent: Agent::Wired { to, from, stalled: false }, over: false }
    }

    /// A link whose only word is that it failed.
    pub(super) fn failed(failure: Failure) -> Self {
        let from = Inbox::default();
        from.put(FromAgent::Failed(failure));
        Self::wired(Arc::default(), Arc::new(from))
    }

    /// Whether its next word is that it failed.
    pub(super) fn has_failed(&self) -> bool {
        matches!(&self.agent, Agent::Wired { from, .. } if from.has_failed())
    }

    /// A frame of the caller: mu-law, any length; `gap_ms` of sound were lost before it. Costs nothing where nobody
    /// listens.
    pub fn audio(&mut self, frame: &[u8], gap_ms: u32) {
        if let Agent::Wired { to, .. } = &self.agent {
            // Sound is never refused: the oldest makes room.
            _ = to.put(sound(frame, gap_ms));
        }
    }

    /// Tells the agent a word.
    pub fn tell(&mut self, at: Ms, word: ToAgent) {
        match &mut self.agent {
            Agent::Here(conversation) => conversation.told(at, word),
            Agent::Wired { to, stalled, .. } => *stalled |= to.put(word) == Put::Full,
        }
    }

    /// What the agent says, as far as it is known at `at`. `None` behind its last word.
    pub fn next(&mut self, at: Ms) -> Option<FromAgent> {
        if self.over {
            return None;
        }
        let word = match &mut self.agent {
            Agent::Here(conversation) => conversation.next(at),
            Agent::Wired { stalled: true, .. } => Some(FromAgent::Failed(stalled())),
            Agent::Wired { from, .. } => from.take(),
        }?;
        self.over = matches!(word, FromAgent::Failed(_));
        Some(word)
    }

    /// Until [`Link::next`] is worth a call. Harmless to drop; never ready for an agent that runs in this task.
    pub async fn wait(&self) {
        match &self.agent {
            Agent::Here(_) => std::future::pending().await,
            Agent::Wired { from, .. } => from.filled().await,
        }
    }

    /// When [`Link::next`] is worth a call though nothing happens.
    #[must_use]
    pub fn wakes(&self) -> Option<Ms> {
        match &self.agent {
            Agent::Here(conversation) => conversation.wakes(),
            Agent::Wired { .. } => None,
        }
    }
}

fn stalled() -> Failure {
    Failure { cause: Cause::Stalled, detail: "the agent does not read what it is told".to_owned() }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Agent::Wired { to, .. } = &self.agent {
            to.close();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = match &self.agent {
            Agent::Here(_) => "here",
            Agent::Wired { .. } => "wired",
        };
        f.debug_struct("Link").field("agent", &agent).field("over", &self.over).finish()
    }
}
