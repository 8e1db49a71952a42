//! What the other rooms tell us about themselves, asked for whenever somebody wants to know.

use crate::base::{Time, rfc3339_ms};
use serde::Serialize;
use std::fmt;

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it should be.
    Healthy,
    /// Works, but somebody should look.
    Degraded,
    /// Does not work.
    Unhealthy,
}

/// One line of the health report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `storage`, `carrier` and the like.
    pub name: &'static str,
    /// How it is.
    pub status: CheckStatus,
    /// In words, for people. Public: no secret, no number, no address.
    pub detail: String,
    /// Whether answering a call needs it now. If not, it shows in its own line only.
    pub needed: bool,
}

/// Whether the database takes what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageState {
    /// Not reached yet since the start.
    Starting,
    /// It does.
    Up,
    /// It answers again, and takes first what waits in the spool.
    Behind,
    /// It is away.
    Down {
        /// Since when.
        since: Time,
    },
}

/// Where what the database does not take is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spool {
    /// On disk, in DATA_DIR.
    InPlace,
    /// On disk, but not in DATA_DIR, which cannot be written.
    Elsewhere,
    /// In memory only: no disk can be written.
    Nowhere,
}

/// The state of storage, and what it has cost so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Of the database, now.
    pub state: StorageState,
    /// Webhooks answered without being stored, in the last hour.
    pub unstored: u64,
    /// Of the spool, now.
    pub spool: Spool,
    /// Webhooks that wait to be stored.
    pub waiting: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
    /// When the first of them came.
    pub waiting_since: Option<Time>,
}

impl Storage {
    /// A house where all is well.
    pub const WELL: Self = Self {
        state: StorageState::Up,
        unstored: 0,
        spool: Spool::InPlace,
        waiting: 0,
        waiting_bytes: 0,
        waiting_since: None,
    };

    /// Whether the database can be asked.
    #[must_use]
    pub const fn is_up(self) -> bool {
        matches!(self.state, StorageState::Up | StorageState::Behind)
    }

    /// Whether webhooks go to the spool first.
    #[must_use]
    pub fn is_spooling(self) -> bool {
        self.state != StorageState::Up
    }

    fn check(self) -> Check {
        let database = match self.state {
            StorageState::Up => "the database answers".to_owned(),
            StorageState::Behind => "the database answers and takes what was spooled".to_owned(),
            StorageState::Starting => "the database has not been reached yet".to_owned(),
            StorageState::Down { since } => format!("the database is away since {}", rfc3339_ms(since)),
        };
        let mut detail = database;
        if self.waiting > 0 {
            detail += &format!("; {} webhooks wait to be stored", self.waiting);
        }
        detail += match (self.spool, self.is_up()) {
            (Spool::InPlace, _) => "",
            (Spool::Elsewhere, _) => "; the spool is not in DATA_DIR, which cannot be written",
            (Spool::Nowhere, true) => "; no disk takes a spool: with the database away nothing would be recorded",
            (Spool::Nowhere, false) => "; no disk takes a spool: calls are answered without recording",
        };
        if self.unstored > 0 {
            detail += &format!("; {} webhooks were not stored", self.unstored);
        }
        let status = match (self.spool, self.is_up()) {
            (Spool::Nowhere, false) => CheckStatus::Unhealthy,
            (Spool::InPlace, true) if self.unstored == 0 && !self.is_spooling() => CheckStatus::Healthy,
            _ => CheckStatus::Degraded,
        };
        Check { name: "storage", status, detail, needed: true }
    }
}

/// Asks something of another room.
pub type Ask<T> = Box<dyn Fn() -> T + Send + Sync>;

/// The questions; the app plugs in who answers them. Asked often: an answer is a few loads, never a query.
pub struct Probe {
    /// When the process started.
    pub started_at: Time,
    /// Whether what happens can be stored.
    pub storage: Ask<Storage>,
    /// Whether there is a world to decide by.
    pub world_loaded: Ask<bool>,
    /// Whether the stop signal has come.
    pub draining: Ask<bool>,
    /// Further checks: mail, speech engines, paging.
    pub more: Vec<Ask<Check>>,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("started_at", &self.started_at).finish_non_exhaustive()
    }
}

