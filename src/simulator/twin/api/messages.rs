//! `/Messages` (PROTOCOL.md 7.10). They arrive, except where somebody wants none or no text comes.

use super::ask::Ask;
use super::way::way;
use super::when::When;
use crate::base::E164;
use crate::simulator::http::Fields;
use crate::simulator::text::segments_of;
use crate::simulator::twin::books::{Books, Job, TwinMessage};
use crate::simulator::twin::wire::{Answer, Refusal, date, page};
use axum::http::Method;
use serde_json::{Value, json};

const LONGEST: usize = 1600;
/// Errors from here on are those of delivery, told later.
const FIRST_OF_DELIVERY: u32 = 30_000;

pub(super) fn all(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    match ask.request.method {
        Method::GET => Ok(list(books, ask)),
        Method::POST => create(books, ask),
        _ => Err(Refusal::method_not_allowed()),
    }
}

pub(super) fn one(books: &mut Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    let message = books.messages.get_mut(sid).filter(|message| message.account_sid == ask.account);
    let message = message.ok_or_else(|| ask.not_found())?;
    match ask.request.method {
        Method::GET => {}
        // An empty body redacts; everything has been delivered, so nothing can be taken back.
        Method::POST if ask.request.param("Body") == Some("") => message.body.clear(),
        Method::POST => return Err(Refusal::bad(30409, "The message cannot be changed any more")),
        Method::DELETE => {
            books.messages.take(sid);
            return Ok(Answer::gone());
        }
        _ => return Err(Refusal::method_not_allowed()),
    }
    Ok(Answer::ok(&body(message, message.status)))
}

fn list(books: &Books, ask: Ask<'_>) -> Answer {
    let is = |name: &str, has: &str| ask.request.filled(name).is_none_or(|asked| asked == has);
    let when = When::of(ask.request, "DateSent");
    let found = books.messages.newest().filter(|(_, message)| {
        message.account_sid == ask.account
            && is("To", &message.to)
            && is("From", &message.from)
            && when.holds(message.created)
    });
    let items: Vec<_> = found.map(|(place, message)| (place, body(message, message.status))).collect();
    page(ask.request, "messages", &items)
}

fn create(books: &mut Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    let message = read(books, ask)?;
    let to = way(ask.request, "StatusCallback", "Method")?;
    let answer = Answer::created(&body(&message, "queued"));
    books.charge_message(&message);
    if let Some(to) = to {
        let reports = ["sent", message.status].map(|status| report(&message, status)).to_vec();
        books.jobs.push(Job::Reports { account_sid: ask.account.to_owned(), to, reports });
    }
    let sid = message.sid.clone();
    books.messages.put(&sid, message);
    Ok(answer)
}

fn read(books: &mut Books, ask: Ask<'_>) -> Result<TwinMessage, Refusal> {
    let text = |name: &str| ask.request.filled(name).unwrap_or_default().to_owned();
    let (to, from, words) = (text("To"), text("From"), text("Body"));
    if to.is_empty() {
        return Err(Refusal::bad(21604, "A 'To' phone number is required"));
    }
    if E164::parse(&to).is_err() {
        return Err(Refusal::bad(21211, format!("Invalid 'To' Phone Number: {to}")));
    }
    if from.is_empty() && text("MessagingServiceSid").is_empty() {
        return Err(Refusal::bad(21603, "A 'From' phone number is required"));
    }
    if !from.is_empty() && books.owner_of(&from).is_none_or(|number| number.account_sid != ask.account) {
        return Err(Refusal::bad(
            21606,
            format!("The 'From' phone number {from} is not a message-capable number of yours"),
        ));
    }
    if words.is_empty() && text("MediaUrl").is_empty() && text("ContentSid").is_empty() {
        return Err(Refusal::bad(21602, "Message body is required"));
    }
    if words.chars().count() > LONGEST {
        return Err(Refusal::bad(21617, "The message body exceeds the 1600 character limit"));
    }
    let error_code = error_code(books, &from, &to)?;
    let (sid, created) = (books.sid("SM"), books.now());
    let segments = segments_of(&words);
    let account_sid = ask.account.to_owned();
    let status = if error_code.is_some() { "undelivered" } else { "delivered" };
    let direction = "outbound-api";
    Ok(TwinMessage { sid, account_sid, direction, from, to, body: words, status, error_code, segments, created })
}

/// Why it will not arrive, if it will not; some reasons are known at once.
fn error_code(books: &Books, from: &str, to: &str) -> Result<Option<u32>, Refusal> {
    if books.opted_out.contains(&(from.to_owned(), to.to_owned())) {
        return Err(Refusal::bad(21610, "Attempt to send to unsubscribed recipient"));
    }
    match books.no_texts.get(to) {
        Some(code) if *code < FIRST_OF_DELIVERY => {
            Err(Refusal::bad(*code, format!("'To' number: {to}, is not a valid mobile number")))
        }
        code => Ok(code.copied()),
    }
}

fn report(message: &TwinMessage, status: &str) -> Fields {
    let code = message.error_code.filter(|_| status == "undelivered").map(|code| ("ErrorCode", code.to_string()));
    let fields = vec![
        ("MessageSid", message.sid.clone()),
        ("SmsSid", message.sid.clone()),
        ("MessageStatus", status.to_owned()),
        ("SmsStatus", status.to_owned()),
        ("AccountSid", message.account_sid.clone()),
        ("From", message.from.clone()),
        ("To", message.to.clone()),
        ("ApiVersion", "2010-04-01".to_owned()),
    ];
    fields.into_iter().chain(code).collect()
}

fn body(message: &TwinMessage, status: &str) -> Value {
    let uri = format!("/2010-04-01/Accounts/{}/Messages/{}", message.account_sid, message.sid);
    json!({
        "sid": message.sid,
        "account_sid": message.account_sid,
        "api_version": "2010-04-01",
        "messaging_service_sid": null,
        "from": message.from,
        "to": message.to,
        "body": message.body,
        "status": status,
        "direction": message.direction,
        "num_segments": message.segments.to_string(),
        "num_media": "0",
        "date_created": date(message.created),
        "date_updated": date(message.created),
        "date_sent": if status == "queued" { None } else { Some(date(message.created)) },
        "error_code": message.error_code,
        "error_message": null,
        "price": if status == "queued" { None } else { Some("-0.00830") },
        "price_unit": "USD",
        "uri": format!("{uri}.json"),
        "subresource_uris": { "media": format!("{uri}/Media.json") },
    })
}
