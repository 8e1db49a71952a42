//! Pages without hardware: a clock that is moved by hand, and outputs that only count.

use super::*;
use crate::base::{Clock, Time};
use crate::config::paging::{Caller, Hours, Output, Paging as Config, Zone};
use crate::config::{FixedSource, load};
use crate::db::Db;
use chrono::{NaiveTime, TimeDelta, Weekday};
use std::collections::BTreeMap;
use std::future::ready;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which page every output plays.
type Playlist = Arc<Mutex<BTreeMap<String, String>>>;

#[derive(Default)]
pub(super) struct Mute {
    plays: Playlist,
    dead: bool,
}

struct Quiet {
    page: String,
    plays: Playlist,
}

impl Speakers for Mute {
    fn arrange(&self, _: &Config) {}

    fn open(&self, page: &PageId, outputs: &[Arc<Output>], _: Options) -> Result<Box<dyn Playing>, OutputFault> {
        if self.dead {
            return Err(OutputFault("all are away".to_owned()));
        }
        let mut plays = self.plays.lock().expect("nobody panics");
        for output in outputs {
            let before = plays.insert(output.name.clone(), page.to_string());
            assert_eq!(before, None, "{} plays two pages", output.name);
        }
        Ok(Box::new(Quiet { page: page.to_string(), plays: self.plays.clone() }))
    }
}

impl Quiet {
    fn close(&self) -> Played {
        let mut plays = self.plays.lock().expect("nobody panics");
        let mine: Vec<String> =
            plays.iter().filter(|(_, page)| **page == self.page).map(|(name, _)| name.clone()).collect();
        let outputs = mine.into_iter().inspect(|name| drop(plays.remove(name)));
        Played { outputs: outputs.map(|output| PlayedOutput { output, packets: 1, fault: None }).collect() }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        self.close();
    }
}

impl Playing for Quiet {
    fn lead(&self) -> Duration {
        Duration::from_millis(20)
    }
    fn push(&self, _: &Frame) {}
    fn draw_from(&self, _: Box<dyn Draw>) {}
    fn alive(&self) -> bool {
        true
    }
    fn leave(&self, output: &str) {
        self.plays.lock().expect("nobody panics").remove(output);
    }
    fn drain(self: Box<Self>) -> Pin<Box<dyn Future<Output = Played> + Send>> {
        Box::pin(ready(self.close()))
    }
    fn cut(self: Box<Self>) -> Played {
        self.close()
    }
}

pub(super) fn builtin() -> Config {
    load(&FixedSource::new([("SIP_BIND_ADDR", "127.0.0.1:5060")]), None).expect("the built-in zones").paging
}

struct Stand {
    paging: Paging,
    clock: Clock,
    plays: Playlist,
}

impl Stand {
    fn of(config: Config) -> Self {
        Self::with(config, Mute::default())
    }

    fn with(config: Config, mute: Mute) -> Self {
        let clock = Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().expect("a time"));
        let plays = mute.plays.clone();
        let db = Db::open("sqlite://nowhere/never-opened.db").expect("a URL");
        let speakers = Arc::new(mute);
        let parts = Parts { config, speakers, db, clock: clock.clone(), holder: "here".into(), instance: 7 };
        Self { paging: Paging::new(parts), clock, plays }
    }

    fn begin(&self, zone: &str, priority: Option<u8>) -> Result<Page, Refused> {
        self.paging.begin(request(zone, priority, Right::House))
    }

    fn on(&self, output: &str) -> Option<String> {
        self.plays.lock().expect("nobody panics").get(output).cloned()
    }
}

fn request(zone: &str, priority: Option<u8>, right: Right) -> Request {
    let (zones, origin, asker) = (vec![zone.to_owned()], Origin::Sip, Asker::default());
    Request { zones, priority, origin, right, asker, id: None }
}

fn changed(extension: &str, change: impl FnOnce(&mut Zone)) -> Config {
    let mut config = builtin();
    let zone = config.zones.iter_mut().find(|zone| zone.extension == extension).expect("it has that zone");
    let mut changed = Zone::clone(zone);
    change(&mut changed);
    *zone = Arc::new(changed);
    config
}

