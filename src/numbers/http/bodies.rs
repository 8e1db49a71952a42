//! What leaves over HTTP.

use crate::base::rfc3339_ms;
use crate::carrier::AvailableNumber;
use crate::numbers::plan::Plan;
use crate::numbers::saga::{Journal, Kind, Step, StepRow, StepState, Transaction, Urls};
use crate::numbers::store::{LineRow, NumberRow};
use crate::numbers::sync::{Look, Seen};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Money {
    /// Decimal text.
    #[schema(examples("1.15"))]
    amount: String,
    /// ISO 4217.
    #[schema(examples("USD"))]
    currency: String,
}

impl Money {
    fn of(price: Option<(String, String)>) -> Option<Self> {
        price.map(|(amount, currency)| Self { amount, currency })
    }
}

/// Where the carrier asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UrlsBody {
    /// When a call comes in.
    voice_url: String,
    /// When that fails.
    voice_fallback_url: String,
    /// How calls end.
    status_callback: String,
    /// When a text comes in.
    sms_url: String,
}

impl From<Urls> for UrlsBody {
    fn from(urls: Urls) -> Self {
        let Urls { voice, voice_fallback, status, sms } = urls;
        Self { voice_url: voice, voice_fallback_url: voice_fallback, status_callback: status, sms_url: sms }
    }
}

/// A number of ours.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NumberBody {
    /// E.164.
    number: String,
    /// `PN…`
    sid: String,
    /// Account that owns it.
    account_sid: String,
    /// Name of the line it leads to.
    line: Option<String>,
    /// active, releasing or released.
    state: String,
    /// Where the carrier shall ask.
    wanted: UrlsBody,
    /// Where it was last seen to ask.
    actual: Option<UrlsBody>,
    /// When the carrier was last asked.
    checked_at: Option<String>,
    /// What it costs a month, by the carrier's price list.
    monthly_price: Option<Money>,
    /// The transaction that brought it, or takes it away.
    transaction_id: String,
    /// Bought or ported.
    created_at: String,
    /// Given back.
    released_at: Option<String>,
}

impl From<NumberRow> for NumberBody {
    fn from(row: NumberRow) -> Self {
        let actual = row.actual().map(UrlsBody::from);
        Self {
            number: row.phone_number,
            sid: row.sid,
            account_sid: row.account_sid,
            line: row.line,
            state: row.state,
            wanted: UrlsBody {
                voice_url: row.voice_url,
                voice_fallback_url: row.voice_fallback_url,
                status_callback: row.status_callback,
                sms_url: row.sms_url,
            },
            actual,
            checked_at: row.checked_at.map(rfc3339_ms),
            monthly_price: Money::of(row.monthly_price.zip(row.currency)),
            transaction_id: row.transaction_id,
            created_at: rfc3339_ms(row.created_at),
            released_at: row.released_at.map(rfc3339_ms),
        }
    }
}

/// One page of numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NumberList {
    pub(super) items: Vec<NumberBody>,
    /// Ask again with `cursor` set to this; null on the last page.
    pub(super) next_cursor: Option<String>,
}

/// A number for sale.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferBody {
    /// E.164.
    number: String,
    /// Two letters.
    country: Option<String>,
    /// State or province.
    region: Option<String>,
    /// Town.
    locality: Option<String>,
    /// Takes calls.
    voice: bool,
    /// Takes text messages.
    sms: bool,
    /// none, any, local or foreign: the proof of address that the carrier wants.
    address_requirements: Option<String>,
}

impl From<AvailableNumber> for OfferBody {
    fn from(number: AvailableNumber) -> Self {
        Self {
            number: number.phone_number,
            country: number.iso_country,
            region: number.region,
            locality: number.locality,
            voice: number.capabilities.voice,
            sms: number.capabilities.sms,
            address_requirements: number.address_requirements,
        }
    }
}

/// Numbers for sale. Nothing is reserved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferList {
    pub(super) items: Vec<OfferBody>,
}

