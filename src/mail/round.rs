//! Mails that are due: one mail, from its row to the mail server and back.

use super::courier::{Courier, Undelivered};
use super::error::MailError;
use super::letter::Letter;
use super::pace::{again, quiet_until};
use super::post::{Post, mailing};
use super::sound::{Ready, Sound};
use crate::base::{Time, mask_address};
use crate::config::mail::Mailing;
use crate::ledger::inbox::{self, VoicemailRow};
use crate::ledger::mails::{self, Ending, MailRow};
use crate::ledger::read;
use chrono::TimeDelta;
use chrono_tz::Tz;

/// Mails of one round, one after the other.
const ROUND: i64 = 20;
/// How long one instance holds a mail; more than the longest way to a mail server.
const HOLD: TimeDelta = TimeDelta::minutes(15);
/// Until our copy of the audio is looked for again.
const COPYING: TimeDelta = TimeDelta::seconds(5);

/// What is known of a mail before it is written.
struct Order<'a> {
    mail: &'a MailRow,
    message: VoicemailRow,
    mailing: Mailing,
    zone: Tz,
    caller_name: Option<String>,
}

impl Post {
    /// Sends a few of the mails that are due and says how many were tried. While the mail server fails, nothing is.
    ///
    /// # Errors
    /// [`MailError`]; what was claimed is tried again when its time has run out.
    pub async fn deliver_due(&self) -> Result<u64, MailError> {
        let Some(courier) = &self.parts.courier else { return Ok(0) };
        let mut tried = 0;
        if self.watch.is_resting(self.now()) {
            return Ok(tried);
        }
        for mail in mails::due(self.db(), self.now(), ROUND).await? {
            if self.watch.is_resting(self.now()) {
                break;
            }
            let now = self.now();
            let claimed = mails::claim(self.db(), &mail.id, &self.parts.holder, now, now + HOLD).await?;
            if let Some(mail) = claimed {
                tried += 1;
                self.deliver(courier, &mail).await?;
            }
        }
        Ok(tried)
    }

    async fn deliver(&self, courier: &Courier, mail: &MailRow) -> Result<(), MailError> {
        let Some(order) = self.order(mail).await? else {
            return self.end(mail, Ending::Dropped, "the message is deleted, or nobody gets it by mail any more").await;
        };
        if mail.kind == "transcript" && order.words().is_none() {
            return self.end(mail, Ending::Dropped, "there are no words, or nobody wants them any more").await;
        }
        if let Some(until) = quiet_until(&order.mailing, order.zone, self.now()) {
            return self.wait(mail, until, "quiet time").await;
        }
        let sound = if mail.kind == "voicemail" {
            match self.sound((&order.message, mail.made_at), &order.mailing, order.zone).await? {
                Ready::Now(sound) => Some(sound),
                Ready::Soon => return self.wait(mail, self.now() + COPYING, "the audio is being copied").await,
            }
        } else {
            None
        };
        let attached = matches!(sound, Some(Sound::Attached { .. }));
        let mut sent = self.send(courier, &order, sound).await?;
        if attached && sent.as_ref().is_err_and(Undelivered::is_too_large) {
            let link = self.link(&order.message, &order.mailing);
            sent = self.send(courier, &order, Some(link)).await?;
        }
        match sent {
            Ok(()) => self.sent(&order).await,
            Err(undelivered) => self.not_sent(mail, &undelivered).await,
        }
    }

    /// What a mail is about; `None`: nobody wants it any more.
    async fn order<'a>(&self, mail: &'a MailRow) -> Result<Option<Order<'a>>, MailError> {
        let message = inbox::voicemail(self.db(), &mail.voicemail_id).await?;
        let Some(message) = message.filter(|message| message.deleted_at.is_none()) else { return Ok(None) };
        let world = self.parts.worlds.current();
        let Some(mailing) = mailing(&world, &mail.line, &mail.mailbox).cloned() else { return Ok(None) };
        let zone = world.line(&mail.line).map_or(Tz::UTC, |line| line.timezone);
        let call = read::call(self.db(), &mail.call_sid).await?;
        Ok(Some(Order { mail, message, mailing, zone, caller_name: call.and_then(|call| call.caller_name) }))
    }

    async fn send(
        &self,
        courier: &Courier,
        order: &Order<'_>,
        sound: Option<Sound>,
    ) -> Result<Result<(), Undelivered>, MailError> {
        let from = self.from()?;
        let Ok(to) = order.mail.recipient.parse::<lettre::Address>() else {
            return Ok(Err(Undelivered::unusable("the address is none")));
        };
        let letter = Letter {
            mail: order.mail,
            message: &order.message,
            caller_name: order.caller_name.as_deref(),
            zone: order.zone,
            sound,
            words: order.words(),
        };
        let written = letter.write(&from, to.clone(), self.now())?.formatted();
        Ok(courier.deliver(&from.email, &to, &written).await)
    }

    async fn sent(&self, order: &Order<'_>) -> Result<(), MailError> {
        let (mail, now) = (order.mail, self.now());
        self.watch.sent();
        self.parts.meters.mails.count("sent");
        let with_words = mail.kind == "voicemail" && order.words().is_some();
        mails::sent(self.db(), mail, &self.parts.holder, with_words, now).await?;
        let to = mask_address(&mail.recipient);
        tracing::info!(
            call.sid = mail.call_sid,
            voicemail = mail.voicemail_id,
            mail = mail.kind,
            to,
            "mail handed over"
        );
        Ok(())
    }

    async fn not_sent(&self, mail: &MailRow, undelivered: &Undelivered) -> Result<(), MailError> {
        let now = self.now();
        // What a mail server says may repeat the address.
        let problem = undelivered.to_string().replace(&mail.recipient, &mask_address(&mail.recipient));
        let next_at = if undelivered.stage.is_everybodys() {
            self.watch.fails(undelivered.stage.as_str(), now, |times| again(times, "mail server", now))
        } else {
            self.watch.answers();
            again(mail.attempts, &mail.id, now)
        };
        if undelivered.is_final() {
            return self.end(mail, Ending::Refused, &problem).await;
        }
        self.parts.meters.mails.count("put_off");
        tracing::warn!(call.sid = mail.call_sid, voicemail = mail.voicemail_id, problem, "a mail was not sent yet");
        Ok(mails::later(self.db(), (&mail.id, &self.parts.holder), next_at, &problem, true).await?)
    }

    async fn wait(&self, mail: &MailRow, until: Time, why: &str) -> Result<(), MailError> {
        Ok(mails::later(self.db(), (&mail.id, &self.parts.holder), until, why, false).await?)
    }

    async fn end(&self, mail: &MailRow, ending: Ending, problem: &str) -> Result<(), MailError> {
        if mails::end(self.db(), mail, ending, problem, self.now()).await? {
            if ending == Ending::Refused {
                self.watch.lost(1);
                tracing::error!(call.sid = mail.call_sid, voicemail = mail.voicemail_id, problem, "a mail is given up");
            }
            self.parts.meters.mails.count(if ending == Ending::Refused { "refused" } else { "dropped" });
        }
        Ok(())
    }
}

impl Order<'_> {
    /// The caller's words, where they are there and wanted.
    fn words(&self) -> Option<&str> {
        let complete = self.mailing.transcript && self.message.transcript_state.as_deref() == Some("completed");
        self.message.transcript.as_deref().filter(|words| complete && !words.trim().is_empty())
    }
}
