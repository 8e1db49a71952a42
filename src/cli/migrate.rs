//! `switchboard migrate`: brings the schema up to date, or says whether it is.

use crate::cli::say;
use crate::config::{SystemSource, load_from};
use crate::db::{Db, DbError};
use std::process::ExitCode;

/// Bring the database's schema up to date (`serve` does it too, when it starts)
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  DATABASE_URL=postgres://switchboard@db/switchboard switchboard migrate --check\n\n\
    Exit codes: 0 up to date, 1 not, 2 usage"
)]
pub struct Args {
    /// Change nothing; exit 1 when steps are missing.
    #[arg(long)]
    check: bool,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let loaded = match load_from(&SystemSource) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    let database = &loaded.settings.storage.database;
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return say::failure(&format!("cannot start the runtime: {error}")),
    };
    match runtime.block_on(migrate(database.url(), args.check)) {
        Ok(steps) if steps.is_empty() => say::line(&format!("{database} is up to date")),
        Ok(steps) if args.check => {
            say::failure(&format!("{database} lacks {}: run `switchboard migrate`", steps.join(", ")))
        }
        Ok(steps) => say::line(&format!("{database}: applied {}", steps.join(", "))),
        Err(error) => say::failure(&format!("{database}: {error}")),
    }
}

async fn migrate(url: &str, check: bool) -> Result<Vec<String>, DbError> {
    let db = Db::open(url)?;
    let pending = db.pending_migrations().await?;
    if !check {
        db.migrate().await?;
    }
    db.close().await;
    Ok(pending)
}
