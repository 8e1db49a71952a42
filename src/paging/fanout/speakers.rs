//! The outputs of the house, as pages see them.

use super::call::{Join, SpeakerCaller};
use super::clock::{Clock, Order, Orders, lock};
use super::handle::{Calling, Handle};
use super::pacing::Pacing;
use super::run::Run;
use super::shared::Shared;
use super::slots::Slots;
use super::stage::{Stage, lead};
use crate::config::paging::{Codec, Output, OutputKind, Paging};
use crate::paging::outputs::{Channel, Contacts, Group, Hold, Pipe, Running, Sockets, Sound, Stream, Tally};
use crate::paging::{Options, OutputFault, PageId, Playing, Speakers};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Orders that may wait for the clock: it takes them every millisecond while anything plays.
const WAITING: usize = 1_024;

/// How long speakers that answer by themselves usually take.
const ANSWERING: Duration = Duration::from_millis(400);
/// The priority of emergencies.
const URGENT: u8 = 9;

/// All outputs, behind one clock.
pub struct Fanout {
    orders: Orders,
    sockets: Sockets,
    contacts: Contacts,
    caller: Option<Arc<dyn SpeakerCaller>>,
    slots: Mutex<Slots>,
    pages: AtomicU64,
    seed: u64,
    pacing: Arc<Mutex<Pacing>>,
}

/// What a page is made of, while its outputs are opened.
#[derive(Default)]
struct Opened {
    channels: Vec<Channel>,
    slots: Vec<u64>,
    tallies: Vec<Arc<Tally>>,
    holds: Vec<(Arc<Tally>, Hold)>,
    processes: Vec<(String, Running)>,
    /// Speakers that are to be called.
    called: Vec<(usize, Arc<Output>)>,
}

impl Fanout {
    /// Starts the clock. `interface`: where multicast leaves that names none. `program`: our own, which keeps contacts.
    /// `seed`: drawn at random, or two lives of the service would send under the same names.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(interface: Option<Ipv4Addr>, program: PathBuf, seed: u64) -> io::Result<Self> {
        let (orders, taken) = mpsc::sync_channel(WAITING);
        let pacing: Arc<Mutex<Pacing>> = Arc::default();
        let clock = Clock::new(Instant::now(), taken, pacing.clone());
        std::thread::Builder::new().name("paging-clock".to_owned()).spawn(move || clock.run())?;
        Ok(Self {
            orders,
            sockets: Sockets::new(interface),
            contacts: Contacts::new(program),
            caller: None,
            slots: Mutex::default(),
            pages: AtomicU64::new(0),
            seed,
            pacing,
        })
    }

    /// Who calls speakers that answer by themselves; without one they are failed outputs.
    #[must_use]
    pub fn calling_by(self, caller: Arc<dyn SpeakerCaller>) -> Self {
        Self { caller: Some(caller), ..self }
    }

    /// The file was read, or read anew: outputs get their slots, and contacts are opened that a killed service may have
    /// left closed.
    pub fn arrange(&self, paging: &Paging) {
        *self.slots.lock().unwrap_or_else(PoisonError::into_inner) = Slots::arranged(paging);
        for contact in paging.outputs.iter().filter_map(|output| output.contact.as_ref()) {
            if let Err(why) = self.contacts.prepare(contact) {
                tracing::warn!(contact = contact.name, fault = %why, "a contact has no keeper");
            }
        }
    }

    /// How late packets have left so far.
    #[must_use]
    pub fn pacing(&self) -> Pacing {
        lock(&self.pacing).clone()
    }

    fn opened(&self, outputs: &[Arc<Output>], seed: u64) -> Opened {
        let mut opened = Opened::default();
        for (nth, output) in outputs.iter().enumerate() {
            let tally = Arc::new(Tally::new(&output.name));
            opened.tallies.push(tally.clone());
            if let Some(contact) = &output.contact {
                match self.contacts.hold(contact) {
                    Ok(hold) => opened.holds.push((tally.clone(), hold)),
                    Err(why) => tally.remark(format!("contact `{}`: {why}", contact.name)),
                }
            }
            let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = slots.of(&output.name, nth, outputs.len());
            drop(slots);
            match self.channel(output, &tally, seed.wrapping_add(nth as u64), &mut opened) {
                Ok(channel) => {
                    opened.channels.push(channel);
                    opened.slots.push(slot);
                }
                Err(why) => tally.fail(why.to_string()),
            }
        }
        opened
    }

    fn channel(&self, output: &Arc<Output>, tally: &Arc<Tally>, seed: u64, opened: &mut Opened) -> io::Result<Channel> {
        let tally = tally.clone();
        Ok(match &output.kind {
            OutputKind::Multicast(multicast) => {
                let group = SocketAddrV4::new(multicast.group, multicast.port);
                let stream = Stream::new(multicast.packets, seed);
                let stream = match multicast.control {
                    Some(control) => stream.controlled(control, group),
                    None => stream,
                };
                Channel::stream(stream, self.sockets.multicast(multicast)?, group.into(), tally)
            }
            OutputKind::Unicast(unicast) => {
                let socket = self.sockets.unicast(unicast.address, unicast.packets.dscp)?;
                Channel::stream(
                    Stream::new(unicast.packets, seed),
                    socket,
                    (unicast.address, unicast.port).into(),
                    tally,
                )
            }
            OutputKind::Poly(poly) => {
                let group = Group::new(poly, self.serial()).ok_or(io::ErrorKind::InvalidInput)?;
                Channel::group(group, self.sockets.poly(poly)?, (poly.group, poly.port).into(), tally)
            }
            OutputKind::Process(process) => {
                let pipe = Pipe::start(process)?;
                opened.processes.push((output.name.clone(), pipe.running()));
                Channel::pipe(pipe, tally)
            }
            OutputKind::Sip(_) if self.caller.is_none() => {
                return Err(io::Error::other("there is nobody who could call it"));
            }
            OutputKind::Sip(_) => {
                opened.called.push((opened.channels.len(), output.clone()));
                Channel::called(tally)
            }
        })
    }

    /// One sender for the life of the service, as Poly's phones want it.
    const fn serial(&self) -> u32 {
        (self.seed >> 32) as u32 & 0x00FF_FFFF
    }

    fn calls(&self, page: &PageId, (id, priority): (u64, u8), opened: &Opened) -> Vec<Calling> {
        let Some(caller) = &self.caller else { return Vec::new() };
        let call = |(channel, output): &(usize, Arc<Output>)| {
            let OutputKind::Sip(speaker) = &output.kind else { return None };
            let tally = opened.tallies.iter().find(|tally| tally.name() == output.name)?.clone();
            tally.expect();
            let join = Join { orders: self.orders.clone(), page: id, channel: *channel, priority, tally, told: false };
            Some((output.name.clone(), caller.call(page, speaker, join)))
        };
        opened.called.iter().filter_map(call).collect()
    }
}

