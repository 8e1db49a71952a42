//! The tables `numbers`, `subaccounts` and `lines`, written in the transaction of a journal entry. Every statement is
//! harmless twice.

use crate::base::Time;
use crate::db::DbError;
use crate::numbers::saga::{Bought, Change, NewNumber, Urls};

const SUBJECT: &str = "update transactions set subject = $2, updated_at = $3 where id = $1";

const BIND: &str = "insert into numbers (phone_number, sid, account_sid, line, state, voice_url, voice_fallback_url, \
    status_callback, sms_url, monthly_price, currency, transaction_id, created_at, updated_at) \
    values ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9, $10, $11, $12, $12) \
    on conflict (phone_number) do update set sid = excluded.sid, account_sid = excluded.account_sid, \
    line = excluded.line, state = 'active', voice_url = excluded.voice_url, \
    voice_fallback_url = excluded.voice_fallback_url, status_callback = excluded.status_callback, \
    sms_url = excluded.sms_url, actual_voice_url = null, actual_voice_fallback_url = null, \
    actual_status_callback = null, actual_sms_url = null, checked_at = null, \
    monthly_price = excluded.monthly_price, currency = excluded.currency, \
    transaction_id = excluded.transaction_id, created_at = excluded.created_at, \
    updated_at = excluded.updated_at, released_at = null";

const UNBIND: &str = "update numbers set state = 'releasing', transaction_id = $2, updated_at = $3 \
    where phone_number = $1 and sid = $4 and state = 'active'";

const REBIND: &str = "update numbers set state = 'active', transaction_id = $2, updated_at = $3 \
    where phone_number = $1 and sid = $4 and state = 'releasing'";

const RELEASED: &str = "update numbers set state = 'released', transaction_id = $2, released_at = $3, \
    updated_at = $3 where phone_number = $1 and sid = $4 and state <> 'released'";

const SEEN: &str = "update numbers set actual_voice_url = $2, actual_voice_fallback_url = $3, \
    actual_status_callback = $4, actual_sms_url = $5, checked_at = $6 where phone_number = $1";

const ACCOUNT: &str = "insert into subaccounts (sid, friendly_name, sealed_token, state, transaction_id, created_at, \
    updated_at) values ($1, $2, $3, 'active', $4, $5, $5) on conflict (sid) do update set \
    sealed_token = excluded.sealed_token, state = 'active', updated_at = excluded.updated_at";

const CLOSED: &str = "update subaccounts set state = 'closed', updated_at = $2 where sid = $1 and state <> 'closed'";

const LINE: &str = "insert into lines (name, definition, transaction_id, created_at, updated_at) \
    values ($1, $2, $3, $4, $4) on conflict (name) do update set definition = excluded.definition, \
    updated_at = excluded.updated_at where lines.transaction_id = excluded.transaction_id";

const LINE_GONE: &str = "delete from lines where name = $1 and transaction_id = $2";

/// A connection inside a transaction, of either engine.
pub(in crate::numbers::store) trait Tables {
    /// Makes the tables say so.
    async fn apply(&mut self, change: &Change, transaction: &str, now: Time) -> Result<(), DbError>;
}

/// The same body for a connection of each engine.
macro_rules! tables {
    ($connection:ty) => {
        impl Tables for $connection {
            async fn apply(&mut self, change: &Change, transaction: &str, now: Time) -> Result<(), DbError> {
                match change {
                    Change::Subject(number) => sqlx::query(SUBJECT).bind(transaction).bind(number).bind(now),
                    Change::Bind(new) => {
                        let NewNumber { phone_number, sid, account_sid, line, wanted, monthly } = &**new;
                        let Urls { voice, voice_fallback, status, sms } = wanted;
                        let (price, currency) = monthly.as_ref().map(|(price, currency)| (price, currency)).unzip();
                        let bind = sqlx::query(BIND).bind(phone_number).bind(sid).bind(account_sid).bind(line);
                        let bind = bind.bind(voice).bind(voice_fallback).bind(status).bind(sms);
                        bind.bind(price).bind(currency).bind(transaction).bind(now)
                    }
                    Change::Unbind(Bought { phone_number, sid }) => {
                        sqlx::query(UNBIND).bind(phone_number).bind(transaction).bind(now).bind(sid)
                    }
                    Change::Rebind(Bought { phone_number, sid }) => {
                        sqlx::query(REBIND).bind(phone_number).bind(transaction).bind(now).bind(sid)
                    }
                    Change::Released(Bought { phone_number, sid }) => {
                        sqlx::query(RELEASED).bind(phone_number).bind(transaction).bind(now).bind(sid)
                    }
                    Change::Seen(number, urls) => {
                        let seen = sqlx::query(SEEN).bind(number).bind(&urls.voice).bind(&urls.voice_fallback);
                        seen.bind(&urls.status).bind(&urls.sms).bind(now)
                    }
                    Change::Account { sid, friendly_name, sealed_token } => {
                        let account = sqlx::query(ACCOUNT).bind(sid).bind(friendly_name).bind(sealed_token);
                        account.bind(transaction).bind(now)
                    }
                    Change::AccountClosed(sid) => sqlx::query(CLOSED).bind(sid).bind(now),
                    Change::Line { name, definition } => {
                        sqlx::query(LINE).bind(name).bind(definition).bind(transaction).bind(now)
                    }
                    Change::LineGone(name) => sqlx::query(LINE_GONE).bind(name).bind(transaction),
                }
                .execute(&mut *self)
                .await?;
                Ok(())
            }
        }
    };
}

tables!(sqlx::SqliteConnection);
tables!(sqlx::PgConnection);
