//! Rows as the tables hold them, and as this room understands them.

use crate::base::Time;
use crate::db::from_row;
use crate::numbers::error::NumbersError;
use crate::numbers::saga::{Kind, Known, State, Step, StepRow, StepState, Transaction, Urls, Wish};

/// `transactions`, as stored.
pub(super) struct TransactionText {
    pub id: String,
    kind: String,
    state: String,
    subject: Option<String>,
    line: Option<String>,
    input: String,
    failed_step: Option<String>,
    error: Option<String>,
    requested_by: String,
    attempts: i64,
    next_at: Time,
    lease_holder: Option<String>,
    lease_until: Option<Time>,
    created_at: Time,
    updated_at: Time,
    finished_at: Option<Time>,
}

from_row!(TransactionText {
    id,
    kind,
    state,
    subject,
    line,
    input,
    failed_step,
    error,
    requested_by,
    attempts,
    next_at,
    lease_holder,
    lease_until,
    created_at,
    updated_at,
    finished_at,
});

impl TransactionText {
    pub(super) fn read(self) -> Result<Transaction, NumbersError> {
        let bad = |column| NumbersError::BadRow { table: "transactions", column, row: self.id.clone() };
        let kind = Kind::parse(&self.kind).ok_or_else(|| bad("kind"))?;
        let state = State::parse(&self.state).ok_or_else(|| bad("state"))?;
        let wish = Wish::read(kind, &self.input).map_err(|_| bad("input"))?;
        Ok(Transaction {
            kind,
            state,
            wish,
            id: self.id,
            subject: self.subject,
            line: self.line,
            failed_step: self.failed_step,
            error: self.error,
            requested_by: self.requested_by,
            attempts: self.attempts,
            next_at: self.next_at,
            lease_holder: self.lease_holder,
            lease_until: self.lease_until,
            created_at: self.created_at,
            updated_at: self.updated_at,
            finished_at: self.finished_at,
        })
    }
}

/// `transaction_steps`, as stored.
pub(super) struct StepText {
    transaction_id: String,
    number: i64,
    name: String,
    state: String,
    attempts: i64,
    result: Option<String>,
    error: Option<String>,
    started_at: Option<Time>,
    tried_at: Option<Time>,
    done_at: Option<Time>,
    undone_at: Option<Time>,
}

from_row!(StepText {
    transaction_id,
    number,
    name,
    state,
    attempts,
    result,
    error,
    started_at,
    tried_at,
    done_at,
    undone_at,
});

impl StepText {
    pub(super) fn read(self) -> Result<StepRow, NumbersError> {
        let row = || format!("{}/{}", self.transaction_id, self.number);
        let bad = |column| NumbersError::BadRow { table: "transaction_steps", column, row: row() };
        let known = self.result.as_deref().map(serde_json::from_str::<Known>).transpose();
        Ok(StepRow {
            step: Step::parse(&self.name).ok_or_else(|| bad("name"))?,
            state: StepState::parse(&self.state).ok_or_else(|| bad("state"))?,
            known: known.map_err(|_| bad("result"))?.unwrap_or_default(),
            number: self.number,
            attempts: self.attempts,
            error: self.error,
            started_at: self.started_at,
            tried_at: self.tried_at,
            done_at: self.done_at,
            undone_at: self.undone_at,
        })
    }
}

/// A row of `numbers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::numbers) struct NumberRow {
    /// E.164.
    pub phone_number: String,
    /// `PN…`
    pub sid: String,
    /// Account that owns it.
    pub account_sid: String,
    /// Name of the line it leads to.
    pub line: Option<String>,
    /// `active`, `releasing`, `released`.
    pub state: String,
    /// Wanted at the carrier.
    pub voice_url: String,
    /// Wanted at the carrier.
    pub voice_fallback_url: String,
    /// Wanted at the carrier.
    pub status_callback: String,
    /// Wanted at the carrier.
    pub sms_url: String,
    /// As last seen there.
    pub actual_voice_url: Option<String>,
    /// As last seen there.
    pub actual_voice_fallback_url: Option<String>,
    /// As last seen there.
    pub actual_status_callback: Option<String>,
    /// As last seen there.
    pub actual_sms_url: Option<String>,
    /// When the carrier was last asked.
    pub checked_at: Option<Time>,
    /// Decimal text.
    pub monthly_price: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The transaction that brought it, or takes it away.
    pub transaction_id: String,
    /// Bought or ported.
    pub created_at: Time,
    /// Last change.
    pub updated_at: Time,
    /// Given back.
    pub released_at: Option<Time>,
}

from_row!(NumberRow {
    phone_number,
    sid,
    account_sid,
    line,
    state,
    voice_url,
    voice_fallback_url,
    status_callback,
    sms_url,
    actual_voice_url,
    actual_voice_fallback_url,
    actual_status_callback,
    actual_sms_url,
    checked_at,
    monthly_price,
    currency,
    transaction_id,
    created_at,
    updated_at,
    released_at,
});

impl NumberRow {
    /// Where the carrier was last seen to ask; `None` before the first look.
    #[must_use]
    pub(in crate::numbers) fn actual(&self) -> Option<Urls> {
        self.checked_at?;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Some(Urls {
            voice: text(&self.actual_voice_url),
            voice_fallback: text(&self.actual_voice_fallback_url),
            status: text(&self.actual_status_callback),
            sms: text(&self.actual_sms_url),
        })
    }
}

/// A row of `subaccounts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::numbers) struct AccountRow {
    /// `AC…`
    pub sid: String,
    /// Its name at the carrier.
    pub friendly_name: String,
    /// Its token, sealed.
    pub sealed_token: String,
    /// `active`, `suspended`, `closed`.
    pub state: String,
    /// The transaction that made it.
    pub transaction_id: String,
}

from_row!(AccountRow { sid, friendly_name, sealed_token, state, transaction_id });

/// A row of `lines`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::numbers) struct LineRow {
    /// Its name.
    pub name: String,
    /// TOML.
    pub definition: String,
    /// The transaction that made it.
    pub transaction_id: Option<String>,
    /// Made.
    pub created_at: Time,
}

from_row!(LineRow { name, definition, transaction_id, created_at });
