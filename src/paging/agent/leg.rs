//! A call's sound: RTP in, frames out. One task a call, which ends with the call's order, whatever the network does.

use super::super::seam::{Draw, Frame};
use super::pages::{Ending, Held, Over};
use super::ports::{Port, Ports};
use crate::audio::g711;
use crate::rtp::{Counts, Decode, FRAME, Inbound, Pulled, Sources, Terms};
use crate::sip::sdp::{Agreed, Encoding};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

/// How long nothing may come before the line is taken for dead.
const DEAD: Duration = Duration::from_secs(20);
/// Between two looks at the page and at the caller.
const LOOK: Duration = Duration::from_millis(50);

/// Where legs come from.
#[derive(Debug)]
pub(super) struct Legs {
    ports: Ports,
    tasks: TaskTracker,
    news: mpsc::UnboundedSender<News>,
}

/// What a leg has to tell: each thing at most once.
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
    /// The page has ended, and its outputs are free.
    Closed,
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
        let line = Line { call, page, socket, _port: port, mouth: None, told: false };
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
    mouth: Option<Mouth>,
    told: bool,
}

impl Line {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>, news: mpsc::UnboundedSender<News>) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                    if let Some(what) = self.look(Instant::now()) {
                        let _ = news.send(News { call: self.call, what });
                    }
                }
                came = self.socket.recv_from(&mut bytes) => {
                    // An error is somebody's unreachable port: nothing of ours.
                    if let (Ok((length, from)), Some(mouth)) = (came, self.mouth.as_ref()) {
                        mouth.lock().inbound.receive(from, bytes.get(..length).unwrap_or_default(), Instant::now());
                    }
                }
            }
        };
        self.page.received(self.counts());
        self.page.end(ending).await;
        let _ = news.send(News { call: self.call, what: What::Closed });
    }

    fn agree(&mut self, agreed: &Agreed, allowed: IpAddr, hold: bool) {
        let (terms, now) = (terms(agreed, allowed), Instant::now());
        if let Some(mouth) = &self.mouth {
            let mut spoken = mouth.lock();
            spoken.inbound.renew(terms, now);
            spoken.hold = hold;
            return;
        }
        let mouth = Mouth(Arc::new(Mutex::new(Spoken { inbound: Inbound::new(terms, now), hold })));
        self.page.draw_from(Box::new(mouth.clone()));
        self.mouth = Some(mouth);
    }

    /// Says what ended, once.
    fn look(&mut self, now: Instant) -> Option<What> {
        let dead = self.mouth.as_ref().is_some_and(|mouth| mouth.lock().is_dead(now));
        let over = self.page.over().map(What::Over);
        let what = over.or_else(|| dead.then_some(What::Dead)).filter(|_| !self.told)?;
        self.told = true;
        Some(what)
    }

    fn counts(&self) -> Counts {
        self.mouth.as_ref().map(|mouth| mouth.lock().inbound.counts()).unwrap_or_default()
    }
}

/// What a caller says, for the one who receives it and the clock that takes it.
#[derive(Clone, Debug)]
struct Mouth(Arc<Mutex<Spoken>>);

#[derive(Debug)]
struct Spoken {
    inbound: Inbound,
    hold: bool,
}

impl Mouth {
    fn lock(&self) -> MutexGuard<'_, Spoken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spoken {
    fn is_dead(&self, now: Instant) -> bool {
        !self.hold && self.inbound.silent_for(now) >= DEAD
    }
}

impl Draw for Mouth {
    /// On hold it is silence. Pauses are frames as well, so that nobody takes them for a dead line.
    fn draw(&mut self, now: Instant) -> Option<Frame> {
        let mut spoken = self.lock();
        let (frame, what) = spoken.inbound.frame(now);
        if spoken.hold {
            return Some([0; FRAME]);
        }
        let speaks = spoken.inbound.source().is_some() && !spoken.is_dead(now);
        (what != Pulled::Silence || speaks).then_some(frame)
    }

    fn rest(&mut self, now: Instant) -> Option<Frame> {
        let mut spoken = self.lock();
        (!spoken.hold && spoken.inbound.has_frames()).then(|| spoken.inbound.frame(now).0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::Header;

    const CALLER: &str = "192.0.2.7:4000";

    /// A mouth of a caller who sends a loud packet every 20 ms, so many of them, and what is drawn every 20 ms from `phase`
    /// on: milliseconds behind the first packet, and the frame.
    fn drawn(packets: u64, phase: u64, until: u64) -> Vec<(u64, Option<Frame>)> {
        let (start, source) = (Instant::now(), CALLER.parse().expect("an address"));
        let sources = Sources { named: source, allowed: Vec::new() };
        let terms = Terms { sources, sound: vec![(0, g711::decode as Decode)], keys: None };
        let mut mouth = Mouth(Arc::new(Mutex::new(Spoken { inbound: Inbound::new(terms, start), hold: false })));
        let mut frames = Vec::new();
        for ms in 0..until {
            let now = start + Duration::from_millis(ms);
            if ms % 20 == 0 && ms / 20 < packets {
                let (sequence, timestamp) = ((ms / 20) as u16, ms as u32 * 8);
                let header = Header { payload_type: 0, marker: false, sequence, timestamp, ssrc: 5 };
                let packet = [&header.write()[..], &[0x80; 160]].concat();
                mouth.lock().inbound.receive(source, &packet, now);
            }
            if ms % 20 == phase {
                frames.push((ms, mouth.draw(now)));
            }
        }
        frames
    }

    #[test]
    fn the_first_word_comes_out_within_the_buffer_and_one_frame() {
        for phase in 0..20 {
            let first = drawn(30, phase, 400).into_iter().find(|(_, frame)| frame.is_some_and(|frame| frame[80] != 0));
            let (ms, _) = first.expect("sound");
            assert!((60..=80).contains(&ms), "{ms} ms, where frames are due at {phase} ms");
        }
    }

    #[test]
    fn who_falls_silent_is_dead_after_twenty_seconds_and_not_before() {
        let frames = drawn(50, 10, 22_000);
        let speaking = |(ms, _): &&(u64, Option<Frame>)| *ms > 200;
        let last = frames.iter().filter(speaking).take_while(|(_, frame)| frame.is_some()).last().expect("frames").0;
        assert!((20_900..=21_000).contains(&last), "a pause is frames too: {last} ms");
    }
}