impl Probe {
    /// A house where all is well, for tests and for a start to build on.
    #[must_use]
    pub fn well(started_at: Time) -> Self {
        Self {
            started_at,
            storage: Box::new(|| Storage::WELL),
            world_loaded: Box::new(|| true),
            draining: Box::new(|| false),
            more: Vec::new(),
        }
    }

    /// Whether calls can be answered and more of them are welcome.
    #[must_use]
    pub fn ready(&self) -> bool {
        (self.world_loaded)() && !(self.draining)()
    }

    /// All checks.
    #[must_use]
    pub(in crate::ops) fn checks(&self) -> Vec<Check> {
        let mut checks = vec![(self.storage)().check(), self.world_check(), self.drain_check()];
        checks.extend(self.more.iter().map(|ask| ask()));
        checks
    }

    fn world_check(&self) -> Check {
        let (status, detail) = match (self.world_loaded)() {
            true => (CheckStatus::Healthy, "the lines are loaded"),
            false => (CheckStatus::Unhealthy, "no lines are loaded yet"),
        };
        Check { name: "lines", status, detail: detail.to_owned(), needed: true }
    }

    fn drain_check(&self) -> Check {
        let (status, detail) = match (self.draining)() {
            true => (CheckStatus::Degraded, "stopping: no new calls, running ones finish"),
            false => (CheckStatus::Healthy, "taking calls"),
        };
        Check { name: "drain", status, detail: detail.to_owned(), needed: true }
    }
}

/// The worst of what a call needs.
#[must_use]
pub(in crate::ops) fn overall(checks: &[Check]) -> CheckStatus {
    checks.iter().filter(|check| check.needed).map(|check| check.status).max().unwrap_or(CheckStatus::Healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_storage(storage: Storage) -> Probe {
        Probe { storage: Box::new(move || storage), ..Probe::well(Time::UNIX_EPOCH) }
    }

    #[test]
    fn storage_decides_health_and_readiness_does_not_care() {
        use CheckStatus::{Degraded, Healthy, Unhealthy};
        use Spool::{Elsewhere, InPlace, Nowhere};
        use StorageState::{Behind, Starting, Up};
        let down = StorageState::Down { since: Time::UNIX_EPOCH };
        for (state, spool, unstored, expected) in [
            (Up, InPlace, 0, Healthy),
            (Up, InPlace, 2, Degraded),
            (Up, Elsewhere, 0, Degraded),
            (Up, Nowhere, 0, Degraded),
            (Behind, InPlace, 0, Degraded),
            (Starting, InPlace, 0, Degraded),
            (Starting, Nowhere, 0, Unhealthy),
            (down, InPlace, 0, Degraded),
            (down, Elsewhere, 0, Degraded),
            (down, Nowhere, 0, Unhealthy),
        ] {
            let probe = with_storage(Storage { state, spool, unstored, ..Storage::WELL });
            assert_eq!(overall(&probe.checks()), expected, "{state:?} {spool:?}");
            assert!(probe.ready());
        }
    }

    #[test]
    fn the_report_says_what_waits() {
        let storage = Storage { state: StorageState::Behind, waiting: 7, ..Storage::WELL };
        let detail = storage.check().detail;
        assert_eq!(detail, "the database answers and takes what was spooled; 7 webhooks wait to be stored");
    }

    #[test]
    fn what_a_call_does_not_need_shows_in_its_own_line_only() {
        let carrier = || Check {
            name: "carrier",
            status: CheckStatus::Unhealthy,
            detail: "the REST API does not answer".to_owned(),
            needed: false,
        };
        let probe = Probe { more: vec![Box::new(carrier)], ..Probe::well(Time::UNIX_EPOCH) };
        assert_eq!(overall(&probe.checks()), CheckStatus::Healthy);
        assert!(probe.checks().contains(&carrier()));
    }

    #[test]
    fn not_ready_before_the_first_world_and_while_stopping() {
        let empty = Probe { world_loaded: Box::new(|| false), ..Probe::well(Time::UNIX_EPOCH) };
        assert!(!empty.ready());
        assert_eq!(overall(&empty.checks()), CheckStatus::Unhealthy);
        let stopping = Probe { draining: Box::new(|| true), ..Probe::well(Time::UNIX_EPOCH) };
        assert!(!stopping.ready());
        assert_eq!(overall(&stopping.checks()), CheckStatus::Degraded);
    }
}
