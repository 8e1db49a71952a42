//! Who gets the line's reply to a text: whoever has had none for a while, as a bucket that all instances share says.

use crate::db::{DbError, Value};
use crate::ledger::judge::Judgement;
use crate::ledger::text::{Quota, TextReply};
use crate::ledger::unit::Unit;
use crate::ledger::work::{Entry, Work};
use std::collections::{BTreeMap, HashSet};

impl Work<'_> {
    /// Gives replies, in order of arrival. A bucket is one row, so two instances cannot both give its one reply.
    pub(in crate::ledger) async fn replies(
        &mut self,
        new: &[&Entry],
        judgement: &mut Judgement,
    ) -> Result<(), DbError> {
        let asking: Vec<(&Entry, &TextReply)> =
            new.iter().filter_map(|entry| Some((*entry, entry.unit.facts.reply()?))).collect();
        let mut free = self.free(&asking).await?;
        for (entry, reply) in asking {
            if free.remove(reply.quota.key.as_str()) {
                judgement.say_instead(entry, given(reply, &entry.unit));
            }
        }
        Ok(())
    }

    /// Buckets that had something left, and have not any more. In order of their keys, so that nobody locks crosswise.
    async fn free<'e>(&mut self, asking: &[(&'e Entry, &'e TextReply)]) -> Result<HashSet<&'e str>, DbError> {
        let asked: BTreeMap<&str, (&Quota, i64)> = (asking.iter().rev())
            .map(|(entry, reply)| (reply.quota.key.as_str(), (&reply.quota, entry.unit.at.timestamp_micros())))
            .collect();
        let values: Vec<Value<'_>> =
            asked.iter().flat_map(|(key, (quota, now_us))| once(key, quota.every_us, *now_us)).collect();
        let rows = self.connection.rows(&self.statements.buckets, &values).await?;
        let granted = rows.iter().filter(|row| row.int(1) == Some(1)).filter_map(|row| row.text(0));
        Ok(granted.filter_map(|key| asked.get_key_value(key).map(|(key, _)| *key)).collect())
    }
}

/// The unit with this reply as its answer.
fn given(reply: &TextReply, unit: &Unit) -> Unit {
    let mut unit = unit.clone();
    unit.answer = reply.answer.clone();
    unit.webhook.decision = format!("{} → {}", unit.webhook.decision, reply.decision);
    unit.facts.reply_given(reply.text.clone());
    unit
}

/// What the bucket's row becomes if it is new: one at once, then one after each interval.
fn once<'v>(key: &'v str, every_us: i64, now_us: i64) -> [Value<'v>; 8] {
    [
        Value::Text(Some(key)),
        Value::Int(Some(now_us.saturating_add(every_us))),
        Value::Int(Some(now_us)),
        Value::Int(Some(1)),
        Value::Int(Some(every_us)),
        Value::Int(Some(1)),
        Value::Int(Some(1)),
        Value::Int(None),
    ]
}
