//! Work beside the pages, one unit a call; loops live in app.

use super::desk::Paging;
use super::play::play;
use super::queries;
use super::request::{Asker, Origin, Refused, Request, Right};
use super::seam::Source;
use super::sound::{self, Samples};
use super::{schedule, sound::chime};
use crate::base::Time;
use crate::config::paging::{Bell, Chime};
use crate::db::DbError;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a bell's lease keeps other instances from ringing it too.
const RUNG: Duration = Duration::from_secs(600);

impl Paging {
    /// Writes down what becomes of pages, until the stop fires.
    pub async fn write_down(&self, stop: &CancellationToken) {
        self.0.clerk.run(&self.0.db, &self.0.clock, stop).await;
    }

    /// Tells the database that this process lives, and closes pages of processes that do not. Says how many.
    ///
    /// # Errors
    /// [`DbError`]; it is done another time.
    pub async fn tend_rows(&self) -> Result<usize, DbError> {
        let now = self.0.clock.now();
        if !self.live().is_empty() {
            queries::renew(&self.0.db, &self.0.holder, now).await?;
        }
        queries::close_orphans(&self.0.db, &self.0.holder, now).await
    }

    /// Rings the bells whose time has come since `since`, and says until when it looked. Of several instances one rings.
    pub async fn ring(&self, since: Time) -> Time {
        let now = self.0.clock.now();
        let plan = self.plan();
        let after = since.max(now - schedule::LATE);
        for bell in &plan.config.bells {
            for at in schedule::rings(bell, plan.config.timezone, after, now) {
                if self.is_ours(bell, at, now).await
                    && let Err(why) = self.ring_one(bell)
                {
                    tracing::warn!(zone = bell.zone, %why, "a bell did not ring");
                }
            }
        }
        now
    }

    /// A database that is away keeps no bell silent.
    async fn is_ours(&self, bell: &Bell, at: Time, now: Time) -> bool {
        let name =
            format!("paging: bell {} {} {}", bell.zone, bell.announcement.as_deref().unwrap_or(""), at.timestamp());
        self.0.db.lease(&name, &self.0.holder, now, RUNG).await.unwrap_or(true)
    }

    fn ring_one(&self, bell: &Bell) -> Result<(), Refused> {
        let sound = match &bell.announcement {
            Some(name) => self.announcement(name)?,
            // The zone's chime rings by itself; where it has none, two tones do.
            None => Samples::new(chime(&Chime::TwoTone)),
        };
        let request = Request {
            zones: vec![bell.zone.clone()],
            priority: Some(bell.priority),
            origin: Origin::Bell,
            right: Right::House,
            asker: Asker::default(),
            id: None,
        };
        self.page(request, sound).map(drop)
    }

    /// A sound of the file, by its name.
    ///
    /// # Errors
    /// [`Refused::Unplayable`], also when there is none of that name.
    pub fn announcement(&self, name: &str) -> Result<Samples, Refused> {
        let plan = self.plan();
        let known = plan.config.announcements.iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| Refused::Unplayable(format!("there is no announcement {name}")))?;
        sound::announcement(known)
    }

    /// Pages a sound that is there already; it plays by itself. Gives the name of the page.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn page(&self, request: Request, source: impl Source + 'static) -> Result<super::PageId, Refused> {
        let page = self.begin(request)?;
        let id = page.id().clone();
        tokio::spawn(play(page, source));
        Ok(id)
    }
}
