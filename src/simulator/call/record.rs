//! Record: a message, or the lack of one (PROTOCOL.md 2.7 and 3.4).

use super::run::{Fetch, Next, Run};
use super::stage::HungUp;
use super::tape::{Tape, Told};
use crate::simulator::script::{AfterMessage, speaking_time};
use crate::simulator::transcript::Actor;
use crate::twiml::{Record, RecordingEvent};
use std::time::Duration;

/// From the last word to the phone going down.
const LAST_MOMENT: Duration = Duration::from_millis(400);

/// How a message ended.
#[derive(Debug)]
struct Message {
    /// Whether anything was said.
    spoken: bool,
    /// The key, `hangup`, or nothing.
    digits: String,
}

impl Run<'_, '_> {
    pub(super) async fn record(&mut self, record: &Record) -> Result<Next, HungUp> {
        if record.play_beep != Some(false) {
            self.stage.did(Actor::Carrier, "beeps and records");
            self.stage.pass(Duration::from_millis(500)).await?;
        }
        let tape = self.new_tape("RecordVerb", 1, "inbound");
        let told = Told {
            url: record.recording_status_callback.as_ref(),
            method: record.recording_status_callback_method,
            events: record.recording_status_callback_event.as_ref(),
        };
        self.tell_of(&tape, told, RecordingEvent::InProgress, None);
        let began = self.stage.clock.at();
        let message = self.leave_message(record).await;
        let seconds = (self.stage.clock.at() - began).as_secs_f64().ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few hours at most, never negative"
        )]
        let seconds = seconds as u64;
        self.keep(&tape, seconds, message.spoken.then_some(message.digits.as_str()));
        if !message.spoken {
            self.tell_of(&tape, told, RecordingEvent::Absent, None);
            self.stage.did(Actor::Carrier, "the recording is empty: no action, the document goes on");
            return if self.stage.has_hung_up() { Err(HungUp) } else { Ok(Next::Verb) };
        }
        self.tell_of(&tape, told, RecordingEvent::Completed, Some(seconds));
        self.write_down(record, &tape, seconds);
        self.after_message(record, &tape, message, seconds).await
    }

    async fn after_message(
        &mut self,
        record: &Record,
        tape: &Tape,
        message: Message,
        seconds: u64,
    ) -> Result<Next, HungUp> {
        let extra = vec![
            ("RecordingUrl", tape.url.clone()),
            ("RecordingSid", tape.sid.clone()),
            ("RecordingDuration", seconds.to_string()),
            ("Digits", message.digits),
        ];
        let action = Fetch::action("record action", record.action.as_ref(), record.method, extra);
        if self.stage.has_hung_up() {
            self.leg.status = "completed";
            self.tell(action).await;
            return Err(HungUp);
        }
        Ok(Next::Fetch(action))
    }

    /// The caller speaks, and then presses a key, hangs up or stays; or says nothing at all.
    async fn leave_message(&mut self, record: &Record) -> Message {
        let transcribed = record.transcribe == Some(true);
        let longest = record.max_length.unwrap_or(if transcribed { 120 } else { 3600 });
        let longest = Duration::from_secs(longest.into());
        let words = self.stage.script.message.clone();
        let spoken = !words.is_empty();
        let message = |digits: &str| Message { spoken, digits: digits.to_owned() };
        if spoken {
            let too_long = speaking_time(&words) >= longest;
            let said = if too_long { self.speak_for(&words, longest).await } else { self.caller_says(&words).await };
            match (said, too_long) {
                (Err(HungUp), _) => return message("hangup"),
                (Ok(()), true) => return message(""),
                (Ok(()), false) => {}
            }
        }
        let left = longest.saturating_sub(if spoken { speaking_time(&words) } else { Duration::ZERO });
        match self.end_message(record, spoken, left).await {
            Ok(digits) => message(&digits),
            Err(HungUp) => message("hangup"),
        }
    }

    /// A message that is longer than may be recorded.
    async fn speak_for(&mut self, words: &str, longest: Duration) -> Result<(), HungUp> {
        let ratio = longest.as_secs_f64() / speaking_time(words).as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the length")]
        let kept = (words.chars().count() as f64 * ratio) as usize;
        let heard: String = words.chars().take(kept).collect();
        self.caller_says(&heard).await?;
        self.stage.did(Actor::Carrier, format!("stops recording after {} s", longest.as_secs()));
        Ok(())
    }

    async fn end_message(&mut self, record: &Record, spoken: bool, mut left: Duration) -> Result<String, HungUp> {
        let silence = match record.timeout.unwrap_or(5) {
            0 => Duration::MAX,
            seconds => Duration::from_secs(seconds.into()),
        };
        let keys = record.finish_on_key.as_deref().unwrap_or("1234567890*#");
        while let Some((after, key)) = self.person.key_within(silence.min(left)) {
            self.stage.pass(after).await?;
            self.stage.did(self.actor(), format!("presses {key}"));
            if keys.contains(key) {
                return Ok(key.to_string());
            }
            left = left.saturating_sub(after);
        }
        self.perhaps_hang_up(silence.min(left)).await?;
        if spoken && self.stage.script.after_message == AfterMessage::HangUp {
            self.stage.pass(LAST_MOMENT).await?;
            return Err(self.stage.hang_up());
        }
        let wait = silence.min(left);
        self.stage.did(self.actor(), format!("says nothing for {} s", wait.as_secs()));
        self.stage.pass(wait).await?;
        Ok(String::new())
    }
}