/// What buying would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanBody {
    /// Name of the line.
    line: String,
    /// The sub-account that would own it; null: the operator's own.
    account_sid: Option<String>,
    /// The number that would be bought, if it is still for sale then.
    number: Option<String>,
    /// Others that fit.
    candidates: Vec<OfferBody>,
    /// What it would cost a month, by the carrier's price list.
    monthly_price: Option<Money>,
    /// Where the carrier would ask.
    urls: UrlsBody,
    /// The steps, in order; taken back in the opposite one when one fails.
    steps: Vec<&'static str>,
    /// Things to know.
    notes: Vec<String>,
}

impl From<Plan> for PlanBody {
    fn from(plan: Plan) -> Self {
        Self {
            line: plan.wish.line,
            account_sid: plan.wish.account_sid,
            number: plan.candidates.first().map(|number| number.phone_number.clone()),
            candidates: plan.candidates.into_iter().map(OfferBody::from).collect(),
            monthly_price: Money::of(plan.monthly),
            urls: plan.wanted.into(),
            steps: plan.steps,
            notes: plan.notes,
        }
    }
}

/// A transaction.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransactionBody {
    /// `txn_…`
    pub(super) id: String,
    /// provision_number, onboard_tenant, port_number or release_number.
    kind: &'static str,
    /// running, done, rolling_back, rolled_back (nothing is left at the carrier) or failed_undo (something may be left).
    state: &'static str,
    /// What it works on.
    subject: Option<String>,
    /// Name of the line.
    line: Option<String>,
    /// The step that failed first.
    failed_step: Option<String>,
    /// Why.
    error: Option<String>,
    /// Who asked.
    requested_by: String,
    /// Failures in a row of the step it stands at.
    attempts: i64,
    /// When it is taken up next; null once it has ended.
    next_at: Option<String>,
    /// Asked for.
    created_at: String,
    /// Last entry of the journal.
    updated_at: String,
    /// Done or rolled back.
    finished_at: Option<String>,
}

impl From<Transaction> for TransactionBody {
    fn from(row: Transaction) -> Self {
        Self {
            id: row.id,
            kind: row.kind.as_str(),
            state: row.state.as_str(),
            subject: row.subject,
            line: row.line,
            failed_step: row.failed_step,
            error: row.error,
            requested_by: row.requested_by,
            attempts: row.attempts,
            next_at: row.finished_at.is_none().then(|| rfc3339_ms(row.next_at)),
            created_at: rfc3339_ms(row.created_at),
            updated_at: rfc3339_ms(row.updated_at),
            finished_at: row.finished_at.map(rfc3339_ms),
        }
    }
}

/// One page of transactions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransactionList {
    pub(super) items: Vec<TransactionBody>,
    /// Ask again with `cursor` set to this; null on the last page.
    pub(super) next_cursor: Option<String>,
}

/// A step of a transaction.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepBody {
    /// search, subaccount, buy, configure, line, bind, verify …
    name: &'static str,
    /// waiting, doing, done, undoing, undone or failed_undo.
    state: &'static str,
    /// How often it was tried.
    attempts: i64,
    /// Why the last try failed.
    error: Option<String>,
    /// First tried.
    started_at: Option<String>,
    /// Its effect was seen.
    done_at: Option<String>,
    /// Its effect is seen to be gone.
    undone_at: Option<String>,
}

impl From<StepRow> for StepBody {
    fn from(row: StepRow) -> Self {
        Self {
            name: row.step.as_str(),
            state: row.state.as_str(),
            attempts: row.attempts,
            error: row.error,
            started_at: row.started_at.map(rfc3339_ms),
            done_at: row.done_at.map(rfc3339_ms),
            undone_at: row.undone_at.map(rfc3339_ms),
        }
    }
}

/// A transaction with its steps.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JournalBody {
    #[serde(flatten)]
    transaction: TransactionBody,
    /// The number, once it is known.
    number: Option<String>,
    /// `PN…`
    number_sid: Option<String>,
    /// The tenant's account.
    account_sid: Option<String>,
    /// The order of a port.
    order_sid: Option<String>,
    /// How the carrier says that the order stands.
    order_state: Option<String>,
    /// Where the customer signs for a port.
    signature_url: Option<String>,
    /// In order.
    steps: Vec<StepBody>,
}

