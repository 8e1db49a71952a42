//! The service as processes of their own, which can be killed and come back.

use crate::checker::Audit;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchboard::base::Secret;
use switchboard::simulator::{Archive, Carrier, CarrierSettings, RunningTwin, Target, Twin, TwinOptions};

pub(crate) const TOKEN: &str = "test-token-of-the-carrier";
const PUBLIC_URL: &str = "https://phone.example.com";
pub(crate) const ADMIN: &str = "an-admin-token-of-enough-characters";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// Nothing answers there: no test may reach the real carrier.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Instances that share a database, behind one public URL.
pub(crate) struct Fleet {
    instances: Vec<Mutex<Instance>>,
    target: Target,
    /// Where each answers now.
    addresses: Mutex<Vec<String>>,
    twin: Option<RunningTwin>,
    _data: tempfile::TempDir,
}

struct Instance {
    database_url: String,
    api_base: String,
    data: PathBuf,
    running: Option<(Child, String)>,
}

impl Instance {
    fn start(&mut self) -> String {
        let mut child = self
            .command("serve")
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("PUBLIC_URL", PUBLIC_URL)
            .env("TWILIO_ACCOUNT_SID", ACCOUNT)
            .env("TWILIO_AUTH_TOKEN", TOKEN)
            .env("TWILIO_API_BASE_URL", &self.api_base)
            .env("ADMIN_TOKEN", ADMIN)
            .env("DATA_KEY", "a-data-key-of-tests-0123456789ab")
            .env("LOG_FORMAT", "json")
            .env("RUST_LOG", std::env::var("CHAOS_LOG").unwrap_or_else(|_| "info".to_owned()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line).ok()?;
            line.get("address")?.as_str().map(str::to_owned)
        });
        let heard = std::env::var("CHAOS_LOG").is_ok();
        // Reads on to the end, or the process would stop at a full pipe.
        std::thread::spawn(move || lines.filter(|_| heard).for_each(|line| eprintln!("{line}")));
        let base = format!("http://{}", address.expect("it says where it listens"));
        self.running = Some((child, base.clone()));
        base
    }

    /// The binary, by way of a shell that lets a write past a limit fail instead of ending the process.
    fn command(&self, what: &str) -> Command {
        // A release build, for figures: CHAOS_BINARY=target/release/switchboard.
        let built = env!("CARGO_BIN_EXE_switchboard");
        let binary = std::env::var("CHAOS_BINARY").unwrap_or_else(|_| built.to_owned());
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("trap '' XFSZ; exec '{binary}' {what}")]);
        command.current_dir(&self.data).env_clear();
        command.env("DATABASE_URL", &self.database_url).env("DATA_DIR", self.data.join("data"));
        command
    }

    fn kill(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            child.kill().expect("it was running");
            child.wait().expect("it is gone");
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Fleet {
    /// So many instances on one database, and no REST API.
    pub(crate) fn start(count: usize, database_url: &str) -> Self {
        Self::begin(count, database_url, None)
    }

    /// The same, with a carrier whose REST API fails now and then. They share one folder of audio, as docs/OPERATIONS.md
    /// says.
    pub(crate) async fn with_carrier(count: usize, database_url: &str, (seed, faults): (u64, f64)) -> Self {
        let token = Some(Secret::new(TOKEN));
        let options = TwinOptions { seed, faults, account_sid: Some(ACCOUNT.to_owned()), token, ..Default::default() };
        Self::begin(count, database_url, Some(Twin::start(options).await.expect("a pretend carrier")))
    }

    fn begin(count: usize, database_url: &str, twin: Option<RunningTwin>) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let api_base = twin.as_ref().map_or_else(|| NOWHERE.to_owned(), |twin| twin.base_url());
        let (mut target, mut addresses) = (None, Vec::new());
        let instances = (0..count).map(|number| {
            let folder = data.path().join(number.to_string());
            share_audio(data.path(), &folder);
            let (database_url, api_base) = (database_url.to_owned(), api_base.clone());
            let mut instance = Instance { database_url, api_base, data: folder, running: None };
            let base = instance.start();
            target = Some(match target.take() {
                None => Target::new(&base, Some(PUBLIC_URL)).expect("an address"),
                Some(target) => Target::and(target, &base).expect("an address"),
            });
            addresses.push(base);
            Mutex::new(instance)
        });
        let (instances, addresses) = (instances.collect(), Mutex::new(addresses));
        Self { instances, target: target.expect("one instance at least"), addresses, twin, _data: data }
    }

    /// The carrier's REST side.
    pub(crate) fn twin(&self) -> Option<&RunningTwin> {
        self.twin.as_ref()
    }

    /// Where an instance answers, or did before it was killed.
    pub(crate) fn address(&self, number: usize) -> String {
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses[number % addresses.len()].clone()
    }

    pub(crate) fn size(&self) -> usize {
        self.instances.len()
    }

    /// A carrier whose requests go to each in turn.
    pub(crate) fn carrier(&self) -> Carrier {
        let settings = CarrierSettings::new(self.target.clone(), ACCOUNT, Secret::new(TOKEN));
        let archive = self.twin.as_ref().map_or_else(Archive::default, |twin| twin.archive());
        Carrier::new(settings, archive).expect("a carrier")
    }

    fn instance(&self, number: usize) -> std::sync::MutexGuard<'_, Instance> {
        let number = number % self.instances.len();
        self.instances[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// kill -9, and a new start at another address.
    pub(crate) fn kill_and_start(&self, number: usize) {
        let mut instance = self.instance(number);
        instance.kill();
        let (base, number) = (instance.start(), number % self.instances.len());
        self.target.moves(number, &base).expect("an address");
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)[number] = base;
    }

    /// No file of an instance can grow past so many bytes: its disk is full. `unlimited`: there is room again.
    pub(crate) fn limit_disks(&self, bytes: &str) {
        for number in 0..self.size() {
            let id = self.instance(number).running.as_ref().map(|(child, _)| child.id()).expect("it runs");
            let limit = format!("--fsize={bytes}:unlimited");
            let limited = Command::new("prlimit").args(["--pid", &id.to_string(), &limit]).status();
            assert!(limited.expect("prlimit runs").success());
        }
    }

    /// Waits until every instance says that all is well: what was spooled is stored.
    pub(crate) async fn settle(&self) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        for number in 0..self.size() {
            let base = self.instance(number).running.as_ref().map(|(_, base)| base.clone()).expect("it runs");
            let mut last = String::new();
            for _ in 0..600 {
                if let Ok(answer) = client.get(format!("{base}/health")).send().await {
                    last = answer.text().await.unwrap_or_default();
                    if is_settled(&last) {
                        break;
                    }
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert!(is_settled(&last), "instance {number} does not recover: {last}");
        }
    }

    /// SIGTERM to all: what is queued is stored before they go.
    pub(crate) fn stop(&self) {
        for number in 0..self.size() {
            let mut instance = self.instance(number);
            let Some((mut child, _)) = instance.running.take() else { continue };
            let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
            assert!(told.success());
            assert_eq!(child.wait().expect("it ends").code(), Some(0));
        }
    }

    /// What `consent verify` finds, with the audio that all of them share.
    pub(crate) fn audit(&self) -> Audit {
        let told = self.instance(0).command("consent verify --json").output().expect("it runs");
        serde_json::from_slice(&told.stdout).unwrap_or_else(|why| panic!("{why}: {told:?}"))
    }
}

/// One folder for all.
fn share_audio(all: &Path, folder: &Path) {
    let (audio, data) = (all.join("audio"), folder.join("data"));
    std::fs::create_dir_all(&audio).expect("a folder");
    std::fs::create_dir_all(&data).expect("a folder");
    std::os::unix::fs::symlink(audio, data.join("audio")).expect("a link");
}

/// Whether the database is up and nothing waits for it.
fn is_settled(health: &str) -> bool {
    let health: serde_json::Value = serde_json::from_str(health).unwrap_or_default();
    let of = |name: &str| {
        let checks = health["checks"].as_array();
        checks.and_then(|all| all.iter().find(|check| check["name"] == name)).unwrap_or(&health["checks"][name]).clone()
    };
    let storage = of("storage");
    let words = storage["detail"].as_str().unwrap_or_default();
    storage["status"] != "unhealthy"
        && words.starts_with("the database answers")
        && !words.contains(" wait")
        && !words.contains("spooled")
}
