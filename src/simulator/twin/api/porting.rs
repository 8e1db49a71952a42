//! `/v1/Porting`: numbers from another carrier, in JSON (PROTOCOL.md 7.7).

use super::ask::{Ask, may_use};
use crate::base::E164;
use crate::simulator::twin::books::{Books, Market, PortOrder};
use crate::simulator::twin::wire::{Answer, Refusal};
use axum::http::Method;
use serde_json::{Value, json};

const MOST: usize = 1000;

/// `/v1/Porting/…`
pub(super) fn porting(books: &mut Books, ask: Ask<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
    match (&ask.request.method, rest) {
        (&Method::GET, ["Portability", "PhoneNumber", number]) => portability(books, ask, number),
        (&Method::POST, ["PortIn"]) => create(books, ask),
        (&Method::GET, ["PortIn", "PortInRequests"]) => Ok(list(books, ask)),
        (&Method::GET, ["PortIn", sid]) => Ok(Answer::ok(&body(find(books, ask, sid)?))),
        (&Method::DELETE, ["PortIn", sid]) => cancel(books, ask, sid),
        _ => Err(ask.not_found()),
    }
}

/// Fictional numbers can be brought here, unless they are toll-free or here already.
fn portability(books: &Books, ask: Ask<'_>, number: &str) -> Result<Answer, Refusal> {
    let number = number.replace("%2B", "+");
    let wrong = |_| Refusal::bad(21421, format!("{number} is no phone number"));
    let number = E164::parse(&number).map_err(wrong)?;
    let sold = Market.find(number.as_str());
    let kind = sold.as_ref().map_or("Local", |sold| sold.kind);
    let reason = match (kind, books.owner_of(number.as_str())) {
        ("TollFree", _) => Some((22131, "Toll-free numbers cannot be ported")),
        (_, Some(_)) => Some((22102, "The number is already with Twilio")),
        _ => None,
    };
    Ok(Answer::ok(&json!({
        "phone_number": number.as_str(),
        "account_sid": ask.request.filled("TargetAccountSid").unwrap_or(ask.account),
        "portable": reason.is_none(),
        "pin_and_account_number_required": kind == "Mobile",
        "not_portable_reason": reason.map(|(_, words)| words),
        "not_portable_reason_code": reason.map(|(code, _)| code),
        "number_type": kind.to_ascii_uppercase(),
        "country": sold.map_or("CA", |sold| sold.country),
        "url": format!("https://numbers.twilio.com{}", ask.request.path),
    })))
}

fn create(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    let asked = ask.request.json().ok_or_else(|| Refusal::bad(20001, "The body is not JSON"))?;
    let account = asked.get("account_sid").and_then(Value::as_str).unwrap_or(ask.caller).to_owned();
    may_use(books, &Ask { account: &account, ..ask })?;
    for name in ["losing_carrier_information", "documents", "phone_numbers"] {
        if asked.get(name).is_none_or(Value::is_null) {
            return Err(Refusal::bad(20001, format!("{name} is required")));
        }
    }
    let numbers = numbers(&asked)?;
    if let Some(here) = numbers.iter().find(|number| books.owner_of(number).is_some()) {
        return Err(Refusal::bad(22102, format!("{here} is already with Twilio")));
    }
    let numbers: Vec<_> = numbers.into_iter().map(|number| (number, books.sid("PU"))).collect();
    let (sid, created) = (books.sid("KW"), books.now());
    let status = "In Review".to_owned();
    let order = PortOrder { sid: sid.clone(), account_sid: account, status, numbers, asked, created };
    let answer = Answer::accepted(&body(&order));
    books.orders.put(&sid, order);
    Ok(answer)
}

fn numbers(asked: &Value) -> Result<Vec<String>, Refusal> {
    let listed = asked.get("phone_numbers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if listed.is_empty() || listed.len() > MOST {
        return Err(Refusal::bad(20001, "phone_numbers has 1 to 1000 numbers"));
    }
    let number = |item: &Value| {
        let text = item.get("phone_number").and_then(Value::as_str).unwrap_or_default();
        E164::parse(text).map(|number| number.as_str().to_owned())
    };
    let numbers: Result<Vec<_>, _> = listed.iter().map(number).collect();
    numbers.map_err(|why| Refusal::bad(21421, why.to_string()))
}

fn list(books: &Books, ask: Ask<'_>) -> Answer {
    let orders = books.orders.newest().filter(|(_, order)| may_see(books, ask, order));
    let items: Vec<_> = orders.map(|(_, order)| body(order)).collect();
    let url = format!("https://numbers.twilio.com{}", ask.request.path);
    let meta = json!({
        "page": 0, "page_size": items.len(), "first_page_url": url, "url": url, "key": "port_in_requests",
        "next_page_url": null, "previous_page_url": null,
    });
    Answer::ok(&json!({ "port_in_requests": items, "meta": meta }))
}

fn cancel(books: &mut Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    if find(books, ask, sid)?.is_final() {
        return Err(Refusal::bad(20001, "The port in request can no longer be canceled"));
    }
    books.advance(sid, PortOrder::CANCELED);
    Ok(Answer::gone())
}

fn find<'b>(books: &'b Books, ask: Ask<'_>, sid: &str) -> Result<&'b PortOrder, Refusal> {
    books.orders.get(sid).filter(|order| may_see(books, ask, order)).ok_or_else(|| ask.not_found())
}

fn may_see(books: &Books, ask: Ask<'_>, order: &PortOrder) -> bool {
    let account = books.accounts.get(&order.account_sid);
    account.is_some_and(|account| [&account.sid, &account.owner_sid].iter().any(|sid| *sid == ask.caller))
}

fn body(order: &PortOrder) -> Value {
    let number = |(number, sid): &(String, String)| json!({ "phone_number": number, "port_in_phone_number_sid": sid, "port_in_phone_number_status": order.status });
    let mut body = order.asked.clone();
    let own = json!({
        "port_in_request_sid": order.sid,
        "account_sid": order.account_sid,
        "port_in_request_status": order.status,
        "signature_request_url": format!("https://sign.example.com/{}", order.sid),
        "phone_numbers": order.numbers.iter().map(number).collect::<Vec<_>>(),
        "date_created": order.created.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "url": format!("https://numbers.twilio.com/v1/Porting/PortIn/{}", order.sid),
    });
    if let (Some(body), Value::Object(own)) = (body.as_object_mut(), own) {
        body.extend(own);
    }
    body
}
