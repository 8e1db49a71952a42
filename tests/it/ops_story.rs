//! Calls as the ledger would have them after a morning, for the operators' side to show.

use crate::ops_desk::noon;
use crate::support::Database;
use bytes::Bytes;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{CallSid, CallState, Clock, Meters, Outcome, Time};
use switchboard::ledger::{
    CallChange, CallFact, Consent, ConsentMethod, ConsentScope, Facts, Ledger, Phase, Setup, Unit, VoicemailChange,
    VoicemailState, Webhook,
};

pub(crate) const ACCOUNT: &str = "AC00112233445566778899aabbccddeeff";
pub(crate) const RECORDING: &str = "RE00112233445566778899aabbccddeeff";

/// Writes webhooks as the gate would.
pub(crate) struct Story {
    ledger: Ledger,
    key: std::cell::Cell<u8>,
}

pub(crate) fn sid(call: u32) -> String {
    format!("CA{call:032x}")
}

impl Story {
    pub(crate) async fn begin(database: &Database) -> Self {
        let ledger = Ledger::start(
            &database.db,
            Setup {
                clock: Clock::manual(noon()),
                instance: 1,
                public_url: "https://phone.example.com".into(),
                meters: Arc::new(Meters::silent()),
            },
        );
        for _ in 0..2000 {
            if ledger.condition().phase() == Phase::Up {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { ledger, key: std::cell::Cell::new(0) }
    }

    /// A webhook of a call, `second` seconds after noon less an hour.
    pub(crate) fn webhook(&self, call: u32, second: i64, kind: &'static str) -> Unit {
        self.key.set(self.key.get() + 1);
        let change = CallChange {
            sid: CallSid::parse(&sid(call)).expect("a SID"),
            fact: CallFact {
                line: Some(if call.is_multiple_of(2) { "shop" } else { "main" }.to_owned()),
                direction: Some("inbound".to_owned()),
                from: Some(format!("+1403555{:04}", 100 + call % 100)),
                to: Some("+15875550100".to_owned()),
                account_sid: Some(ACCOUNT.to_owned()),
                caller_name: Some("SAM SMITH".to_owned()),
                ..CallFact::default()
            },
            state: None,
            outcome: None,
            reason: None,
            duration_s: None,
        };
        Unit {
            key: [self.key.get(); 16],
            at: start() + TimeDelta::seconds(second),
            parent: None,
            call: Some(change),
            webhook: Webhook {
                kind,
                input: r#"{"From":"+14035550101","CallStatus":"ringing"}"#.to_owned(),
                decision: format!("{kind} decided"),
                ..Webhook::default()
            },
            facts: Facts::default(),
            answer: Bytes::from_static(b"<Response/>"),
            limits: Vec::new(),
            busy: None,
        }
    }

    pub(crate) async fn tell(&self, unit: Unit) {
        self.ledger.store(unit, Duration::from_secs(20)).await.expect("stored");
    }

    /// A call that rings at `second` and nothing more.
    pub(crate) async fn rings(&self, call: u32, second: i64) {
        let mut unit = self.webhook(call, second, "voice");
        set(&mut unit, CallState::Ringing, None, None);
        self.tell(unit).await;
    }

    /// A call that leaves a message of 12 s in the box of its line: three webhooks, the first of them twice.
    pub(crate) async fn leaves_a_message(&self, call: u32, second: i64) -> String {
        let mut first = self.webhook(call, second, "voice");
        set(&mut first, CallState::Ringing, None, None);
        self.tell(first.clone()).await;
        self.tell(first).await;
        let mut asked = self.webhook(call, second + 10, "voicemail");
        set(&mut asked, CallState::InProgress, Some(Outcome::Voicemail), None);
        asked.webhook.decision = "sales did not answer → voicemail; dial +15875550101 rang 20 s".to_owned();
        let _permit = asked.facts.grant(Consent {
            id: format!("con_{call}"),
            scope: ConsentScope::Voicemail,
            method: ConsentMethod::MessageAfterTone,
            notice_version: "1".to_owned(),
            given: true,
        });
        asked.facts.voicemail(message(call, VoicemailState::Expected));
        self.tell(asked).await;
        let mut ready = self.webhook(call, second + 40, "recording");
        set(&mut ready, CallState::Completed, Some(Outcome::Voicemail), Some("message left"));
        ready.facts.voicemail(VoicemailChange {
            recording_sid: Some(RECORDING.to_owned()),
            duration_s: Some(12),
            transcript: Some("please call me back".to_owned()),
            transcript_state: Some("completed"),
            ..message(call, VoicemailState::Ready)
        });
        self.tell(ready).await;
        format!("vm_{call}")
    }

    /// A call whose message is only expected.
    pub(crate) async fn expects_a_message(&self, call: u32, second: i64) -> String {
        let mut asked = self.webhook(call, second, "voicemail");
        set(&mut asked, CallState::InProgress, Some(Outcome::Voicemail), None);
        asked.facts.voicemail(message(call, VoicemailState::Expected));
        self.tell(asked).await;
        format!("vm_{call}")
    }

    /// A call whose recording has a name that no carrier gives.
    pub(crate) async fn leaves_a_riddle(&self, call: u32, second: i64) -> String {
        let mut ready = self.webhook(call, second, "recording");
        set(&mut ready, CallState::Completed, Some(Outcome::Voicemail), Some("message left"));
        let recording_sid = Some("../../Calls".to_owned());
        ready.facts.voicemail(VoicemailChange { recording_sid, ..message(call, VoicemailState::Ready) });
        self.tell(ready).await;
        format!("vm_{call}")
    }

    pub(crate) async fn end(self) {
        self.ledger.close().await;
    }
}

fn start() -> Time {
    noon() - TimeDelta::hours(1)
}

fn set(unit: &mut Unit, state: CallState, outcome: Option<Outcome>, reason: Option<&str>) {
    if let Some(call) = &mut unit.call {
        call.state = Some(state);
        call.outcome = outcome;
        call.reason = reason.map(str::to_owned);
        call.duration_s = state.is_final().then_some(47);
    }
}

fn message(call: u32, state: VoicemailState) -> VoicemailChange {
    let line = if call.is_multiple_of(2) { "shop" } else { "main" };
    VoicemailChange {
        id: format!("vm_{call}"),
        line: line.to_owned(),
        mailbox: line.to_owned(),
        from: Some("+14035550111".to_owned()),
        state,
        recording_sid: None,
        duration_s: None,
        transcript: None,
        transcript_piece: None,
        cards_in: None,
        transcript_state: None,
    }
}
