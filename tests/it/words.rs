//! What callers say: the labelled table, and what the matcher makes of it.

use switchboard::words::{Listening, Urgency, heard};

const TABLE: &str = include_str!("../fixtures/words/phrases.tsv");

fn verdict(language: &str, said: &str) -> &'static str {
    let listening = Listening { language, own: &[], ignored: &[], built_in: true };
    match heard(&listening, said).map(|alarm| alarm.urgency) {
        Some(Urgency::Immediate) => "now",
        Some(Urgency::AskOnce) => "ask",
        None => "none",
    }
}

#[test]
fn every_sentence_of_the_table_gets_its_verdict() {
    let (mut misses, mut weak, mut false_alarms, mut all) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for row in TABLE.lines() {
        let mut columns = row.splitn(3, '\t');
        let (Some(language), Some(wanted), Some(said)) = (columns.next(), columns.next(), columns.next()) else {
            panic!("a row without three columns: {row}");
        };
        all += 1;
        let found = verdict(language, said);
        let line = format!("{language} {wanted} → {found}: {said}");
        match (wanted, found) {
            (wanted, found) if wanted == found => {}
            ("none", _) => false_alarms.push(line),
            (_, "none") => misses.push(line),
            _ => weak.push(line),
        }
    }
    let told = format!(
        "{all} sentences: {} missed, {} asked or rung for the other way round, {} false alarms\n{}",
        misses.len(),
        weak.len(),
        false_alarms.len(),
        [misses.as_slice(), &weak, &false_alarms].concat().join("\n")
    );
    println!("{told}");
    assert!(all >= 300, "{told}");
    assert!(misses.is_empty() && weak.is_empty() && false_alarms.is_empty(), "{told}");
}
