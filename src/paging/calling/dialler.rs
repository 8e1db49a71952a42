//! How pages have speakers called, and let them go.

use super::super::agent::{AgentError, Ports};
use super::call::Ticket;
use super::invite::Speaker;
use super::run::Task;
use crate::config::paging::SipSpeaker;
use crate::paging::{Join, PageId, SpeakerCaller};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a dialler needs.
#[derive(Debug)]
pub struct DiallerParts {
    /// `SIP_BIND_ADDR`: calls leave from its interface, by a port of their own. `None`: from whichever leads to the speaker.
    pub bind: Option<SocketAddr>,
    /// Where sound leaves.
    pub ports: Ports,
    /// Where its task runs.
    pub tasks: TaskTracker,
    /// Hangs up, and ends.
    pub stop: CancellationToken,
}

/// Calls speakers that answer by themselves.
pub struct Dialler {
    orders: mpsc::UnboundedSender<Order>,
    tickets: AtomicU64,
}

/// What the task is told. One order for each speaker of each page, and one to let it go: as many as there are outputs.
pub(super) enum Order {
    Call { ticket: Ticket, page: String, speaker: Speaker, join: Join },
    LetGo(Ticket),
}

/// A speaker in the hand of a page.
struct Held {
    ticket: Ticket,
    orders: mpsc::UnboundedSender<Order>,
}

impl fmt::Debug for Dialler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialler").finish_non_exhaustive()
    }
}

impl Dialler {
    /// Starts its task; it opens nothing before the first speaker is called.
    ///
    /// # Errors
    /// [`AgentError::Random`].
    pub fn start(parts: DiallerParts) -> Result<Self, AgentError> {
        let (orders, taken) = mpsc::unbounded_channel();
        let tasks = parts.tasks.clone();
        tasks.spawn(Task::new(parts, taken)?.run());
        Ok(Self { orders, tickets: AtomicU64::new(0) })
    }
}

impl SpeakerCaller for Dialler {
    fn call(&self, page: &PageId, speaker: &SipSpeaker, join: Join) -> Box<dyn Send + Sync> {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        let account = speaker.user.clone().zip(speaker.password.as_ref().map(|password| password.value.clone()));
        let speaker = Speaker {
            uri: speaker.uri.clone(),
            account,
            patience: Duration::from_secs(speaker.ring_s.into()),
            packets: speaker.packets,
        };
        // Where nobody takes it any more, the join that is dropped says so.
        let _ = self.orders.send(Order::Call { ticket, page: page.to_string(), speaker, join });
        Box::new(Held { ticket, orders: self.orders.clone() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::LetGo(self.ticket));
    }
}
