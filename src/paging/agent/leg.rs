//! A call's sound: RTP in, frames out. One task a call, which ends with the call's order, whatever the network does.

use super::pages::{Ending, Held, Over};
use super::ports::{Port, Ports};
use crate::audio::g711;
use crate::rtp::{Counts, Decode, Inbound, Sources, Terms};
use crate::sip::sdp::{Agreed, Encoding};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

/// How long nothing may come before the line is taken for dead.
const DEAD: Duration = Duration::from_secs(20);
/// Of sound, in one frame.
const FRAME: Duration = Duration::from_millis(20);

/// Where legs come from.
#[derive(Debug)]
pub(super) struct Legs {
    ports: Ports,
    tasks: TaskTracker,
    news: mpsc::UnboundedSender<News>,
}

/// What a leg has to tell, at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// Number of the call.
    pub call: u64,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The page is over.
    Over(Over),
    /// No sound came any more.
    Dead,
}

/// A leg in the hand of its call. Dropped, the page ends.
#[derive(Debug)]
pub(super) struct Leg {
    pub address: SocketAddr,
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Order {
    Agree { agreed: Agreed, allowed: IpAddr, hold: bool },
    End(Ending),
}

impl Legs {
    pub(super) const fn new(ports: Ports, tasks: TaskTracker, news: mpsc::UnboundedSender<News>) -> Self {
        Self { ports, tasks, news }
    }

    /// Opens a port for a page. The page comes back where there is none.
    pub(super) fn open(
        &self,
        call: u64,
        page: Box<dyn Held>,
        (ip, random): (IpAddr, u64),
        now: Instant,
    ) -> Result<Leg, Box<dyn Held>> {
        let Some((port, socket)) = self.ports.open(ip, random, now) else { return Err(page) };
        let (Ok(address), Ok(socket)) = (socket.local_addr(), UdpSocket::from_std(socket)) else { return Err(page) };
        let (orders, taken) = mpsc::unbounded_channel();
        let line = Line { call, page, socket, _port: port, inbound: None, hold: false, told: false };
        self.tasks.spawn(line.run(taken, self.news.clone()));
        Ok(Leg { address, orders })
    }
}

impl Leg {
    /// From now on this is what comes, and from there.
    pub(super) fn agree(&self, agreed: Agreed, allowed: IpAddr, hold: bool) {
        let _ = self.orders.send(Order::Agree { agreed, allowed, hold });
    }

    /// The call is over.
    pub(super) fn end(self, ending: Ending) {
        let _ = self.orders.send(Order::End(ending));
    }
}

struct Line {
    call: u64,
    page: Box<dyn Held>,
    socket: UdpSocket,
    /// Rests when the socket is closed.
    _port: Port,
    /// Nothing is listened to before something was agreed on.
    inbound: Option<Inbound>,
    hold: bool,
    told: bool,
}

impl Line {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>, news: mpsc::UnboundedSender<News>) {
        let mut ticks = interval(FRAME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut bytes = [0u8; 2048];
        let ending = loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Agree { agreed, allowed, hold }) => self.agree(&agreed, allowed, hold),
                    Some(Order::End(ending)) => break ending,
                    None => break Ending::Shutdown,
                },
                _ = ticks.tick() => {
                    if let Some(what) = self.tick(Instant::now()) {
                        let _ = news.send(News { call: self.call, what });
                    }
                }
                came = self.socket.recv_from(&mut bytes) => {
                    // An error is somebody's unreachable port: nothing of ours.
                    if let (Ok((length, from)), Some(inbound)) = (came, self.inbound.as_mut()) {
                        inbound.receive(from, bytes.get(..length).unwrap_or_default(), Instant::now());
                    }
                }
            }
        };
        self.page.received(self.counts());
        self.page.end(ending);
    }

    fn agree(&mut self, agreed: &Agreed, allowed: IpAddr, hold: bool) {
        self.hold = hold;
        let (terms, now) = (terms(agreed, allowed), Instant::now());
        match self.inbound.as_mut() {
            Some(inbound) => inbound.renew(terms, now),
            None => self.inbound = Some(Inbound::new(terms, now)),
        }
    }

    /// A frame is due. Says what ended, once.
    fn tick(&mut self, now: Instant) -> Option<What> {
        let inbound = self.inbound.as_mut()?;
        let (frame, _) = inbound.frame(now);
        self.page.push(if self.hold { &[0; crate::rtp::FRAME] } else { &frame });
        let dead = || (!self.hold && inbound.silent_for(now) >= DEAD).then_some(What::Dead);
        let what = self.page.over().map(What::Over).or_else(dead).filter(|_| !self.told)?;
        self.told = true;
        Some(what)
    }

    fn counts(&self) -> Counts {
        self.inbound.as_ref().map(Inbound::counts).unwrap_or_default()
    }
}

fn terms(agreed: &Agreed, allowed: IpAddr) -> Terms {
    let decode: Decode = match agreed.encoding {
        Encoding::Pcmu => g711::decode,
        Encoding::Pcma => g711::alaw_decode,
    };
    let sources = Sources { named: agreed.remote, allowed: vec![allowed.into()] };
    Terms { sources, sound: vec![(agreed.payload_type, decode)], keys: agreed.keys }
}
