//! Where what is in memory comes between what is on disk.

use crate::base::Time;
use crate::ledger::record::decode;

/// How far records happened before something else did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// All of them did.
    End,
    /// This one, which so many are before, happened later.
    Record { before: usize, at: Time },
}

/// How far these happened no later than `first`. What cannot be read holds nothing up.
pub(super) fn until(records: &[Option<Vec<u8>>], first: Time) -> Until {
    let times = records.iter().map(|record| Some(decode(record.as_deref()?).ok()?.unit.at));
    let later = times.enumerate().find_map(|(before, at)| Some((before, at.filter(|at| *at > first)?)));
    later.map_or(Until::End, |(before, at)| Until::Record { before, at })
}

#[cfg(test)]
mod tests {
    use super::super::keeper::Spool;
    use super::super::place::SpoolFolders;
    use super::*;
    use crate::ledger::record::Record;
    use crate::ledger::unit::{Facts, Unit, Webhook};
    use crate::ledger::work::Entry;
    use chrono::TimeDelta;

    fn at(second: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn record(second: i64) -> Record {
        let webhook = Webhook { kind: "voice", ..Default::default() };
        let (call, parent, limits, busy, answer) = (None, None, Vec::new(), None, "<Response/>".into());
        let unit =
            Unit { key: [1; 16], at: at(second), call, parent, webhook, facts: Facts::default(), answer, limits, busy };
        Record::of(&Entry { event_id: second, unit, judged: true })
    }

    fn seconds(spool: &Spool) -> Vec<i64> {
        let chunk = spool.chunk(100);
        spool.done(&chunk);
        let times = chunk.records.iter().flatten().map(|record| decode(record).expect("whole").unit.at);
        times.map(|at| at.timestamp()).collect()
    }

    #[test]
    fn what_cannot_be_read_holds_nothing_up() {
        let records = [None, Some(b"nonsense".to_vec()), Some(record(3).bytes), Some(record(5).bytes)];
        assert_eq!(until(&records, at(9)), Until::End);
        assert_eq!(until(&records, at(3)), Until::Record { before: 3, at: at(5) });
        assert_eq!(until(&records, at(2)), Until::Record { before: 2, at: at(3) });
    }

    #[tokio::test]
    async fn disk_and_memory_are_replayed_as_things_happened() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(SpoolFolders::these(vec![folder.path().join("first")]), 1);
        for second in [1, 2, 5, 6, 9] {
            assert_eq!(spool.keep(record(second)).await, Ok(()));
        }
        for second in [3, 4, 7, 10] {
            assert!(spool.remember(record(second)));
        }
        let parts: Vec<Vec<i64>> = (0..7).map(|_| seconds(&spool)).collect();
        assert_eq!(parts, [vec![1, 2], vec![3, 4], vec![5, 6], vec![7], vec![9], vec![10], vec![]]);
        assert_eq!(spool.close(), 0);
    }
}