impl Speakers for Fanout {
    fn arrange(&self, config: &Paging) {
        Self::arrange(self, config);
    }

    fn open(&self, page: &PageId, outputs: &[Arc<Output>], options: Options) -> Result<Box<dyn Playing>, OutputFault> {
        let id = self.pages.fetch_add(1, Ordering::Relaxed);
        // Far apart, so that no two streams of a life share one.
        let seed = self.seed.wrapping_add(id << 20);
        let mut opened = self.opened(outputs, seed);
        if opened.channels.is_empty() {
            let fault = opened.tallies.iter().find_map(|tally| tally.played().fault);
            return Err(OutputFault(fault.unwrap_or_else(|| "the page has none".to_owned())));
        }
        let settle = settle(&options, !opened.called.is_empty());
        let shared = Arc::new(Shared::new(seed ^ 1 << 63));
        let run = Run {
            id,
            visits: Run::visits(&opened.channels, &opened.slots),
            stage: Stage::new(settle, options.chime.clone()),
            sound: Sound::new(outputs.iter().any(|output| wants_alaw(output))),
            shared: shared.clone(),
            holds: std::mem::take(&mut opened.holds),
            tail: options.tail,
            channels: std::mem::take(&mut opened.channels),
            next: 0,
            frame: None,
            draining: false,
            speaking: false,
            finishing: false,
        };
        let gone = |_| OutputFault("the clock has stopped".to_owned());
        self.orders.send(Order::Open(Box::new(run))).map_err(gone)?;
        let lead = lead(settle, &options.chime);
        // Behind the opening: who answers at once must find the page.
        let calls = Mutex::new(self.calls(page, (id, options.priority), &opened));
        let (orders, tallies, processes) = (self.orders.clone(), opened.tallies, opened.processes);
        Ok(Box::new(Handle { id, lead, orders, shared, tallies, processes, calls, closed: false }))
    }
}

/// What goes before the first sound. Speakers that are called get a moment to answer, so that they miss no word; an
/// emergency waits for nobody.
fn settle(options: &Options, called: bool) -> Duration {
    let answering = if called && options.priority < URGENT { ANSWERING } else { Duration::ZERO };
    options.settle.max(answering)
}

fn wants_alaw(output: &Output) -> bool {
    match &output.kind {
        OutputKind::Multicast(to) => to.packets.codec == Codec::Pcma,
        OutputKind::Unicast(to) => to.packets.codec == Codec::Pcma,
        OutputKind::Poly(_) | OutputKind::Sip(_) | OutputKind::Process(_) => false,
    }
}
