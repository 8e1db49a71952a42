//! Pages over HTTP, their rows and events, on both engines; the shell's way.

use super::support::Database;
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{Clock, Time};
use switchboard::config::paging::{Output, Paging as Config};
use switchboard::config::{FixedSource, load};
use switchboard::db::Db;
use switchboard::paging::{
    Asker, Draw, Frame, Options, Origin, OutputFault, PageFilter, PageId, PageRow, Paging, Parts, Played, PlayedOutput,
    Playing, Reason, Refused, Request, Right, Speakers, forget_pages, page, pages,
};
use tokio_util::sync::CancellationToken;

/// Outputs that only say that they played.
struct Mute;

struct Quiet(Vec<String>);

impl Speakers for Mute {
    fn arrange(&self, _: &Config) {}

    fn open(&self, _: &PageId, outputs: &[Arc<Output>], _: Options) -> Result<Box<dyn Playing>, OutputFault> {
        Ok(Box::new(Quiet(outputs.iter().map(|output| output.name.clone()).collect())))
    }
}

impl Playing for Quiet {
    fn lead(&self) -> Duration {
        Duration::ZERO
    }
    fn push(&self, _: &Frame) {}
    fn draw_from(&self, _: Box<dyn Draw>) {}
    fn alive(&self) -> bool {
        true
    }
    fn leave(&self, _: &str) {}
    fn drain(self: Box<Self>) -> Pin<Box<dyn Future<Output = Played> + Send>> {
        Box::pin(ready(self.cut()))
    }
    fn cut(self: Box<Self>) -> Played {
        let fault = |name: &str| (name == "zone-702").then(|| "unplugged".to_owned());
        let one = |output: String| PlayedOutput { packets: 5, fault: fault(&output), output };
        Played { outputs: self.0.into_iter().map(one).collect() }
    }
}

struct Stand {
    paging: Paging,
    clock: Clock,
    stop: CancellationToken,
    writer: tokio::task::JoinHandle<()>,
}

impl Stand {
    fn new(db: &Db, holder: &str) -> Self {
        let clock = Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().expect("a time"));
        Self::at(db, holder, clock)
    }

    fn at(db: &Db, holder: &str, clock: Clock) -> Self {
        let config = load(&FixedSource::new([("SIP_BIND_ADDR", "127.0.0.1:5060")]), None).expect("zones").paging;
        Self::of(db, (holder, 9), clock, config)
    }

    fn of(db: &Db, (holder, instance): (&str, u64), clock: Clock, config: Config) -> Self {
        let (speakers, holder) = (Arc::new(Mute), holder.into());
        let paging = Paging::new(Parts { config, speakers, db: db.clone(), clock: clock.clone(), holder, instance });
        let (stop, room) = (CancellationToken::new(), paging.clone());
        let until = stop.clone();
        let writer = tokio::spawn(async move { room.write_down(&until).await });
        Self { paging, clock, stop, writer }
    }

    /// Everything noted so far is written.
    async fn written(self) {
        self.stop.cancel();
        self.writer.await.expect("the writer ends");
    }
}

fn wish(zone: &str) -> Request {
    let asker = Asker {
        from: Some("+15875550111".to_owned()),
        call_sid: Some("CA1".to_owned()),
        line: Some("main".to_owned()),
        ..Asker::default()
    };
    let (zones, origin) = (vec![zone.to_owned()], Origin::Call);
    Request { zones, priority: None, origin, right: Right::House, asker, id: None }
}

pub(crate) async fn events(db: &Db) -> Vec<(String, Value)> {
    const SQL: &str = "select type, payload from events where type like 'paging.%' order by at, id";
    let rows: Vec<(String, String)> = match db {
        Db::Sqlite(engine) => sqlx::query_as(SQL).fetch_all(&engine.read).await.expect("events"),
        Db::Postgres(engine) => sqlx::query_as(SQL).fetch_all(&engine.rest).await.expect("events"),
    };
    rows.into_iter().map(|(kind, text)| (kind, serde_json::from_str(&text).expect("JSON"))).collect()
}

async fn all(db: &Db) -> Vec<PageRow> {
    pages(db, &PageFilter::default(), 100).await.expect("rows")
}

