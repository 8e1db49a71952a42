//! What is hashed: the hash before, and the row as one unambiguous text.

use crate::base::Time;
use crate::ledger::from_row::from_row;
use chrono::SecondsFormat;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The hash before the first row.
pub const START: &str = "";

/// A row of `consents`, as far as the chain holds it: all of it but the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `con_…`
    pub id: String,
    /// `calls.id`
    pub call_id: i64,
    /// The carrier's name of the call.
    pub call_sid: String,
    /// When the proof arrived.
    pub at: Time,
    /// `recording` or `voicemail`.
    pub scope: String,
    /// `notice-heard`, `key`, `message-after-tone`.
    pub method: String,
    /// Version of the notice.
    pub notice_version: String,
    /// False: refused.
    pub given: bool,
    /// `call_events.id` of the webhook that proves it.
    pub event_id: i64,
}

from_row!(Link { id, call_id, call_sid, at, scope, method, notice_version, given, event_id });

/// A row that has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// What it says.
    pub link: Link,
    /// Its place, from 1.
    pub number: i64,
    /// When it got it.
    pub chained_at: Time,
    /// As stored, in hex.
    pub hash: String,
}

impl Link {
    /// The hash of this row at `number`, behind a row of the hash `before`: 64 hex digits.
    #[must_use]
    pub fn hash(&self, before: &str, number: i64, chained_at: Time) -> String {
        let mut hash = Sha256::new();
        hash.update(before.as_bytes());
        hash.update(self.text(number, chained_at).as_bytes());
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A JSON list: no two rows have the same.
    fn text(&self, number: i64, chained_at: Time) -> String {
        json!([
            number,
            self.id,
            self.call_id,
            self.call_sid,
            instant(self.at),
            self.scope,
            self.method,
            self.notice_version,
            self.given,
            self.event_id,
            instant(chained_at),
        ])
        .to_string()
    }
}

impl Linked {
    /// Whether it stands where it says, behind a row of the hash `before`.
    #[must_use]
    pub fn follows(&self, before: &str) -> bool {
        self.link.hash(before, self.number, self.chained_at) == self.hash
    }
}

/// Microseconds, as both engines keep them.
fn instant(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            id: "con_1".to_owned(),
            call_id: 7,
            call_sid: "CA1".to_owned(),
            at: Time::UNIX_EPOCH,
            scope: "recording".to_owned(),
            method: "notice-heard".to_owned(),
            notice_version: "1".to_owned(),
            given: true,
            event_id: 9,
        }
    }

    #[test]
    fn the_hash_is_what_operations_says_it_is() {
        let text = r#"[1,"con_1",7,"CA1","1970-01-01T00:00:00.000000Z","recording","notice-heard","1",true,9,"1970-01-01T00:00:00.000000Z"]"#;
        assert_eq!(link().text(1, Time::UNIX_EPOCH), text);
        let by_hand: String = Sha256::digest(format!("before{text}")).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(link().hash("before", 1, Time::UNIX_EPOCH), by_hand);
    }

    #[test]
    fn every_field_counts() {
        let changes: [fn(&mut Link); 9] = [
            |l| l.id.push('x'),
            |l| l.call_id += 1,
            |l| l.call_sid.push('x'),
            |l| l.at += chrono::TimeDelta::microseconds(1),
            |l| l.scope.push('x'),
            |l| l.method.push('x'),
            |l| l.notice_version.push('x'),
            |l| l.given = false,
            |l| l.event_id += 1,
        ];
        let original = link().hash(START, 1, Time::UNIX_EPOCH);
        for (n, change) in changes.into_iter().enumerate() {
            let mut changed = link();
            change(&mut changed);
            assert_ne!(changed.hash(START, 1, Time::UNIX_EPOCH), original, "field {n}");
        }
        assert_ne!(link().hash(START, 2, Time::UNIX_EPOCH), original);
        assert_ne!(link().hash("x", 1, Time::UNIX_EPOCH), original);
    }
}
