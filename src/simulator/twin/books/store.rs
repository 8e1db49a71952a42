//! All of it in one place, and the rules that keep it together.

use super::account::TwinAccount;
use super::bill::{Bill, BillKind, BillLine, Money};
use super::job::Job;
use super::market::{ForSale, Market};
use super::message::TwinMessage;
use super::number::{DEFAULTS, TwinNumber};
use super::phone::Phone;
use super::port::PortOrder;
use super::prices;
use crate::base::{Clock, Secret, Time};
use crate::simulator::archive::{Archive, Charge, Used};
use crate::simulator::clock::Speed;
use crate::simulator::shelf::Shelf;
use crate::simulator::sids::Sids;
use crate::simulator::twin::options::TwinOptions;
use crate::simulator::twin::wire::Refusal;
use chrono::Months;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A key that opens an account's resources beside its token.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    pub(crate) secret: Secret,
    pub(crate) account_sid: String,
}

/// The state of the twin.
#[derive(Debug)]
pub(crate) struct Books {
    clock: Clock,
    sids: Sids,
    pub(crate) main_sid: String,
    pub(crate) accounts: Shelf<TwinAccount>,
    pub(crate) keys: HashMap<String, ApiKey>,
    pub(crate) numbers: Shelf<TwinNumber>,
    /// Numbers that somebody else has.
    pub(crate) taken: BTreeSet<String>,
    /// How people answer who are called; all others pick up.
    pub(crate) phones: HashMap<String, Phone>,
    pub(crate) messages: Shelf<TwinMessage>,
    /// Numbers that no text reaches, with the carrier's number of why.
    pub(crate) no_texts: HashMap<String, u32>,
    /// Who wrote STOP: our number, his.
    pub(crate) opted_out: BTreeSet<(String, String)>,
    pub(crate) orders: Shelf<PortOrder>,
    /// What is to be done once the books are closed again.
    pub(crate) jobs: Vec<Job>,
    pub(crate) speed: Speed,
    /// What calls leave behind.
    pub(crate) archive: Archive,
    pub(crate) bill: Bill,
}

