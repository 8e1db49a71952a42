//! A database with messages and conversations, a carrier that has them, and recorders to copy them.

use super::bucket::{KEY_ID, PREFIX, SECRET};
use super::carrier::{Kept, Pretend, wav};
use super::store::Store;
use crate::ops_desk::noon;
use crate::ops_story::{ACCOUNT, Story, sid};
use crate::support::Database;
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use switchboard::base::{Clock, Meters, Secret};
use switchboard::carrier::{Account, Carrier, Patience};
use switchboard::config::recordings::{Recordings, S3};
use switchboard::ledger::recordings::{RecordingRow, recording};
use switchboard::ledger::{
    Consent, ConsentMethod, ConsentScope, Ledger, Phase, Setup, VoicemailChange, VoicemailState,
};
use switchboard::recordings::{Parts, Recorder};
use switchboard::shelf::{Found, Place, Shelf};

pub(crate) const HOW: Recordings = Recordings { copy: true, delete_at_carrier: false, give_up_days: 7 };
pub(crate) const MINE: Recordings = Recordings { delete_at_carrier: true, ..HOW };

pub(crate) struct Scene<'d> {
    pub(crate) database: &'d Database,
    pub(crate) pretend: Pretend,
    pub(crate) base: String,
    pub(crate) clock: Clock,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) story: Story,
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
}

pub(crate) fn re(call: u32) -> String {
    format!("RE{call:032x}")
}

impl<'d> Scene<'d> {
    pub(crate) async fn set(database: &'d Database) -> Self {
        Self::set_over(database, &Store::Folder).await
    }