#[tokio::test]
async fn a_page_is_a_row_and_two_events_and_a_refused_one_a_row() {
    for database in Database::each().await {
        let db = &database.db;
        db.migrate().await.expect("a schema");
        let stand = Stand::new(db, "here");
        let first = stand.paging.begin(wish("700")).expect("free");
        first.push(&[0; 160]);
        assert!(matches!(stand.paging.begin(wish("702")), Err(Refused::Taken { .. })));
        stand.clock.advance(TimeDelta::milliseconds(9_800));
        let id = first.id().as_str().to_owned();
        first.end(Reason::Hangup).await;
        stand.written().await;

        let row = page(db, &id).await.expect("a row").expect("a page");
        assert_eq!((row.state.as_str(), row.reason.as_deref()), ("ended", Some("hangup")));
        assert_eq!((row.source.as_str(), row.priority, row.packets_in), ("call", 7, Some(1)));
        assert_eq!(row.zones, r#"["700"]"#);
        assert!(row.started_at.is_some() && row.played.as_deref().is_some_and(|played| played.contains("unplugged")));
        let refused: Vec<PageRow> = all(db).await.into_iter().filter(|row| row.state == "refused").collect();
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].reason.as_deref(), refused[0].started_at), (Some("taken"), None));

        let told = events(db).await;
        let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["paging.started", "paging.ended"]);
        assert_eq!(told[0].1["devices"], 4);
        assert_eq!(told[1].1["page"]["call_sid"], "CA1");
        assert_eq!((&told[1].1["reason"], &told[1].1["duration_s"]), (&Value::from("hangup"), &Value::from(9.8)));
        assert_eq!(told[1].1["devices_failed"], serde_json::json!(["zone-702"]));
    }
}

#[tokio::test]
async fn pages_of_a_process_that_died_are_closed_by_the_next_one() {
    for database in Database::each().await {
        let db = &database.db;
        db.migrate().await.expect("a schema");
        let dead = Stand::new(db, "dead");
        let clock = dead.clock.clone();
        let lost = dead.paging.begin(wish("701")).expect("free");
        let id = lost.id().as_str().to_owned();
        dead.written().await;
        // Nobody ends it: its process is gone.
        std::mem::forget(lost);

        let next = Stand::at(db, "next", clock.clone());
        clock.advance(TimeDelta::seconds(1));
        let closed = next.paging.tend_rows().await.expect("rows");
        assert_eq!(closed, usize::from(!db.is_shared()), "where others may live, one waits for a sign of life");
        clock.advance(TimeDelta::seconds(20));
        next.paging.tend_rows().await.expect("rows");
        let row = page(db, &id).await.expect("a row").expect("a page");
        assert_eq!((row.state.as_str(), row.reason.as_deref()), ("ended", Some("crashed")));
        assert_eq!(next.paging.tend_rows().await.expect("rows"), 0, "closed once");
        let told = events(db).await;
        assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["paging.ended"]);
        assert_eq!(told[0].1["reason"], "crashed");
        next.written().await;
    }
}

