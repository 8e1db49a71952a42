//! What live calls are steered with: the flow's URLs, the ledger, and this instance's look at the tables.

use super::worlds::WorldMaker;
use crate::calls;
use crate::config::Settings;
use crate::db::Db;
use crate::ledger::Ledger;
use crate::ops::{Destination, Look, Steering};

/// Operators send callers to URLs that the flow understands.
pub(super) fn steering(settings: &Settings, db: &Db, (ledger, worlds): (&Ledger, &WorldMaker)) -> Steering {
    let public_url = settings.server.public_url.clone();
    let url = move |to: &Destination<'_>| {
        let Destination { transfer_id: id, line, step, consent, to } = *to;
        calls::onward(&public_url, &calls::Onward { id, line, step, consent, to })
    };
    let (worlds, db) = (worlds.clone(), db.clone());
    let look = move || -> Look {
        let (worlds, db) = (worlds.clone(), db.clone());
        Box::pin(async move {
            if let Err(error) = worlds.refresh(&db).await {
                tracing::warn!(%error, "the tables could not be looked at at once; it is done within seconds");
            }
        })
    };
    Steering { ledger: ledger.clone(), url: Box::new(url), look: Box::new(look) }
}
