//! Recordings whose report never came: the carrier's list knows them. What is found is settled through the ledger, as
//! if it had been reported, so a report that comes after all changes nothing.

use super::error::RecorderError;
use super::finding::Finding;
use super::recorder::Recorder;
use crate::base::Time;
use crate::carrier::{self, RecordingFilter};
use crate::ledger::recordings::{self, Listed, Missing};
use crate::ledger::{Facts, Unit, VoicemailChange, VoicemailState, Webhook};
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// A report comes within seconds of a message's end; the longest message is an hour, but most are a minute.
const OVERDUE: TimeDelta = TimeDelta::minutes(10);
/// Nobody looks for older ones.
const OLDEST: TimeDelta = TimeDelta::days(30);
/// A message that the carrier's list does not have this long after is not there.
const GIVEN_UP: TimeDelta = TimeDelta::days(1);
/// Messages of one round.
const ROUND: i64 = 200;
/// How far back conversations are looked for at least; behind the last look, an hour; and at the first one.
const CONVERSATIONS: TimeDelta = TimeDelta::hours(25);
const OVERLAP: TimeDelta = TimeDelta::hours(1);
const FIRST_LOOK: TimeDelta = TimeDelta::days(7);
/// For the ledger to take what was found; nobody waits for it.
const DEADLINE: Duration = Duration::from_secs(5);
/// The carrier's words for a message and for what cannot be fetched.
const OF_MESSAGE: &str = "RecordVerb";

/// What the list says about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Ready { sid: String, duration_s: Option<i64> },
    Absent { sid: Option<String> },
}

impl Recorder {
    /// Asks the carrier about messages that are overdue and settles what it knows; says how many were settled.
    ///
    /// # Errors
    /// [`RecorderError`]; what is left is asked about again.
    pub async fn sweep(&self) -> Result<u64, RecorderError> {
        let now = self.now();
        let missing = recordings::missing(self.db(), now - OLDEST, now - OVERDUE, ROUND).await?;
        let mut calls: BTreeMap<&str, Vec<&Missing>> = BTreeMap::new();
        for message in &missing {
            calls.entry(&message.call_sid).or_default().push(message);
        }
        let mut settled = 0;
        for (call_sid, messages) in calls {
            // A call is asked about at 10 min, 20, 40 and so on.
            let age = messages.first().map_or(OVERDUE, |message| now - message.expected_at);
            if self.may_ask(call_sid, now, now + age) {
                settled += self.sweep_call(call_sid).await?;
            }
        }
        Ok(settled)
    }

    async fn sweep_call(&self, call_sid: &str) -> Result<u64, RecorderError> {
        let messages = recordings::messages_of(self.db(), call_sid).await?;
        let account = messages.first().and_then(|message| message.account_sid.as_deref());
        let Some(carrier) = self.carrier_of(account)? else { return Ok(0) };
        let filter = RecordingFilter { call_sid: Some(call_sid.to_owned()), ..RecordingFilter::default() };
        let listed = carrier.recordings(&filter)?.all().await?;
        let mut settled = 0;
        for (message, fate) in fates(&messages, &listed, self.now()) {
            if self.settle_message(message, &fate).await {
                settled += 1;
            }
        }
        Ok(settled)
    }

    async fn settle_message(&self, message: &Missing, fate: &Fate) -> bool {
        let Some(unit) = unit(message, fate, self.now()) else { return false };
        let stored = self.parts.ledger.store(unit, DEADLINE).await;
        match &stored {
            Ok(_) => tracing::info!(
                call.sid = message.call_sid,
                voicemail = message.id,
                ?fate,
                "settled by the carrier's list"
            ),
            Err(error) => {
                tracing::warn!(call.sid = message.call_sid, %error, "what the carrier's list says could not be stored")
            }
        }
        stored.is_ok()
    }

    /// Looks through the lists of the operator's account and of its tenants' for recorded conversations that nobody
    /// reported; says how many were new. An account that cannot be read does not keep the others from it.
    ///
    /// # Errors
    /// [`RecorderError::Db`] when the accounts cannot be read.
    pub async fn sweep_conversations(&self) -> Result<u64, RecorderError> {
        let Some(carrier) = &self.parts.carrier else { return Ok(0) };
        let mut accounts = vec![carrier.account_sid().to_owned()];
        accounts.extend(recordings::subaccounts(self.db()).await?);
        let mut new = 0;
        for account in accounts {
            match self.sweep_account(&account).await {
                Ok(found) => new += found,
                Err(error) => tracing::warn!(account, %error, "the carrier's list of recordings could not be read"),
            }
        }
        Ok(new)
    }

