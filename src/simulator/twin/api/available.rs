//! `/AvailablePhoneNumbers`: the market. A search reserves nothing (PROTOCOL.md 7.5).

use super::ask::Ask;
use crate::simulator::twin::books::{Books, ForSale, Market, Wanted};
use crate::simulator::twin::wire::{Answer, Refusal};
use axum::http::Method;
use serde_json::{Value, json};

const COUNTRIES: [(&str, &str); 2] = [("CA", "Canada"), ("US", "United States")];
/// How many a search shows unless it is told, and at most.
const USUAL: u64 = 30;
const MOST: u64 = 1000;

pub(super) fn countries(ask: Ask<'_>) -> Result<Answer, Refusal> {
    let base = &format!("/2010-04-01/Accounts/{}/AvailablePhoneNumbers", ask.account);
    let body = |(code, name): (&str, &str)| {
        let kinds = ["Local", "TollFree", "Mobile"].into_iter().filter(|kind| Market.has(code, kind));
        let kinds = kinds.map(|kind| {
            let field = if kind == "TollFree" { "toll_free".to_owned() } else { kind.to_ascii_lowercase() };
            (field, Value::from(format!("{base}/{code}/{kind}.json")))
        });
        json!({
            "country_code": code, "country": name, "beta": false, "uri": format!("{base}/{code}.json"),
            "subresource_uris": kinds.collect::<serde_json::Map<_, _>>(),
        })
    };
    let all: Vec<_> = COUNTRIES.into_iter().map(body).collect();
    Ok(Answer::ok(&json!({ "uri": format!("{base}.json"), "countries": all })))
}

pub(super) fn search(books: &Books, ask: Ask<'_>, country: &str, kind: &str) -> Result<Answer, Refusal> {
    if ask.request.method != Method::GET {
        return Err(Refusal::method_not_allowed());
    }
    if !Market.has(country, kind) {
        return Err(ask.not_found());
    }
    let text = |name: &str| ask.request.filled(name).unwrap_or_default();
    let area_code = text("AreaCode");
    if !area_code.is_empty() && (area_code.len() != 3 || !area_code.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Refusal::bad(21451, format!("Invalid area code {area_code}")));
    }
    let wanted = Wanted {
        country,
        kind,
        area_code,
        contains: text("Contains"),
        region: text("InRegion"),
        locality: text("InLocality"),
    };
    let most = usize::try_from(ask.request.number("PageSize").unwrap_or(USUAL).clamp(1, MOST)).unwrap_or(1000);
    // What cannot be had at all is a filter that finds nothing.
    let none = text("FaxEnabled") == "true" || text("Beta") == "true";
    let free = Market.search(&wanted).filter(|number| !none && books.is_free(&number.phone_number)).take(most);
    let found: Vec<_> = free.map(|number| body(&number)).collect();
    Ok(Answer::ok(&json!({ "uri": ask.request.path, "available_phone_numbers": found })))
}

fn body(number: &ForSale) -> Value {
    let text = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    json!({
        "phone_number": number.phone_number,
        "friendly_name": crate::simulator::twin::books::friendly(&number.phone_number),
        "iso_country": number.country,
        "region": text(number.region),
        "locality": text(number.locality),
        "rate_center": text(&number.locality.to_ascii_uppercase()),
        "lata": null,
        "latitude": text(number.latitude),
        "longitude": text(number.longitude),
        "postal_code": null,
        "address_requirements": "none",
        "beta": false,
        "capabilities": { "voice": true, "SMS": true, "MMS": true, "fax": false },
    })
}
