//! The twin itself: its books, its faults, its log, and the requests it holds.

use super::api;
use super::books::{Bill, BillKind, Books, Market, Phone, PortOrder, TwinAccount, TwinMessage, TwinNumber};
use super::faults::{Desk, Fault, Pending};
use super::inbound::{self, Inbound};
use super::log::RequestMade;
use super::options::TwinOptions;
use super::switch::Switch;
use super::texting::{self, Texting};
use super::wire::{Answer, Request};
use crate::base::{E164, Secret};
use crate::simulator::archive::Archive;
use crate::simulator::script::Script;
use crate::simulator::text::TextReport;
use crate::simulator::transcript::Report;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The pretend carrier. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Twin(Arc<State>);

#[derive(Debug)]
struct State {
    books: Mutex<Books>,
    switch: Switch,
    faults: Mutex<Desk>,
    log: Mutex<Vec<RequestMade>>,
    /// How many requests are held.
    held: watch::Sender<usize>,
    /// Counts releases; who is held waits for the next.
    releases: watch::Sender<u64>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Twin {
    pub(super) fn new(options: &TwinOptions, base_url: String) -> Self {
        let books = Books::open(options);
        let switch = Switch::new(options, base_url, books.archive.clone());
        Self(Arc::new(State {
            books: Mutex::new(books),
            switch,
            faults: Mutex::new(Desk::new(options.seed, options.faults)),
            log: Mutex::default(),
            held: watch::Sender::new(0),
            releases: watch::Sender::new(0),
        }))
    }

    /// The main account.
    #[must_use]
    pub fn account_sid(&self) -> String {
        lock(&self.0.books).main_sid.clone()
    }

    /// Its token.
    #[must_use]
    pub fn token(&self) -> Secret {
        let books = lock(&self.0.books);
        books.accounts.get(&books.main_sid).map_or_else(|| Secret::new(""), |account| account.token.clone())
    }

    /// All accounts, oldest first; the first is the main one.
    #[must_use]
    pub fn accounts(&self) -> Vec<TwinAccount> {
        lock(&self.0.books).accounts.iter().cloned().collect()
    }

    /// All numbers that are owned, of all accounts, oldest first.
    #[must_use]
    pub fn numbers(&self) -> Vec<TwinNumber> {
        lock(&self.0.books).numbers.iter().cloned().collect()
    }

    /// The bill up to now.
    #[must_use]
    pub fn bill(&self) -> Bill {
        let mut books = lock(&self.0.books);
        books.settle();
        books.bill.clone()
    }

    /// What calls leave behind. A [`crate::simulator::Carrier`] that writes here shows its calls over this REST API.
    #[must_use]
    pub fn archive(&self) -> Archive {
        lock(&self.0.books).archive.clone()
    }

    /// All requests to the REST API, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestMade> {
        lock(&self.0.log).clone()
    }

    /// Gives an account a number with these settings (`VoiceUrl` and so on), as if it had bought it; returns its SID.
    /// Any number will do, not only those for sale.
    ///
    /// # Errors
    /// Words: no such account, no number in E.164, somebody has it, or no such setting.
    pub fn own(&self, account_sid: &str, phone_number: &str, settings: &[(&str, &str)]) -> Result<String, String> {
        let number = E164::parse(phone_number).map_err(|why| why.to_string())?;
        let known: BTreeMap<_, _> =
            settings.iter().map(|(name, value)| known_setting(name, value)).collect::<Result<_, _>>()?;
        let mut books = lock(&self.0.books);
        if books.accounts.get(account_sid).is_none() {
            return Err(format!("there is no account {account_sid}"));
        }
        if !books.is_free(number.as_str()) {
            return Err(format!("{number} is taken"));
        }
        let kind = Market.find(number.as_str()).map_or("Local", |sold| sold.kind);
        Ok(books.own(account_sid, number.as_str(), (kind, BillKind::NumberPurchase), known))
    }

