//! The event `call.transfer`: an operator asks for it, the flow tells how it went.

use crate::base::derived_id;
use crate::ledger::unit::OutboxEvent;
use serde_json::json;

/// One step of a transfer.
#[derive(Clone, Copy, Debug)]
pub struct TransferStep<'a> {
    /// `tr_…`
    pub id: &'a str,
    /// The carrier's name of the call.
    pub call_sid: &'a str,
    /// Name of the line.
    pub line: Option<&'a str>,
    /// `requested`, `completed`, `failed` or `cancelled`.
    pub step: &'a str,
    /// The number that the caller is sent to; `None`: the mailbox of the line.
    pub to: Option<&'a str>,
    /// Why it failed, in a few words.
    pub reason: Option<&'a str>,
}

impl OutboxEvent {
    /// Each step is told once, whoever finds out first.
    #[must_use]
    pub fn transfer(of: &TransferStep<'_>) -> Self {
        let to_party = match of.to {
            Some(number) => json!({ "kind": "number", "number": number }),
            None => json!({ "kind": "mailbox", "number": null }),
        };
        Self {
            id: Some(derived_id("evt", &["call.transfer", of.id, of.step])),
            kind: "call.transfer",
            line: of.line.map(str::to_owned),
            subject: format!("calls/{}", of.call_sid),
            data: json!({
                "transfer_id": of.id,
                "kind": "cold",
                "step": of.step,
                "from_party": null,
                "to_party": to_party,
                "reason": of.reason,
            }),
        }
    }
}
