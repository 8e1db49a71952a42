//! A Postgres of the test's own, which can be stopped and started. On a unix socket only, as `scripts/postgres` does it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const PORT: u16 = 54321;

/// A cluster that is gone when it is dropped.
pub(crate) struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// One outage at a time.
    outage: Mutex<()>,
}

impl Cluster {
    /// Runs, with an empty database. `None` where there is no Postgres, but never in CI.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var("CI").is_err(), "there is no Postgres: run scripts/test");
            return None;
        };
        // Always /tmp: a socket's path has 107 bytes, and the cluster's owner must be able to enter.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(format!("/tmp/switchboard-chaos.{}.{number}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        if is_root() {
            run(Command::new("chown").arg(owner()).arg(&folder));
        }
        let cluster = Self { folder, programs, outage: Mutex::new(()) };
        let data = cluster.data();
        let settings = format!(
            "listen_addresses=''\nunix_socket_directories='{}'\nport={PORT}\nmax_connections=200\nfsync=on\njit=off\n",
            cluster.folder.display()
        );
        let user = ["--username=switchboard", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        run(cluster.program("initdb").arg("--pgdata").arg(&data).args(user));
        let conf = data.join("postgresql.conf");
        let known = std::fs::read_to_string(&conf).expect("its settings");
        std::fs::write(&conf, known + &settings).expect("its settings");
        cluster.up();
        Some(cluster)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://switchboard@localhost:{PORT}/postgres?host={}", self.folder.display())
    }

    fn up(&self) {
        let log = self.folder.join("server.log");
        let mut start = self.program("pg_ctl");
        run(start
            .args(["start", "--wait", "--silent", "--timeout=60"])
            .arg("--log")
            .arg(log)
            .arg("-D")
            .arg(self.data()));
    }

    /// Stops it (`fast` as an operator does, `immediate` as a crash would), and starts it so much later.
    pub(crate) fn away(&self, mode: &str, time: Duration) {
        let _outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stop = self.program("pg_ctl");
        run(stop.args(["stop", "--silent", "--mode", mode]).arg("-D").arg(self.data()));
        std::thread::sleep(time);
        self.up();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Postgres refuses to run as root: there the cluster belongs to an ordinary user.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", owner(), "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        let _ = stop
            .args(["stop", "--silent", "--mode", "immediate"])
            .arg("-D")
            .arg(self.data())
            .stderr(Stdio::null())
            .status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("it runs");
    assert!(status.success(), "{command:?}: {status}");
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn owner() -> &'static str {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    if known.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" }
}

/// The folder with `initdb` and `pg_ctl`: the newest that Debian keeps, else what PATH has.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let mut found: Vec<_> =
        debian.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort_by_key(|bin| version(bin));
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.pop().or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()))
}

fn version(bin: &Path) -> u32 {
    let name = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or_default()
}
