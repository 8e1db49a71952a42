//! Who makes the world: the lines of the file and what the tables add, compiled anew when either changes.

use super::wiring;
use crate::base::{Seal, SealedPlace};
use crate::config::Settings;
use crate::config::entries::Entries;
use crate::config::line::Line;
use crate::db::{Db, DbError};
use crate::world::{self, Stored, Subaccounts, World, Worlds};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps the current world up to date. Cloning is cheap.
#[derive(Clone)]
pub(super) struct WorldMaker(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    seal: Seal,
    worlds: Worlds,
    sources: Mutex<Sources>,
    /// The last thing that the tables said, for a start without the database.
    kept: PathBuf,
}

/// What a world is made from.
struct Sources {
    file: Vec<Line>,
    stored: Stored,
}

impl std::fmt::Debug for WorldMaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldMaker").finish_non_exhaustive()
    }
}

impl WorldMaker {
    /// The first world: the file's lines, and what the tables said when they were last read on this machine.
    pub(super) fn new(settings: Arc<Settings>, file: Vec<Line>, seal: Seal) -> Self {
        let kept = settings.storage.data_dir.join("world.json");
        let sources = Sources { file, stored: recall(&kept) };
        let world = compile(&settings, &sources, &seal);
        Self(Arc::new(Inner { settings, seal, worlds: Worlds::new(world), sources: Mutex::new(sources), kept }))
    }

    /// What decisions read.
    pub(super) fn worlds(&self) -> &Worlds {
        &self.0.worlds
    }

    /// The file was read anew.
    pub(super) fn replace_file(&self, lines: Vec<Line>) {
        let mut sources = self.sources();
        sources.file = lines;
        self.make(&sources);
    }

    /// Looks whether the tables say something new, and takes it; says whether they did.
    ///
    /// # Errors
    /// [`DbError`]; the world stays as it is.
    pub(super) async fn refresh(&self, db: &Db) -> Result<bool, DbError> {
        let version = world::version(db).await?;
        if self.sources().stored.version == version {
            return Ok(false);
        }
        let stored = world::stored(db).await?;
        if let Err(error) = keep(&self.0.kept, &stored) {
            tracing::warn!(%error, "a start without the database would not know the newest lines and numbers");
        }
        let mut sources = self.sources();
        sources.stored = stored;
        self.make(&sources);
        tracing::info!(lines = self.0.worlds.current().lines().len(), "lines and numbers of the database taken");
        Ok(true)
    }

    fn make(&self, sources: &Sources) {
        let mut world = compile(&self.0.settings, sources, &self.0.seal);
        world.prompts.follow(&self.0.worlds.current().prompts);
        self.0.worlds.replace(world);
    }

    fn sources(&self) -> MutexGuard<'_, Sources> {
        self.0.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn compile(settings: &Settings, sources: &Sources, seal: &Seal) -> World {
    let merged = sources.stored.merge(sources.file.clone());
    for what in &merged.overruled {
        tracing::warn!(what, "something stored is overruled");
    }
    let own = sources.stored.subaccounts.iter().filter_map(|account| {
        let place = SealedPlace { table: "subaccounts", column: "sealed_token", row: &account.sid };
        let token = seal.open(place, &account.sealed).inspect_err(|error| {
            tracing::error!(account = account.sid, %error, "webhooks of a sub-account are refused: its token is sealed");
        });
        Some((account.sid.clone(), token.ok()?))
    });
    let mut world = wiring::world(settings, merged.lines);
    world.overrides = sources.stored.overrides();
    world.entries = Entries::new(sources.stored.entries.iter().cloned());
    world.revoked = sources.stored.revoked.iter().cloned().collect();
    world.subaccounts = Subaccounts::new(own, &world.tokens);
    world
}

/// What was kept; nothing when there is none, or when another version wrote it.
fn recall(path: &Path) -> Stored {
    let read = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.unwrap_or_default()
}

/// Whole or not at all: a new file takes the place of the old one.
fn keep(path: &Path, stored: &Stored) -> io::Result<()> {
    let fresh = path.with_extension("json.new");
    let file = std::fs::File::create(&fresh)?;
    serde_json::to_writer(&file, stored)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}
