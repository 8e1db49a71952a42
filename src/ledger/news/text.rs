//! A text as events tell of it.

use crate::base::derived_id;
use crate::ledger::unit::OutboxEvent;
use serde::Serialize;
use serde_json::Value;

/// The `message` of an event.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TextObject<'a> {
    /// `msg_…`
    pub id: &'a str,
    /// `SM…` or `MM…`, once the carrier has it.
    pub sid: Option<&'a str>,
    /// Name of the line.
    pub line: Option<&'a str>,
    /// `inbound` or `outbound`.
    pub direction: &'a str,
    /// Who sent it.
    pub from: Option<&'a str>,
    /// Who gets it.
    pub to: Option<&'a str>,
    /// How far it has come.
    pub state: &'a str,
}

impl TextObject<'_> {
    /// An event about it: each kind is told once of a text, whoever finds out first.
    #[must_use]
    pub fn event(&self, kind: &'static str, data: Value) -> OutboxEvent {
        OutboxEvent {
            id: Some(derived_id("evt", &[kind, self.id])),
            kind,
            line: self.line.map(str::to_owned),
            subject: format!("messages/{}", self.id),
            data,
        }
    }
}
