//! How pages have speakers called, and let them go.

use super::super::agent::AgentError;
use super::call::Ticket;
use super::invite::Speaker;
use super::run::{DiallerParts, Order, Task};
use crate::config::paging::SipSpeaker;
use crate::paging::{Join, PageId, SpeakerCaller};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Calls speakers that answer by themselves.
pub struct Dialler {
    orders: mpsc::UnboundedSender<Order>,
    tickets: AtomicU64,
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
