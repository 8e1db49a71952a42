//! What must hold for numbers, tenants and transactions: whole or not at all, and equal to the bill.

use super::books::{Books, Owned};
use super::rows::{NumberRow, Rows, TransactionRow};
use super::{Rule, Violation};
use std::collections::{BTreeMap, BTreeSet};

const PUBLIC_URL: &str = "https://phone.example.com";
/// Where the carrier shall ask: voice, fallback, status, text.
const ROUTES: [&str; 4] = ["voice", "fallback", "status", "sms"];

/// Everything that is wrong.
pub(crate) fn check_sagas(books: &Books, rows: &Rows) -> Vec<Violation> {
    let mut court = Court { books, rows, found: Vec::new() };
    court.promises();
    for transaction in &rows.transactions {
        court.ended(transaction);
        court.billed_once(transaction);
        match (transaction.state.as_str(), transaction.kind.as_str()) {
            ("rolled_back", _) => court.nothing_left(transaction),
            ("done", "provision_number" | "onboard_tenant") => court.works(transaction),
            ("done", "port_number") => court.arrived(transaction),
            ("done", _) => court.is_gone(transaction),
            _ => {}
        }
    }
    court.undo_is_shown();
    court.equals_the_bill();
    court.found
}

struct Court<'a> {
    books: &'a Books,
    rows: &'a Rows,
    found: Vec<Violation>,
}

