//! The service of a demo: everything real, in a folder that goes away with it.

use super::scenes::NUMBERS;
use crate::app::{self, Running, StartError};
use crate::base::{Clock, Secret, Time};
use crate::cli::page_ears::Ears;
use crate::config::{BUILTIN, FixedSource, Mistake, Source, load};
use crate::simulator::{Carrier, CarrierSettings, RunningTwin, SimulatorError, Target, Twin, TwinOptions};
use chrono::TimeDelta;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// What the carrier was given. Nothing listens there: the demo plays the proxy in front as well.
pub(super) const PUBLIC_URL: &str = "https://phone.example.com";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const USUAL: &str = "127.0.0.1:8080";
const ANY_FREE: &str = "127.0.0.1:0";
const MOST_TRIES: u32 = 5;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    /// Calls of strangers' lines have no place beside a demo.
    #[error("the demo does not run with ENVIRONMENT=production")]
    Production,
    /// The demo has no operators and no secrets worth the name.
    #[error("the demo listens on this machine only: BIND_ADDR={0} is not loopback")]
    NotLoopback(String),
    /// Our own configuration.
    #[error("the demo's configuration is wrong: {0}")]
    Config(String),
    /// The data folder.
    #[error("cannot make a folder for the demo in {folder}: {source}")]
    Folder {
        /// Where.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Sockets.
    #[error("cannot listen where loudspeakers would: {0}")]
    Ears(#[source] io::Error),
    /// The service.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The carrier.
    #[error(transparent)]
    Carrier(#[from] SimulatorError),
}

/// A running service with its carrier.
#[derive(Debug)]
pub(super) struct House {
    running: Running,
    twin: RunningTwin,
    pub(super) carrier_token: Secret,
    pub(super) admin_token: Secret,
    /// Where telephones call.
    pub(super) sip: SocketAddr,
    /// What stands where loudspeakers would.
    pub(super) ears: Ears,
    folder: Folder,
}

impl House {
    /// Starts it; `source` is the user's environment, of which only BIND_ADDR, ENVIRONMENT and RUST_LOG count.
    pub(super) async fn open(source: &dyn Source) -> Result<Self, DemoError> {
        let address = address(source)?;
        let (carrier_token, admin_token) = (by_chance(), by_chance());
        let folder = Folder::new()?;
        let (account_sid, token) = (Some(ACCOUNT.to_owned()), Some(carrier_token.clone()));
        let twin = Twin::start(TwinOptions { account_sid, token, ..TwinOptions::default() }).await?;
        let urls = [("VoiceUrl", "voice"), ("VoiceFallbackUrl", "fallback"), ("StatusCallback", "status")];
        let urls = urls.map(|(name, path)| (name, format!("{PUBLIC_URL}/twilio/{path}")));
        let urls: Vec<_> = urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
        for number in NUMBERS {
            // A new twin has nothing that could stand in the way.
            let _ = twin.own(ACCOUNT, number, &urls);
        }
        let log = source.var("RUST_LOG").filter(|filter| !filter.is_empty()).unwrap_or_else(|| "error".to_owned());
        let settings = |bind: &str| {
            let path = folder.0.display();
            FixedSource::new([
                ("BIND_ADDR", bind),
                ("PUBLIC_URL", PUBLIC_URL),
                ("DATA_DIR", &path.to_string()),
                ("DATABASE_URL", &format!("sqlite://{path}/switchboard.db")),
                ("TWILIO_ACCOUNT_SID", ACCOUNT),
                ("TWILIO_AUTH_TOKEN", carrier_token.expose()),
                ("TWILIO_API_BASE_URL", &twin.base_url()),
                ("ADMIN_TOKEN", admin_token.expose()),
                ("RUST_LOG", &log),
                ("SIP_BIND_ADDR", ANY_FREE),
            ])
        };
        let mut bind = address.as_deref().unwrap_or(USUAL);
        let mut tries = 0;
        let (running, ears) = loop {
            tries += 1;
            match start(&settings(bind)).await {
                Err(DemoError::Start(StartError::Listen { source, .. }))
                    if address.is_none() && bind != ANY_FREE && source.kind() == io::ErrorKind::AddrInUse =>
                {
                    bind = ANY_FREE;
                }
                // A port that is free for UDP may be taken for TCP.
                Err(DemoError::Start(StartError::Sip(_))) if tries < MOST_TRIES => {}
                started => break started?,
            }
        };
        let sip = running.sip_address().unwrap_or(running.address());
        Ok(Self { running, twin, carrier_token, admin_token, sip, ears, folder })
    }

    /// Where it listens.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.running.address())
    }

    /// Where what was heard is written, unless somebody wants to keep it.
    pub(super) fn heard(&self) -> PathBuf {
        self.folder.0.join("heard")
    }

    /// A carrier that signs with `token`.
    pub(super) fn carrier(&self, token: Secret) -> Result<Carrier, DemoError> {
        let target = Target::new(&self.base_url(), Some(PUBLIC_URL))?;
        let settings = CarrierSettings::new(target, ACCOUNT, token);
        Ok(Carrier::new(settings, self.twin.archive())?)
    }

    /// Stops it, and removes what it stored.
    pub(super) async fn close(self) {
        self.running.stop().await;
    }
}

/// With listeners instead of loudspeakers.
async fn start(source: &FixedSource) -> Result<(Running, Ears), DemoError> {
    let lines = lines(Clock::System.now());
    let listed = |mistakes: Vec<Mistake>| {
        let all: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        DemoError::Config(all.join("; "))
    };
    let mut loaded = load(source, Some(("demo.toml", &lines))).map_err(listed)?;
    let (ears, paging) = Ears::instead_of(&loaded.paging).map_err(DemoError::Ears)?;
    loaded.paging = paging;
    app::start_logging(&loaded.settings.log);
    Ok((app::start(loaded, Clock::System).await?, ears))
}

/// The built-in line, and those beside it.
fn lines(now: Time) -> String {
    let tomorrow = (now + TimeDelta::days(1)).format("%a").to_string().to_lowercase();
    let bakery = include_str!("bakery.toml").replace("\nmon = ", &format!("\n{tomorrow} = "));
    let others = [include_str!("clinic.toml"), &bakery, include_str!("workshop.toml"), include_str!("townhall.toml")];
    format!("{BUILTIN}{}", others.concat())
}

/// BIND_ADDR, if it is set and on this machine.
fn address(source: &dyn Source) -> Result<Option<String>, DemoError> {
    if source.var("ENVIRONMENT").as_deref() == Some("production") {
        return Err(DemoError::Production);
    }
    let Some(given) = source.var("BIND_ADDR").filter(|given| !given.is_empty()) else { return Ok(None) };
    match given.parse::<SocketAddr>() {
        Ok(address) if !address.ip().is_loopback() => Err(DemoError::NotLoopback(given)),
        // What is no address at all is refused by the settings, with what to do about it.
        _ => Ok(Some(given)),
    }
}

/// 32 characters nobody can guess.
#[expect(clippy::disallowed_methods, reason = "the secrets of one demo are made by chance, like a person would")]
pub(super) fn by_chance() -> Secret {
    Secret::new(uuid::Uuid::new_v4().simple().to_string())
}

/// A folder of our own, removed with everything in it.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, DemoError> {
        let folder = std::env::temp_dir().join(format!("switchboard-demo-{}", uuid::Uuid::now_v7().simple()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
        made.map_err(|source| DemoError::Folder { folder: folder.clone(), source })?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in a temporary folder is the system's to clear.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