    /// The same with copies in `store`.
    pub(crate) async fn set_over(database: &'d Database, store: &Store) -> Self {
        let story = Story::begin(database).await;
        let pretend = Pretend::default();
        let base = pretend.listen().await;
        let clock = Clock::manual(noon());
        let (public_url, meters) = ("https://phone.example.com".into(), Arc::new(Meters::silent()));
        let ledger = Ledger::start(&database.db, Setup { clock: clock.clone(), instance: 2, public_url, meters });
        for _ in 0..2000 {
            if ledger.condition().phase() == Phase::Up {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let folder = tempfile::tempdir().expect("a folder");
        Self { database, pretend, base, clock, folder, story, store: store.clone(), ledger }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("data/audio")
    }

    pub(crate) fn shelf(&self) -> Shelf {
        self.store.beside(Shelf::new(self.root()))
    }

    pub(crate) fn carrier(&self) -> Carrier {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let account = Account { sid: ACCOUNT.to_owned(), tokens: vec![Secret::new("right")] };
        Carrier::new(&self.base, account).expect("a client").with_patience(Patience { attempts: 1, ..Patience::USUAL })
    }

    /// A recorder as an instance of its own would have it.
    pub(crate) fn recorder(&self, holder: &str) -> Recorder {
        Recorder::new(Parts {
            db: self.database.db.clone(),
            ledger: self.ledger.clone(),
            carrier: Some(self.carrier()),
            shelf: self.shelf(),
            clock: self.clock.clone(),
            holder: holder.into(),
        })
    }

    /// The program, with this database, folder and store.
    pub(crate) fn command(&self, what: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(what.split(' ')).current_dir(self.folder.path()).env_clear();
        command.env("DATABASE_URL", &self.database.url).env("DATA_DIR", self.folder.path().join("data"));
        if let Store::Pretend(pretend) = &self.store {
            let S3 { endpoint, region, bucket, prefix, .. } = pretend.s3();
            let section = format!(
                "[recordings.s3]\nendpoint = {endpoint:?}\nregion = {region:?}\nbucket = {bucket:?}\nprefix = {prefix:?}\n"
            );
            let file = format!("{}\n{section}", switchboard::config::BUILTIN);
            std::fs::write(self.folder.path().join("switchboard.toml"), file).expect("a file");
            command.env("S3_ACCESS_KEY_ID", KEY_ID).env("S3_SECRET_ACCESS_KEY", SECRET);
        }
        command
    }

    /// A caller was asked to speak.
    pub(crate) async fn asked(&self, call: u32) {
        let mut unit = self.story.webhook(call, 0, "voicemail");
        let _permit = unit.facts.grant(Consent {
            id: format!("con_{call}"),
            scope: ConsentScope::Voicemail,
            method: ConsentMethod::MessageAfterTone,
            notice_version: "1".to_owned(),
            given: true,
        });
        unit.facts.voicemail(message(call, VoicemailState::Expected));
        self.story.tell(unit).await;
    }

    /// The carrier has a message of `call` and nobody has told of it.
    pub(crate) fn speaks(&self, call: u32, seconds: u32) {
        let audio = wav(seconds, call as u8);
        self.pretend.keep(&re(call), Kept { call_sid: sid(call), status: "completed", source: "RecordVerb", audio });
    }

    /// A message, complete and reported.
    pub(crate) async fn message(&self, call: u32, seconds: u32) {
        self.asked(call).await;
        self.speaks(call, seconds);
        let mut unit = self.story.webhook(call, 40, "recording");
        unit.webhook.input = format!(r#"{{"RecordingSid":"{}","RecordingStatus":"completed"}}"#, re(call));
        unit.facts.voicemail(VoicemailChange {
            recording_sid: Some(re(call)),
            duration_s: Some(2),
            ..message(call, VoicemailState::Ready)
        });
        self.story.tell(unit).await;
    }

    /// A recorded conversation, complete and reported.
    pub(crate) async fn conversation(&self, call: u32, seconds: u32) {
        let audio = wav(seconds, call as u8);
        self.pretend.keep(&re(call), Kept { call_sid: sid(call), status: "completed", source: "DialVerb", audio });
        self.reports(call, "completed").await;
    }

    /// The carrier says something about a conversation.
    pub(crate) async fn reports(&self, call: u32, status: &str) {
        let mut unit = self.story.webhook(call, 40, "recording");
        let sid = re(call);
        unit.webhook.input =
            format!(r#"{{"RecordingSid":"{sid}","RecordingSource":"DialVerb","RecordingStatus":"{status}"}}"#);
        self.story.tell(unit).await;
    }

    pub(crate) async fn row(&self, call: u32) -> RecordingRow {
        recording(&self.database.db, &re(call)).await.expect("read").expect("a row")
    }

    pub(crate) async fn state(&self, call: u32) -> String {
        self.row(call).await.state
    }

    /// Our copy is there and is the carrier's, byte for byte.
    pub(crate) async fn has_copy(&self, call: u32, seconds: u32) {
        let row = self.row(call).await;
        assert_eq!(row.state, "stored", "{row:?}");
        let file = self.copy_of(&row).await.expect("a copy");
        assert_eq!(file, wav(seconds, call as u8));
        assert_eq!((row.bytes, row.duration_s), (Some(file.len() as i64), Some(i64::from(seconds))));
    }

    /// What the row says is where it says, as it lies there.
    async fn copy_of(&self, row: &RecordingRow) -> Option<Vec<u8>> {
        let (shelf, path) = (row.shelf.as_deref()?, row.path.as_deref()?);
        match &self.store {
            Store::Folder => std::fs::read(self.root().join(path)).ok(),
            Store::Pretend(pretend) => Some(pretend.objects().get(&format!("{PREFIX}/{path}"))?.to_vec()),
            Store::Real(_) => {
                match self.shelf().open(Place { shelf, path }, row.bytes? as u64, None).await.expect("opened") {
                    Found::Open(open) => Some(open.into_stream().try_collect::<Vec<_>>().await.expect("read").concat()),
                    _ => None,
                }
            }
        }
    }

    /// Somebody overwrites our copy with nonsense.
    pub(crate) async fn damage(&self, call: u32) {
        let (shelf, path) = (self.shelf(), self.row(call).await.path.expect("a path"));
        let mut draft = shelf.draft(&re(call), "vandal").await.expect("a draft");
        draft.write(b"RIFF").await.expect("written");
        shelf.keep(&draft.finish().await.expect("whole"), &path).await.expect("kept");
    }

    /// Somebody removes our copy.
    pub(crate) async fn lose(&self, call: u32) {
        let row = self.row(call).await;
        let place = Place { shelf: row.shelf.as_deref().expect("a shelf"), path: row.path.as_deref().expect("a path") };
        self.shelf().remove(place).await.expect("removed");
    }

    /// Last parts of the names of all copies and drafts.
    pub(crate) async fn files(&self) -> Vec<String> {
        let shelf = self.shelf();
        let names = shelf.names().await.expect("listed").into_iter().flat_map(|(_, names)| names);
        let mut files: Vec<String> = names.filter_map(|name| Some(name.rsplit('/').next()?.to_owned())).collect();
        files.sort();
        files
    }

    pub(crate) async fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let kind = kind.to_owned();
        const SQL: &str = "select payload from events where type = $1 order by place";
        let payloads: Vec<String> = match &self.database.db {
            switchboard::db::Db::Sqlite(e) => {
                sqlx::query_scalar(SQL).bind(kind).fetch_all(&e.read).await.expect("read")
            }
            switchboard::db::Db::Postgres(e) => {
                sqlx::query_scalar(SQL).bind(kind).fetch_all(&e.rest).await.expect("read")
            }
        };
        payloads.iter().map(|payload| serde_json::from_str(payload).expect("JSON")).collect()
    }

    pub(crate) fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub(crate) async fn end(self) {
        self.story.end().await;
        self.ledger.close().await;
    }
}

pub(crate) fn message(call: u32, state: VoicemailState) -> VoicemailChange {
    VoicemailChange {
        id: format!("vm_{call}"),
        line: "main".to_owned(),
        mailbox: "main".to_owned(),
        from: Some("+14035550111".to_owned()),
        state,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    }
}
