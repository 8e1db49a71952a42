//! What operators may wish for. A wish that makes sense becomes a transaction; nothing is done at the carrier here.

use super::choice::ChoiceText;
use super::desk::Numbers;
use super::error::NumbersError;
use super::saga::{Choice, Journal, Kind, Onboard, Port, Provision, Release, State, Step, StepState, Wish};
use super::steps::pin_place;
use super::store::{self, Request, Taken};
use crate::base::{E164, Secret, derived_id, ulid};
use crate::carrier::{Carrier, LosingCarrier};
use crate::config::read_line;
use chrono::TimeDelta;

/// Who asks, and under which name: the same name is the same wish.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Their name in the journal.
    pub by: String,
    /// `txn_…`, from their Idempotency-Key; a fresh one when absent.
    pub id: Option<String>,
}

/// A number to be ported in, as it is asked for.
#[derive(Clone, Debug)]
pub struct PortWish {
    /// E.164.
    pub number: String,
    /// Name of the line.
    pub line: String,
    /// Who has it now.
    pub losing_carrier: LosingCarrier,
    /// SIDs of documents at the carrier.
    pub documents: Vec<String>,
    /// Who is told by mail.
    pub notification_emails: Vec<String>,
    /// `2026-12-01`.
    pub target_date: Option<String>,
    /// What the losing carrier wants to hear.
    pub pin: Option<Secret>,
}

/// A tenant to be set up, as it is asked for.
#[derive(Clone, Debug)]
pub struct TenantWish {
    /// Name of the line.
    pub name: String,
    /// TOML: one `[[lines]]` table; the house's defaults when absent.
    pub definition: Option<String>,
    /// Whether the tenant gets an account of its own.
    pub own_account: bool,
    /// Which number.
    pub choice: ChoiceText,
}

/// How long a client's key names the same wish; as long as its answer is kept.
const KEY_LIVES: TimeDelta = TimeDelta::hours(24);

/// What a client's key stands for.
enum Named {
    /// The same wish has begun this.
    Begun(Box<Journal>),
    /// It is to begin under this name.
    Free(String),
}

/// Sealing the same PIN twice gives two texts.
fn is_same(stored: &Wish, asked: &Wish) -> bool {
    match (stored, asked) {
        (Wish::Port(stored), Wish::Port(asked)) => {
            Port { sealed_pin: None, ..stored.clone() } == Port { sealed_pin: None, ..asked.clone() }
        }
        _ => stored == asked,
    }
}

fn onboarding(wish: TenantWish) -> Result<Onboard, NumbersError> {
    let choice = wish.choice.read()?;
    let definition = wish.definition.unwrap_or_else(|| format!("[[lines]]\nname = \"{}\"\n", wish.name));
    let line = read_line(&wish.name, &definition).map_err(|mistakes| {
        let all: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        NumbersError::Unfit(format!("definition: {}", all.join("; ")))
    })?;
    if line.name != wish.name {
        return Err(NumbersError::Unfit("name: the definition names another line".to_owned()));
    }
    Ok(Onboard { name: wish.name, definition, own_account: wish.own_account, choice })
}

