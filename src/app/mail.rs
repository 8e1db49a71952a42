//! The room of mails meets its neighbours; and the loops that call its steps, which may be cut anywhere.

use super::ground::Ground;
use super::wiring;
use super::workers::in_slices;
use crate::base::rfc3339_ms;
use crate::config::Settings;
use crate::ledger::{Condition, Phase};
use crate::mail::{Courier, MailError, Parts, Post, Watch};
use crate::ops::{Check, CheckStatus};
use crate::shelf::Shelf;
use crate::world::Worlds;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// Between two slices: callers' webhooks are stored meanwhile.
const BREATH: Duration = Duration::from_millis(50);

/// The room, on its neighbours.
pub(super) fn post(ground: &Ground, worlds: &Worlds, shelf: &Shelf) -> Post {
    let Ground { settings, clock, db, meters, holder, .. } = ground;
    Post::new(Parts {
        db: db.clone(),
        worlds: worlds.clone(),
        shelf: shelf.clone(),
        links: wiring::links(settings),
        courier: courier(settings),
        from: settings.mail.sender(&settings.server.public_url),
        clock: clock.clone(),
        holder: Arc::clone(holder),
        meters: Arc::clone(meters),
    })
}

/// The way to the mail server of `SMTP_URL`.
#[must_use]
pub fn courier(settings: &Settings) -> Option<Courier> {
    let url = Url::parse(&settings.server.public_url).ok();
    let host = url.as_ref().and_then(Url::domain);
    settings.mail.server.clone().map(|server| Courier::new(server, host))
}

/// How mails get on. No call needs them.
pub(super) fn check(watch: Option<Watch>) -> Box<dyn Fn() -> Check + Send + Sync> {
    Box::new(move || {
        let (status, detail) = match watch.as_ref().map(Watch::standing) {
            None => (CheckStatus::Healthy, "no mail server is configured: nothing is mailed".to_owned()),
            Some(standing) => match standing.failing {
                Some(failing) => {
                    let since = rfc3339_ms(failing.since);
                    (CheckStatus::Degraded, format!("mails wait since {since}: {}", failing.stage))
                }
                None => {
                    let lost = match standing.lost {
                        0 => String::new(),
                        lost => format!(", {lost} were refused or given up"),
                    };
                    (CheckStatus::Healthy, format!("{} mails of this process were handed over{lost}", standing.sent))
                }
            },
        };
        Check { name: "mail", status, detail, needed: false }
    })
}

/// What the loops work with.
#[derive(Clone)]
pub(super) struct Mails {
    pub post: Post,
    pub condition: Condition,
    /// Ends the loops, in the middle of a mail if need be: its lease runs out, and it goes again with the same Message-ID.
    pub stop: CancellationToken,
}

type Step = std::pin::Pin<Box<dyn Future<Output = Result<(), MailError>> + Send>>;

impl Mails {
    /// Starts all loops.
    pub(super) fn start(self, tasks: &TaskTracker) {
        let every = |period: Duration, step: fn(Self) -> Step| {
            let mails = self.clone();
            tasks.spawn(async move {
                let stop = mails.stop.clone();
                let loops = async move {
                    let mut ticks = interval(period);
                    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    loop {
                        ticks.tick().await;
                        if mails.condition.phase() == Phase::Up
                            && let Err(error) = step(mails.clone()).await
                        {
                            tracing::warn!(%error, "mails: a step ended early; the next one goes on");
                        }
                    }
                };
                stop.run_until_cancelled_owned(loops).await
            });
        };
        every(Duration::from_secs(1), |mails| Box::pin(async move { mails.collect().await }));
        every(Duration::from_secs(1), |mails| Box::pin(async move { mails.deliver().await }));
        every(Duration::from_secs(60), |mails| Box::pin(async move { mails.tidy().await }));
    }

    async fn collect(&self) -> Result<(), MailError> {
        in_slices(|| self.post.collect(), BREATH, &self.stop).await.map(drop)
    }

    async fn deliver(&self) -> Result<(), MailError> {
        in_slices(|| self.post.deliver_due(), BREATH, &self.stop).await.map(drop)
    }

    async fn tidy(&self) -> Result<(), MailError> {
        in_slices(|| self.post.tidy(), BREATH, &self.stop).await.map(drop)
    }
}