impl Books {
    /// With the main account and nothing else.
    pub(crate) fn open(options: &TwinOptions) -> Self {
        let TwinOptions { clock, seed, account_sid, token, api_keys, speed, .. } = options.clone();
        let mut sids = Sids::seeded(seed.into());
        let main_sid = account_sid.unwrap_or_else(|| sids.next("AC"));
        let token = token.unwrap_or_else(|| Secret::new(sids.next("")));
        let mut books = Self {
            clock,
            sids,
            main_sid: main_sid.clone(),
            accounts: Shelf::default(),
            keys: HashMap::new(),
            numbers: Shelf::default(),
            taken: BTreeSet::new(),
            phones: HashMap::new(),
            messages: Shelf::default(),
            no_texts: HashMap::new(),
            opted_out: BTreeSet::new(),
            orders: Shelf::default(),
            jobs: Vec::new(),
            speed,
            archive: Archive::billed(),
            bill: Bill::default(),
        };
        books.put_account(&main_sid, &main_sid, "Main", token);
        for (sid, secret) in api_keys {
            books.keys.insert(sid, ApiKey { secret, account_sid: main_sid.clone() });
        }
        books
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// A SID nobody has.
    pub(crate) fn sid(&mut self, prefix: &str) -> String {
        self.sids.next(prefix)
    }

    /// A new sub-account of `owner`.
    pub(crate) fn open_account(&mut self, owner: &str, friendly_name: &str) -> String {
        let (sid, token) = (self.sid("AC"), Secret::new(self.sid("")));
        self.put_account(&sid, owner, friendly_name, token);
        sid
    }

    fn put_account(&mut self, sid: &str, owner: &str, friendly_name: &str, token: Secret) {
        let now = self.now();
        let account = TwinAccount {
            sid: sid.to_owned(),
            owner_sid: owner.to_owned(),
            friendly_name: friendly_name.to_owned(),
            status: "active",
            token,
            secondary: None,
            created: now,
            updated: now,
        };
        self.accounts.put(sid, account);
    }

    /// Closed is for ever, and gives all numbers back.
    pub(crate) fn set_status(&mut self, account_sid: &str, status: &str) -> Result<(), Refusal> {
        let status = match status {
            "active" => "active",
            "suspended" => "suspended",
            "closed" => "closed",
            other => return Err(Refusal::bad(21475, format!("Invalid status `{other}` for the subaccount"))),
        };
        let now = self.now();
        let Some(account) = self.accounts.get_mut(account_sid) else { return Ok(()) };
        if account.status == "closed" {
            let message = "The account is closed and cannot be reopened or changed";
            return Err(Refusal::bad(21479, message));
        }
        (account.status, account.updated) = (status, now);
        if status == "closed" {
            let owned = self.numbers.iter().filter(|number| number.account_sid == account_sid);
            let owned: Vec<_> = owned.map(|number| number.sid.clone()).collect();
            owned.iter().for_each(|sid| drop(self.release(sid)));
        }
        Ok(())
    }

    /// Whether nobody has the number.
    pub(crate) fn is_free(&self, phone_number: &str) -> bool {
        !self.taken.contains(phone_number) && self.owner_of(phone_number).is_none()
    }

    /// The number as its owner has it.
    pub(crate) fn owner_of(&self, phone_number: &str) -> Option<&TwinNumber> {
        self.numbers.iter().find(|number| number.phone_number == phone_number)
    }

    /// Buys a number of the market; the first month is on the bill.
    pub(crate) fn buy(
        &mut self,
        account_sid: &str,
        phone_number: &str,
        settings: BTreeMap<&'static str, String>,
    ) -> Result<String, Refusal> {
        match Market.find(phone_number).filter(|_| self.is_free(phone_number)) {
            Some(ForSale { kind, .. }) => {
                Ok(self.own(account_sid, phone_number, (kind, BillKind::NumberPurchase), settings))
            }
            None => Err(Refusal::bad(21422, format!("PhoneNumber {phone_number} is not available"))),
        }
    }

    /// A number comes to an account, from the market or from another carrier.
    pub(crate) fn own(
        &mut self,
        account_sid: &str,
        phone_number: &str,
        (kind, why): (&'static str, BillKind),
        settings: BTreeMap<&'static str, String>,
    ) -> String {
        let (sid, now) = (self.sid("PN"), self.now());
        let mut all: BTreeMap<_, _> = DEFAULTS.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        all.insert("FriendlyName", friendly(phone_number));
        all.extend(settings);
        let number = TwinNumber {
            sid: sid.clone(),
            account_sid: account_sid.to_owned(),
            phone_number: phone_number.to_owned(),
            kind,
            created: now,
            updated: now,
            paid_until: a_month_after(now),
            settings: all,
        };
        self.numbers.put(&sid, number);
        self.charge(account_sid, why, (&sid, phone_number), prices::month(kind));
        sid
    }

    /// An order to port numbers in has got further; once it is complete, its numbers are here. Whether it could.
    pub(crate) fn advance(&mut self, order_sid: &str, status: &str) -> bool {
        let Some(order) = self.orders.get_mut(order_sid).filter(|order| !order.is_final()) else { return false };
        status.clone_into(&mut order.status);
        let (account, numbers) = (order.account_sid.clone(), order.numbers.clone());
        if status == PortOrder::COMPLETED {
            for (number, _) in numbers {
                let kind = Market.find(&number).map_or("Local", |sold| sold.kind);
                self.own(&account, &number, (kind, BillKind::NumberPort), BTreeMap::new());
            }
        }
        true
    }

    /// Changes settings, and the owner if there is a new one.
    pub(crate) fn change(
        &mut self,
        sid: &str,
        settings: BTreeMap<&'static str, String>,
        new_owner: Option<&str>,
    ) -> Option<()> {
        let now = self.now();
        let number = self.numbers.get_mut(sid)?;
        number.settings.extend(settings);
        number.updated = now;
        if let Some(owner) = new_owner.filter(|owner| *owner != number.account_sid) {
            owner.clone_into(&mut number.account_sid);
            let phone_number = number.phone_number.clone();
            self.charge(owner, BillKind::NumberMove, (sid, &phone_number), Money(0));
        }
        Some(())
    }

    /// Gives a number back; nothing is paid for it from now on.
    pub(crate) fn release(&mut self, sid: &str) -> Option<TwinNumber> {
        self.bill_months();
        let number = self.numbers.take(sid)?;
        self.charge(&number.account_sid, BillKind::NumberRelease, (sid, &number.phone_number), Money(0));
        Some(number)
    }

    /// Brings the bill up to now.
    pub(crate) fn settle(&mut self) {
        self.bill_months();
        let lines = self.archive.take_charges().into_iter().map(line_of);
        self.bill.lines.extend(lines);
    }

    /// Writes the months that have begun since the last look.
    fn bill_months(&mut self) {
        let (now, mut due) = (self.now(), Vec::new());
        for number in self.numbers.iter_mut() {
            while number.paid_until <= now {
                let line = BillLine {
                    at: number.paid_until,
                    account_sid: number.account_sid.clone(),
                    kind: BillKind::NumberMonth,
                    resource_sid: number.sid.clone(),
                    what: number.phone_number.clone(),
                    amount: prices::month(number.kind),
                };
                due.push(line);
                number.paid_until = a_month_after(number.paid_until);
            }
        }
        due.sort_by_key(|line| line.at);
        self.bill.lines.extend(due);
    }

    /// One line on the bill, now.
    pub(crate) fn charge(&mut self, account_sid: &str, kind: BillKind, (sid, what): (&str, &str), amount: Money) {
        let line = BillLine {
            at: self.now(),
            account_sid: account_sid.to_owned(),
            kind,
            resource_sid: sid.to_owned(),
            what: what.to_owned(),
            amount,
        };
        self.bill.lines.push(line);
    }
}

fn line_of(charge: Charge) -> BillLine {
    let Charge { at, account_sid, sid, used, seconds } = charge;
    let minutes = i64::try_from(seconds.div_ceil(60)).unwrap_or(i64::MAX);
    let (kind, amount) = match used {
        Used::Call(direction) => (BillKind::Call, Money(prices::minute(direction).0.saturating_mul(minutes))),
        Used::Recording => (BillKind::Recording, Money(prices::RECORDING.0.saturating_mul(minutes))),
        Used::Transcript => (BillKind::Transcription, prices::TRANSCRIPTION),
    };
    BillLine { at, account_sid, kind, resource_sid: sid, what: format!("{seconds} s"), amount }
}

fn a_month_after(at: Time) -> Time {
    at.checked_add_months(Months::new(1)).unwrap_or(at)
}

/// `(587) 555-0100`
pub(crate) fn friendly(phone_number: &str) -> String {
    match (phone_number.get(2..5), phone_number.get(5..8), phone_number.get(8..12)) {
        (Some(area), Some(exchange), Some(line)) if phone_number.starts_with("+1") => {
            format!("({area}) {exchange}-{line}")
        }
        _ => phone_number.to_owned(),
    }
}
