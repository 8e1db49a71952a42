//! Texts to numbers of the twin: each goes to the URL that its number is set up with.

use super::books::{BillKind, Books, Money, TwinAccount, TwinMessage, Way};
use crate::base::Clock;
use crate::simulator::text::{TextAnswer, TextPlan, TextReport, segments_of};
use crate::twiml::Method;
use reqwest::Url;

/// Words that Twilio answers by itself, and minds.
const STOP: [&str; 7] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
/// A part of a message.
pub(super) const PRICE: Money = Money(830);

/// A text that can be delivered.
#[derive(Debug)]
pub(super) struct Texting {
    pub(super) account: TwinAccount,
    pub(super) sms: Way,
    pub(super) plan: TextPlan,
}

/// What a text to this number needs; words, if there can be none.
pub(super) fn prepare(
    books: &mut Books,
    from: &str,
    to: &str,
    (body, media): (&str, Vec<String>),
) -> Result<Texting, String> {
    let number = books.owner_of(to).cloned().ok_or_else(|| format!("nobody owns {to}"))?;
    let account = books.accounts.get(&number.account_sid).filter(|account| account.is_active()).cloned();
    let account = account.ok_or_else(|| format!("the account of {to} is not active"))?;
    let method = if number.setting("SmsMethod") == "GET" { Method::Get } else { Method::Post };
    let url = Url::parse(number.setting("SmsUrl")).map_err(|_| format!("{to} has no SmsUrl"))?;
    let word = body.trim().to_ascii_uppercase();
    let pair = (to.to_owned(), from.to_owned());
    if STOP.contains(&word.as_str()) {
        books.opted_out.insert(pair);
    } else if START.contains(&word.as_str()) {
        books.opted_out.remove(&pair);
    }
    let seed = u128::from_str_radix(&books.sid(""), 16).unwrap_or_default();
    let plan = TextPlan {
        from: from.to_owned(),
        to: to.to_owned(),
        body: body.to_owned(),
        media,
        seed,
        clock: Clock::clone(books.clock()),
        twice: false,
    };
    Ok(Texting { account, sms: (url, method), plan })
}

/// Both ways are on record, and the replies on the bill.
pub(super) fn note(books: &mut Books, account_sid: &str, body: &str, report: &TextReport) {
    let TextReport { sid, from, to, .. } = report;
    let received = TwinMessage {
        sid: sid.clone(),
        account_sid: account_sid.to_owned(),
        direction: "inbound",
        from: from.clone(),
        to: to.clone(),
        body: body.to_owned(),
        status: "received",
        error_code: None,
        segments: segments_of(body),
        created: books.now(),
    };
    books.messages.put(sid, received);
    for TextAnswer { sid, to: back, body, .. } in &report.replies {
        let message = TwinMessage {
            sid: sid.clone(),
            account_sid: account_sid.to_owned(),
            direction: "outbound-reply",
            from: to.clone(),
            to: back.clone(),
            body: body.clone(),
            status: "delivered",
            error_code: None,
            segments: segments_of(body),
            created: books.now(),
        };
        books.charge_message(&message);
        books.messages.put(sid, message);
    }
}

impl Books {
    /// A message is paid for by its parts.
    pub(in crate::simulator::twin) fn charge_message(&mut self, message: &TwinMessage) {
        let price = Money(PRICE.0.saturating_mul(i64::try_from(message.segments).unwrap_or(1)));
        self.charge(&message.account_sid, BillKind::Message, (&message.sid, &message.to), price);
    }
}