    async fn sweep_account(&self, account: &str) -> Result<u64, RecorderError> {
        let Some(carrier) = self.carrier_of(Some(account))? else { return Ok(0) };
        let now = self.now();
        let since = self.looked(account).map_or(now - FIRST_LOOK, |last| (last - OVERLAP).min(now - CONVERSATIONS));
        let created_after = Some(since);
        let filter = RecordingFilter { created_after, page_size: Some(500), ..RecordingFilter::default() };
        let (mut pages, mut new) = (carrier.recordings(&filter)?, 0);
        while let Some(page) = pages.next().await? {
            for found in page.iter().filter_map(conversation) {
                new += u64::from(recordings::listed(self.db(), &found, now).await?);
            }
        }
        self.look_done(account, now);
        Ok(new)
    }
}

fn conversation(found: &carrier::Recording) -> Option<Listed> {
    // One that does not say what made it is not taken for a conversation.
    let made = found.source.as_deref().is_some_and(|source| source != OF_MESSAGE);
    let complete = found.status.as_deref() == Some("completed") && made;
    let (sid, call_sid) = (found.sid.clone(), found.call_sid.clone().filter(|_| complete)?);
    Some(Listed { sid, call_sid, duration_s: found.duration })
}

/// What the list says about each missing one of all the messages of a call. A recording belongs to the message that names
/// it, or to the last one that was asked for before it began; to one only.
fn fates<'m>(messages: &'m [Missing], listed: &[carrier::Recording], now: Time) -> Vec<(&'m Missing, Fate)> {
    let of_messages =
        || listed.iter().filter(|found| found.source.as_deref().is_none_or(|source| source == OF_MESSAGE));
    let (mut fates, mut given) = (Vec::new(), Vec::new());
    for (place, message) in messages.iter().enumerate().filter(|(_, message)| message.open) {
        let next = messages.get(place + 1).map(|next| next.expected_at);
        let began_here = |found: &carrier::Recording| {
            // The carrier counts whole seconds, by its own clock.
            let began = found.start_time.or(found.date_created).map(|at| at + TimeDelta::seconds(5));
            began.is_none_or(|began| began >= message.expected_at && next.is_none_or(|next| began < next))
        };
        let named = |found: &carrier::Recording| message.recording_sid.as_deref() == Some(found.sid.as_str());
        let claimed = |found: &carrier::Recording| {
            given.contains(&found.sid.as_str())
                || messages.iter().any(|other| other.recording_sid.as_deref() == Some(found.sid.as_str()))
        };
        let found = of_messages().find(|found| named(found));
        let found = found.or_else(|| {
            of_messages().find(|found| message.recording_sid.is_none() && !claimed(found) && began_here(found))
        });
        given.extend(found.map(|found| found.sid.as_str()));
        fates.extend(fate(message, found, now).map(|fate| (message, fate)));
    }
    fates
}

/// `None`: it may still come.
fn fate(message: &Missing, found: Option<&carrier::Recording>, now: Time) -> Option<Fate> {
    let Some(found) = found else {
        return (now - message.expected_at > GIVEN_UP).then(|| Fate::Absent { sid: message.recording_sid.clone() });
    };
    match found.status.as_deref() {
        Some("completed") => Some(Fate::Ready { sid: found.sid.clone(), duration_s: found.duration }),
        Some("absent" | "failed" | "deleted") => Some(Fate::Absent { sid: Some(found.sid.clone()) }),
        _ => None,
    }
}