    /// Messages that were sent, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<TwinMessage> {
        lock(&self.0.books).messages.iter().cloned().collect()
    }

    /// Orders to port numbers in, oldest first.
    #[must_use]
    pub fn port_orders(&self) -> Vec<PortOrder> {
        lock(&self.0.books).orders.iter().cloned().collect()
    }

    /// An order has got further (`In Progress`, `Action Required`); `Completed` brings its numbers here. Whether there is
    /// such an order that is not over.
    pub fn advance_port_order(&self, sid: &str, status: &str) -> bool {
        lock(&self.0.books).advance(sid, status)
    }

    /// From now on this is how `number` behaves when it is called over the REST API.
    pub fn phone(&self, number: &str, phone: Phone) {
        lock(&self.0.books).phones.insert(number.to_owned(), phone);
    }

    /// Calls a number of the twin, as somebody out there would, and stays to the end.
    ///
    /// # Errors
    /// Words: nobody owns the number, its account sleeps, or it has no VoiceUrl that can be requested.
    pub async fn call(&self, from: &str, to: &str, script: Script) -> Result<Report, String> {
        let prepared = inbound::prepare(&mut lock(&self.0.books), from, to, script)?;
        let Inbound { account, voice, fallback, status, plan } = prepared;
        let carrier = self.0.switch.number(&account, voice, fallback, status).map_err(|why| why.to_string())?;
        Ok(carrier.place(plan, |_| {}).await)
    }

    /// Sends a text to a number of the twin, as somebody out there would, and takes what is answered.
    ///
    /// # Errors
    /// Words: nobody owns the number, its account sleeps, or it has no SmsUrl that can be requested.
    pub async fn text(&self, from: &str, to: &str, body: &str, media: Vec<String>) -> Result<TextReport, String> {
        let prepared = texting::prepare(&mut lock(&self.0.books), from, to, (body, media))?;
        let Texting { account, sms: (url, method), plan } = prepared;
        let carrier = self.0.switch.carrier(&account, &url).map_err(|why| why.to_string())?;
        let report = carrier.deliver_text(&url, method, plan).await;
        texting::note(&mut lock(&self.0.books), &account.sid, body, &report);
        Ok(report)
    }

    /// From now on no text reaches this number: errors below 30000 are told when it is sent, others when it is delivered.
    pub fn no_texts(&self, number: &str, error_code: u32) {
        lock(&self.0.books).no_texts.insert(number.to_owned(), error_code);
    }

    /// Somebody else has this number from now on: it is not for sale.
    pub fn take(&self, phone_number: &str) {
        lock(&self.0.books).taken.insert(phone_number.to_owned());
    }

    /// A fault to wait for its requests; its id.
    pub fn fail(&self, fault: Fault) -> u64 {
        lock(&self.0.faults).add(fault)
    }

    /// Takes one fault away; whether there was one.
    pub fn mend(&self, id: u64) -> bool {
        lock(&self.0.faults).remove(id)
    }

    /// Takes all faults away, those by chance too, and lets go of what is held.
    pub fn mend_all(&self) {
        lock(&self.0.faults).clear();
        self.release_held();
    }

    /// Lets go of all requests that are held: those that had their effect are answered, the others are cut.
    pub fn release_held(&self) {
        self.0.releases.send_modify(|count| *count += 1);
    }

    /// Waits until `count` requests are held at once.
    pub async fn until_held(&self, count: usize) {
        // The sender is ours and lives as long as we do.
        let _ = self.0.held.subscribe().wait_for(|held| *held >= count).await;
    }

    pub(super) fn waiting_faults(&self) -> Vec<Pending> {
        lock(&self.0.faults).waiting().to_vec()
    }

    /// The fault that strikes this request, if any.
    pub(super) fn draw(&self, operation: &str, path: &str) -> Option<Fault> {
        lock(&self.0.faults).draw(operation, path)
    }

    /// Does what is asked, and sets going what follows from it. `place`: where the request is written down.
    pub(super) fn answer(&self, request: &Request, place: usize) -> Answer {
        let mut books = lock(&self.0.books);
        let answer = api::answer(&mut books, request);
        if let Some(entry) = lock(&self.0.log).get_mut(place) {
            entry.made = answer.made();
        }
        for job in std::mem::take(&mut books.jobs) {
            let Some(account) = books.accounts.get(job.account_sid()).cloned() else { continue };
            let state = Arc::clone(&self.0);
            // A call that cannot be placed has failed, and its record says so.
            tokio::spawn(async move { state.switch.run(&account, job).await });
        }
        answer
    }

    /// Writes a request down; returns where.
    pub(super) fn note(&self, request: &Request, operation: String, fault: Option<&Fault>) -> usize {
        let entry = RequestMade {
            at: lock(&self.0.books).now(),
            method: request.method.to_string(),
            path: request.path.clone(),
            operation,
            form: request.form().to_vec(),
            status: None,
            made: None,
            fault: fault.map(|fault| fault.kind),
        };
        let mut log = lock(&self.0.log);
        log.push(entry);
        log.len() - 1
    }

    pub(super) fn note_status(&self, place: usize, status: u16) {
        if let Some(entry) = lock(&self.0.log).get_mut(place) {
            entry.status = Some(status);
        }
    }

    /// Waits for the next release.
    pub(super) async fn hold(&self) {
        let mut releases = self.0.releases.subscribe();
        let _held = Held::count(&self.0.held);
        // The sender is ours and lives as long as we do.
        let _ = releases.changed().await;
    }
}

/// One request that is held, counted until it is let go or its client gives up.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn count(held: &'a watch::Sender<usize>) -> Self {
        held.send_modify(|count| *count += 1);
        Self(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn known_setting(name: &str, value: &str) -> Result<(&'static str, String), String> {
    let known = super::books::SETTINGS.iter().find(|(known, _)| *known == name);
    known.map(|(known, _)| (*known, value.to_owned())).ok_or_else(|| format!("a number has no setting {name}"))
}
