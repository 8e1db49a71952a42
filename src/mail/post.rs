//! What the steps share; and the step from the outbox to rows of mails.

use super::courier::Courier;
use super::error::MailError;
use super::pace::PATIENCE;
use super::watch::Watch;
use crate::base::{AudioLinks, Clock, Meters, Time};
use crate::config::mail::Mailing;
use crate::db::Db;
use crate::ledger::mails::{self, Heard, NewMail};
use crate::shelf::Shelf;
use crate::world::{World, Worlds};
use chrono::TimeDelta;
use lettre::message::Mailbox;
use std::sync::Arc;

/// Events that are read at once.
const NEWS: i64 = 100;
/// Rows of one slice.
const SLICE: i64 = 100;
/// How long it can be seen what became of a mail.
const KEPT: TimeDelta = TimeDelta::days(90);

/// What the app hands over.
#[derive(Debug)]
pub struct Parts {
    /// Where rows are.
    pub db: Db,
    /// The lines, with their recipients.
    pub worlds: Worlds,
    /// Where our copies of audio are.
    pub shelf: Shelf,
    /// Makes links to audio that is not attached.
    pub links: AudioLinks,
    /// The way to the mail server; absent without `SMTP_URL`: nothing is made and nothing is sent.
    pub courier: Option<Courier>,
    /// Whom mails come from.
    pub from: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// This instance, by a word of its own.
    pub holder: Arc<str>,
    /// What is counted.
    pub meters: Arc<Meters>,
}

/// Sends mails. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Post {
    pub(super) parts: Arc<Parts>,
    pub(super) watch: Watch,
}

impl Post {
    /// Takes its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), watch: Watch::default() }
    }

    /// How the mail server answered last, for whoever asks; `None` without `SMTP_URL`.
    #[must_use]
    pub fn watch(&self) -> Option<Watch> {
        self.parts.courier.as_ref().map(|_| self.watch.clone())
    }

    /// Makes the mails that follow from what was told since the last look; says how many events of ours were read.
    ///
    /// # Errors
    /// [`MailError::Db`]; they are read again.
    pub async fn collect(&self) -> Result<u64, MailError> {
        if self.parts.courier.is_none() {
            return Ok(0);
        }
        let now = self.now();
        let Some(news) = mails::news(self.db(), now, NEWS).await? else { return Ok(0) };
        let world = self.parts.worlds.current();
        let wanted: Vec<(&Heard, &Mailing)> = news
            .heard
            .iter()
            .filter_map(|heard| Some((heard, mailing(&world, &heard.line, &heard.mailbox)?)))
            .collect();
        let fresh: Vec<NewMail<'_>> = wanted
            .iter()
            .filter(|(heard, _)| !heard.words)
            .flat_map(|(heard, mailing)| mailing.to.iter().map(|to| NewMail { heard, to }))
            .collect();
        let words: Vec<&Heard> = wanted
            .iter()
            .filter(|(heard, mailing)| heard.words && mailing.transcript)
            .map(|(heard, _)| *heard)
            .collect();
        mails::take(self.db(), &news, &fresh, &words, now).await?;
        Ok(news.heard.len() as u64)
    }

    /// Ends what was tried for days, and forgets what ended long ago; one slice, says how many rows.
    ///
    /// # Errors
    /// [`MailError::Db`].
    pub async fn tidy(&self) -> Result<u64, MailError> {
        let now = self.now();
        let expired = match &self.parts.courier {
            Some(_) => mails::expire(self.db(), now - PATIENCE, SLICE, now).await?,
            None => 0,
        };
        self.watch.lost(expired);
        self.parts.meters.mails.add("expired", expired);
        Ok(expired + mails::forget(self.db(), now - KEPT, SLICE).await?)
    }

    /// Whom mails come from.
    pub(super) fn from(&self) -> Result<Mailbox, MailError> {
        self.parts.from.parse().map_err(|_| MailError::NoSender)
    }

    pub(super) fn db(&self) -> &Db {
        &self.parts.db
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.parts.shelf
    }

    pub(super) fn links(&self) -> &AudioLinks {
        &self.parts.links
    }

    pub(super) fn now(&self) -> Time {
        self.parts.clock.now()
    }
}

/// Who gets the messages of a line: whom it names, else whom the first line with the same box names. A transcript's event
/// names no box; its line does.
pub(super) fn mailing<'w>(world: &'w World, line: &str, mailbox: &str) -> Option<&'w Mailing> {
    let own = world.line(line).map(|line| &line.voicemail);
    if let Some(mailing) = own.and_then(|voicemail| voicemail.mail.as_ref()) {
        return Some(mailing);
    }
    let mailbox = own.map_or(mailbox, |voicemail| voicemail.mailbox.as_str());
    let sharing = world.lines().iter().map(|line| &line.voicemail).filter(|voicemail| voicemail.mailbox == mailbox);
    sharing.filter_map(|voicemail| voicemail.mail.as_ref()).next()
}
