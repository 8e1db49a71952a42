//! Operators at work while callers call: numbers bought and given back, tenants set up and taken away, numbers brought
//! from elsewhere. The carrier's REST API has a bad day meanwhile, and instances die.

use super::errand::{Errand, Kind, all};
use super::instance::{ADMIN, Fleet};
use crate::checker::{Books, Opened, Ordered, Owned, Purchase, Stuck, transaction_of};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchboard::simulator::{BillKind, BillLine, Dice, Fault, FaultKind, PortOrder, RunningTwin, TwinNumber};
use tokio::time::sleep;

/// Between two looks at a transaction.
const LOOK: Duration = Duration::from_millis(1500);
/// A look or a wish that has had no answer so often never will.
const TRIES: usize = 600;
/// Looks until a transaction must have come to its end: its lease may have to run out, and its settling time.
const LOOKS: usize = 200;
/// How long requests are held that are not answered. The carrier's client gives up after 15 s: that happens too.
const HELD: [u64; 6] = [1, 1, 2, 1, 1, 16];

/// All that they do on one day.
pub(crate) struct Operators<'a> {
    fleet: &'a Fleet,
    twin: &'a RunningTwin,
    http: Client,
    seed: u64,
    promised: Mutex<Vec<String>>,
    stuck: Mutex<Vec<Stuck>>,
}

impl<'a> Operators<'a> {
    /// Of a fleet with a carrier. What loses answers of purchases begins now.
    pub(crate) fn of(fleet: &'a Fleet, seed: u64) -> Self {
        let twin = fleet.twin().expect("a carrier");
        let often = |on: &str, kind, probability| Fault { probability, ..Fault::always(on, kind) };
        twin.fail(often("IncomingPhoneNumbers.create", FaultKind::CutAfter, 0.2));
        twin.fail(often("IncomingPhoneNumbers.create", FaultKind::StatusAfter(500), 0.1));
        twin.fail(often("IncomingPhoneNumbers.create", FaultKind::TimeoutAfter, 0.05));
        twin.fail(often("Accounts.create", FaultKind::CutAfter, 0.25));
        twin.fail(often("PortIn.create", FaultKind::CutMidway, 0.25));
        // A second provider in one process is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client");
        Self { fleet, twin, http, seed, promised: Mutex::default(), stuck: Mutex::default() }
    }

    /// All errands, each to its end.
    pub(crate) async fn work(&self) {
        let errands = all(self.seed).into_iter().map(|errand| self.run(errand));
        let done = futures_util::future::join_all(errands);
        let held = async {
            for seconds in HELD.into_iter().cycle() {
                sleep(Duration::from_secs(seconds)).await;
                self.twin.release_held();
            }
        };
        tokio::select! { _ = done => {}, () = held => {} }
    }

    async fn run(&self, errand: Errand) {
        sleep(errand.after).await;
        let begun = self.wish(Method::POST, errand.path(), Some(&errand.body()), &errand.key("begin")).await;
        let id = self.promise(begun.expect("a wish that makes sense"));
        match errand.kind {
            Kind::Buy => drop(self.follow(&id).await),
            Kind::BuyAndRegret => {
                // It may be done already: then there is no way back, and it stays.
                let path = format!("transactions/{id}/rollback");
                let _ = self.wish(Method::POST, &path, None, &errand.key("regret")).await;
                self.follow(&id).await;
            }
            Kind::BuyAndRelease => {
                let done = self.follow(&id).await;
                if let Some(number) = done["number"].as_str().filter(|_| done["state"] == "done") {
                    let path = format!("numbers/{number}");
                    let begun = self.wish(Method::DELETE, &path, None, &errand.key("release")).await;
                    self.follow(&self.promise(begun.expect("it is ours"))).await;
                }
            }
            Kind::Tenant => drop(self.follow(&id).await),
            Kind::TenantAndGone => {
                if self.follow(&id).await["state"] == "done" {
                    let path = format!("tenants/{}", errand.name());
                    // Asked again after a kill, it may be gone already.
                    let _ = self.wish(Method::DELETE, &path, None, &errand.key("gone")).await;
                    self.follow(&id).await;
                }
            }
            Kind::Port(end) => self.port(&errand, &id, end).await,
        }
    }

    /// The carrier's people decide, and an operator does not wait a quarter of an hour for the next look.
    async fn port(&self, errand: &Errand, id: &str, end: &str) {
        for _ in 0..LOOKS {
            let told = self.look(id).await;
            if is_over(&told) {
                return;
            }
            let orders = self.twin.port_orders();
            let ours = |order: &&PortOrder| order.numbers.iter().any(|(number, _)| *number == errand.number());
            // Nobody rejects an order in the moment in which it comes: a rejected one would be placed anew.
            let is_known = told["order_sid"].is_string() || end == "Completed";
            match orders.iter().find(ours).filter(|_| is_known) {
                Some(_) if end == "regret" => {
                    let path = format!("transactions/{id}/rollback");
                    let _ = self.wish(Method::POST, &path, None, &errand.key("regret")).await;
                }
                Some(order) => drop(self.twin.advance_port_order(&order.sid, end)),
                None => {}
            }
            self.hurry(id).await;
            sleep(LOOK).await;
        }
    }

