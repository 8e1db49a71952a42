//! Paging and its outputs, and the loops beside them.

use super::ends::Ends;
use super::error::StartError;
use super::ground::Ground;
use crate::audio::g711;
use crate::base::Clock;
use crate::config::paging::Paging as Config;
use crate::ledger::{Condition, Phase};
use crate::media::{Announced, Announcement, Announcer, NotPaged, PageWish, Paged, Pager, Progress, Voiced};
use crate::paging::{
    Asker, Dialler, DiallerParts, Fanout, Frame, Origin, Page, Paging, Parts, Ports, Reason, Request, Right, Samples,
    Signal, play,
};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Between two looks at the pages: limits are kept to a tenth of a second.
const LOOK: Duration = Duration::from_millis(100);
/// Between two looks at bells.
const BELLS: Duration = Duration::from_secs(1);
/// Between two looks at rows, in looks at bells.
const ROWS: u32 = 5;
/// How long a speech engine may take for an announcement: an agent is answered within five seconds.
const MAKING: Duration = Duration::from_millis(4_500);

/// The room, with the outputs of this machine.
pub(super) fn paging(ground: &Ground, config: Config, (ports, ends): (&Ports, &Ends)) -> Result<Paging, StartError> {
    let bind = ground.settings.paging.sip_bind_addr;
    let (ports, tasks, stop) = (ports.clone(), ends.tasks.clone(), ends.stop.clone());
    let dialler = Dialler::start(DiallerParts { bind, ports, tasks, stop })?;
    let speakers = fanout(bind, ground.instance).map_err(StartError::Threads)?.calling_by(Arc::new(dialler));
    Ok(Paging::new(Parts {
        config,
        speakers: Arc::new(speakers),
        db: ground.db.clone(),
        clock: ground.clock.clone(),
        holder: Arc::clone(&ground.holder),
        instance: ground.instance,
    }))
}

/// The outputs of this machine. Multicast that names no interface leaves where the SIP side listens.
///
/// # Errors
/// When there can be no further thread.
pub fn fanout(sip: Option<SocketAddr>, seed: u64) -> io::Result<Fanout> {
    let interface = match sip.map(|address| address.ip()) {
        Some(IpAddr::V4(address)) if !address.is_unspecified() => Some(address),
        _ => None,
    };
    Fanout::start(interface, std::env::current_exe()?, seed)
}

/// How a caller of the telephone pages.
pub(super) fn pager(paging: Paging) -> Pager {
    Box::new(move |wish| {
        let right = paging.right_of(&wish.from);
        let page = begin(&paging, wish, (Origin::Call, right))?;
        Ok(Box::new(OfCall { signals: page.signals(), page }))
    })
}

/// How an agent pages: beside its conversation, and to the end of what it gave.
pub(super) fn announcer(paging: Paging) -> Announcer {
    Box::new(move |announcement| {
        let (tell, told) = oneshot::channel();
        tokio::spawn(announce(paging.clone(), announcement, tell));
        Box::pin(async {
            told.await.unwrap_or_else(|_| Err(NotPaged::of("stopping", "this instance is about to stop")))
        })
    })
}

async fn announce(paging: Paging, announcement: Announcement, tell: oneshot::Sender<Result<Announced, NotPaged>>) {
    let Announcement { wish, sound } = announcement;
    let sound = match sound {
        Voiced::Ready(sound) => Some(sound),
        Voiced::Later(sound) => timeout(MAKING, sound).await.ok().flatten(),
        Voiced::Mute => None,
    };
    let Some(sound) = sound.filter(|sound| !sound.is_empty()) else {
        let _gone = tell.send(Err(NotPaged::of("no_voice", "the speech engine gave no sound in time")));
        return;
    };
    let sound = Samples::new(sound.iter().map(|byte| g711::decode(*byte)).collect::<Vec<_>>());
    match begin(&paging, wish, (Origin::Agent, Right::House)) {
        Ok(page) => {
            // The conversation may be over; the page is not.
            let _gone = tell.send(Ok(Announced { id: page.id().to_string(), ms: sound.ms() }));
            play(page, sound).await;
        }
        Err(why) => {
            let _gone = tell.send(Err(why));
        }
    }
}

/// A page in a call of the carrier's; what is refused is told with the zone as people call it.
fn begin(paging: &Paging, wish: PageWish, (origin, right): (Origin, Right)) -> Result<Page, NotPaged> {
    let zone = wish.zone.clone();
    let asker = Asker {
        from: (!wish.from.is_empty()).then_some(wish.from),
        call_sid: Some(wish.call),
        line: Some(wish.line),
        codec: Some("pcmu"),
        ..Asker::default()
    };
    let request = Request { zones: vec![wish.zone], priority: None, origin, right, asker, id: None };
    let page = paging.begin(request);
    page.map_err(|why| NotPaged { word: why.as_str(), words: why.to_string(), zone: paging.zone_name(&zone) })
}

/// A page whose sound is a telephone call.
struct OfCall {
    page: Page,
    signals: watch::Receiver<Signal>,
}

impl Paged for OfCall {
    fn lead(&self) -> Duration {
        self.page.lead()
    }

    fn push(&self, frame: &Frame) {
        self.page.push(frame);
    }

    fn progress(&self) -> Progress {
        match *self.signals.borrow() {
            Signal::Playing => Progress::Playing,
            Signal::Warning => Progress::Warning,
            Signal::Ended(reason) => Progress::Ended(reason.as_str()),
        }
    }

    fn end(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.page.end(Reason::Hangup))
    }
}

/// What runs beside the pages.
pub(super) struct Beside {
    pub paging: Paging,
    pub clock: Clock,
    pub condition: Condition,
    pub stop: CancellationToken,
}

impl Beside {
    /// Starts the loops; they end when the stop fires.
    pub(super) fn start(self, tasks: &TaskTracker) {
        let (writer, stop) = (self.paging.clone(), self.stop.clone());
        tasks.spawn(async move { writer.write_down(&stop).await });
        let (looker, stop) = (self.paging.clone(), self.stop.clone());
        tasks.spawn(async move {
            let mut ticks = interval(LOOK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                looker.step();
            }
        });
        tasks.spawn(self.tend());
    }

    async fn tend(self) {
        let mut ticks = interval(BELLS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut rung = self.clock.now();
        let mut due = 0;
        while self.stop.run_until_cancelled(ticks.tick()).await.is_some() {
            rung = self.paging.ring(rung).await;
            due = if due == 0 && self.rows().await { ROWS } else { due.saturating_sub(1) };
        }
    }

    /// Says whether it was done; a database that is away is asked again at once when it is back.
    async fn rows(&self) -> bool {
        if self.condition.phase() != Phase::Up {
            return false;
        }
        match self.paging.tend_rows().await {
            Ok(0) => true,
            Ok(pages) => {
                tracing::warn!(pages, "pages of a process that died were closed");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "rows of pages could not be looked after");
                false
            }
        }
    }
}