/// The fact, as one row of the call's timeline. The same finding twice is one.
fn unit(message: &Missing, fate: &Fate, now: Time) -> Option<Unit> {
    let (state, sid, duration_s, word) = match fate {
        Fate::Ready { sid, duration_s } => (VoicemailState::Ready, Some(sid.clone()), *duration_s, "completed"),
        Fate::Absent { sid } => (VoicemailState::Absent, sid.clone(), None, "absent"),
    };
    let named = format!("swept/{}/{}/{word}", message.id, sid.as_deref().unwrap_or(""));
    let mut facts = Facts::default();
    facts.voicemail(VoicemailChange {
        id: message.id.clone(),
        line: message.line.clone(),
        mailbox: message.mailbox.clone(),
        from: None,
        state,
        recording_sid: sid.clone(),
        duration_s,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    });
    let decision = match fate {
        Fate::Ready { .. } => "found in the carrier's list: recording is ready, its report never came",
        Fate::Absent { .. } => "not in the carrier's list: there is no recording",
    };
    let webhook = Webhook {
        kind: "recording",
        input: json!({ "RecordingSid": sid, "RecordingStatus": word }).to_string(),
        decision: decision.to_owned(),
        ..Webhook::default()
    };
    Finding { named, call_sid: &message.call_sid, webhook, facts }.unit(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn message(id: &str, minute: i64, sid: Option<&str>) -> Missing {
        let text = |text: &str| text.to_owned();
        let (line, mailbox, recording_sid) = (text("main"), text("main"), sid.map(text));
        Missing {
            id: text(id),
            call_sid: text("CA1"),
            account_sid: None,
            line,
            mailbox,
            recording_sid,
            expected_at: at(minute),
            open: true,
        }
    }

    fn found(sid: &str, minute: i64, status: &str, source: &str) -> carrier::Recording {
        carrier::Recording {
            sid: sid.to_owned(),
            status: Some(status.to_owned()),
            source: Some(source.to_owned()),
            start_time: Some(at(minute)),
            duration: Some(7),
            ..carrier::Recording::default()
        }
    }

    fn told(messages: &[Missing], listed: &[carrier::Recording], now: Time) -> Vec<(String, Fate)> {
        fates(messages, listed, now).into_iter().map(|(message, fate)| (message.id.clone(), fate)).collect()
    }

    fn ready(id: &str, sid: &str) -> (String, Fate) {
        (id.to_owned(), Fate::Ready { sid: sid.to_owned(), duration_s: Some(7) })
    }

    #[test]
    fn each_recording_goes_to_the_message_that_it_was_made_for() {
        let two = [message("vm_1", 0, None), message("vm_2", 10, None)];
        let list = [found("RE2", 11, "completed", "RecordVerb"), found("RE1", 1, "completed", "RecordVerb")];
        assert_eq!(told(&two, &list, at(30)), [ready("vm_1", "RE1"), ready("vm_2", "RE2")]);
        assert_eq!(told(&two, &list[..1], at(30)), [ready("vm_2", "RE2")]);
        assert_eq!(told(&two, &list[1..], at(30)), [ready("vm_1", "RE1")]);
        let named = [message("vm_1", 0, Some("RE2")), message("vm_2", 10, None)];
        assert_eq!(told(&named, &list[..1], at(30)), [ready("vm_1", "RE2")]);
        // The first is settled: its recording is no other's, though the carrier's clock is seconds off.
        let settled = [Missing { open: false, ..message("vm_1", 0, Some("RE1")) }, message("vm_2", 1, None)];
        assert_eq!(told(&settled, &list[1..], at(30)), []);
        // A list that says no time: each one goes to one message.
        let timeless = carrier::Recording { start_time: None, ..found("RE1", 0, "completed", "RecordVerb") };
        assert_eq!(told(&two, &[timeless], at(30)), [ready("vm_1", "RE1")]);
        let conversation = [found("RE3", 1, "completed", "DialVerb")];
        assert_eq!(told(&two, &conversation, at(30)), []);
    }

    #[test]
    fn what_may_still_come_is_waited_for_and_what_will_not_is_absent() {
        let one = [message("vm_1", 0, None)];
        assert_eq!(told(&one, &[found("RE1", 1, "processing", "RecordVerb")], at(30)), []);
        assert_eq!(told(&one, &[], at(30)), []);
        let absent = |sid: Option<&str>| ("vm_1".to_owned(), Fate::Absent { sid: sid.map(str::to_owned) });
        assert_eq!(told(&one, &[], at(25 * 60)), [absent(None)]);
        assert_eq!(told(&one, &[found("RE1", 1, "absent", "RecordVerb")], at(30)), [absent(Some("RE1"))]);
    }

    #[test]
    fn the_same_finding_is_the_same_webhook() {
        let (message, fate) = (message("vm_1", 0, None), ready("", "RE1").1);
        let key = |fate: &Fate, now| unit(&message, fate, now).expect("a unit").key;
        assert_eq!(key(&fate, at(1)), key(&fate, at(2)));
        assert_ne!(key(&fate, at(1)), key(&Fate::Absent { sid: None }, at(1)));
    }
}
