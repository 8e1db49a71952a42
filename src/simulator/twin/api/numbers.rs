//! `/IncomingPhoneNumbers`: the numbers an account owns (PROTOCOL.md 7.5).

use super::ask::{self, Ask};
use crate::base::E164;
use crate::simulator::twin::books::{Books, Market, SETTINGS, TwinNumber, Wanted};
use crate::simulator::twin::wire::{Answer, Refusal, Request, date, page};
use axum::http::Method;
use reqwest::Url;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const LONGEST_NAME: usize = 64;

pub(super) fn all(books: &mut Books, ask: Ask<'_>, kind: &str) -> Result<Answer, Refusal> {
    match ask.request.method {
        Method::GET => Ok(list(books, ask, kind)),
        Method::POST => buy(books, ask, kind),
        _ => Err(Refusal::method_not_allowed()),
    }
}

pub(super) fn one(books: &mut Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    let number = find(books, ask, sid)?;
    match ask.request.method {
        Method::GET => Ok(Answer::ok(&body(number))),
        Method::POST => update(books, ask, sid),
        Method::DELETE => {
            books.release(sid);
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn list(books: &Books, ask: Ask<'_>, kind: &str) -> Answer {
    let request = ask.request;
    // A filter matches parts of numbers, as Twilio's does.
    let part = request.filled("PhoneNumber").unwrap_or_default().replace('*', "");
    let name = request.filled("FriendlyName");
    let hosted = request.filled("Origin").is_some_and(|origin| origin != "twilio");
    let owned = books.numbers.newest().filter(|(_, number)| {
        number.account_sid == ask.account
            && (kind.is_empty() || number.kind == kind)
            && number.phone_number.contains(&part)
            && name.is_none_or(|name| number.setting("FriendlyName") == name)
            && !hosted
    });
    let items: Vec<_> = owned.map(|(place, number)| (place, body(number))).collect();
    page(request, "incoming_phone_numbers", &items)
}

fn buy(books: &mut Books, ask: Ask<'_>, kind: &str) -> Result<Answer, Refusal> {
    let settings = settings(ask.request)?;
    let phone_number = match (ask.request.filled("PhoneNumber"), ask.request.filled("AreaCode")) {
        (Some(number), _) => {
            let number = E164::parse(number);
            number.map_err(|why| Refusal::bad(21421, format!("PhoneNumber is invalid: {why}")))?.as_str().to_owned()
        }
        (None, Some(_)) if !kind.is_empty() => {
            return Err(Refusal::bad(21457, "AreaCode is not supported on this resource"));
        }
        (None, Some(area_code)) => first_free(books, area_code)?,
        (None, None) => return Err(Refusal::bad(21421, "PhoneNumber or AreaCode is required")),
    };
    let sid = books.buy(ask.account, &phone_number, settings)?;
    let number = books.numbers.get(&sid).ok_or_else(|| ask.not_found())?;
    Ok(Answer::created(&body(number)))
}

fn first_free(books: &Books, area_code: &str) -> Result<String, Refusal> {
    if area_code.len() != 3 || !area_code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::bad(21451, format!("Invalid area code {area_code}")));
    }
    let wanted = Wanted { kind: "Local", area_code, ..Wanted::default() };
    let found = Market.search(&wanted).find(|number| books.is_free(&number.phone_number));
    let none = || Refusal::bad(21452, format!("No phone numbers found in area code {area_code}"));
    found.map(|number| number.phone_number).ok_or_else(none)
}

fn update(books: &mut Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    let settings = settings(ask.request)?;
    let new_owner = ask.request.filled("AccountSid");
    if let Some(account) = new_owner {
        ask::may_use(books, &Ask { account, ..ask })?;
    }
    books.change(sid, settings, new_owner);
    let number = books.numbers.get(sid).ok_or_else(|| ask.not_found())?;
    Ok(Answer::ok(&body(number)))
}

fn find<'b>(books: &'b Books, ask: Ask<'_>, sid: &str) -> Result<&'b TwinNumber, Refusal> {
    books.numbers.get(sid).filter(|number| number.account_sid == ask.account).ok_or_else(|| ask.not_found())
}

/// The settings that a request names. What it does not name stays; what it names empty is cleared.
pub(crate) fn settings(request: &Request) -> Result<BTreeMap<&'static str, String>, Refusal> {
    let mut found = BTreeMap::new();
    for (name, _) in SETTINGS {
        let Some(value) = request.param(name) else { continue };
        check(name, value)?;
        found.insert(name, value.to_owned());
    }
    Ok(found)
}

fn check(name: &str, value: &str) -> Result<(), Refusal> {
    let is_url = name.ends_with("Url") || name == "StatusCallback";
    let sound = |url: &str| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_url && !value.is_empty() && !sound(value) {
        return Err(Refusal::bad(21402, format!("{name} is not a valid URL: {value}")));
    }
    if name.ends_with("Method") && !matches!(value, "" | "GET" | "POST") {
        return Err(Refusal::bad(21403, format!("{name} is not a valid method: {value}")));
    }
    if name == "FriendlyName" && value.chars().count() > LONGEST_NAME {
        return Err(Refusal::bad(20001, "FriendlyName is longer than 64 characters"));
    }
    Ok(())
}

fn body(number: &TwinNumber) -> Value {
    let mut body = Map::new();
    for (name, field) in SETTINGS {
        let value = number.setting(name);
        // Twilio leaves unset SIDs null and unset URLs empty.
        let unset = if name.ends_with("Sid") { Value::Null } else { Value::from("") };
        body.insert(field.to_owned(), if value.is_empty() { unset } else { Value::from(value) });
    }
    body.insert("voice_caller_id_lookup".to_owned(), (number.setting("VoiceCallerIdLookup") == "true").into());
    let emergency = number.setting("EmergencyStatus");
    body.insert("emergency_status".to_owned(), if emergency.is_empty() { "Inactive" } else { emergency }.into());
    let uri = format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", number.account_sid, number.sid);
    let fixed = json!({
        "sid": number.sid,
        "account_sid": number.account_sid,
        "phone_number": number.phone_number,
        "date_created": date(number.created),
        "date_updated": date(number.updated),
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": false,
        "capabilities": { "voice": true, "sms": true, "mms": true, "fax": false },
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "type": number.kind.to_ascii_lowercase(),
        "uri": uri,
    });
    body.extend(fixed.as_object().cloned().unwrap_or_default());
    Value::Object(body)
}