impl<'a> Court<'a> {
    fn demand(&mut self, rule: Rule, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { rule, call: None, text: text() });
        }
    }

    fn promises(&mut self) {
        let promised: BTreeSet<&str> = self.books.promised.iter().map(String::as_str).collect();
        let there: BTreeSet<&str> = self.rows.transactions.iter().map(|row| row.id.as_str()).collect();
        for lost in promised.difference(&there) {
            self.demand(Rule::SagaKept, false, || format!("{lost} was promised and is not there"));
        }
        for extra in there.difference(&promised) {
            self.demand(Rule::SagaOnce, false, || format!("nobody asked for {extra}"));
        }
    }

    fn ended(&mut self, row: &TransactionRow) {
        let over = matches!(row.state.as_str(), "done" | "rolled_back");
        self.demand(Rule::SagaEnded, over, || format!("{row} has not ended"));
    }

    fn billed_once(&mut self, row: &TransactionRow) {
        let (bought, made) = (self.books.bought_by(&row.id), self.books.accounts_of(&row.id));
        let (numbers, accounts) = (bought.len(), made.len());
        self.demand(Rule::BilledOnce, numbers <= 1, || format!("{row} has bought {numbers} numbers: {bought:?}"));
        self.demand(Rule::BilledOnce, accounts <= 1, || format!("{row} has made {accounts} accounts: {made:?}"));
        if let Some(number) = row.subject.as_ref().filter(|_| row.kind == "port_number") {
            let orders = self.books.orders_of(number).len();
            self.demand(Rule::BilledOnce, orders <= 1, || format!("{row} has placed {orders} orders"));
        }
    }

    /// Released, as far as the carrier and our tables know.
    fn nothing_left(&mut self, row: &TransactionRow) {
        let ours = |sid: &str| self.books.numbers.iter().any(|number| number.sid == sid);
        let number = self.books.bought_by(&row.id).into_iter().find(|purchase| ours(&purchase.sid));
        self.demand(Rule::SagaWhole, number.is_none(), || format!("{row} left a number behind: {number:?}"));
        let account = self.books.accounts_of(&row.id).into_iter().find(|account| account.is_open);
        self.demand(Rule::SagaWhole, account.is_none(), || format!("{row} left an account open: {account:?}"));
        let line = self.rows.lines.iter().any(|line| line.transaction_id.as_deref() == Some(&*row.id));
        self.demand(Rule::SagaWhole, !line, || format!("{row} left its line"));
        let orders = row.subject.as_ref().filter(|_| row.kind == "port_number").map(|n| self.books.orders_of(n));
        for order in orders.into_iter().flatten() {
            self.demand(Rule::SagaWhole, order.is_over(), || format!("{row} left an order: {order:?}"));
            // A number that was faster than its order's end stays, or it would be lost for good.
            if order.is_complete() {
                self.arrived(row);
            }
        }
    }

    /// The number that was bought leads to its line; or it was given back later, by a transaction of its own.
    fn works(&mut self, row: &TransactionRow) {
        let bought = self.books.bought_by(&row.id);
        self.demand(Rule::SagaWhole, bought.len() == 1, || format!("{row} is done and has bought {bought:?}"));
        for purchase in bought {
            match self.books.number(&purchase.phone_number).filter(|number| number.sid == purchase.sid) {
                Some(number) => self.leads_to_its_line(row, number),
                None => {
                    let released = self.is_released(&purchase.sid);
                    self.demand(Rule::SagaWhole, released, || format!("{row} lost its number {purchase:?}"));
                }
            }
        }
        if row.kind == "onboard_tenant" {
            let accounts = self.books.accounts_of(&row.id);
            let open = accounts.iter().any(|account| account.is_open);
            self.demand(Rule::SagaWhole, open, || format!("{row} is done and its account is {accounts:?}"));
            let line = self.rows.lines.iter().any(|line| line.transaction_id.as_deref() == Some(&*row.id));
            self.demand(Rule::SagaWhole, line, || format!("{row} is done and has no line"));
        }
    }

    fn arrived(&mut self, row: &TransactionRow) {
        let number = row.subject.as_deref().unwrap_or_default();
        match self.books.number(number) {
            Some(owned) => self.leads_to_its_line(row, owned),
            None => self.demand(Rule::SagaWhole, false, || format!("{row} is done and {number} is not here")),
        }
    }

    fn leads_to_its_line(&mut self, row: &TransactionRow, number: &Owned) {
        let bound: Vec<&NumberRow> = self.active().filter(|bound| bound.phone_number == number.phone_number).collect();
        let right = |bound: &&NumberRow| bound.sid == number.sid && Some(&bound.line) == row.line.as_ref();
        let holds = matches!(bound.as_slice(), [one] if right(one));
        self.demand(Rule::SagaWhole, holds, || format!("{row}: {} is bound by {bound:?}", number.phone_number));
    }

    /// Of a release that is done.
    fn is_gone(&mut self, row: &TransactionRow) {
        let given_back = row.gives_back();
        // The same number may have been bought again since.
        let there = self.books.numbers.iter().find(|number| Some(&number.sid) == given_back.as_ref());
        self.demand(Rule::SagaWhole, there.is_none(), || format!("{row} is done and the carrier has {there:?}"));
    }

    fn is_released(&self, sid: &str) -> bool {
        let mut done = self.rows.transactions.iter().filter(|row| row.state == "done");
        done.any(|row| row.gives_back().as_deref() == Some(sid))
    }

    fn undo_is_shown(&mut self) {
        for stuck in &self.books.stuck {
            let text = || format!("{} was stuck on its way back, and no view said so", stuck.transaction);
            self.demand(Rule::UndoShown, stuck.is_shown, text);
        }
        for row in self.rows.transactions.iter().filter(|row| row.has_failed && row.state != "done") {
            self.demand(Rule::UndoShown, row.is_shown, || format!("{row} has failed, and no view says so"));
        }
    }

    /// What is paid for is what the tables say, to the number and the account, and it rings here.
    fn equals_the_bill(&mut self) {
        let said: BTreeMap<String, String> =
            self.active().map(|row| (row.phone_number.clone(), row.account_sid.clone())).collect();
        let paid = &self.books.paid;
        self.demand(Rule::Bill, said == *paid, || format!("numbers: paid for {paid:?}, the tables say {said:?}"));
        for number in &self.books.numbers {
            let done = self.active().filter(|row| row.sid == number.sid).all(|row| self.is_settled(row));
            self.demand(Rule::Bill, done, || format!("{number:?} is bound by no transaction that is over"));
            let right = number.urls.iter().zip(ROUTES).all(|(url, route)| leads_here(url, route));
            self.demand(Rule::Reachable, right, || format!("the carrier asks elsewhere: {number:?}"));
        }
        let open: BTreeSet<&str> = self.books.accounts.iter().filter(|a| a.is_open).map(|a| a.sid.as_str()).collect();
        let known: BTreeSet<&str> =
            self.rows.accounts.iter().filter(|row| row.state == "active").map(|row| row.sid.as_str()).collect();
        self.demand(Rule::Bill, open == known, || format!("accounts: open {open:?}, the tables say {known:?}"));
    }

    fn is_settled(&self, number: &NumberRow) -> bool {
        let mut named = self.rows.transactions.iter().filter(|row| row.id == number.transaction_id);
        named.any(|row| matches!(row.state.as_str(), "done" | "rolled_back"))
    }

    fn active(&self) -> impl Iterator<Item = &'a NumberRow> + use<'a> {
        self.rows.numbers.iter().filter(|row| row.state == "active")
    }
}

/// Without what the carrier is told about connecting.
fn leads_here(url: &str, route: &str) -> bool {
    url.split('#').next() == Some(&*format!("{PUBLIC_URL}/twilio/{route}"))
}
