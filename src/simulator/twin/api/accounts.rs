//! `/Accounts`: ours and its sub-accounts (PROTOCOL.md 7.6).

use super::ask::Ask;
use crate::simulator::twin::books::{Books, TwinAccount};
use crate::simulator::twin::wire::{Answer, Refusal, date, page};
use axum::http::Method;
use serde_json::{Value, json};

pub(super) fn all(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    match ask.request.method {
        Method::GET => Ok(list(books, ask)),
        Method::POST => create(books, ask),
        _ => Err(Refusal::method_not_allowed()),
    }
}

pub(super) fn one(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    match ask.request.method {
        Method::GET => Ok(Answer::ok(&body(find(books, ask)?))),
        Method::POST => update(books, ask),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn list(books: &Books, ask: Ask<'_>) -> Answer {
    let is = |name: &str, has: &str| ask.request.filled(name).is_none_or(|asked| asked == has);
    let accounts = books.accounts.newest().filter(|(_, account)| {
        [&account.sid, &account.owner_sid].iter().any(|sid| *sid == ask.caller)
            && is("Status", account.status)
            && is("FriendlyName", &account.friendly_name)
    });
    let items: Vec<_> = accounts.map(|(place, account)| (place, body(account))).collect();
    page(ask.request, "accounts", &items)
}

fn create(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    if ask.caller != books.main_sid {
        return Err(Refusal::forbidden("A subaccount cannot have subaccounts"));
    }
    let unnamed = format!("SubAccount Created at {}", books.now().format("%Y-%m-%d %I:%M %p"));
    let sid = books.open_account(ask.caller, ask.request.filled("FriendlyName").unwrap_or(&unnamed));
    let account = books.accounts.get(&sid).ok_or_else(|| ask.not_found())?;
    Ok(Answer::created(&body(account)))
}

fn update(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    if let Some(status) = ask.request.filled("Status") {
        if ask.account == books.main_sid || ask.account == ask.caller {
            return Err(Refusal::forbidden("Only the parent account can change the status of a subaccount"));
        }
        books.set_status(ask.account, status)?;
    }
    let now = books.now();
    if let (Some(name), Some(account)) = (ask.request.filled("FriendlyName"), books.accounts.get_mut(ask.account)) {
        name.clone_into(&mut account.friendly_name);
        account.updated = now;
    }
    Ok(Answer::ok(&body(find(books, ask)?)))
}

fn find<'b>(books: &'b Books, ask: Ask<'_>) -> Result<&'b TwinAccount, Refusal> {
    books.accounts.get(ask.account).ok_or_else(|| ask.not_found())
}

fn body(account: &TwinAccount) -> Value {
    let uri = format!("/2010-04-01/Accounts/{}", account.sid);
    let below = |name: &str| format!("{uri}/{name}.json");
    json!({
        "sid": account.sid,
        "owner_account_sid": account.owner_sid,
        "friendly_name": account.friendly_name,
        "status": account.status,
        "type": "Full",
        "auth_token": account.token.expose(),
        "date_created": date(account.created),
        "date_updated": date(account.updated),
        "uri": format!("{uri}.json"),
        "subresource_uris": {
            "available_phone_numbers": below("AvailablePhoneNumbers"),
            "calls": below("Calls"),
            "incoming_phone_numbers": below("IncomingPhoneNumbers"),
            "messages": below("Messages"),
            "recordings": below("Recordings"),
            "transcriptions": below("Transcriptions"),
            "usage": below("Usage"),
        },
    })
}
