//! Speakers that have to be called, and how they join a page that plays already.

use super::clock::{Order, Orders};
use crate::config::paging::{Packets, SipSpeaker};
use crate::paging::PageId;
use crate::paging::outputs::Tally;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

/// Calls speakers that answer by themselves.
pub trait SpeakerCaller: Send + Sync {
    /// Begins to call and returns at once; the outcome is told to `join`. Dropping what is returned hangs up, without
    /// waiting for that.
    fn call(&self, page: &PageId, speaker: &SipSpeaker, join: Join) -> Box<dyn Send + Sync>;
}

/// The place of a called speaker in its page. Dropped unused, the speaker has failed.
#[derive(Debug)]
pub struct Join {
    pub(super) orders: Orders,
    pub(super) page: u64,
    pub(super) channel: usize,
    pub(super) tally: Arc<Tally>,
    pub(super) told: bool,
}

impl Join {
    /// It answered: sound goes `to` there, from `socket` (whose port was offered), in `packets`, from the live point on.
    pub fn answered(mut self, to: SocketAddr, socket: Arc<UdpSocket>, packets: Packets) {
        self.told = true;
        let order = Order::Join { page: self.page, channel: self.channel, to, socket, packets };
        let _ = self.orders.send(order);
    }

    /// It did not: busy, or it rings instead of answering.
    pub fn failed(mut self, why: &str) {
        self.told = true;
        self.tally.fail(why.to_owned());
    }
}

impl Drop for Join {
    fn drop(&mut self) {
        if !self.told {
            self.tally.fail("the call to the speaker was given up".to_owned());
        }
    }
}
