//! `/Calls`: placing, looking, and leading elsewhere (PROTOCOL.md 7.8).

use super::ask::Ask;
use super::way::way;
use super::when::When;
use crate::base::E164;
use crate::simulator::archive::{CallRecord, Order};
use crate::simulator::call::{Outbound, Reports};
use crate::simulator::twin::books::{Books, Job};
use crate::simulator::twin::wire::{Answer, Refusal, Request, date, page};
use crate::twiml::LegEvent;
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const MAX_DOCUMENT: usize = 4000;
/// Twilio adds this to the time that it was told to ring.
const BUFFER_S: u64 = 5;

pub(super) fn all(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    match ask.request.method {
        Method::GET => Ok(list(books, ask)),
        Method::POST => create(books, ask),
        _ => Err(Refusal::method_not_allowed()),
    }
}

pub(super) fn one(books: &mut Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    let call = books.archive.call(sid).filter(|call| call.account_sid == ask.account);
    let call = call.ok_or_else(|| ask.not_found())?;
    match ask.request.method {
        Method::GET => Ok(Answer::ok(&body(books, &call))),
        Method::POST => update(books, ask, call),
        Method::DELETE if call.is_over() => {
            books.archive.forget_call(sid);
            Ok(Answer::gone())
        }
        Method::DELETE => Err(Refusal::bad(20001, "A call that is not over cannot be deleted")),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn list(books: &Books, ask: Ask<'_>) -> Answer {
    let request = ask.request;
    let is = |name: &str, has: &str| request.filled(name).is_none_or(|asked| asked == has);
    let (started, ended) = (When::of(request, "StartTime"), When::of(request, "EndTime"));
    let found = books.archive.find_calls(|call| {
        call.account_sid == ask.account
            && is("To", &call.to)
            && is("From", &call.from)
            && is("Status", call.status)
            && is("ParentCallSid", call.parent_sid.as_deref().unwrap_or_default())
            && started.holds(call.created)
            && ended.holds(call.ended.unwrap_or(call.created))
    });
    let items: Vec<_> = found.into_iter().map(|(place, call)| (place, body(books, &call))).collect();
    page(request, "calls", &items)
}

fn create(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    let request = ask.request;
    let (from, to) = ends(books, ask)?;
    let voice = way(request, "Url", "Method")?;
    let fallback = way(request, "FallbackUrl", "FallbackMethod")?;
    let document = document(request)?.filter(|_| voice.is_none());
    if voice.is_none() && document.is_none() {
        return Err(Refusal::bad(21205, "Url, Twiml or ApplicationSid is required"));
    }
    let reports = reports(request)?;
    let (sid, now) = (books.sid("CA"), books.now());
    let call = CallRecord {
        sid: sid.clone(),
        parent_sid: None,
        account_sid: ask.account.to_owned(),
        from: from.clone(),
        to: to.clone(),
        direction: "outbound-api",
        status: "queued",
        created: now,
        answered: None,
        ended: None,
        duration_s: 0,
    };
    let answer = Answer::created(&body(books, &call));
    let phone = books.phones.get(&to).cloned().unwrap_or_default();
    let plan = Outbound {
        seed: u128::from_str_radix(sid.get(2..).unwrap_or_default(), 16).unwrap_or_default(),
        sid,
        from,
        to,
        document,
        reports,
        timeout: Duration::from_secs(request.number("Timeout").unwrap_or(60).min(600) + BUFFER_S),
        record: request.filled("Record") == Some("true"),
        callee: phone.answers,
        script: phone.script,
        speed: books.speed,
        clock: books.clock().clone(),
        orders: books.archive.begin(call),
    };
    books.jobs.push(Job::Call { account_sid: ask.account.to_owned(), voice, fallback, plan: Box::new(plan) });
    Ok(answer)
}

/// Who calls, which must be a number of the account, and who is called.
fn ends(books: &Books, ask: Ask<'_>) -> Result<(String, String), Refusal> {
    let to = ask.request.filled("To").ok_or_else(|| Refusal::bad(21201, "No 'To' number is specified"))?;
    let from = ask.request.filled("From").ok_or_else(|| Refusal::bad(21213, "No 'From' number is specified"))?;
    let is_number = !to.contains(':');
    if is_number && E164::parse(to).is_err() {
        return Err(Refusal::bad(21211, format!("The 'To' number {to} is not a valid phone number")));
    }
    let owned = books.owner_of(from).is_some_and(|number| number.account_sid == ask.account);
    if !owned && !from.contains(':') {
        return Err(Refusal::bad(21210, format!("The source phone number provided, {from}, is not yet verified")));
    }
    Ok((from.to_owned(), to.to_owned()))
}

fn document(request: &Request) -> Result<Option<String>, Refusal> {
    let document = request.filled("Twiml");
    if document.is_some_and(|text| text.len() > MAX_DOCUMENT) {
        return Err(Refusal::bad(21218, "Twiml is longer than 4000 characters"));
    }
    Ok(document.map(str::to_owned))
}

fn reports(request: &Request) -> Result<Option<Reports>, Refusal> {
    let Some((url, method)) = way(request, "StatusCallback", "StatusCallbackMethod")? else { return Ok(None) };
    let named = request.params("StatusCallbackEvent").flat_map(str::split_whitespace);
    let mut events: Vec<_> = named.filter_map(LegEvent::parse).collect();
    if events.is_empty() {
        events.push(LegEvent::Completed);
    }
    Ok(Some(Reports { url, method, events }))
}

fn update(books: &mut Books, ask: Ask<'_>, mut call: CallRecord) -> Result<Answer, Refusal> {
    let waits = matches!(call.status, "queued" | "ringing");
    let order = match ask.request.filled("Status") {
        Some("completed") => Some(Order::HangUp),
        // Twilio takes back only what nobody has answered, and says nothing about the rest.
        Some("canceled") if waits => Some(Order::HangUp),
        Some("canceled") if !call.is_over() => return Ok(Answer::ok(&body(books, &call))),
        Some("canceled") | None => None,
        Some(other) => return Err(Refusal::bad(20001, format!("Status cannot become {other}"))),
    };
    let way = way(ask.request, "Url", "Method")?.map(|(url, method)| Order::Fetch(url, method));
    let document = document(ask.request)?.map(Order::Document);
    if way.is_some() && document.is_some() {
        return Err(Refusal::bad(21218, "Url and Twiml exclude each other"));
    }
    let ends = order.is_some();
    let Some(order) = order.or(way).or(document) else {
        return if call.is_over() { Err(not_in_progress()) } else { Ok(Answer::ok(&body(books, &call))) };
    };
    if call.is_over() || !books.archive.tell(&call.sid, order) {
        return Err(not_in_progress());
    }
    if ends {
        call.status = if waits { "canceled" } else { "completed" };
    }
    Ok(Answer::ok(&body(books, &call)))
}

fn not_in_progress() -> Refusal {
    Refusal::bad(21220, "Call is not in-progress. Cannot redirect.")
}

fn body(books: &Books, call: &CallRecord) -> Value {
    let ours = if call.direction == "inbound" { &call.to } else { &call.from };
    let number = books.owner_of(ours).map(|number| number.sid.clone());
    let uri = format!("/2010-04-01/Accounts/{}/Calls/{}", call.account_sid, call.sid);
    let duration = call.ended.map(|_| call.duration_s.to_string());
    let price = call.ended.and(call.answered).map(|_| {
        let paid = books.bill.lines.iter().rev().find(|line| line.resource_sid == call.sid);
        paid.map(|line| format!("-{}", line.amount))
    });
    json!({
        "sid": call.sid,
        "parent_call_sid": call.parent_sid,
        "account_sid": call.account_sid,
        "phone_number_sid": number,
        "to": call.to,
        "to_formatted": crate::simulator::twin::books::friendly(&call.to),
        "from": call.from,
        "from_formatted": crate::simulator::twin::books::friendly(&call.from),
        "status": call.status,
        "direction": call.direction,
        "date_created": date(call.created),
        "date_updated": date(call.ended.or(call.answered).unwrap_or(call.created)),
        "start_time": call.answered.map(date),
        "end_time": call.ended.map(date),
        "duration": duration,
        "price": price,
        "price_unit": "USD",
        "answered_by": null,
        "annotation": null,
        "api_version": "2010-04-01",
        "caller_name": "",
        "forwarded_from": null,
        "group_sid": null,
        "queue_time": "0",
        "trunk_sid": null,
        "uri": format!("{uri}.json"),
        "subresource_uris": { "recordings": format!("{uri}/Recordings.json") },
    })
}