    /// A purchase that can neither be finished nor taken back, until the carrier comes to its senses. It is shown
    /// meanwhile.
    pub(crate) async fn a_purchase_that_gets_stuck(&self) {
        self.twin.mend_all();
        let faults = ["IncomingPhoneNumbers.update", "IncomingPhoneNumbers.delete"]
            .map(|on| self.twin.fail(Fault::always(on, FaultKind::Status(400))));
        let wish = json!({ "line": "front-desk", "number": "+15145550142" });
        let begun = self.wish(Method::POST, "numbers", Some(&wish), &format!("stuck-{}", self.seed)).await;
        let id = self.promise(begun.expect("a wish that makes sense"));
        let mut told = self.look(&id).await;
        for _ in 0..LOOKS {
            if told["state"] == "failed_undo" {
                let shown = self.ask(Method::GET, "views/failed_transactions?limit=1000", None, None).await;
                let shown = shown.expect("a view").to_string();
                let is_shown = shown.contains(&id) && shown.contains("failed_undo");
                self.stuck
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Stuck { transaction: id.clone(), is_shown });
                break;
            }
            sleep(LOOK).await;
            told = self.look(&id).await;
        }
        assert_eq!(told["state"], "failed_undo", "{told}");
        faults.into_iter().for_each(|fault| assert!(self.twin.mend(fault), "it was waiting"));
        self.hurry(&id).await;
        self.follow(&id).await;
    }

    fn promise(&self, told: Value) -> String {
        let id = told["id"].as_str().expect("an id").to_owned();
        self.promised.lock().unwrap_or_else(PoisonError::into_inner).push(id.clone());
        id
    }

    /// To its end, if it comes: the rules say whether it did.
    async fn follow(&self, id: &str) -> Value {
        let mut told = self.look(id).await;
        for _ in 0..LOOKS {
            if is_over(&told) {
                break;
            }
            sleep(LOOK).await;
            told = self.look(id).await;
        }
        told
    }

    async fn look(&self, id: &str) -> Value {
        self.ask(Method::GET, &format!("transactions/{id}"), None, None).await.expect("it is there")
    }

    async fn hurry(&self, id: &str) {
        // It may have ended meanwhile.
        let _ = self.ask(Method::POST, &format!("transactions/{id}/retry"), None, None).await;
    }

    /// The same wish with the same key until it is answered.
    async fn wish(&self, method: Method, path: &str, body: Option<&Value>, key: &str) -> Result<Value, Value> {
        self.ask(method, path, body, Some(key)).await
    }

    /// Asks one instance after the other; `Err`: a refusal that stands.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, key: Option<&str>) -> Result<Value, Value> {
        for instance in 0..TRIES {
            let url = format!("{}/api/{path}", self.fleet.address(instance));
            let mut request = self.http.request(method.clone(), url).bearer_auth(ADMIN);
            request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
            request = body.into_iter().fold(request, |request, body| request.json(body));
            if let Ok(answer) = request.send().await {
                let (status, asks) = (answer.status(), answer.headers().contains_key("retry-after"));
                let again = asks || status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
                match answer.json::<Value>().await {
                    Ok(told) if status.is_success() => return Ok(told),
                    Ok(told) if !again => return Err(told),
                    _ => {}
                }
            }
            sleep(Duration::from_millis(250)).await;
        }
        panic!("{path} is never answered");
    }

    /// What people and the carrier know in the end.
    pub(crate) fn books(self) -> Books {
        let (bill, made) = (self.twin.bill(), self.twin.requests());
        let named = |sid: &str| {
            let request = made.iter().find(|request| request.made.as_deref() == Some(sid))?;
            let (_, name) = request.form.iter().find(|(field, _)| field == "FriendlyName")?;
            transaction_of(name).map(str::to_owned)
        };
        let purchases = bill.lines.iter().filter(|line| line.kind == BillKind::NumberPurchase);
        let purchase = |line: &BillLine| Purchase {
            transaction: named(&line.resource_sid).unwrap_or_default(),
            sid: line.resource_sid.clone(),
            phone_number: line.what.clone(),
        };
        // The first account is the operator's own.
        let accounts = self.twin.accounts().into_iter().skip(1).map(|account| Opened {
            transaction: named(&account.sid).unwrap_or_default(),
            sid: account.sid.clone(),
            is_open: account.status != "closed",
        });
        let order = |order: PortOrder| {
            let number = order.numbers.first().map(|(number, _)| number.clone()).unwrap_or_default();
            Ordered { number, status: order.status }
        };
        Books {
            promised: self.promised.into_inner().unwrap_or_else(PoisonError::into_inner),
            stuck: self.stuck.into_inner().unwrap_or_else(PoisonError::into_inner),
            numbers: self.twin.numbers().iter().map(owned).collect(),
            purchases: purchases.map(purchase).collect(),
            accounts: accounts.collect(),
            orders: self.twin.port_orders().into_iter().map(order).collect(),
            paid: bill.numbers_paid_for(),
        }
    }
}

fn is_over(told: &Value) -> bool {
    matches!(told["state"].as_str(), Some("done" | "rolled_back"))
}

fn owned(number: &TwinNumber) -> Owned {
    let url = |name: &str| number.setting(name).to_owned();
    Owned {
        sid: number.sid.clone(),
        account_sid: number.account_sid.clone(),
        phone_number: number.phone_number.clone(),
        urls: ["VoiceUrl", "VoiceFallbackUrl", "StatusCallback", "SmsUrl"].map(url),
    }
}

/// Chance of operators: none of any call's.
pub(super) fn dice(seed: u64) -> Dice {
    Dice::of(seed, u64::MAX)
}
