//! What must hold for consents and audio: the chain is whole, and nothing is kept that nobody agreed to.

use super::rows::Rows;
use super::{Rule, Violation};

/// What `switchboard consent verify` says, for one folder of audio.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub(crate) struct Audit {
    pub(crate) whole: bool,
    /// Consents in the chain.
    pub(crate) rows: i64,
    pub(crate) unchained: i64,
    pub(crate) breaks: Vec<serde_json::Value>,
    pub(crate) strays: Vec<serde_json::Value>,
    pub(crate) unconsented: Vec<serde_json::Value>,
}

/// Everything that is wrong.
pub(crate) fn check_audits(audits: &[Audit], rows: &Rows) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut demand = |rule, holds: bool, text: String| {
        if !holds {
            found.push(Violation { rule, call: None, text });
        }
    };
    for audit in audits {
        demand(Rule::Chain, audit.breaks.is_empty(), format!("the chain is broken: {:?}", audit.breaks));
        let all = i64::try_from(rows.consents.len()).unwrap_or(i64::MAX);
        let chained = audit.unchained == 0 && audit.rows == all;
        demand(Rule::Chain, chained, format!("{} of {all} consents in it, {} wait", audit.rows, audit.unchained));
        demand(Rule::Audio, audit.strays.is_empty(), format!("files of nobody: {:?}", audit.strays));
        demand(Rule::Audio, audit.unconsented.is_empty(), format!("nobody agreed to {:?}", audit.unconsented));
        let sound = audit.breaks.is_empty() && audit.strays.is_empty() && audit.unconsented.is_empty();
        demand(Rule::Chain, audit.whole == sound, format!("its verdict is not what it found: {audit:?}"));
    }
    // Looked at again, by the rows themselves.
    for stored in rows.recordings.iter().filter(|row| row.is_stored) {
        let scope = if stored.kind == "voicemail" { "voicemail" } else { "recording" };
        let agreed = rows.consents.iter().any(|row| row.call_sid == stored.call_sid && row.scope == scope && row.given);
        let (sid, call) = (&stored.recording_sid, &stored.call_sid);
        demand(Rule::Audio, agreed, format!("{sid} is stored, and its call {call} has no consent to it"));
    }
    found
}
