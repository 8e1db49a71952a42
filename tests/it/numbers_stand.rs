//! A numbers room on a database of its own, against the pretend carrier; instances that die where a test says.

use crate::support::Database;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use switchboard::base::{Clock, Meters, Seal, SealedPlace, Secret, Time};
use switchboard::carrier::{Account, Carrier, Patience};
use switchboard::config::read_line;
use switchboard::numbers::{Asker, ChoiceText, Journal, Numbers, Parts, Reach, State, TenantWish, Worked};
use switchboard::simulator::{RunningTwin, Twin, TwinOptions};
use switchboard::world::{World, Worlds};

pub(crate) const PUBLIC_URL: &str = "https://phone.example.com";
const DATA_KEY: &str = "a-data-key-of-tests-0123456789ab";

/// How long a test's carrier may take to answer.
pub(crate) const PATIENT: Duration = Duration::from_secs(5);
/// Where a test makes it not answer.
pub(crate) const HASTY: Duration = Duration::from_millis(250);

pub(crate) struct Stand {
    pub(crate) database: Database,
    pub(crate) twin: RunningTwin,
    pub(crate) clock: Clock,
    pub(crate) seal: Seal,
    pub(crate) worlds: Worlds,
    patience: Duration,
}

impl Stand {
    pub(crate) async fn new(database: Database, patience: Duration) -> Self {
        Self::with(database, patience, TwinOptions { seed: 7, ..TwinOptions::default() }).await
    }

    pub(crate) async fn with(database: Database, patience: Duration, options: TwinOptions) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        database.db.migrate().await.expect("a schema");
        let noon: Time = "2026-11-20T12:00:00Z".parse().expect("an instant");
        let options = TwinOptions { clock: Clock::manual(noon), ..options };
        let twin = Twin::start(options).await.expect("a pretend carrier");
        let main = read_line("main", "[[lines]]\nname = \"main\"\nnumbers = [\"+15875550199\"]\n").expect("a line");
        let worlds = Worlds::new(World::new(PUBLIC_URL, vec![main]));
        let seal = Seal::new(Some(&Secret::new(DATA_KEY))).expect("a key");
        Self { database, twin, clock: Clock::manual(noon), seal, worlds, patience }
    }

    /// An instance of the room.
    pub(crate) fn instance(&self, holder: &str) -> Numbers {
        self.instance_with(holder, self.seal.clone())
    }

    pub(crate) fn instance_with(&self, holder: &str, seal: Seal) -> Numbers {
        let account = Account { sid: self.twin.account_sid(), tokens: vec![self.twin.token()] };
        let base = self.twin.base_url();
        let patience = Patience { attempts: 1, each: self.patience, total: self.patience, ..Patience::USUAL };
        let carrier = Carrier::new(&base, account).expect("a client").with_patience(patience);
        Numbers::new(Parts {
            db: self.database.db.clone(),
            carrier: Some(carrier),
            clock: self.clock.clone(),
            seal,
            worlds: self.worlds.clone(),
            reach: Reach::new(PUBLIC_URL, None, &base),
            holder: holder.into(),
            meters: Arc::new(Meters::silent()),
        })
    }

    /// Works on everything that is due, and moves the clock to what is due next, until nothing is left to do.
    pub(crate) async fn settle(&self, room: &Numbers) {
        for _ in 0..400 {
            while room.step().await.expect("the database is there") == Worked::One {}
            if self.database.count("select count(*) from transactions where finished_at is null").await == 0 {
                return;
            }
            self.clock.advance(TimeDelta::seconds(20));
        }
        let left = self
            .database
            .text("select state || ' ' || coalesce(error, '') from transactions where finished_at is null")
            .await;
        assert_eq!(left, None, "a transaction does not end");
    }

    /// Runs until the transaction comes to this state; other instances' leases run out on the way.
    pub(crate) async fn until(&self, room: &Numbers, id: &str, state: State) -> Journal {
        for _ in 0..400 {
            while room.step().await.expect("the database is there") == Worked::One {}
            let journal = room.transaction(id).await.expect("it is there");
            if journal.transaction.state == state {
                return journal;
            }
            self.clock.advance(TimeDelta::seconds(20));
        }
        let journal = room.transaction(id).await.expect("it is there");
        assert_eq!(journal.transaction.state, state, "{journal:#?}");
        journal
    }

    /// What is paid for is what the tables say, to the number and the account; every number of ours is configured, and
    /// every account that is open is known and its token can be opened.
    pub(crate) async fn equals_the_bill(&self) {
        let paid = self.twin.bill().numbers_paid_for();
        let ours: BTreeMap<String, String> = self
            .pairs("select phone_number, account_sid from numbers where state = 'active'")
            .await
            .into_iter()
            .collect();
        assert_eq!(ours, paid, "the tables, and the bill");
        let wanted = Reach::new(PUBLIC_URL, None, &self.twin.base_url()).wanted();
        for number in self.twin.numbers() {
            let settings = format!("{number:?}");
            assert!(settings.contains(&wanted.voice), "{settings}");
            assert!(settings.contains(&wanted.voice_fallback), "{settings}");
        }
        let open = |status: &str| status != "closed";
        let main = self.twin.account_sid();
        let accounts = self.twin.accounts();
        let theirs: BTreeSet<&str> =
            accounts.iter().filter(|a| open(a.status) && a.sid != main).map(|a| a.sid.as_str()).collect();
        let sealed = self.pairs("select sid, sealed_token from subaccounts where state = 'active'").await;
        let known: BTreeSet<&str> = sealed.iter().map(|(sid, _)| sid.as_str()).collect();
        assert_eq!(known, theirs, "open accounts");
        for (sid, token) in &sealed {
            let place = SealedPlace { table: "subaccounts", column: "sealed_token", row: sid };
            let opened = self.seal.open(place, token).expect("our key");
            let account = accounts.iter().find(|account| account.sid == *sid).expect("it is open");
            assert_eq!(opened.expose(), account.token.expose());
        }
        let lines: BTreeSet<String> =
            self.pairs("select name, definition from lines").await.into_iter().map(|(name, _)| name).collect();
        let tenants: BTreeSet<String> = self
            .pairs("select line, id from transactions where kind = 'onboard_tenant' and state = 'done'")
            .await
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(lines, tenants, "a line for each tenant that is set up");
    }

    async fn pairs(&self, sql: &'static str) -> Vec<(String, String)> {
        use switchboard::db::Db;
        match &self.database.db {
            Db::Sqlite(engine) => sqlx::query_as(sql).fetch_all(&engine.read).await.expect("pairs"),
            Db::Postgres(engine) => sqlx::query_as(sql).fetch_all(&engine.rest).await.expect("pairs"),
        }
    }
}

pub(crate) fn ana() -> Asker {
    Asker { by: "ana@example.com".to_owned(), id: None }
}

/// Any number of Calgary.
pub(crate) fn calgary() -> ChoiceText {
    ChoiceText { country: Some("CA".to_owned()), area_code: Some("587".to_owned()), ..ChoiceText::default() }
}

pub(crate) fn tenant(name: &str) -> TenantWish {
    TenantWish { name: name.to_owned(), definition: None, own_account: true, choice: calgary() }
}

/// A future that dies: it is dropped when it has been polled so often and is still not done.
pub(crate) struct Dying<F> {
    inner: Pin<Box<F>>,
    polls: usize,
}

pub(crate) fn dying<F: Future>(polls: usize, inner: F) -> Dying<F> {
    Dying { inner: Box::pin(inner), polls }
}

impl<F: Future> Future for Dying<F> {
    /// `None`: it died.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match self.inner.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
