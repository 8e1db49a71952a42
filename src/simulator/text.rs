//! Somebody writes a text: one webhook, and what is answered to it.

use super::SimulatorError;
use super::carrier::Carrier;
use super::http::{Exchange, Fields, Webhook};
use super::sids::Sids;
use crate::base::Clock;
use crate::twiml::{Method, TextResponse, parse_text_response};
use reqwest::Url;
use serde::Serialize;

/// Names of a picture's fields: at most ten come with a text.
const MEDIA: [(&str, &str); 10] = [
    ("MediaUrl0", "MediaContentType0"),
    ("MediaUrl1", "MediaContentType1"),
    ("MediaUrl2", "MediaContentType2"),
    ("MediaUrl3", "MediaContentType3"),
    ("MediaUrl4", "MediaContentType4"),
    ("MediaUrl5", "MediaContentType5"),
    ("MediaUrl6", "MediaContentType6"),
    ("MediaUrl7", "MediaContentType7"),
    ("MediaUrl8", "MediaContentType8"),
    ("MediaUrl9", "MediaContentType9"),
];

/// A text to be sent.
#[derive(Clone, Debug)]
pub struct TextPlan {
    /// Who writes.
    pub from: String,
    /// To which number.
    pub to: String,
    /// The words.
    pub body: String,
    /// MIME types of what comes with it.
    pub media: Vec<String>,
    /// Chance as an input: the same seed gives the same SIDs.
    pub seed: u128,
    /// Where the date comes from.
    pub clock: Clock,
    /// It is delivered a second time, as a carrier does that lost the first answer.
    pub twice: bool,
}

/// What came of a text.
#[derive(Clone, Debug, Serialize)]
pub struct TextReport {
    /// `SM…`, or `MM…` with something in it.
    pub sid: String,
    /// Who wrote.
    pub from: String,
    /// To which number.
    pub to: String,
    /// What the service answered over HTTP.
    pub status: Option<u16>,
    /// Milliseconds until then.
    pub ms: f64,
    /// What was sent back.
    pub replies: Vec<TextAnswer>,
    /// Whether a second delivery was answered in the same way, if there was one.
    pub copy_same: Option<bool>,
    /// What Twilio would warn of.
    pub warnings: Vec<String>,
    /// What went wrong.
    pub error: Option<String>,
}

/// A text that was sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextAnswer {
    /// `SM…`
    pub sid: String,
    /// To whom.
    pub to: String,
    /// The words.
    pub body: String,
    /// Where what came with it is.
    pub media: Vec<String>,
}

impl TextReport {
    /// Whether it went as it should.
    #[must_use]
    pub const fn went_through(&self) -> bool {
        self.error.is_none()
    }
}

impl Carrier {
    /// Delivers a text to a URL (or a path of the service), sends what is answered, and reports that it arrived.
    ///
    /// # Errors
    /// A URL that is none.
    pub async fn text(&self, url: &str, plan: TextPlan) -> Result<TextReport, SimulatorError> {
        let url = self.resolve(url)?;
        Ok(self.deliver_text(&url, Method::Post, plan).await)
    }

    pub(super) async fn deliver_text(&self, url: &Url, method: Method, plan: TextPlan) -> TextReport {
        let mut sids = Sids::seeded(plan.seed);
        let sid = sids.next(if plan.media.is_empty() { "SM" } else { "MM" });
        let (fields, token) = (self.fields_of(&sid, &plan), sids.delivery_token());
        let first = self.post(url, method, (&fields, &token), &plan.clock).await;
        let mut report = TextReport {
            sid,
            from: plan.from.clone(),
            to: plan.to.clone(),
            status: first.answer.as_ref().ok().map(|answer| answer.status),
            ms: (first.took.as_secs_f64() * 1e5).round() / 100.0,
            replies: Vec::new(),
            copy_same: None,
            warnings: Vec::new(),
            error: None,
        };
        if plan.twice {
            let copy = self.post(url, method, (&fields, &token), &plan.clock).await;
            let body = |exchange: &Exchange| exchange.answer.as_ref().ok().map(|answer| answer.body.clone());
            report.copy_same = Some(body(&first) == body(&copy));
        }
        match read(first) {
            Ok((document, warnings)) => {
                report.warnings = warnings;
                self.send_replies(&document, (&plan, &mut sids), &mut report).await;
            }
            Err(why) => report.error = Some(why),
        }
        report
    }

