//! `switchboard consent verify`: proves the chain of consents whole, and that no stored audio lacks one.

use crate::base::{Clock, mask_text, rfc3339_ms};
use crate::cli::say;
use crate::config::{SystemSource, load_from};
use crate::db::{Db, DbError};
use crate::ledger::chain::{self, Anchor, Break, Found, Head, Kept};
use crate::ledger::recordings::{self, KeptIn, RecordingRow};
use crate::shelf::{Shelf, ShelfError};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Prove who agreed to be recorded
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  switchboard consent verify --json\n\n\
    Exit codes: 0 all of it holds, 1 it does not or could not be read, 2 usage")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Verify(Verify),
}

/// Prove the chain of consents whole, and that no stored audio lacks one
///
/// Each consent carries a hash over itself and the one before. A row that was changed, removed, moved or put in
/// afterwards is named.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  switchboard consent verify\n  \
    switchboard consent verify --anchor 1554:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n\n\
    Exit codes: 0 all of it holds, 1 it does not or could not be read, 2 usage")]
struct Verify {
    /// A head that an earlier run said and you kept elsewhere: proves that the chain was not made anew since
    #[arg(long, value_name = "NUMBER:HASH", value_parser = anchor)]
    anchor: Option<Anchor>,
    /// How long consents were kept when the oldest were taken out, if consents_days was raised since
    #[arg(long, value_name = "DAYS")]
    kept_days: Option<u32>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let What::Verify(args) = &args.what;
    let loaded = match load_from(&SystemSource) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    let database = &loaded.settings.storage.database;
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return say::failure(&format!("cannot start the runtime: {error}")),
    };
    let shelf = match crate::app::shelf(&loaded.settings, loaded.s3.as_ref(), 0) {
        Ok(shelf) => shelf,
        Err(error) => return say::failure(&error.to_string()),
    };
    let days = args.kept_days.unwrap_or(loaded.retention.consents_days);
    let kept = Kept { days, now: Clock::System.now() };
    match runtime.block_on(audit(database.url(), &shelf, kept, args.anchor.as_ref())) {
        Ok(audit) if args.json => {
            say::json(&audit.json());
            if audit.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Ok(audit) => audit.say(),
        Err(error) => say::failure(&format!("{database}: {error}")),
    }
}

/// All that was found.
struct Audit {
    head: Head,
    unchained: i64,
    found: Found,
    anchor: Option<Anchor>,
    /// Stored audio without a consent.
    unconsented: Vec<RecordingRow>,
    /// Stored audio whose consent is not chained yet.
    unproven: i64,
    /// Files and objects that belong to no recording.
    strays: Vec<String>,
    /// Stores with stored audio that are not within reach: what lies in them besides was not looked at.
    elsewhere: Vec<KeptIn>,
}

/// Rows that are read at once.
const PAGE: i64 = 500;

async fn audit(url: &str, shelf: &Shelf, kept: Kept, anchor: Option<&Anchor>) -> Result<Audit, Unread> {
    let db = Db::open(url)?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} consents") {
        bar.set_style(style);
    }
    let found = chain::prove(&db, kept, anchor, |passed, all| {
        bar.set_length(all.unsigned_abs());
        bar.set_position(passed.unsigned_abs());
    });
    let found = found.await?;
    bar.finish_and_clear();
    let mut unconsented: Vec<RecordingRow> = Vec::new();
    loop {
        let after = unconsented.last().map_or("", |row| row.recording_sid.as_str());
        let page = recordings::unconsented(&db, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        unconsented.extend(page);
    }
    let (unproven, (strays, elsewhere)) = (recordings::unproven(&db).await?, strays(&db, shelf).await?);
    let (head, unchained) = (chain::head(&db).await?, chain::unchained(&db).await?);
    db.close().await;
    Ok(Audit { head, unchained, found, anchor: anchor.cloned(), unconsented, unproven, strays, elsewhere })
}

/// Files and objects that no row names, and that are not just being written; and what was not looked at.
async fn strays(db: &Db, shelf: &Shelf) -> Result<(Vec<String>, Vec<KeptIn>), Unread> {
    let (names, kept) = (shelf.names().await?, recordings::kept(db).await?);
    let within_reach = |kept: &KeptIn| names.iter().any(|(store, _)| *store == Some(kept.shelf.as_str()));
    if !kept.is_empty() && !kept.iter().any(within_reach) && names.iter().all(|(_, names)| names.is_empty()) {
        return Err(Unread::NoShelf(kept));
    }
    let mut strays = Vec::new();
    for (store, names) in &names {
        for name in names {
            if is_stray(db, *store, name).await? {
                // Those of the folder go without its name: there is one.
                let bucket = store.filter(|store| store.starts_with("s3:"));
                strays.push(bucket.map_or_else(|| name.clone(), |bucket| format!("{bucket}/{name}")));
            }
        }
    }
    Ok((strays, kept.iter().filter(|kept| !within_reach(kept)).cloned().collect()))
}