impl Numbers {
    /// Buys a number for a line. `account` is a sub-account of ours; the operator's own when absent.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn buy(
        &self,
        line: &str,
        choice: &ChoiceText,
        account: Option<&str>,
        asker: &Asker,
    ) -> Result<Journal, NumbersError> {
        let asked =
            Provision { line: line.to_owned(), choice: choice.read()?, account_sid: account.map(str::to_owned) };
        let id = match self.named(&Wish::Provision(asked), asker).await? {
            Named::Begun(journal) => return Ok(*journal),
            Named::Free(id) => id,
        };
        let provision = self.provision(line, choice, account).await?;
        if let Some(number) = &provision.choice.number
            && store::number(self.db(), number).await?.is_some_and(|row| row.state != "released")
        {
            return Err(NumbersError::Conflict("the number is ours already".to_owned()));
        }
        self.take_up(Wish::Provision(provision), &id, asker).await
    }

    /// The wish to buy, checked.
    pub(super) async fn provision(
        &self,
        line: &str,
        choice: &ChoiceText,
        account: Option<&str>,
    ) -> Result<Provision, NumbersError> {
        let choice = self.choice(choice)?;
        self.known_line(line)?;
        if let Some(sid) = account
            && store::account(self.db(), sid).await?.is_none_or(|row| row.state != "active")
        {
            return Err(NumbersError::Unfit("account_sid: not an account of a tenant".to_owned()));
        }
        Ok(Provision { line: line.to_owned(), choice, account_sid: account.map(str::to_owned) })
    }

    /// Sets up a tenant: account, number, line.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn onboard(&self, wish: TenantWish, asker: &Asker) -> Result<Journal, NumbersError> {
        let onboard = onboarding(wish)?;
        let id = match self.named(&Wish::Onboard(onboard.clone()), asker).await? {
            Named::Begun(journal) => return Ok(*journal),
            Named::Free(id) => id,
        };
        self.can_be_reached()?;
        if onboard.own_account && !self.parts().seal.is_ready() {
            return Err(crate::base::SealError::NoKey.into());
        }
        let taken = self.parts().worlds.current().line(&onboard.name).is_some();
        if taken || store::line(self.db(), &onboard.name).await?.is_some() {
            return Err(NumbersError::Conflict("there is a line of this name".to_owned()));
        }
        self.take_up(Wish::Onboard(onboard), &id, asker).await
    }

    /// Brings a number from another carrier.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn port(&self, wish: PortWish, asker: &Asker) -> Result<Journal, NumbersError> {
        let number = E164::parse(&wish.number).map_err(|why| NumbersError::Unfit(format!("number: {why}")))?;
        self.known_line(&wish.line)?;
        self.can_be_reached()?;
        if wish.documents.is_empty() {
            return Err(NumbersError::Unfit("documents: name the utility bill's document at the carrier".to_owned()));
        }
        let port = Port {
            number: number.as_str().to_owned(),
            line: wish.line,
            losing_carrier: wish.losing_carrier,
            documents: wish.documents,
            notification_emails: wish.notification_emails,
            target_date: wish.target_date,
            sealed_pin: None,
        };
        let id = match self.named(&Wish::Port(port.clone()), asker).await? {
            Named::Begun(journal) => return Ok(*journal),
            Named::Free(id) => id,
        };
        let sealed_pin = wish.pin.as_ref().map(|pin| self.parts().seal.close(pin_place(&id), pin)).transpose()?;
        self.take_up(Wish::Port(Port { sealed_pin, ..port }), &id, asker).await
    }

    /// Gives a number back to the carrier. Only numbers that this service bought or ported; the same wish twice is one.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn release(&self, number: &str, asker: &Asker) -> Result<Journal, NumbersError> {
        const UNKNOWN: &str = "not a number that was bought or ported here; release it where it was bought";
        self.carrier()?;
        let row = store::number(self.db(), number).await?.ok_or(NumbersError::Unknown(UNKNOWN))?;
        let latest = self.transaction(&row.transaction_id).await;
        if row.state != "active" {
            return latest;
        }
        if latest.is_ok_and(|journal| !journal.transaction.state.is_final()) {
            return Err(NumbersError::Conflict("a transaction works on this number: roll it back instead".to_owned()));
        }
        let release = Release { number: row.phone_number, sid: row.sid, account_sid: row.account_sid };
        let wish = Wish::Release(release);
        match self.named(&wish, asker).await? {
            Named::Begun(journal) => Ok(*journal),
            Named::Free(id) => self.take_up(wish, &id, asker).await,
        }
    }

    /// Tries again now: what waits does not wait any longer, and what was rolled back begins anew.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn retry(&self, id: &str) -> Result<Journal, NumbersError> {
        let journal = self.transaction(id).await?;
        let taken = match journal.transaction.state {
            State::Done => return Err(NumbersError::Conflict("it is done: there is nothing to try again".to_owned())),
            State::RolledBack => store::reopen(self.db(), id, self.now()).await?,
            State::Running | State::RollingBack | State::FailedUndo => store::hurry(self.db(), id, self.now()).await?,
        };
        match taken {
            true => self.transaction(id).await,
            false => Err(NumbersError::Conflict("another transaction works on the same".to_owned())),
        }
    }

    /// Turns a transaction around.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn rollback(&self, id: &str, by: &str) -> Result<Journal, NumbersError> {
        let journal = self.transaction(id).await?;
        let conflict = |why: &str| Err(NumbersError::Conflict(why.to_owned()));
        let tried = |step| journal.state_of(step).is_some_and(|state| state != StepState::Waiting);
        let arrived = journal.state_of(Step::Arrive) == Some(StepState::Done);
        match (journal.transaction.state, journal.transaction.kind) {
            (State::Done, Kind::Onboard) => conflict("it is done: take the tenant away instead"),
            (State::Done, Kind::Release) => conflict("the number is gone for good"),
            (State::Done, _) => conflict("it is done: release the number instead"),
            (State::Running, Kind::Release) if tried(Step::GiveBack) => {
                conflict("the number may be gone by now: there is no way back")
            }
            (State::Running, Kind::Port) if arrived => {
                conflict("the number has arrived and stays; once this is done it can be released")
            }
            (State::Running, _) => {
                let why = format!("rolled back by {by}");
                match store::turn_back(self.db(), id, (State::Running, &why), self.now()).await? {
                    true => self.transaction(id).await,
                    false => conflict("it has changed meanwhile: look again"),
                }
            }
            (State::RollingBack | State::FailedUndo, _) => {
                store::hurry(self.db(), id, self.now()).await?;
                self.transaction(id).await
            }
            (State::RolledBack, _) => Ok(journal),
        }
    }

    /// A transaction with its steps.
    ///
    /// # Errors
    /// [`NumbersError::Unknown`].
    pub async fn transaction(&self, id: &str) -> Result<Journal, NumbersError> {
        store::journal(self.db(), id).await?.ok_or(NumbersError::Unknown("no transaction has this id"))
    }

    /// What the same wish has begun before, under the name that follows from the client's key; or under which name it
    /// is to begin. A key means the same wish for a day: after that it names another transaction, always the same one.
    async fn named(&self, wish: &Wish, asker: &Asker) -> Result<Named, NumbersError> {
        let Some(mut id) = asker.id.clone() else { return Ok(Named::Free(self.fresh_id())) };
        while let Some(journal) = store::journal(self.db(), &id).await? {
            if journal.transaction.created_at + KEY_LIVES <= self.now() {
                id = derived_id("txn", &["again", &id]);
            } else if is_same(&journal.transaction.wish, wish) {
                return Ok(Named::Begun(Box::new(journal)));
            } else {
                let told = "this Idempotency-Key was used for another wish; take a new key for a new one";
                return Err(NumbersError::Unfit(told.to_owned()));
            }
        }
        Ok(Named::Free(id))
    }

    async fn take_up(&self, wish: Wish, id: &str, asker: &Asker) -> Result<Journal, NumbersError> {
        self.carrier()?;
        let request = Request { id, wish: &wish, requested_by: &asker.by };
        match store::ask(self.db(), &request, self.now()).await? {
            Taken::Up => self.transaction(id).await,
            Taken::Busy => {
                let by = match wish.subject() {
                    Some(subject) => store::unfinished_of(self.db(), &subject).await?,
                    None => None,
                };
                let by = by.unwrap_or_else(|| "another transaction".to_owned());
                Err(NumbersError::Conflict(format!("{by} works on the same; follow it, or roll it back")))
            }
        }
    }

    pub(super) fn carrier(&self) -> Result<&Carrier, NumbersError> {
        self.parts().carrier.as_ref().ok_or(NumbersError::NoCarrier)
    }

    fn choice(&self, choice: &ChoiceText) -> Result<Choice, NumbersError> {
        self.can_be_reached()?;
        choice.read()
    }

    /// A number that rings here is of no use when the carrier cannot come here.
    pub(super) fn can_be_reached(&self) -> Result<(), NumbersError> {
        let fit = self.parts().reach.is_fit();
        let told = "PUBLIC_URL is not an https address that the carrier can reach: set it first";
        if fit { Ok(()) } else { Err(NumbersError::Conflict(told.to_owned())) }
    }

    fn known_line(&self, name: &str) -> Result<(), NumbersError> {
        let world = self.parts().worlds.current();
        if world.line(name).is_some() {
            return Ok(());
        }
        let names: Vec<&str> = world.lines().iter().map(|line| line.name.as_str()).collect();
        Err(NumbersError::Unfit(format!("line: no line of this name; there are {}", names.join(", "))))
    }

    #[expect(clippy::disallowed_methods, reason = "a transaction is told apart from others by chance, once")]
    fn fresh_id(&self) -> String {
        ulid("txn", self.now(), uuid::Uuid::new_v4().as_u128())
    }
}
