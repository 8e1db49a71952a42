//! What became of a text whose answer never came: the carrier's list may show it. It is never sent again.

use super::desk::{Texts, acting};
use super::news;
use super::queries::{self, Hold, Row};
use crate::base::Time;
use crate::carrier::{Carrier, CarrierError, Message, MessageFilter};
use crate::db::DbError;
use crate::ledger::TextState;
use chrono::TimeDelta;

/// Until the first look.
pub(super) const SOON: TimeDelta = TimeDelta::seconds(10);
/// Since it was handed over, when to look again; after the last one nobody will know, unless the carrier reports it.
const LOOKS: [TimeDelta; 4] =
    [TimeDelta::seconds(40), TimeDelta::minutes(3), TimeDelta::minutes(15), TimeDelta::hours(2)];
/// How long one instance looks.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// The carrier's clock, and whole seconds.
const SLACK: TimeDelta = TimeDelta::seconds(60);
/// Of the texts to one number, the newest.
const PAGE: u32 = 50;

impl Texts {
    pub(super) async fn look(&self, carrier: &Carrier, row: &Row) -> Result<(), DbError> {
        let hold = Hold { id: &row.id, holder: &self.parts().holder, now: self.now(), lease: LEASE };
        if !queries::look(self.db(), hold).await? {
            return Ok(());
        }
        let found = match candidates(carrier, row).await {
            Ok(candidates) => self.unclaimed(candidates).await?,
            Err(error) => {
                tracing::warn!(text = row.id, %error, "the carrier did not say what became of a text");
                None
            }
        };
        let now = self.now();
        match found {
            Some(sid) => {
                tracing::info!(text = row.id, sid, "the carrier has a text of ours, whose answer never came");
                let told = news::sent(row, &sid, TextState::Accepted, now);
                queries::taken(self.db(), &row.id, (&sid, TextState::Accepted), &told).await
            }
            None => {
                let next = next_look(row, now);
                if next.is_none() {
                    tracing::warn!(
                        text = row.id,
                        kind = row.kind,
                        "nobody knows whether a text was sent; it is not sent again"
                    );
                }
                let why = "the carrier's answer never came; it was not sent again";
                queries::unknown(self.db(), &row.id, (next, why), now).await
            }
        }
    }

    /// The first that is no other text's.
    async fn unclaimed(&self, candidates: Vec<String>) -> Result<Option<String>, DbError> {
        for sid in candidates {
            if queries::one(self.db(), &sid).await?.is_none() {
                return Ok(Some(sid));
            }
        }
        Ok(None)
    }
}

/// SIDs of texts of the same words between the same numbers, sent since; oldest first.
async fn candidates(carrier: &Carrier, row: &Row) -> Result<Vec<String>, CarrierError> {
    let filter = MessageFilter {
        to: row.to_number.clone(),
        from: row.from_number.clone(),
        page_size: Some(PAGE),
        ..MessageFilter::default()
    };
    let page = acting(carrier, row.account_sid.as_deref())?.messages(&filter)?.next().await?;
    let since = row.asked_at.unwrap_or(row.created_at) - SLACK;
    let fits = |message: &Message| {
        message.direction.as_deref() != Some("inbound")
            && message.body.as_deref().map(str::trim) == row.body.as_deref().map(str::trim)
            && message.date_created.is_none_or(|created| created >= since)
    };
    let fitting = page.unwrap_or_default().into_iter().rev().filter(fits);
    Ok(fitting.map(|message| message.sid).collect())
}

fn next_look(row: &Row, now: Time) -> Option<Time> {
    let asked = row.asked_at.unwrap_or(row.created_at);
    LOOKS.into_iter().map(|after| asked + after).find(|at| *at > now)
}
