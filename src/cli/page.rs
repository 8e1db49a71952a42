//! `switchboard page`: speech into loudspeakers, from the shell.

use super::admin::AdminArgs;
use super::page_ears::Ears;
use crate::app::{FolderError, InstanceLock, fanout};
use crate::base::Clock;
use crate::cli::say;
use crate::config::{Loaded, Source, SystemSource, load_from};
use crate::db::Db;
use crate::paging::{
    Asker, Dialler, DiallerParts, Origin, Paging, Parts, Ports, Reason, Request, Right, Samples, Signal, play,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Page a zone
///
/// Where a service runs on this machine's DATA_DIR, it is asked to (with ADMIN_TOKEN, as operators are); otherwise this process
/// plays on the outputs itself.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard page 701 closing.wav\n  \
    switchboard page 700 evacuate.wav --priority 9\n  \
    switchboard page 701 closing.wav --listen heard/     (no hardware: what each speaker heard, as WAV)\n\n\
    Exit codes: 0 paged, 1 refused or not played, 2 usage")]
pub struct Args {
    /// Extension of the zone: 701 to 799, or 700 for all
    zone: String,
    /// What is played: a WAV file
    #[arg(value_name = "FILE.wav")]
    file: PathBuf,
    /// 0 (music) to 9 (emergency) [default: the zone's own]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=9))]
    priority: Option<u8>,
    /// Play to listeners in this process instead of the loudspeakers, and write what each heard into this folder
    #[arg(long, value_name = "DIR")]
    listen: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let loaded = match load_from(&SystemSource) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    match runtime.block_on(paged(args, loaded)) {
        Ok(told) => {
            tell(args, &told);
            if told.get("reason").is_none_or(|reason| reason == Reason::Finished.as_str()) {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(why) => say::failure(&why),
    }
}

fn tell(args: &Args, told: &Value) {
    if args.json {
        return say::json(told);
    }
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let _ = say::line(&format!("{}  zone {}  {}", text("id"), args.zone, text("state")));
    for heard in told.get("heard").and_then(Value::as_array).into_iter().flatten() {
        let of = |name: &str| heard.get(name).map(Value::to_string).unwrap_or_default().replace('"', "");
        let _ = say::line(&format!("  {:<20} {:>6} packets  {}", of("output"), of("packets"), of("file")));
    }
}

async fn paged(args: &Args, loaded: Loaded) -> Result<Value, String> {
    let file = std::fs::read(&args.file).map_err(|why| format!("{}: {why}", args.file.display()))?;
    let sound = Samples::of_wav(&file).map_err(|why| format!("{}: {why}", args.file.display()))?;
    if let Some(folder) = &args.listen {
        return listened(args, loaded, sound, folder).await;
    }
    match InstanceLock::take(&loaded.settings.storage.data_dir) {
        Err(FolderError::InUse(_)) => asked(args, &file).await,
        // Held while it plays: a service that starts now must not play into it.
        Ok(_lock) => played(args, loaded, sound).await,
        Err(why) => Err(why.to_string()),
    }
}

/// The service pages: its locks keep pages apart.
async fn asked(args: &Args, file: &[u8]) -> Result<Value, String> {
    let mut wish = json!({ "zone": args.zone, "audio": STANDARD.encode(file) });
    if let (Some(priority), Some(wish)) = (args.priority, wish.as_object_mut()) {
        wish.insert("priority".to_owned(), priority.into());
    }
    args.admin.client()?.post(&["pages"], &wish).await
}

/// No service runs here: this process is the only one that plays.
async fn played(args: &Args, loaded: Loaded, sound: Samples) -> Result<Value, String> {
    if loaded.paging.zones.is_empty() {
        return Err("there are no zones: set SIP_BIND_ADDR, or write [paging] into switchboard.toml".to_owned());
    }
    let room = Room::open(&loaded, loaded.paging.clone())?;
    let told = page(args, &room.paging, sound).await;
    room.close().await;
    told
}

/// Nothing leaves this machine: every output is a listener of ours.
async fn listened(args: &Args, loaded: Loaded, sound: Samples, folder: &Path) -> Result<Value, String> {
    let config = if loaded.paging.zones.is_empty() { Ears::builtin()? } else { loaded.paging.clone() };
    let (ears, config) = Ears::instead_of(&config).map_err(|why| format!("cannot listen: {why}"))?;
    let room = Room::open(&loaded, config)?;
    let told = page(args, &room.paging, sound).await;
    room.close().await;
    let mut told = told?;
    let heard = ears.written(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    if let Some(told) = told.as_object_mut() {
        told.insert("heard".to_owned(), heard);
    }
    Ok(told)
}

/// The room of this process, with what it needs to call speakers.
struct Room {
    paging: Paging,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Room {
    fn open(loaded: &Loaded, config: crate::config::paging::Paging) -> Result<Self, String> {
        let (seed, bind) = (chance(), loaded.settings.paging.sip_bind_addr);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let ports = Ports::new(&loaded.settings.paging.rtp_ports);
        let dialler = DiallerParts { bind, ports, tasks: tasks.clone(), stop: stop.clone() };
        let dialler = Dialler::start(dialler).map_err(|why| why.to_string())?;
        let speakers = fanout(bind, seed).map_err(|why| why.to_string())?.calling_by(Arc::new(dialler));
        // Rows are the service's: this process never opens its database.
        let db = Db::open(loaded.settings.storage.database.url()).map_err(|why| why.to_string())?;
        let (clock, speakers) = (Clock::System, Arc::new(speakers));
        let paging = Paging::new(Parts { config, speakers, db, clock, holder: "page".into(), instance: seed });
        Ok(Self { paging, tasks, stop })
    }

    /// Hangs up.
    async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a run is told apart from others by chance, once")]
fn chance() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

async fn page(args: &Args, paging: &Paging, sound: Samples) -> Result<Value, String> {
    let request = Request {
        zones: vec![args.zone.clone()],
        priority: args.priority,
        origin: Origin::Command,
        right: Right::House,
        asker: Asker { user: SystemSource.var("USER"), ..Asker::default() },
        id: None,
    };
    let length_ms = sound.ms();
    let page = paging.begin(request).map_err(|why| why.to_string())?;
    let (id, signals) = (page.id().as_str().to_owned(), page.signals());
    let looks = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            paging.step();
        }
    };
    tokio::select! {
        () = play(page, sound) => {}
        () = looks => {}
    }
    let reason = match *signals.borrow() {
        Signal::Ended(reason) => reason.as_str(),
        Signal::Playing | Signal::Warning => Reason::Cancelled.as_str(),
    };
    Ok(json!({ "id": id, "state": "ended", "reason": reason, "zones": [args.zone], "length_ms": length_ms }))
}
