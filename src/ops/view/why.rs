//! "Why did this call end so?", in one sentence.

use crate::base::{CallState, Outcome};
use crate::ledger::inbox::VoicemailRow;
use crate::ledger::read::{CallRow, WebhookRow};

/// The sentence: how it stands, why, what was reached, and the last decision. It may name numbers.
pub(in crate::ops) fn why(call: &CallRow, webhooks: &[WebhookRow], voicemails: &[VoicemailRow]) -> String {
    let mut parts = vec![standing(call)];
    parts.extend(reached(call, voicemails));
    parts.extend(last_decision(webhooks).map(|decision| format!("last decision: {decision}")));
    format!("{}.", parts.join("; ").trim_end_matches('.'))
}

fn standing(call: &CallRow) -> String {
    let state = CallState::parse(&call.state);
    let after = call.duration_s.map(|s| format!(" after {s} s")).unwrap_or_default();
    let how = match state {
        Some(CallState::Completed) => format!("It ended{after}"),
        Some(CallState::Busy) => "It was not connected because the called party was busy".to_owned(),
        Some(CallState::NoAnswer) => "It was not connected because nobody answered".to_owned(),
        Some(CallState::Failed) => format!("It failed{after}"),
        Some(CallState::Canceled) => "The caller hung up before it was answered".to_owned(),
        _ => return format!("It has not ended ({})", call.state),
    };
    match &call.reason {
        Some(reason) => format!("{how}: {reason}"),
        None => how,
    }
}

fn reached(call: &CallRow, voicemails: &[VoicemailRow]) -> Option<String> {
    let outcome = Outcome::ALL.into_iter().find(|o| Some(o.as_str()) == call.outcome.as_deref())?;
    Some(match outcome {
        Outcome::Abandoned => "nobody and nothing was reached".to_owned(),
        Outcome::Rejected => "it was turned away".to_owned(),
        Outcome::Answered => "a person or an agent was reached".to_owned(),
        Outcome::Emergency => "an emergency word was heard and acted on".to_owned(),
        Outcome::Voicemail => format!("the mailbox was reached{}", message(voicemails)),
    })
}

fn message(voicemails: &[VoicemailRow]) -> String {
    let Some(last) = voicemails.last() else { return String::new() };
    let length = last.duration_s.map(|s| format!(" of {s} s")).unwrap_or_default();
    match last.state.as_str() {
        "ready" => format!(" and a message{length} was left"),
        "recorded" => format!(" and a message{length} was left, whose audio the carrier has not reported yet"),
        "absent" => " but no message was left".to_owned(),
        "failed" => " but the carrier could not make the recording".to_owned(),
        _ => " and a message is still expected".to_owned(),
    }
}

/// The last decision that the caller heard something of; reports are answered with an empty document.
fn last_decision(webhooks: &[WebhookRow]) -> Option<&str> {
    let heard = |row: &&WebhookRow| !row.answer.trim_end().ends_with("<Response/>") && !row.decision.is_empty();
    webhooks.iter().rev().find(heard).map(|row| row.decision.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;

    fn call(state: &str, outcome: Option<&str>, reason: Option<&str>) -> CallRow {
        CallRow {
            id: 1,
            call_sid: "CA1".to_owned(),
            account_sid: None,
            parent_call_sid: None,
            line: Some("main".to_owned()),
            direction: Some("inbound".to_owned()),
            from_number: None,
            to_number: None,
            caller_name: None,
            verstat: None,
            state: state.to_owned(),
            outcome: outcome.map(str::to_owned),
            reason: reason.map(str::to_owned),
            duration_s: (state == "completed").then_some(47),
            started_at: Time::UNIX_EPOCH,
            answered_at: None,
            ended_at: None,
            updated_at: Time::UNIX_EPOCH,
        }
    }

    fn webhook(kind: &str, decision: &str) -> WebhookRow {
        WebhookRow {
            at: Time::UNIX_EPOCH,
            kind: kind.to_owned(),
            step: 0,
            sequence: None,
            input: "{}".to_owned(),
            decision: decision.to_owned(),
            answer: if kind == "status" { "<Response/>" } else { "<Response><Hangup/></Response>" }.to_owned(),
            seen: None,
        }
    }

    fn voicemail(state: &str) -> VoicemailRow {
        VoicemailRow {
            id: "vm_1".to_owned(),
            call_sid: "CA1".to_owned(),
            line: "main".to_owned(),
            mailbox: "main".to_owned(),
            from_number: None,
            state: state.to_owned(),
            recording_sid: None,
            duration_s: Some(12),
            transcript: None,
            transcript_state: None,
            expected_at: Time::UNIX_EPOCH,
            received_at: None,
            read_at: None,
            deleted_at: None,
            sha256: None,
        }
    }

    #[test]
    fn one_sentence_says_how_why_and_what_came_last() {
        let webhooks = [webhook("voicemail", "nobody answered → voicemail"), webhook("status", "completed")];
        assert_eq!(
            why(&call("completed", Some("voicemail"), Some("message left")), &webhooks, &[voicemail("ready")]),
            "It ended after 47 s: message left; the mailbox was reached and a message of 12 s was left; \
             last decision: nobody answered → voicemail."
        );
        assert_eq!(
            why(&call("completed", Some("abandoned"), Some("caller hung up")), &[], &[]),
            "It ended after 47 s: caller hung up; nobody and nothing was reached."
        );
        assert_eq!(why(&call("busy", None, None), &[], &[]), "It was not connected because the called party was busy.");
        assert_eq!(why(&call("in-progress", None, None), &[], &[]), "It has not ended (in-progress).");
    }

    #[test]
    fn every_state_of_a_message_has_its_words() {
        for (state, words) in [
            ("ready", "a message of 12 s was left"),
            ("recorded", "not reported yet"),
            ("absent", "no message was left"),
            ("failed", "could not make the recording"),
            ("expected", "still expected"),
        ] {
            let told = why(&call("completed", Some("voicemail"), None), &[], &[voicemail(state)]);
            assert!(told.contains(words), "{state}: {told}");
        }
    }
}
