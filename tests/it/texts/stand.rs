//! A house of texts with a pretend carrier, moved by hand.

use crate::calls::phone::world_of;
use crate::ledger::{LONG, instance};
use crate::ops_desk::{Desk, Wishes, noon};
use crate::support::Database;
use sha2::{Digest, Sha256};
use switchboard::base::Clock;
use switchboard::calls::{decide, reports_of_text};
use switchboard::carrier::{Account, Carrier, Patience};
use switchboard::gate::{Route, Storage, Webhook};
use switchboard::ledger::{Ledger, Stored};
use switchboard::ops::Guests;
use switchboard::simulator::{RunningTwin, Target, Twin, TwinOptions};
use switchboard::texts::{Parts, Texts, Worked};
use switchboard::twilio::form::Form;
use switchboard::world::{World, Worlds};

pub(crate) const OURS: &str = "+15875550100";
pub(crate) const THEIRS: &str = "+15875550111";
const LINE: &str =
    "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n[lines.texts]\nmissed = \"Sorry we missed you.\"\n";

pub(crate) struct Stand {
    pub(crate) database: Database,
    pub(crate) twin: RunningTwin,
    pub(crate) clock: Clock,
    pub(crate) ledger: Ledger,
    world: World,
}

impl Stand {
    pub(crate) async fn each() -> Vec<Self> {
        let mut stands = Vec::new();
        for database in Database::each().await {
            stands.push(Self::new(database).await);
        }
        stands
    }

    pub(crate) async fn new(database: Database) -> Self {
        let ledger = instance(&database, 1).await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Nobody hears its reports.
        let nowhere = Target::new("http://127.0.0.1:9", Some("https://phone.example.com")).expect("a target");
        let clock = Clock::manual(noon());
        let options = TwinOptions { clock: clock.clone(), routes: vec![nowhere], ..TwinOptions::default() };
        let twin = Twin::start(options).await.expect("a pretend carrier");
        twin.own(&twin.account_sid(), OURS, &[]).expect("a number");
        Self { database, twin, clock, ledger, world: world_of(LINE) }
    }

    /// An instance of the room.
    pub(crate) fn room(&self, holder: &str) -> Texts {
        let account = Account { sid: self.twin.account_sid(), tokens: vec![self.twin.token()] };
        let patience = Patience { attempts: 1, ..Patience::USUAL };
        let carrier = Carrier::new(&self.twin.base_url(), account).expect("a client").with_patience(patience);
        Texts::new(Parts {
            db: self.database.db.clone(),
            carrier: Some(carrier),
            worlds: Worlds::new(self.world.clone()),
            clock: self.clock.clone(),
            holder: holder.into(),
            report_to: reports_of_text,
        })
    }

    /// The operators' side of it.
    pub(crate) fn desk(&self) -> Desk {
        let room = self.room("desk");
        let guests = Guests { viewer: room.open_routes(), operator: room.routes(), ..Guests::default() };
        Desk::with(&self.database.db, Wishes { guests, ..Wishes::default() })
    }

    /// Works on all that is due; says how much that was.
    pub(crate) async fn work(&self, room: &Texts) -> usize {
        for done in 0..100 {
            if room.step().await.expect("the database is there") == Worked::Nothing {
                return done;
            }
        }
        panic!("it never comes to an end");
    }

    /// A webhook, decided and stored by one instance.
    pub(crate) async fn webhook(&self, ledger: &Ledger, route: Route, query: &str, fields: &[(&str, &str)]) -> Stored {
        let account = self.twin.account_sid();
        let fields = [fields, &[("AccountSid", account.as_str())]].concat();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let digest = Sha256::digest(format!("{}{query}{body}", route.name()));
        let (state, fields) = (Form::parse(query.as_bytes()), Form::parse(body.as_bytes()));
        let unit = decide(
            &self.world,
            &Webhook {
                route,
                state: &state,
                fields: &fields,
                at: self.clock.now(),
                key: digest[..16].try_into().expect("16 bytes"),
                storage: Storage::Durable,
                carrier_token: None,
                by_get: false,
                end: None,
            },
        );
        ledger.store(unit, LONG).await.expect("stored")
    }

    /// A call comes in, and is told of by its status.
    pub(crate) async fn call(&self, sid: &str, from: &str, status: &str) {
        let fields = [("CallSid", sid), ("From", from), ("To", OURS), ("Direction", "inbound"), ("CallStatus", status)];
        let route = if status == "ringing" { Route::Voice } else { Route::Status };
        self.webhook(&self.ledger, route, "", &fields).await;
    }

    /// Somebody calls and hangs up.
    pub(crate) async fn missed(&self, sid: &str, from: &str) {
        self.call(sid, from, "ringing").await;
        self.call(sid, from, "completed").await;
    }

    pub(crate) async fn events(&self, kind: &str) -> i64 {
        self.database.rows(&format!("events where type = '{kind}'")).await
    }
}