    /// Each message of the answer is a text back, and arrives.
    async fn send_replies(
        &self,
        document: &TextResponse,
        (plan, sids): (&TextPlan, &mut Sids),
        report: &mut TextReport,
    ) {
        for message in document.messages() {
            let sid = sids.next("SM");
            let to = message.to.clone().unwrap_or_else(|| plan.from.clone());
            if let Some(Ok(told)) = message.status_callback.as_deref().map(|url| self.resolve(url)) {
                for status in ["sent", "delivered"] {
                    let from = message.from.as_deref().unwrap_or(&plan.to);
                    let fields = self.report_of((&sid, status), (from, &to));
                    let token = sids.delivery_token();
                    self.post(&told, Method::Post, (&fields, &token), &plan.clock).await;
                }
            }
            let media = message.media().map(str::to_owned).collect();
            report.replies.push(TextAnswer { sid, to, body: message.words(), media });
        }
    }

    async fn post(&self, url: &Url, method: Method, (fields, token): (&Fields, &str), clock: &Clock) -> Exchange {
        let mut cookies = Vec::new();
        let webhook = Webhook { method, url, fields, token, cookies: &mut cookies, turn: 0, mishap: None };
        self.client.send(webhook, clock).await
    }

    /// PROTOCOL.md 2.9.
    fn fields_of(&self, sid: &str, plan: &TextPlan) -> Fields {
        let sid_fields = ["MessageSid", "SmsSid", "SmsMessageSid"].map(|name| (name, sid.to_owned()));
        let places = ["FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry"];
        let mut fields: Fields = sid_fields.to_vec();
        fields.extend(places.map(|name| (name, String::new())));
        fields.extend([
            ("SmsStatus", "received".to_owned()),
            ("AccountSid", self.account_sid.clone()),
            ("From", plan.from.clone()),
            ("To", plan.to.clone()),
            ("Body", plan.body.clone()),
            ("NumMedia", plan.media.len().min(MEDIA.len()).to_string()),
            ("NumSegments", segments_of(&plan.body).to_string()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ]);
        for ((url, kind), (place, is)) in MEDIA.into_iter().zip(plan.media.iter().enumerate()) {
            let place = place + 1;
            fields.push((url, self.api_url(&format!("/Messages/{sid}/Media/ME{place:032x}"))));
            fields.push((kind, is.clone()));
        }
        fields
    }

    fn report_of(&self, (sid, status): (&str, &str), (from, to): (&str, &str)) -> Fields {
        vec![
            ("MessageSid", sid.to_owned()),
            ("SmsSid", sid.to_owned()),
            ("MessageStatus", status.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("AccountSid", self.account_sid.clone()),
            ("From", from.to_owned()),
            ("To", to.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ]
    }
}

/// The answer as Twilio reads it, or what it would say in its debugger.
fn read(exchange: Exchange) -> Result<(TextResponse, Vec<String>), String> {
    let answer = exchange.answer.map_err(|fault| format!("{}: {}", fault.code, fault.why))?;
    if !(200..300).contains(&answer.status) {
        return Err(format!("11200: HTTP retrieval failure: the answer is {}", answer.status));
    }
    // No answer is as good as an empty one.
    if answer.body.is_empty() {
        return Ok((TextResponse::default(), Vec::new()));
    }
    let text = std::str::from_utf8(&answer.body).map_err(|_| "12100: the document is not UTF-8".to_owned())?;
    let read = parse_text_response(text).map_err(|why| format!("{}: {why}", why.code()))?;
    Ok((read.0, read.1.into_iter().map(|warning| format!("{}: {}", warning.code, warning.message)).collect()))
}

/// Parts on the air: 160 characters, or 70 with characters outside GSM 7 bit.
pub(super) fn segments_of(text: &str) -> usize {
    let (alone, joined) = if text.is_ascii() { (160, 153) } else { (70, 67) };
    let length = text.chars().count();
    if length <= alone { 1 } else { length.div_ceil(joined) }
}
