//! Opens links, and remembers which agents are worth a try.

use super::breaker::Breaker;
use super::inbox::Inbox;
use super::link::Link;
use super::openai::{self, Realtime};
use super::outbox::Outbox;
use super::port::{Cause, Failure, Ms, Opening};
use super::script::{Sounds, Written};
use super::session::Session;
use super::shelf::Shelf;
use super::websocket::{Auth, Neutral, Setting};
use super::wire::{Seen, drive};
use crate::base::{CallSid, Clock, Meters, Secret};
use crate::config::agent::{self, Agent, AgentKind, Script};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What was prepared for a call and never taken is given up after this long.
const PREPARED: Duration = Duration::from_secs(300);

/// Keys of agents, from the environment.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// `OPENAI_API_KEY`.
    pub openai: Option<Secret>,
    /// `AGENT_SECRET`: a bearer's token, or keys that sign (`whsec_…`).
    pub agent: Option<Secret>,
    /// `AGENT_SECRET_…`, by name: what single lines have of their own.
    pub named: BTreeMap<String, Secret>,
}

impl Keys {
    /// The key of an agent: its line's own, or the one of all agents of its kind. A line's own that is not there is never
    /// replaced by another.
    fn of<'k>(&'k self, agent: &Agent, usual: Option<&'k Secret>) -> Result<Option<&'k Secret>, String> {
        match &agent.secret_env {
            None => Ok(usual),
            Some(name) => self.named.get(name).map(Some).ok_or_else(|| format!("{name} is not set")),
        }
    }
}

/// Everything that opens conversations, once a process. Cheap to clone.
#[derive(Clone)]
pub struct Engines(Arc<Inner>);

struct Inner {
    keys: Keys,
    clock: Clock,
    meters: Arc<Meters>,
    began: Instant,
    shelf: Shelf,
    breakers: Mutex<HashMap<String, Breaker>>,
    prepared: Mutex<HashMap<CallSid, Link>>,
}

impl Engines {
    /// Engines with these keys; `clock` says what time it is in signatures, `meters` count what fails.
    #[must_use]
    pub fn new(keys: Keys, clock: Clock, meters: Arc<Meters>) -> Self {
        Self(Arc::new(Inner {
            keys,
            clock,
            meters,
            began: Instant::now(),
            shelf: Shelf::default(),
            breakers: Mutex::default(),
            prepared: Mutex::default(),
        }))
    }

    /// Connects while the caller still hears the notice or the menu, so that [`Engines::open`] finds the agent waiting.
    /// Does nothing for agents that need no connection, or when the call has one.
    pub fn prepare(&self, agent: &Arc<Agent>, opening: &Opening) {
        if matches!(agent.kind.brain(), AgentKind::Script(_)) || lock(&self.0.prepared).contains_key(&opening.call) {
            return;
        }
        let link = self.link(agent, &agent.kind, opening.clone());
        lock(&self.0.prepared).insert(opening.call.clone(), link);
        let (engines, call) = (self.clone(), opening.call.clone());
        tokio::spawn(async move {
            sleep(PREPARED).await;
            engines.forget(&call);
        });
    }

    /// Gives up what was prepared for a call that will not need it.
    pub fn forget(&self, call: &CallSid) {
        lock(&self.0.prepared).remove(call);
    }

    /// Opens a conversation: the prepared one, or a new one. Never fails and never waits; a link that cannot be had says
    /// so by its first word.
    #[must_use]
    pub fn open(&self, agent: &Arc<Agent>, opening: Opening) -> Link {
        let prepared = lock(&self.0.prepared).remove(&opening.call);
        match prepared {
            // One that has failed meanwhile gets a second chance now that it is needed.
            Some(link) if !link.has_failed() => link,
            _ => self.link(agent, &agent.kind, opening),
        }
    }

    fn link(&self, agent: &Arc<Agent>, kind: &AgentKind, opening: Opening) -> Link {
        match kind {
            AgentKind::Script(script) => self.script(agent, script),
            AgentKind::WebSocket { url } => match self.0.keys.of(agent, self.0.keys.agent.as_ref()) {
                Ok(secret) => {
                    let (auth, clock) = (Auth::of(secret), self.0.clock.clone());
                    let setting = Setting { agent: Arc::clone(agent), url: url.clone(), auth, opening, clock };
                    self.wired((url, agent), Box::new(Neutral::new(setting)))
                }
                Err(why) => self.unusable(&why),
            },
            AgentKind::OpenAiRealtime(set) => self.realtime(agent, set, opening),
            AgentKind::ConversationRelay(relay) => self.link(agent, &relay.text, opening),
        }
    }