#[tokio::test]
async fn the_list_goes_on_where_it_was_cut_and_old_rows_go() {
    for database in Database::each().await {
        let db = &database.db;
        db.migrate().await.expect("a schema");
        let stand = Stand::new(db, "here");
        for zone in ["701", "702", "701", "703"] {
            stand.paging.begin(wish(zone)).expect("free").end(Reason::Finished).await;
            stand.clock.advance(TimeDelta::seconds(5));
        }
        let now = stand.clock.now();
        stand.written().await;
        let zone = PageFilter { zone: Some("701".to_owned()), ..PageFilter::default() };
        assert_eq!(pages(db, &zone, 10).await.expect("rows").len(), 2);
        let first = pages(db, &PageFilter::default(), 3).await.expect("rows");
        let last = first.last().expect("three");
        let before = Some((last.requested_at, last.id.clone()));
        let rest = pages(db, &PageFilter { before, ..PageFilter::default() }, 3).await.expect("rows");
        assert_eq!((first.len(), rest.len()), (3, 1));
        assert_eq!(first[0].zones, r#"["703"]"#);
        assert_eq!(forget_pages(db, now - TimeDelta::seconds(12)).await.expect("gone"), 2);
        assert_eq!(all(db).await.len(), 2);
    }
}

#[test]
fn the_command_pages_without_hardware_and_writes_what_was_heard() {
    use switchboard::audio::{tone, wav};
    let folder = tempfile::tempdir().expect("a folder");
    let (said, heard) = (folder.path().join("said.wav"), folder.path().join("heard"));
    let sound = wav::Sound::mono(16_000, tone::sine(440.0, 400, 0.3, 16_000));
    std::fs::write(&said, wav::pcm16(&sound)).expect("written");
    let command = |zone: &str| {
        let program = env!("CARGO_BIN_EXE_switchboard");
        let arguments = ["page", zone, said.to_str().expect("UTF-8"), "--json", "--listen"];
        let mut command = std::process::Command::new(program);
        command.args(arguments).arg(&heard).current_dir(folder.path()).env_clear();
        command.output().expect("it runs")
    };
    let done = command("702");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(told["reason"], "finished");
    let names: BTreeMap<String, ()> = std::fs::read_dir(&heard)
        .expect("a folder")
        .map(|file| (file.expect("a file").file_name().to_string_lossy().into_owned(), ()))
        .collect();
    assert_eq!(names.into_keys().collect::<Vec<_>>(), ["zone-702.wav"], "one zone heard it and no other");
    let file = wav::read(&std::fs::read(heard.join("zone-702.wav")).expect("a file")).expect("WAV");
    let share = file.samples.chunks_exact(800).map(|piece| tone::share(piece, 440.0, 8_000)).fold(0.0, f64::max);
    assert!(share > 0.95, "the tone is heard: {share}");
    assert_eq!(command("799").status.code(), Some(1));
}

/// Every bell of both rings, minute by minute, from midnight to five in the morning at the place.
async fn night(database: &Database, midnight: &str) -> Vec<(String, String)> {
    let db = &database.db;
    let bells: Vec<String> = [("701", "01:30"), ("702", "02:30"), ("703", "03:30")]
        .map(|(zone, at)| format!("[[paging.bells]]\nzone = \"{zone}\"\nat = [\"{at}\"]\n"))
        .into();
    let outputs: Vec<String> = [("701", 1), ("702", 2), ("703", 3)]
        .map(|(zone, group)| {
            format!(
                "[paging.outputs.s{zone}]\nkind = \"multicast\"\naddress = \"239.255.7.{group}\"\n\
                 [paging.zones.{zone}]\noutputs = [\"s{zone}\"]\n"
            )
        })
        .into();
    let file = format!(
        "[paging]\ntimezone = \"America/Edmonton\"\n{}{}[[lines]]\nname = \"x\"\nnumbers = [\"+15875550100\"]\n",
        outputs.concat(),
        bells.concat()
    );
    let config = load(&FixedSource::new([]), Some(("s.toml", &file))).expect("good").paging;
    let clock = Clock::manual(midnight.parse::<Time>().expect("a time"));
    // Two instances share the database: of these one rings.
    let stands = [("one", 9), ("two", 10)].map(|instance| Stand::of(db, instance, clock.clone(), config.clone()));
    let mut since = [clock.now(); 2];
    for _ in 0..5 * 60 * 3 {
        clock.advance(TimeDelta::seconds(20));
        for (stand, since) in stands.iter().zip(&mut since) {
            *since = stand.paging.ring(*since).await;
        }
    }
    for stand in stands {
        stand.paging.drain(Duration::ZERO).await;
        stand.written().await;
    }
    let mut rung: Vec<(String, String)> = all(db)
        .await
        .into_iter()
        .inspect(|row| assert_eq!((row.source.as_str(), row.state.as_str()), ("bell", "ended")))
        .map(|row| (row.requested_at.format("%H:%M").to_string(), row.zones))
        .collect();
    rung.sort();
    rung
}

fn rung(times: &[(&str, &str)]) -> Vec<(String, String)> {
    times.iter().map(|(at, zone)| ((*at).to_owned(), format!("[\"{zone}\"]"))).collect()
}

#[tokio::test]
async fn bells_in_the_nights_of_the_clock_change() {
    for database in Database::each().await {
        database.db.migrate().await.expect("a schema");
        // 14 March 2027: two o'clock is three o'clock, and half past two does not come.
        let spring = night(&database, "2027-03-14T07:00:00Z").await;
        assert_eq!(spring, rung(&[("08:30", "701"), ("09:30", "703")]));
    }
    for database in Database::each().await {
        database.db.migrate().await.expect("a schema");
        // 1 November 2026: half past one comes twice, and rings once.
        let autumn = night(&database, "2026-11-01T06:00:00Z").await;
        assert_eq!(autumn, rung(&[("07:30", "701"), ("09:30", "702"), ("10:30", "703")]));
    }
}
