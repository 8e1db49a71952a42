//! `/Balance` and `/Usage/Records`: what the bill comes to.

use super::ask::Ask;
use crate::simulator::twin::books::{BillKind, Books, Money};
use crate::simulator::twin::wire::{Answer, Refusal};
use serde_json::{Value, json};

/// What a new account has: enough for any test.
const DEPOSIT: Money = Money(100_000_000);

pub(super) fn balance(books: &Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    let left = Money(DEPOSIT.0 - books.bill.total().0);
    Ok(Answer::ok(&json!({ "account_sid": ask.account, "balance": left.to_string(), "currency": "USD" })))
}

/// All time, one record a category that Twilio has too.
pub(super) fn records(books: &Books, ask: Ask<'_>) -> Result<Answer, Refusal> {
    let numbers = [BillKind::NumberPurchase, BillKind::NumberMonth, BillKind::NumberPort];
    let categories: [(&str, &str, &[BillKind]); 5] = [
        ("phonenumbers", "numbers", &numbers),
        ("calls", "calls", &[BillKind::Call]),
        ("recordings", "recordings", &[BillKind::Recording]),
        ("transcriptions", "transcriptions", &[BillKind::Transcription]),
        ("sms", "messages", &[BillKind::Message]),
    ];
    let asked = ask.request.filled("Category");
    let wanted = categories.into_iter().filter(|(category, ..)| asked.is_none_or(|asked| asked == *category));
    let found: Vec<_> = wanted.map(|(category, unit, kinds)| record(books, ask, (category, unit), kinds)).collect();
    let page = json!({
        "usage_records": found, "page": 0, "page_size": 50, "start": 0, "end": found.len().saturating_sub(1),
        "uri": ask.request.path, "first_page_uri": ask.request.path, "next_page_uri": null, "previous_page_uri": null,
    });
    Ok(Answer::ok(&page))
}

fn record(books: &Books, ask: Ask<'_>, (category, unit): (&str, &str), kinds: &[BillKind]) -> Value {
    let lines: Vec<_> =
        books.bill.lines.iter().filter(|line| line.account_sid == ask.account && kinds.contains(&line.kind)).collect();
    let price: Money = lines.iter().map(|line| line.amount).sum();
    let first = lines.first().map_or_else(|| books.now(), |line| line.at).date_naive().to_string();
    json!({
        "account_sid": ask.account, "category": category, "description": category, "count": lines.len().to_string(),
        "count_unit": unit, "usage": lines.len().to_string(), "usage_unit": unit, "price": price.to_string(),
        "price_unit": "usd", "start_date": first, "end_date": books.now().date_naive().to_string(),
        "api_version": "2010-04-01", "uri": ask.request.path, "subresource_uris": {},
    })
}
