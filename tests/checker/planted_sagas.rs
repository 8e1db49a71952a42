//! Each rule of numbers, tenants, consents and audio is shown able to fail, by a bug planted where none was.

use super::audit::{Audit, check_audits};
use super::books::{Books, Ordered, Purchase};
use super::business::{books, rows};
use super::rows::RecordingRow;
use super::{Rows, Rule, check_sagas, history};

/// A bug.
type Plant = fn(&mut Books, &mut Rows);

/// The rules that complain once `plant` has done its work.
fn complaints(plant: impl FnOnce(&mut Books, &mut Rows)) -> Vec<Rule> {
    let (mut books, mut rows) = (books(), rows());
    plant(&mut books, &mut rows);
    let mut rules: Vec<_> = check_sagas(&books, &rows).into_iter().map(|found| found.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[test]
fn sound_business_has_no_complaint() {
    assert_eq!(complaints(|_, _| {}), []);
}

#[test]
fn a_lost_transaction() {
    let plant = |books: &mut Books, _: &mut Rows| books.promised.push("txn_lost".to_owned());
    assert_eq!(complaints(plant), [Rule::SagaKept]);
}

#[test]
fn a_wish_that_was_fulfilled_twice() {
    let plant = |_: &mut Books, rows: &mut Rows| {
        let mut twin = rows.transactions[5].clone();
        twin.id = "txn_again".to_owned();
        rows.transactions.push(twin);
    };
    assert_eq!(complaints(plant), [Rule::SagaOnce]);
}

#[test]
fn a_transaction_without_end() {
    for state in ["running", "rolling_back", "failed_undo"] {
        let plant = |_: &mut Books, rows: &mut Rows| rows.transactions[5].state = state.to_owned();
        assert_eq!(complaints(plant), [Rule::SagaEnded], "{state}");
    }
}

#[test]
fn a_number_that_was_bought_and_forgotten() {
    // The classic orphan: paid for, and no row knows of it.
    let plant = |books: &mut Books, _: &mut Rows| {
        let mut orphan = books.numbers[0].clone();
        (orphan.sid, orphan.phone_number) = ("PN5".to_owned(), "+15875550105".to_owned());
        books.paid.insert(orphan.phone_number.clone(), orphan.account_sid.clone());
        books.numbers.push(orphan);
    };
    assert_eq!(complaints(plant), [Rule::SagaWhole, Rule::Bill]);
}

#[test]
fn a_purchase_that_was_billed_twice() {
    let plant = |books: &mut Books, _: &mut Rows| {
        books.purchases.push(Purchase {
            transaction: "txn_failed".to_owned(),
            sid: "PN6".to_owned(),
            phone_number: "+15875550106".to_owned(),
        });
    };
    assert_eq!(complaints(plant), [Rule::BilledOnce], "though both were given back");
    let plant = |books: &mut Books, _: &mut Rows| {
        let mut second = books.accounts[0].clone();
        (second.sid, second.is_open) = ("AC2".to_owned(), false);
        books.accounts.push(second);
    };
    assert_eq!(complaints(plant), [Rule::BilledOnce], "an account");
    let plant = |books: &mut Books, _: &mut Rows| {
        books.orders.push(Ordered { number: "+14165550103".to_owned(), status: "Canceled".to_owned() });
    };
    assert_eq!(complaints(plant), [Rule::BilledOnce], "an order");
}

#[test]
fn a_number_that_is_done_and_does_not_work() {
    let cases: [(&str, Plant); 5] = [
        ("another line", |_, rows| rows.numbers[0].line = "clinic".to_owned()),
        ("bound twice", |_, rows| rows.numbers.push(rows.numbers[0].clone())),
        ("no line", |_, rows| rows.lines.clear()),
        ("its release is not done", |books, rows| {
            rows.transactions.remove(4);
            books.promised.remove(4);
        }),
        ("nothing was bought", |books, _| drop(books.purchases.remove(2))),
    ];
    for (title, plant) in cases {
        assert_eq!(complaints(plant), [Rule::SagaWhole], "{title}");
    }
}

#[test]
fn a_number_that_never_came() {
    let plant = |books: &mut Books, rows: &mut Rows| {
        books.numbers.remove(2);
        books.paid.remove("+14165550103");
        rows.numbers.remove(2);
    };
    assert_eq!(complaints(plant), [Rule::SagaWhole]);
}

#[test]
fn something_is_left_of_what_was_rolled_back() {
    let cases: [(&str, Plant); 2] = [
        ("a line", |_, rows| {
            let mut line = rows.lines[0].clone();
            line.transaction_id = Some("txn_failed".to_owned());
            rows.lines.push(line);
        }),
        ("an order", |books, rows| {
            rows.transactions[5].kind = "port_number".to_owned();
            books.orders.push(Ordered { number: "+15875550105".to_owned(), status: "In Review".to_owned() });
        }),
    ];
    for (title, plant) in cases {
        assert_eq!(complaints(plant), [Rule::SagaWhole], "{title}");
    }
    let account = |books: &mut Books, _: &mut Rows| {
        let mut account = books.accounts[0].clone();
        (account.transaction, account.sid) = ("txn_failed".to_owned(), "AC2".to_owned());
        books.accounts.push(account);
    };
    assert_eq!(complaints(account), [Rule::SagaWhole, Rule::Bill], "an account");
}

#[test]
fn a_number_that_was_given_back_and_is_still_there() {
    let plant = |books: &mut Books, rows: &mut Rows| {
        let mut kept = books.numbers[0].clone();
        (kept.sid, kept.phone_number) = ("PN4".to_owned(), "+15875550104".to_owned());
        books.paid.insert(kept.phone_number.clone(), kept.account_sid.clone());
        books.numbers.push(kept);
        rows.numbers[3].state = "active".to_owned();
    };
    assert_eq!(complaints(plant), [Rule::SagaWhole]);
}

#[test]
fn a_table_that_is_not_the_bill() {
    let plant = |books: &mut Books, _: &mut Rows| drop(books.paid.insert("+15875550101".into(), "AC9".into()));
    assert_eq!(complaints(plant), [Rule::Bill], "another account pays");
    let plant = |_: &mut Books, rows: &mut Rows| rows.accounts[0].state = "closed".to_owned();
    assert_eq!(complaints(plant), [Rule::Bill], "an account that is open");
    let plant = |_: &mut Books, rows: &mut Rows| rows.numbers[0].transaction_id = "txn_nobody".to_owned();
    assert_eq!(complaints(plant), [Rule::Bill], "no transaction has brought it");
}

#[test]
fn a_number_that_rings_elsewhere() {
    for place in 0..4 {
        let plant = |books: &mut Books, _: &mut Rows| books.numbers[1].urls[place] = "https://old.example.com".into();
        assert_eq!(complaints(plant), [Rule::Reachable], "{place}");
    }
}

#[test]
fn a_failed_undo_that_nobody_is_told_of() {
    assert_eq!(complaints(|books, _| books.stuck[0].is_shown = false), [Rule::UndoShown]);
    assert_eq!(complaints(|_, rows| rows.transactions[5].is_shown = false), [Rule::UndoShown]);
}

/// The same for consents and audio.
fn objections(plant: impl FnOnce(&mut Audit, &mut Rows)) -> Vec<Rule> {
    let mut rows = history::rows();
    rows.recordings.push(RecordingRow {
        recording_sid: history::RECORDING.to_owned(),
        call_sid: history::CALL.to_owned(),
        kind: "voicemail".to_owned(),
        is_stored: true,
    });
    let mut audit = Audit { whole: true, rows: 1, ..Audit::default() };
    plant(&mut audit, &mut rows);
    let mut rules: Vec<_> = check_audits(&[audit], &rows).into_iter().map(|found| found.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[test]
fn a_broken_chain() {
    assert_eq!(objections(|_, _| {}), []);
    let broken = |audit: &mut Audit, _: &mut Rows| (audit.whole, audit.breaks) = (false, vec!["row 1".into()]);
    assert_eq!(objections(broken), [Rule::Chain]);
    assert_eq!(objections(|audit, _| audit.rows = 0), [Rule::Chain], "a consent that is not in it");
    assert_eq!(objections(|audit, _| audit.unchained = 1), [Rule::Chain]);
    assert_eq!(objections(|audit, _| audit.whole = false), [Rule::Chain], "a verdict without a reason");
}

#[test]
fn audio_that_nobody_agreed_to() {
    let plant = |audit: &mut Audit, _: &mut Rows| (audit.whole, audit.strays) = (false, vec!["RE2.wav".into()]);
    assert_eq!(objections(plant), [Rule::Audio]);
    let plant = |audit: &mut Audit, _: &mut Rows| (audit.whole, audit.unconsented) = (false, vec!["RE1".into()]);
    assert_eq!(objections(plant), [Rule::Audio]);
    assert_eq!(objections(|_, rows| rows.consents[0].given = false), [Rule::Audio], "by the rows themselves");
    assert_eq!(objections(|_, rows| rows.consents[0].scope = "recording".into()), [Rule::Audio]);
}