#[tokio::test]
async fn ten_thousand_pages_leave_nothing_behind() {
    let stand = Stand::of(builtin());
    let mut held: Vec<Page> = Vec::new();
    let mut seed = 1u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut begun = 0;
    while begun < 10_000 {
        let zone = format!("70{}", next(5));
        if let Ok(page) = stand.begin(&zone, u8::try_from(next(10)).ok()) {
            begun += 1;
            page.push(&[0; 160]);
            held.push(page);
        }
        stand.clock.advance(TimeDelta::milliseconds(next(9_000) as i64));
        stand.paging.step();
        if held.len() > 3 {
            let page = held.swap_remove(next(held.len() as u64) as usize);
            match next(4) {
                0 => page.end(Reason::Hangup).await,
                1 => page.cut(Reason::NoAck),
                2 => assert!(stand.paging.stop(page.id().as_str()) || ended(&page)),
                _ => drop(page),
            }
        }
    }
    drop(held);
    assert!(stand.paging.is_idle());
    assert_eq!(*stand.plays.lock().expect("nobody panics"), BTreeMap::new());
    assert_eq!(stand.paging.zones().iter().filter(|zone| zone.page.is_some()).count(), 0);
}

fn ended(page: &Page) -> bool {
    matches!(*page.signals().borrow(), Signal::Ended(_))
}

#[tokio::test]
async fn a_more_urgent_page_takes_what_it_needs_and_the_other_plays_on_elsewhere() {
    let stand = Stand::of(builtin());
    let all = stand.begin("700", None).expect("free");
    assert!(matches!(stand.begin("701", None), Err(Refused::Taken { by, .. }) if by == *all.id()));
    let one = stand.begin("701", Some(8)).expect("more urgent");
    assert_eq!(stand.on("zone-701"), Some(one.id().to_string()));
    assert_eq!(stand.on("zone-702"), Some(all.id().to_string()));
    assert_eq!(*all.signals().borrow(), Signal::Playing);
    let emergency = stand.begin("700", Some(9)).expect("the most urgent");
    assert_eq!(*all.signals().borrow(), Signal::Ended(Reason::Preempted));
    assert_eq!(*one.signals().borrow(), Signal::Ended(Reason::Preempted));
    assert!(stand.begin("703", Some(9)).is_err(), "the first emergency stays");
    let states: Vec<&str> = stand.paging.zones().iter().map(|zone| zone.state.as_str()).collect();
    assert_eq!(states, ["paging"; 5]);
    emergency.end(Reason::Hangup).await;
    assert!(stand.paging.is_idle());
}

#[tokio::test]
async fn a_page_that_waits_has_its_outputs_and_plays_nothing() {
    let stand = Stand::of(builtin());
    let reserve = |zone, priority| stand.paging.reserve(&request(zone, priority, Right::House));
    let given_up = reserve("701", None).expect("free");
    assert!(matches!(stand.begin("701", None), Err(Refused::Taken { .. })));
    assert_eq!(stand.on("zone-701"), None, "nothing is opened");
    drop(given_up);
    let waits = reserve("701", None).expect("free again");
    assert!(!waits.is_emergency());
    let page = waits.begin().expect("still its own");
    assert_eq!(stand.on("zone-701"), Some(page.id().to_string()));
    page.cut(Reason::Hangup);
    // Somebody more urgent comes between: what he leaves is played on.
    let all = reserve("700", None).expect("free");
    let urgent = stand.begin("701", Some(8)).expect("more urgent");
    let all = all.begin().expect("three are left");
    assert_eq!(stand.on("zone-701"), Some(urgent.id().to_string()));
    assert_eq!(stand.on("zone-702"), Some(all.id().to_string()));
    drop((urgent, all));
    let one = reserve("701", None).expect("free");
    let emergency = reserve("700", Some(9)).expect("the most urgent");
    assert!(emergency.is_emergency());
    assert!(matches!(one.begin(), Err(Refused::Taken { .. })), "nothing is left");
    drop(emergency);
    let late = reserve("701", None).expect("free");
    stand.paging.drain(Duration::ZERO).await;
    assert_eq!(late.begin().err(), Some(Refused::Stopping));
    assert!(stand.paging.is_idle());
    assert!(stand.plays.lock().expect("nobody panics").is_empty());
}

