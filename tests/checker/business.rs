//! Business without a fault, for planting faults in: a number, a tenant, a number from elsewhere, one given back, one
//! purchase that failed.

use super::books::{Books, Opened, Ordered, Owned, Purchase, Stuck};
use super::rows::{AccountRow, LineRow, NumberRow, Rows, TransactionRow};

const MAIN: &str = "AC0";

fn owned(phone_number: &str, sid: &str, account_sid: &str) -> Owned {
    let url = |route: &str| format!("https://phone.example.com/twilio/{route}#rc=2");
    Owned {
        sid: sid.to_owned(),
        account_sid: account_sid.to_owned(),
        phone_number: phone_number.to_owned(),
        urls: ["voice", "fallback", "status", "sms"].map(url),
    }
}

fn purchase(transaction: &str, sid: &str, phone_number: &str) -> Purchase {
    Purchase { transaction: transaction.to_owned(), sid: sid.to_owned(), phone_number: phone_number.to_owned() }
}

/// What people and the carrier know.
pub(crate) fn books() -> Books {
    Books {
        promised: ["txn_buy", "txn_tenant", "txn_port", "txn_old", "txn_release", "txn_failed"]
            .map(String::from)
            .into(),
        stuck: vec![Stuck { transaction: "txn_failed".to_owned(), is_shown: true }],
        numbers: vec![
            owned("+15875550101", "PN1", MAIN),
            owned("+15875550102", "PN2", "AC1"),
            owned("+14165550103", "PN3", MAIN),
        ],
        purchases: vec![
            purchase("txn_buy", "PN1", "+15875550101"),
            purchase("txn_tenant", "PN2", "+15875550102"),
            purchase("txn_old", "PN4", "+15875550104"),
            purchase("txn_failed", "PN5", "+15875550105"),
        ],
        accounts: vec![Opened { transaction: "txn_tenant".to_owned(), sid: "AC1".to_owned(), is_open: true }],
        orders: vec![Ordered { number: "+14165550103".to_owned(), status: "Completed".to_owned() }],
        paid: [("+15875550101", MAIN), ("+15875550102", "AC1"), ("+14165550103", MAIN)]
            .map(|(number, account)| (number.to_owned(), account.to_owned()))
            .into(),
    }
}

fn transaction(id: &str, kind: &str, (line, subject): (&str, &str)) -> TransactionRow {
    TransactionRow {
        id: id.to_owned(),
        kind: kind.to_owned(),
        state: "done".to_owned(),
        line: Some(line.to_owned()),
        subject: Some(subject.to_owned()),
        input: if kind == "release_number" { r#"{"sid":"PN4"}"#.to_owned() } else { "{}".to_owned() },
        error: None,
        has_failed: false,
        is_shown: false,
    }
}

fn number(phone_number: &str, sid: &str, (account, line): (&str, &str), transaction: &str) -> NumberRow {
    NumberRow {
        phone_number: phone_number.to_owned(),
        sid: sid.to_owned(),
        account_sid: account.to_owned(),
        line: line.to_owned(),
        state: "active".to_owned(),
        transaction_id: transaction.to_owned(),
    }
}

/// What our tables say of it.
pub(crate) fn rows() -> Rows {
    let released = NumberRow {
        state: "released".to_owned(),
        ..number("+15875550104", "PN4", (MAIN, "front-desk"), "txn_release")
    };
    let failed = TransactionRow {
        state: "rolled_back".to_owned(),
        error: Some("it was not to be".to_owned()),
        has_failed: true,
        is_shown: true,
        ..transaction("txn_failed", "provision_number", ("front-desk", "+15875550105"))
    };
    Rows {
        transactions: vec![
            transaction("txn_buy", "provision_number", ("front-desk", "+15875550101")),
            transaction("txn_tenant", "onboard_tenant", ("clinic", "tenants/clinic")),
            transaction("txn_port", "port_number", ("front-desk", "+14165550103")),
            transaction("txn_old", "provision_number", ("front-desk", "+15875550104")),
            transaction("txn_release", "release_number", ("", "+15875550104")),
            failed,
        ],
        numbers: vec![
            number("+15875550101", "PN1", (MAIN, "front-desk"), "txn_buy"),
            number("+15875550102", "PN2", ("AC1", "clinic"), "txn_tenant"),
            number("+14165550103", "PN3", (MAIN, "front-desk"), "txn_port"),
            released,
        ],
        accounts: vec![AccountRow { sid: "AC1".to_owned(), state: "active".to_owned() }],
        lines: vec![LineRow { transaction_id: Some("txn_tenant".to_owned()) }],
        ..Rows::default()
    }
}
