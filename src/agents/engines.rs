//! Opens links.

use super::link::Link;
use super::port::{Cause, Failure, Opening};
use super::script::{Sounds, Written};
use crate::base::CallSid;
use crate::config::agent::{Agent, AgentKind};
use std::sync::Arc;

/// Everything that opens conversations, once a process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Engines {
    sounds: Sounds,
}

impl Engines {
    /// Engines without keys: scripts work.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects while the caller still hears the notice or the menu, so that [`Engines::open`] finds the agent waiting.
    /// Does nothing for agents that need no connection, or when the call has one.
    pub fn prepare(&self, _agent: &Agent, _opening: &Opening) {}

    /// Gives up what was prepared for a call that will not need it.
    pub fn forget(&self, _call: &CallSid) {}

    /// Opens a conversation: the prepared one, or a new one. Never fails and never waits; a link that cannot be had says
    /// so by its first word.
    #[must_use]
    pub fn open(&self, agent: &Agent, _opening: Opening) -> Link {
        match &agent.kind {
            AgentKind::Script(script) => {
                let targets = Arc::new(agent.targets.clone());
                Link::here(Written::new(Arc::clone(script), Arc::clone(&self.sounds), targets))
            }
            AgentKind::WebSocket { .. } | AgentKind::OpenAiRealtime(_) | AgentKind::ConversationRelay(_) => {
                let detail = "this engine is not built yet".to_owned();
                Link::failed(Failure { cause: Cause::Unusable, detail })
            }
        }
    }
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines").finish_non_exhaustive()
    }
}