impl From<Journal> for JournalBody {
    fn from(journal: Journal) -> Self {
        let known = journal.known();
        // A number that was given back, or never bought, is not this transaction's.
        let bought = |step| journal.state_of(step).is_some_and(|state| state != StepState::Undone);
        let kept = journal.transaction.kind != Kind::Provision || bought(Step::Buy);
        Self {
            number: known.number.filter(|_| kept),
            number_sid: known.number_sid.filter(|_| kept),
            account_sid: known.account_sid,
            order_sid: known.order_sid,
            order_state: known.order_state,
            signature_url: known.signature_url,
            steps: journal.steps.into_iter().map(StepBody::from).collect(),
            transaction: journal.transaction.into(),
        }
    }
}

/// A tenant that was set up here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TenantBody {
    /// Name of the line.
    name: String,
    /// TOML: its `[[lines]]` table.
    definition: String,
    /// The transaction that set it up.
    transaction_id: Option<String>,
    /// Set up.
    created_at: String,
}

impl From<LineRow> for TenantBody {
    fn from(row: LineRow) -> Self {
        let LineRow { name, definition, transaction_id, created_at } = row;
        Self { name, definition, transaction_id, created_at: rfc3339_ms(created_at) }
    }
}

/// Tenants that were set up here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TenantList {
    pub(super) items: Vec<TenantBody>,
    /// Where the next page begins; null at the end.
    pub(super) next_cursor: Option<String>,
}

/// A field that differs at the carrier.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifferenceBody {
    /// The carrier's name for it.
    field: &'static str,
    /// As it should be.
    wanted: String,
    /// As it is, or was before it was repaired.
    actual: String,
}

/// A number at the carrier, compared with what is wanted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeenBody {
    number: String,
    sid: String,
    account_sid: String,
    /// Name of the line it leads to.
    line: String,
    /// Empty when all is well.
    differences: Vec<DifferenceBody>,
    /// It was repaired now.
    repaired: bool,
    /// Why it could not be repaired.
    error: Option<String>,
}

impl From<Seen> for SeenBody {
    fn from(seen: Seen) -> Self {
        let differences = seen.differences.into_iter();
        Self {
            number: seen.number,
            sid: seen.sid,
            account_sid: seen.account_sid,
            line: seen.line,
            differences: differences
                .map(|d| DifferenceBody { field: d.field, wanted: d.wanted, actual: d.actual })
                .collect(),
            repaired: seen.repaired,
            error: seen.error,
        }
    }
}

/// A number and what belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stray {
    number: String,
    /// Line, SID or transaction.
    of: String,
}

/// What a look at the carrier came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LookBody {
    /// How many numbers are still not as they should be.
    drifted: usize,
    /// Numbers that lead to a line of ours.
    numbers: Vec<SeenBody>,
    /// Numbers of lines that are in none of our accounts; `of` is the line.
    missing: Vec<Stray>,
    /// Numbers of our accounts that lead to no line; `of` is the SID. They are never touched.
    idle: Vec<Stray>,
    /// Idle numbers that a transaction left behind; `of` is the transaction.
    orphans: Vec<Stray>,
    /// Accounts that could not be read. Nothing is said of their numbers, and `missing` is empty then.
    unread: Vec<Unread>,
}

/// An account that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unread {
    /// Its SID.
    account_sid: String,
    /// Why.
    error: String,
}

impl From<Look> for LookBody {
    fn from(look: Look) -> Self {
        let strays =
            |pairs: Vec<(String, String)>| pairs.into_iter().map(|(number, of)| Stray { number, of }).collect();
        Self {
            drifted: look.drifted(),
            numbers: look.numbers.into_iter().map(SeenBody::from).collect(),
            missing: strays(look.missing),
            idle: strays(look.idle),
            orphans: strays(look.orphans),
            unread: look.unread.into_iter().map(|(account_sid, error)| Unread { account_sid, error }).collect(),
        }
    }
}