#[tokio::test]
async fn limits_warn_and_end_a_page_and_so_does_a_dead_line() {
    let stand = Stand::of(builtin());
    let page = stand.begin("701", None).expect("free");
    let mut seen = Vec::new();
    for _ in 0..70 {
        stand.clock.advance(TimeDelta::seconds(1));
        page.push(&[0; 160]);
        stand.paging.step();
        seen.push(*page.signals().borrow());
    }
    assert_eq!(seen.iter().filter(|signal| **signal == Signal::Playing).count(), 49);
    assert_eq!(seen.iter().filter(|signal| **signal == Signal::Warning).count(), 10);
    assert_eq!(seen.last(), Some(&Signal::Ended(Reason::Limit)));
    assert!(stand.paging.is_idle());
    let silent = stand.begin("701", None).expect("free again");
    stand.clock.advance(TimeDelta::seconds(21));
    stand.paging.step();
    assert_eq!(*silent.signals().borrow(), Signal::Ended(Reason::MediaTimeout));
}

#[tokio::test]
async fn who_may_page_what_and_when() {
    let closed = |zone: &mut Zone| {
        let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
        zone.schedule = vec![Hours { days: vec![Weekday::Mon], from: clock(8), to: clock(9) }];
    };
    let stand = Stand::of(changed("701", closed));
    assert_eq!(stand.begin("701", None).err(), Some(Refused::Closed("701".to_owned())));
    assert!(stand.begin("701", Some(9)).is_ok(), "an emergency always may");
    assert_eq!(stand.begin("799", None).err(), Some(Refused::UnknownZone("799".to_owned())));
    let ana = Caller {
        name: "ana".to_owned(),
        numbers: Vec::new(),
        networks: Vec::new(),
        user: None,
        password: None,
        md5_only: false,
        zones: vec!["702".to_owned()],
        priority: 6,
        pin: false,
    };
    let by_ana =
        |zone, priority| stand.paging.begin(request(zone, priority, Right::Caller(Arc::new(ana.clone())))).err();
    assert_eq!(by_ana("702", None), None);
    assert_eq!(by_ana("702", Some(7)), Some(Refused::TooUrgent(7)));
    assert_eq!(by_ana("703", None), Some(Refused::NotAllowed("703".to_owned())));
    assert_eq!(stand.paging.begin(request("702", Some(9), Right::Pin)).err(), Some(Refused::TooUrgent(9)));
    let only_ana = Stand::of(changed("702", |zone| zone.callers = vec!["ana".to_owned()]));
    let refused = only_ana.paging.begin(request("702", None, Right::Pin)).err();
    assert_eq!(refused, Some(Refused::NotAllowed("702".to_owned())));
}

#[tokio::test]
async fn what_is_switched_off_opens_nothing() {
    let mut config = builtin();
    config.enabled = false;
    let stand = Stand::of(config);
    let refused = stand.begin("701", Some(9)).expect_err("switched off");
    assert_eq!((refused.sip(), refused), (480, Refused::Disabled("701".to_owned())));
    assert_eq!(stand.paging.zones()[0].state.as_str(), "disabled");
    let dead = Stand::with(builtin(), Mute { dead: true, ..Mute::default() });
    assert_eq!(dead.begin("701", None).err().map(|why| why.sip()), Some(480));
    assert!(dead.paging.is_idle(), "no lock stays behind");
}

#[tokio::test]
async fn a_stop_lets_pages_end_and_takes_no_new_ones() {
    let stand = Stand::of(builtin());
    let page = stand.begin("701", None).expect("free");
    stand.paging.drain(Duration::ZERO).await;
    assert_eq!(*page.signals().borrow(), Signal::Ended(Reason::Shutdown));
    assert_eq!(stand.begin("701", None).err(), Some(Refused::Stopping));
}

#[tokio::test]
async fn a_file_plays_at_its_pace_and_ends_its_page() {
    let stand = Stand::of(builtin());
    let page = stand.begin("701", None).expect("free");
    let signals = page.signals();
    let began = tokio::time::Instant::now();
    play(page, Samples::new(vec![1; 480])).await;
    assert_eq!(*signals.borrow(), Signal::Ended(Reason::Finished));
    assert!(began.elapsed() >= Duration::from_millis(60), "20 ms before the first word, then three frames");
}
