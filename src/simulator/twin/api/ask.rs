//! Who asks, and about whose account.

use crate::base::same;
use crate::simulator::twin::books::Books;
use crate::simulator::twin::wire::{Refusal, Request};

/// A request that has been let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    /// Whose credentials these are.
    pub(super) caller: &'a str,
    /// The account in the path.
    pub(super) account: &'a str,
}

impl Ask<'_> {
    /// Nothing there.
    pub(super) fn not_found(&self) -> Refusal {
        Refusal::not_found(&self.request.path)
    }
}

/// The account whose credentials these are: its SID and token, or a key of its own.
pub(super) fn authenticate(books: &Books, request: &Request) -> Result<String, Refusal> {
    let (user, password) = request.credentials.as_ref().ok_or_else(Refusal::unauthorized)?;
    if let Some(key) = books.keys.get(user) {
        let opens = same(key.secret.expose().as_bytes(), password.as_bytes());
        return if opens { Ok(key.account_sid.clone()) } else { Err(Refusal::unauthorized()) };
    }
    let account = books.accounts.get(user).filter(|account| account.is_opened_by(password));
    let account = account.ok_or_else(Refusal::unauthorized)?;
    if account.is_active() { Ok(account.sid.clone()) } else { Err(not_active(&account.sid, account.status)) }
}

/// An account may act on itself and on its sub-accounts; all others are not there.
pub(super) fn may_see(books: &Books, ask: &Ask<'_>) -> Result<(), Refusal> {
    let account = books.accounts.get(ask.account).ok_or_else(|| ask.not_found())?;
    if [&account.sid, &account.owner_sid].iter().any(|sid| *sid == ask.caller) { Ok(()) } else { Err(ask.not_found()) }
}

/// What belongs to an account can be used while it is active.
pub(super) fn may_use(books: &Books, ask: &Ask<'_>) -> Result<(), Refusal> {
    may_see(books, ask)?;
    match books.accounts.get(ask.account) {
        Some(account) if !account.is_active() => Err(not_active(&account.sid, account.status)),
        _ => Ok(()),
    }
}

fn not_active(sid: &str, status: &str) -> Refusal {
    Refusal::new(403, 10001, format!("Account {sid} is not active: it is {status}"))
}