    fn realtime(&self, agent: &Arc<Agent>, set: &agent::Realtime, opening: Opening) -> Link {
        let key = match self.0.keys.of(agent, self.0.keys.openai.as_ref()) {
            Ok(Some(key)) => key.clone(),
            Ok(None) => return self.unusable("OPENAI_API_KEY is not set"),
            Err(why) => return self.unusable(&why),
        };
        let (whose, set, clock) = (Arc::clone(agent), set.clone(), self.0.clock.clone());
        let account = set.base_url.clone();
        let setting = openai::Setting { agent: whose, set, key, opening, clock };
        self.wired((&account, agent), Box::new(Realtime::new(setting)))
    }

    fn script(&self, agent: &Agent, script: &Arc<Script>) -> Link {
        // A carrier that speaks has no use for files.
        let sounds = if agent.relay().is_some() { HashMap::new() } else { self.0.shelf.sounds(script) };
        let sounds: Sounds = Arc::new(sounds);
        Link::here(Written::new(Arc::clone(script), sounds, Arc::new(agent.targets.clone())))
    }

    /// A conversation in a task of its own, unless its agent rests. Who shares an address and has another key is another
    /// agent: one tenant's key that is refused is no reason to leave the others alone.
    fn wired(&self, (url, agent): (&str, &Agent), session: Box<dyn Session>) -> Link {
        let key = agent.secret_env.as_ref().map_or_else(|| url.to_owned(), |name| format!("{url} with {name}"));
        if !self.breaker(&key, |breaker, at| breaker.allows(at)) {
            return self.failed(Cause::Resting, "it failed three times within a minute and rests");
        }
        let (to, from) = (Arc::new(Outbox::default()), Arc::new(Inbox::default()));
        let engines = self.clone();
        let watch = move |seen| engines.seen(&key, seen);
        tokio::spawn(drive(session, Arc::clone(&to), Arc::clone(&from), watch));
        Link::wired(to, from)
    }

    fn unusable(&self, detail: &str) -> Link {
        self.failed(Cause::Unusable, detail)
    }

    /// A link that cannot be had.
    fn failed(&self, cause: Cause, detail: &str) -> Link {
        self.0.meters.streams.agent_failures.count(cause.as_str());
        Link::failed(Failure { cause, detail: detail.to_owned() })
    }

    fn seen(&self, key: &str, seen: Seen) {
        let rests = self.breaker(key, |breaker, at| match seen {
            Seen::Ready => {
                breaker.ready();
                false
            }
            Seen::Failed(cause) => {
                self.0.meters.streams.agent_failures.count(cause.as_str());
                breaker.failed(at, cause)
            }
            Seen::Left => {
                breaker.left();
                false
            }
        });
        if rests {
            tracing::warn!(agent.url = key, "an agent failed too often and rests");
        }
    }

    fn breaker<T>(&self, key: &str, what: impl FnOnce(&mut Breaker, Ms) -> T) -> T {
        let at = Ms::try_from(self.0.began.elapsed().as_millis()).unwrap_or(Ms::MAX);
        let mut breakers = lock(&self.0.breakers);
        what(breakers.entry(key.to_owned()).or_default(), at)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines").field("keys", &self.0.keys).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_secret_of_its_own_never_gets_another() {
        let [all, bakery] = ["all", "bakery"].map(Secret::new);
        let named = BTreeMap::from([("AGENT_SECRET_BAKERY".to_owned(), bakery)]);
        let keys = Keys { openai: None, agent: Some(all), named };
        let of = |secret_env: Option<&str>| {
            let agent = Agent { secret_env: secret_env.map(str::to_owned), ..Agent::default() };
            keys.of(&agent, keys.agent.as_ref()).map(|secret| secret.map(|secret| secret.expose().to_owned()))
        };
        assert_eq!(of(None), Ok(Some("all".to_owned())));
        assert_eq!(of(Some("AGENT_SECRET_BAKERY")), Ok(Some("bakery".to_owned())));
        assert_eq!(of(Some("AGENT_SECRET_GARAGE")), Err("AGENT_SECRET_GARAGE is not set".to_owned()));
    }
}
