//! The one task that owns all calls to speakers.

use super::super::agent::{AgentError, Ports, StreamCame, Streams};
use super::call::Ticket;
use super::core::{Core, Wish};
use super::invite::Speaker;
use super::network::{Came, Network, transport};
use crate::paging::Join;
use crate::sip::{Target, Transport, Uri};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
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

/// What the task is told. One order for each speaker of each page, and one to let it go: as many as there are outputs.
pub(super) enum Order {
    Call { ticket: Ticket, page: String, speaker: Speaker, join: Join },
    LetGo(Ticket),
}

/// Messages that wait for their turn; then their readers do.
const WAITING: usize = 256;
/// How long a name may take to be found.
const FINDING: Duration = Duration::from_secs(2);
/// How long the answers to our goodbyes are waited for.
const GOODBYE: Duration = Duration::from_millis(500);

/// Everything that the task has.
pub(super) struct Task {
    core: Core,
    network: Network,
    streams: Streams,
    orders: mpsc::UnboundedReceiver<Order>,
    came: mpsc::Receiver<Came>,
    read: mpsc::Receiver<StreamCame>,
    /// Speakers whose names are being looked up.
    sought: HashMap<Ticket, (String, Speaker, Join)>,
    find: mpsc::UnboundedSender<(Ticket, Option<Target>)>,
    found: mpsc::UnboundedReceiver<(Ticket, Option<Target>)>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Task {
    pub(super) fn new(parts: DiallerParts, orders: mpsc::UnboundedReceiver<Order>) -> Result<Self, AgentError> {
        let DiallerParts { bind, ports, tasks, stop } = parts;
        let mut key = [0u8; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| AgentError::Random)?;
        let (news, came) = mpsc::channel(WAITING);
        let (told, read) = mpsc::channel(WAITING);
        let (find, found) = mpsc::unbounded_channel();
        Ok(Self {
            core: Core::new(key),
            network: Network::new((bind, ports), (tasks.clone(), stop.clone()), news),
            streams: Streams::new(tasks.clone(), told),
            orders,
            came,
            read,
            sought: HashMap::new(),
            find,
            found,
            tasks,
            stop,
        })
    }

    /// Calls speakers until the stop fires, or nobody is left who could want one; then hangs up.
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        while let Some(true) = stop.run_until_cancelled(self.turn()).await {
            self.send();
        }
        self.sought.clear();
        self.core.hang_up_all(Instant::now());
        self.send();
        let goodbyes = async {
            while !self.core.is_idle() && self.turn().await {
                self.send();
            }
        };
        let _ = timeout(GOODBYE, goodbyes).await;
    }

    /// Waits for one thing, and does what it asks. False when nobody is left.
    async fn turn(&mut self) -> bool {
        let due = self.core.next();
        let late = async {
            match due {
                Some(at) => sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = self.orders.recv(), if !self.stop.is_cancelled() => match order {
                Some(order) => self.obey(order).await,
                None => return false,
            },
            Some((ticket, target)) = self.found.recv() => self.found(ticket, target).await,
            Some(came) = self.came.recv() => self.received(came),
            Some(StreamCame { peer, message }) = self.read.recv() => self.message(peer, message),
            () = late => self.core.wake(Instant::now()),
        }
        true
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::LetGo(ticket) => match self.sought.remove(&ticket) {
                Some((_, _, join)) => join.withdrawn(),
                None => self.core.let_go(ticket, Instant::now()),
            },
            Order::Call { ticket, page, speaker, join } => {
                let Some(uri) = Uri::parse(&speaker.uri) else { return join.failed("its address cannot be read") };
                let Some(transport) = transport(uri.transport.as_deref()) else {
                    return join.failed("its address names a transport that is not spoken to speakers");
                };
                self.sought.insert(ticket, (page, speaker, join));
                let port = uri.port.unwrap_or(5060);
                match uri.ip() {
                    Some(ip) => {
                        let address = SocketAddr::new(ip, port);
                        self.found(ticket, Some(Target { transport, address })).await;
                    }
                    None => self.look_up(ticket, (uri.host, port), transport),
                }
            }
        }
    }

    fn look_up(&self, ticket: Ticket, (host, port): (String, u16), transport: Transport) {
        let find = self.find.clone();
        self.tasks.spawn(async move {
            let found = timeout(FINDING, tokio::net::lookup_host((host, port))).await;
            let address = found.ok().and_then(Result::ok).and_then(|mut all| all.next());
            let _ = find.send((ticket, address.map(|address| Target { transport, address })));
        });
    }

    /// It is known where a speaker is; unless its page has gone meanwhile, it is called.
    async fn found(&mut self, ticket: Ticket, target: Option<Target>) {
        let Some((page, speaker, join)) = self.sought.remove(&ticket) else { return };
        let Some(target) = target else { return join.failed("its name is not known") };
        let way = match self.network.way(target).await {
            Ok(way) => way,
            Err(why) => return join.failed(&format!("no way leads to it: {why}")),
        };
        match self.network.sound(way.us.ip(), speaker.packets.dscp, self.core.names.number()) {
            Ok(sound) => {
                self.core.call(Wish { ticket, page, speaker, way, sound, join }, Instant::now());
            }
            Err(why) => join.failed(&why.to_string()),
        }
    }

    fn received(&mut self, came: Came) {
        match came {
            Came::Datagram { bytes, source, us } => {
                self.core.receive(&bytes, (source, us), Transport::Udp, Instant::now());
            }
            Came::Stream(stream, peer) if self.core.knows(peer) => self.streams.accept(stream, peer),
            Came::Stream(..) => {}
        }
    }

    fn message(&mut self, peer: SocketAddr, message: Option<Vec<u8>>) {
        match message {
            // Answers go back over the same connection, whatever our own address is.
            Some(bytes) => self.core.receive(&bytes, (peer, peer), Transport::Tcp, Instant::now()),
            None => {
                self.streams.closed(peer);
                self.core.unreachable(Target { transport: Transport::Tcp, address: peer });
            }
        }
    }

    fn send(&mut self) {
        for (way, bytes) in std::mem::take(&mut self.core.out) {
            match way.target.transport {
                Transport::Udp => {
                    if let Err(error) = self.network.send(way, &bytes) {
                        tracing::debug!(%error, to = %way.target.address, "a SIP datagram could not be sent");
                        self.core.unreachable(way.target);
                    }
                }
                _ => self.streams.send(way.target.address, bytes),
            }
        }
    }
}
