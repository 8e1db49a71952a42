//! A place to page on this machine: an address and groups of its own, so that neighbours do not hear each other.

use crate::house::House;
use crate::support::Database;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};
use switchboard::base::Clock;
use switchboard::simulator::{Handset, HandsetError, Speaker};

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// Where callers are who need no password.
pub(crate) const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Signs operators' tokens there.
pub(crate) const JWT_SECRET: &str = "a-signing-secret-of-tests-4567";
/// What a caller of the telephone has to know there.
pub(crate) const PIN: &str = "471147";

/// Two loudspeakers, a zone for each, and 700 for both.
pub(crate) struct Place {
    /// Where SIP is answered.
    pub(crate) sip: SocketAddr,
    hall: SocketAddrV4,
    yard: SocketAddrV4,
}

impl Place {
    /// All of 127.0.0.0/8 is this machine: each place has an address that no other one has, and the usual ports.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU8 = AtomicU8::new(0);
        let (nth, [_, _, high, low]) = (COUNT.fetch_add(1, Ordering::Relaxed), std::process::id().to_be_bytes());
        let group = |of: u8| SocketAddrV4::new(Ipv4Addr::new(239, (nth % 64) * 2 + of, high, low), 5004);
        let sip = SocketAddr::from((Ipv4Addr::new(127, 64 + nth % 64, high, low), 5060));
        Self { sip, hall: group(0), yard: group(1) }
    }

    /// The file of such a place; `more` stands behind it, `hall` in its first loudspeaker.
    pub(crate) fn file(&self, hall: &str, more: &str) -> String {
        let output = |name: &str, to: SocketAddrV4, more: &str| {
            let (group, port) = (to.ip(), to.port());
            format!(
                "[paging.outputs.{name}]\nkind = \"multicast\"\naddress = \"{group}\"\nport = {port}\n\
                 interface = \"127.0.0.1\"\nlocal = true\n{more}\n"
            )
        };
        format!(
            "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\ntimezone = \"America/Edmonton\"\n\
             [lines.menus.main]\nprompt = \"To page, press 7.\"\nkeys = {{ 7 = {{ page = \"701\" }}, 9 = \"voicemail\" }}\n\
             {}{}[paging.zones.700]\npriority = 7\n[paging.zones.701]\noutputs = [\"hall\"]\n\
             [paging.zones.702]\noutputs = [\"yard\"]\n{more}",
            output("hall", self.hall, hall),
            output("yard", self.yard, ""),
        )
    }

    /// What the environment says there.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("SIP_BIND_ADDR", self.sip.to_string()),
            ("RTP_PORT_RANGE", "10000-10039".to_owned()),
            ("JWT_SECRET", JWT_SECRET.to_owned()),
            ("PAGING_PIN", PIN.to_owned()),
        ]
    }

    /// The service there, with this behind its file.
    pub(crate) async fn house(&self, database: &Database, clock: Clock, more: &str) -> House {
        let variables = self.variables();
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        House::at(clock, &database.url, &variables, Some(&self.file("", more))).await
    }

    /// Somebody on this machine calls a zone.
    pub(crate) async fn call(&self, zone: &str) -> Result<Handset, HandsetError> {
        Handset::call(self.sip, HERE.into(), zone).await
    }

    /// A listener instead of the loudspeaker of 701.
    pub(crate) fn hall(&self) -> Speaker {
        Speaker::group(self.hall, HERE).expect("a speaker")
    }

    /// A listener instead of the loudspeaker of 702.
    pub(crate) fn yard(&self) -> Speaker {
        Speaker::group(self.yard, HERE).expect("a speaker")
    }
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < LONG, "{what}: not after {LONG:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Frames of quiet speech, each unlike all others: mu-law that is the same when it was samples in between.
pub(crate) fn quiet_frames(count: usize) -> Vec<[u8; 160]> {
    let sample = |n: usize, i: usize| (((n * 37 + i * 11) % 97) as i16 - 48) * 10 + 4;
    let frame = |n: usize| std::array::from_fn(|i| switchboard::audio::g711::encode(sample(n, i)));
    (0..count).map(frame).collect()
}
