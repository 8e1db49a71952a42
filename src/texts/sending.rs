//! One text at a time, to the carrier.

use super::desk::{Texts, acting};
use super::queries::{self, Begun, Hold, Row};
use super::{looking, news};
use crate::base::{Time, mask_text};
use crate::carrier::{Carrier, CarrierError, MessageSetup, Processed};
use crate::db::DbError;
use crate::ledger::{Quota, TextState, reached_nobody};
use chrono::TimeDelta;

/// How long a text belongs to an instance that hands it over; longer than the carrier's client tries.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// Between two tries while the carrier takes nothing; it doubles up to the longest.
const AGAIN: (TimeDelta, TimeDelta) = (TimeDelta::seconds(15), TimeDelta::minutes(10));
/// "Sorry we missed you" is of no use half a day later.
const MISSED_UNTIL: TimeDelta = TimeDelta::hours(2);
/// How long the carrier is asked to take any other text.
const GIVEN_UP: TimeDelta = TimeDelta::hours(24);
/// The recipient has written STOP.
const OPTED_OUT: u32 = 21610;
const HOUR_US: i64 = 3_600_000_000;

/// What a step of the worker came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// A text went as far as it goes for now.
    One,
    /// Nothing is to be done.
    Nothing,
}

impl Texts {
    /// Takes up the text that has waited longest: hands it to the carrier, or finds out what became of it.
    ///
    /// # Errors
    /// [`DbError`]; what was noted stays, and the text is taken up again. A fault of the carrier is none.
    pub async fn step(&self) -> Result<Worked, DbError> {
        let Some(carrier) = &self.parts().carrier else { return Ok(Worked::Nothing) };
        let Some(row) = queries::due(self.db(), self.now()).await? else { return Ok(Worked::Nothing) };
        match row.state.as_str() {
            "queued" => self.send(carrier, &row).await?,
            _ => self.look(carrier, &row).await?,
        }
        Ok(Worked::One)
    }

    async fn send(&self, carrier: &Carrier, row: &Row) -> Result<(), DbError> {
        if let Some(hindrance) = self.hindrance(row).await? {
            return self.put_away(row, hindrance).await;
        }
        let hold = Hold { id: &row.id, holder: &self.parts().holder, now: self.now(), lease: LEASE };
        match queries::begin(self.db(), hold, self.quota(row).as_ref()).await? {
            Begun::Elsewhere | Begun::Spent => return Ok(()),
            Begun::Ours => {}
        }
        let sent = self.ask(carrier, row).await;
        let now = self.now();
        match sent {
            Ok((sid, state)) => {
                tracing::info!(text = row.id, kind = row.kind, sid, "the carrier has a text of ours");
                queries::taken(self.db(), &row.id, (&sid, state), &news::sent(row, &sid, state, now)).await
            }
            Err(error) => self.not_sent(row, &error, now).await,
        }
    }

    async fn ask(&self, carrier: &Carrier, row: &Row) -> Result<(String, TextState), CarrierError> {
        let world = self.parts().worlds.current();
        let line = row.line.as_deref().unwrap_or_default();
        let setup = MessageSetup {
            to: row.to_number.clone(),
            from: row.from_number.clone(),
            body: row.body.clone(),
            status_callback: Some((self.parts().report_to)(&world.public_url, line, &row.id)),
            ..MessageSetup::default()
        };
        let message = acting(carrier, row.account_sid.as_deref())?.send_message(&setup).await?;
        Ok((message.sid, TextState::Accepted))
    }

    /// Why this text is not to be sent any more, if there is a reason.
    async fn hindrance(&self, row: &Row) -> Result<Option<&'static str>, DbError> {
        let age = self.now() - row.created_at;
        if row.is_missed_call() {
            let Some(call) = row.call_sid.as_deref() else { return Ok(Some("no call was missed")) };
            if age > MISSED_UNTIL {
                return Ok(Some("the call was missed too long ago"));
            }
            if row.attempts == 0 && !reached_nobody(self.db(), call).await? {
                return Ok(Some("somebody was reached, or a message was left"));
            }
        }
        let (number, peer) = (row.from_number.as_deref(), row.to_number.as_deref());
        if queries::opted_out(self.db(), number.unwrap_or_default(), peer.unwrap_or_default()).await? {
            return Ok(Some("the recipient wants no texts (STOP)"));
        }
        Ok((age > GIVEN_UP).then_some("the carrier could not be reached for too long"))
    }

    /// A text that nobody wrote by hand was never one; an operator gets to know why his was not sent.
    async fn put_away(&self, row: &Row, why: &str) -> Result<(), DbError> {
        if row.is_missed_call() && row.attempts == 0 {
            tracing::debug!(text = row.id, call.sid = row.call_sid, why, "no text for a missed call");
            return queries::remove(self.db(), &row.id).await;
        }
        let now = self.now();
        queries::failed(self.db(), &row.id, (None, why), &news::failed(row, None, now)).await
    }

    /// A caller is sent one text in so many hours. Only the first try asks.
    fn quota(&self, row: &Row) -> Option<Quota> {
        if !row.is_missed_call() || row.attempts > 0 {
            return None;
        }
        let (line, to) = (row.line.as_deref()?, row.to_number.as_deref()?);
        let world = self.parts().worlds.current();
        let hours = world.line(line).map_or(24, |line| line.texts.missed_every_h);
        Some(Quota { key: format!("missed/{line}/{to}"), every_us: i64::from(hours) * HOUR_US })
    }

    async fn not_sent(&self, row: &Row, error: &CarrierError, now: Time) -> Result<(), DbError> {
        let why = mask_text(&error.to_string());
        tracing::warn!(text = row.id, kind = row.kind, error = why, "the carrier did not take a text");
        if error.processed() != Processed::No {
            return queries::unknown(self.db(), &row.id, (Some(now + looking::SOON), &why), now).await;
        }
        // Settings can be mended while it waits.
        let later = error.may_retry() || matches!(error, CarrierError::Unauthorized(_) | CarrierError::Unusable(_));
        if later {
            let holder = &self.parts().holder;
            let due = now + wait(row.attempts, error.retry_after_s());
            return queries::again(self.db(), &row.id, (holder, due), (&why, now)).await;
        }
        if error.code() == Some(OPTED_OUT) {
            queries::opt_out(self.db(), row, OPTED_OUT, now).await?;
        }
        let code = error.code().map(i64::from);
        queries::failed(self.db(), &row.id, (code, &why), &news::failed(row, code, now)).await
    }
}

/// Until the next try after so many; whoever asks for more time gets it.
fn wait(tries: i64, asked_for_s: Option<u64>) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(0, 16)).unwrap_or_default();
    let own = AGAIN.0.checked_mul(1 << doublings).map_or(AGAIN.1, |wait| wait.min(AGAIN.1));
    let asked = asked_for_s.and_then(|s| TimeDelta::try_seconds(i64::try_from(s).ok()?)).unwrap_or_default();
    own.max(asked.min(TimeDelta::hours(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_become_rarer_and_the_carrier_may_ask_for_more_time() {
        let seconds = |tries, asked| wait(tries, asked).num_seconds();
        assert_eq!([0, 1, 2, 9].map(|tries| seconds(tries, None)), [15, 30, 60, 600]);
        assert_eq!((seconds(0, Some(90)), seconds(0, Some(u64::MAX))), (90, 15));
    }
}
