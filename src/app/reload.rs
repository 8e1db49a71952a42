//! SIGHUP: read the configuration anew. A bad one is refused and the old one stays.

use super::logs::log_findings;
use super::worlds::WorldMaker;
use crate::config::recordings::{Recordings, S3};
use crate::config::retention::Retention;
use crate::config::{Loaded, Source, load_from};
use crate::paging::Paging;
use std::sync::{Arc, PoisonError, RwLock};

/// What a reload replaces: the lines, zones and outputs, what becomes of recordings, and how long rows are kept. The environment, also what its `*_FILE`s name,
/// stays as it was at the start: the carrier's client and the operators' keys are made from it once, and half a new
/// token would be worse than an old one.
#[derive(Clone, Debug)]
pub(super) struct Reloadable {
    pub worlds: WorldMaker,
    pub retention: Keeping<Retention>,
    pub recordings: Keeping<Recordings>,
    /// As it was at the start: rows name their store, and the next start reads the new one.
    pub s3: Option<S3>,
    pub paging: Paging,
}

/// What and how long is kept, as of now.
#[derive(Clone, Debug)]
pub(super) struct Keeping<T>(Arc<RwLock<T>>);

impl<T: Copy> Keeping<T> {
    pub(super) fn new(kept: T) -> Self {
        Self(Arc::new(RwLock::new(kept)))
    }

    pub(super) fn current(&self) -> T {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, kept: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}

impl Reloadable {
    /// What was read takes the place of what is; calls in progress go on with it.
    fn replace(&self, loaded: Loaded) {
        if loaded.s3 != self.s3 {
            tracing::warn!("[recordings.s3] has changed: copies go where they went until the next start");
        }
        self.retention.replace(loaded.retention);
        self.recordings.replace(loaded.recordings);
        self.paging.replace(loaded.paging);
        self.worlds.replace_file(loaded.lines);
    }
}

/// Reads anew, and takes or refuses what was read.
pub(super) fn reload(reloadable: &Reloadable, source: &dyn Source) {
    match load_from(source) {
        Ok(loaded) => {
            log_findings(&loaded);
            let count = loaded.lines.len();
            reloadable.replace(loaded);
            tracing::info!(lines = count, "configuration reloaded; calls in progress go on");
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                tracing::error!(%mistake, "configuration refused");
            }
            tracing::error!(
                mistakes = mistakes.len(),
                "the old configuration stays; mend the file and send SIGHUP again"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::paging::fanout;
    use crate::base::{Clock, Seal};
    use crate::config::FixedSource;
    use crate::db::Db;
    use crate::paging::Parts;

    fn source(token: &str, file: &str) -> FixedSource {
        let variables =
            [("PUBLIC_URL", "https://phone.example.com"), ("TWILIO_AUTH_TOKEN", token), ("DATA_DIR", "/nowhere")];
        FixedSource::new(variables).with_file("switchboard.toml", file)
    }

    fn file(line: &str, days: u32) -> String {
        format!("[[lines]]\nname = \"{line}\"\nnumbers = [\"+15875550100\"]\n\n[retention]\ncalls_days = {days}\n")
    }

    fn started(source: &FixedSource) -> Reloadable {
        let loaded = load_from(source).expect("a good configuration");
        let (settings, retention) = (Arc::new(loaded.settings.clone()), Keeping::new(loaded.retention));
        let seal = Seal::new(None).expect("no key is fine");
        let recordings = Keeping::new(loaded.recordings);
        let paging = Paging::new(Parts {
            config: loaded.paging,
            speakers: Arc::new(fanout(None, 1).expect("a thread")),
            db: Db::open("sqlite://nowhere/never-opened.db").expect("a URL"),
            clock: Clock::System,
            holder: "here".into(),
            instance: 1,
        });
        Reloadable {
            worlds: WorldMaker::new(settings, loaded.lines, seal),
            retention,
            recordings,
            s3: loaded.s3,
            paging,
        }
    }

    #[tokio::test]
    async fn lines_and_retention_follow_a_reload_and_tokens_stay() {
        let reloadable = started(&source("first-token", &file("old", 10)));
        reload(&reloadable, &source("second-token", &file("new", 20)));
        let world = reloadable.worlds.worlds().current();
        assert!(world.line("new").is_some() && world.line("old").is_none());
        assert_eq!(reloadable.retention.current().calls_days, 20);
        assert_eq!(world.tokens.iter().map(crate::base::Secret::expose).collect::<Vec<_>>(), ["first-token"]);
    }

    #[tokio::test]
    async fn a_refused_configuration_changes_nothing() {
        let reloadable = started(&source("token", &file("old", 10)));
        reload(&reloadable, &source("token", &file("Not A Name", 20)));
        assert!(reloadable.worlds.worlds().current().line("old").is_some());
        assert_eq!(reloadable.retention.current().calls_days, 10);
    }
}