async fn is_stray(db: &Db, store: Option<&str>, name: &str) -> Result<bool, Unread> {
    // `RE….wav`, and a draft is `RE….WORD`.
    let sid = name.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default();
    let row = recordings::recording(db, sid).await?;
    let named = |row: &RecordingRow| row.path.as_deref() == Some(name) && row.shelf.as_deref() == store;
    // What an instance was writing when it died is removed after a day, or with its recording.
    let is_draft = name.starts_with("drafts/");
    let known = |row: &RecordingRow| match row.state.as_str() {
        "expected" | "fetching" => true,
        "deleted" => named(row),
        _ => named(row) || is_draft,
    };
    Ok(!row.as_ref().is_some_and(known))
}

/// `12 recordings in folder:…`, and so on.
fn places(kept: &[KeptIn]) -> String {
    let place = |kept: &KeptIn| {
        let shelf = if kept.shelf.is_empty() { "a storage without a name" } else { &kept.shelf };
        format!("{} in {shelf}", counted(kept.count.unsigned_abs() as usize, "recording"))
    };
    kept.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// What keeps an audit from its end.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error("{} cannot be looked at: run it where they are, with DATA_DIR and [recordings.s3] as the service has them", places(.0))]
    NoShelf(Vec<KeptIn>),
}

impl Audit {
    fn holds(&self) -> bool {
        let anchored = self.anchor.is_none() || self.found.anchored;
        anchored && self.found.breaks.is_empty() && self.unconsented.is_empty() && self.strays.is_empty()
    }

    /// What a person reads: first what is wrong, then how much was looked at.
    fn say(&self) -> ExitCode {
        for broken in &self.found.breaks {
            say::note(&format!("chain: {broken}"));
        }
        for row in &self.unconsented {
            say::note(&format!(
                "audio: {} of call {} is stored, and no consent to it is",
                row.recording_sid, row.call_sid
            ));
        }
        for name in &self.strays {
            say::note(&format!("audio: the file {name} belongs to no recording"));
        }
        if !self.elsewhere.is_empty() {
            say::note(&format!("audio: not looked at from here: {}", places(&self.elsewhere)));
        }
        let Found { rows, forgotten, .. } = self.found;
        let mut told = format!("{rows} consents in the chain");
        if forgotten > 0 {
            told.push_str(&format!(", {forgotten} taken out by retention"));
        }
        if self.unchained > 0 {
            told.push_str(&format!(", {} not chained yet", self.unchained));
        }
        if self.anchor.is_some() && !self.found.anchored {
            say::note("anchor: its row is not in the chain any more, so it proves nothing; take a later one");
        }
        let _ = say::line(&told);
        if self.unproven > 0 {
            let _ = say::line(&format!(
                "{} of stored audio: its consent is not chained yet",
                counted(self.unproven.unsigned_abs() as usize, "recording")
            ));
        }
        let _ = say::line(&format!("head {}:{} of {}", self.head.number, self.head.hash, rfc3339_ms(self.head.at)));
        if self.holds() {
            return say::line("the chain is whole, and no stored audio lacks a consent");
        }
        say::failure(&format!(
            "{} in the chain, {} without a consent, {} without a recording",
            counted(self.found.breaks.len(), "break"),
            counted(self.unconsented.len(), "recording"),
            counted(self.strays.len(), "file")
        ))
    }

    fn json(&self) -> Value {
        let broken = |broken: &Break| json!({ "kind": broken.kind(), "message": mask_text(&broken.to_string()) });
        let audio = |row: &RecordingRow| json!({ "recording_sid": row.recording_sid, "call_sid": row.call_sid, "kind": row.kind });
        json!({
            "whole": self.holds(),
            "rows": self.found.rows,
            "forgotten": self.found.forgotten,
            "unchained": self.unchained,
            "unproven": self.unproven,
            "head": { "number": self.head.number, "hash": self.head.hash, "at": rfc3339_ms(self.head.at) },
            "anchored": self.anchor.as_ref().map(|_| self.found.anchored),
            "breaks": self.found.breaks.iter().map(broken).collect::<Vec<_>>(),
            "strays": self.strays,
            "elsewhere": self.elsewhere.iter().map(|kept| json!({ "shelf": kept.shelf, "recordings": kept.count })).collect::<Vec<_>>(),
            "unconsented": self.unconsented.iter().map(audio).collect::<Vec<_>>(),
        })
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn anchor(text: &str) -> Result<Anchor, String> {
    let mistake = || "write the head as an earlier run said it: NUMBER:HASH".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(mistake)?;
    let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(mistake)?;
    let sound = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if sound { Ok(Anchor { number, hash: hash.to_ascii_lowercase() }) } else { Err(mistake()) }
}
