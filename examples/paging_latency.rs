//! How long speech is on its way from a telephone to a loudspeaker: the real service, real SIP and real RTP, on loopback.
//!
//!     cargo run --release --locked --example paging_latency [PAGES]
//!
//! Zones without chime and without settling. What a loudspeaker gets first is 100 ms of silence that opens it; a word that
//! comes with the answer waits for that, one that comes later only for the jitter buffer.

use std::error::Error;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};
use switchboard::app;
use switchboard::base::Clock;
use switchboard::config::{FixedSource, load};
use switchboard::simulator::{Handset, HeardPacket, Speaker};

type Outcome<T> = Result<T, Box<dyn Error>>;

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const GROUP: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(239, 255, 99, 1), 5004);
const SIP: &str = "127.99.0.1:5060";
/// Nothing said, as mu-law.
const SILENCE: u8 = 0xff;

fn main() -> Outcome<()> {
    let pages = match std::env::args().nth(1) {
        Some(pages) => pages.parse()?,
        None => 50,
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measured(pages))
}

async fn measured(pages: u32) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("paging-latency-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let data = folder.display().to_string();
    let url = format!("sqlite://{data}/switchboard.db");
    let source = FixedSource::new([
        ("BIND_ADDR", "127.0.0.1:0"),
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", data.as_str()),
        ("TWILIO_AUTH_TOKEN", "measured-without-a-carrier"),
        ("SIP_BIND_ADDR", SIP),
    ]);
    let file = format!(
        "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n[paging.outputs.hall]\nkind = \"multicast\"\n\
         address = \"{}\"\ninterface = \"{HERE}\"\nlocal = true\n[paging.zones.701]\noutputs = [\"hall\"]\n\
         [paging.zones.799]\noutputs = [\"hall\"]\npriority = 9\n",
        GROUP.ip()
    );
    let listed = |mistakes: Vec<_>| format!("{mistakes:?}");
    let running = app::start(load(&source, Some(("latency.toml", &file))).map_err(listed)?, Clock::System).await?;
    let mut figures = Figures::default();
    for nth in 0..pages {
        page(nth, &mut figures).await?;
        emergency(&mut figures).await?;
    }
    running.stop().await;
    std::fs::remove_dir_all(&folder)?;
    figures.report()
}

#[derive(Default)]
struct Figures {
    answered: Vec<Duration>,
    word: Vec<Duration>,
    first_word: Vec<Duration>,
    packet_of_emergency: Vec<Duration>,
    word_of_emergency: Vec<Duration>,
}

async fn call(zone: &str) -> Outcome<Handset> {
    let house: SocketAddr = SIP.parse()?;
    Ok(Handset::call(house, HERE.into(), zone).await?)
}

/// One page whose caller waits a little before he speaks, and one whose caller does not.
async fn page(nth: u32, figures: &mut Figures) -> Outcome<()> {
    for wait in [300 + u64::from(nth * 7 % 20), 0] {
        let ear = Speaker::group(GROUP, HERE)?;
        let mut phone = call("701").await?;
        figures.answered.push(phone.answered_after());
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let began = Instant::now();
        phone.mouth.say_all(&[[0x90; 160]; 15]).await?;
        let of = if wait == 0 { &mut figures.first_word } else { &mut figures.word };
        of.push(first(&ear, has_sound).ok_or("nothing was heard")?.duration_since(began));
        phone.hang_up().await?;
    }
    Ok(())
}

/// While somebody speaks, an emergency takes the loudspeaker.
async fn emergency(figures: &mut Figures) -> Outcome<()> {
    let ear = Speaker::group(GROUP, HERE)?;
    let mut normal = call("701").await?;
    normal.mouth.say_all(&[[0xa0; 160]; 15]).await?;
    let before = ear.heard().first().and_then(ssrc).ok_or("nothing was heard")?;
    let began = Instant::now();
    let mut urgent = call("799").await?;
    urgent.mouth.say_all(&[[0x90; 160]; 15]).await?;
    let new = |packet: &HeardPacket| ssrc(packet).is_some_and(|name| name != before);
    let packet = first(&ear, new).ok_or("no emergency was heard")?;
    let word = first(&ear, |packet| new(packet) && has_sound(packet)).ok_or("no word was heard")?;
    figures.packet_of_emergency.push(packet.duration_since(began));
    figures.word_of_emergency.push(word.duration_since(began));
    if normal.hung_up(Duration::from_secs(2)).await.as_deref() != Some("SIP;cause=503;text=\"Preempted\"") {
        return Err("who was overruled was not told".into());
    }
    urgent.hang_up().await?;
    Ok(())
}

fn first(ear: &Speaker, wanted: impl Fn(&HeardPacket) -> bool) -> Option<Instant> {
    ear.heard().iter().find(|packet| wanted(packet)).map(|packet| packet.at)
}

fn has_sound(packet: &HeardPacket) -> bool {
    packet.bytes.iter().skip(12).any(|byte| *byte != SILENCE)
}

fn ssrc(packet: &HeardPacket) -> Option<[u8; 4]> {
    packet.bytes.get(8..12)?.try_into().ok()
}

impl Figures {
    fn report(&self) -> Outcome<()> {
        let mut out = std::io::stdout().lock();
        for (what, times) in [
            ("INVITE to 200", &self.answered),
            ("mouth to loudspeaker", &self.word),
            ("the same, spoken at once", &self.first_word),
            ("emergency: INVITE to first packet", &self.packet_of_emergency),
            ("emergency: INVITE to first word", &self.word_of_emergency),
        ] {
            let mut times = times.clone();
            times.sort_unstable();
            let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
            let [half, most, all] = [0.5, 0.95, 1.0].map(|share| at(share).as_secs_f64() * 1_000.0);
            let count = times.len();
            writeln!(out, "{what:<34} p50 {half:6.1} ms  p95 {most:6.1} ms  max {all:6.1} ms  ({count})")?;
        }
        Ok(())
    }
}
