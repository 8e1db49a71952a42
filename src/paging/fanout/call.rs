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
    pub(super) priority: u8,
    pub(super) tally: Arc<Tally>,
    pub(super) told: bool,
}

/// The place of a speaker that plays. Dropped, it plays on: the page ends it, or [`Seat::ended`].
#[derive(Debug)]
pub struct Seat {
    orders: Orders,
    page: u64,
    channel: usize,
    tally: Arc<Tally>,
}

impl Join {
    /// It answered: sound goes `to` there, from `socket` (whose port was offered), in `packets`, from the live point on.
    pub fn answered(mut self, to: SocketAddr, socket: Arc<UdpSocket>, packets: Packets) -> Seat {
        self.told = true;
        self.tally.answered();
        let order = Order::Join { page: self.page, channel: self.channel, to, socket, packets };
        let _ = self.orders.send(order);
        Seat { orders: self.orders.clone(), page: self.page, channel: self.channel, tally: Arc::clone(&self.tally) }
    }

    /// Of its page: 0 to 9.
    #[must_use]
    pub const fn priority(&self) -> u8 {
        self.priority
    }

    /// The page needs it no more: nothing is wrong with that.
    pub fn withdrawn(mut self) {
        self.told = true;
    }

    /// It did not: busy, or it rings instead of answering.
    pub fn failed(mut self, why: &str) {
        self.told = true;
        self.tally.fail(why.to_owned());
    }
}

impl Seat {
    /// Sound goes there from now on; nowhere while the speaker holds.
    pub fn moved(&self, to: Option<SocketAddr>) {
        let _ = self.orders.send(Order::Move { page: self.page, channel: self.channel, to });
    }

    /// The speaker plays no more: it hung up.
    pub fn ended(self, why: &str) {
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
