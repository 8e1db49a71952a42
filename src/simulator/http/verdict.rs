//! What Twilio makes of an answer (PROTOCOL.md 2.10).

use super::answer::{Answer, Fault};
use crate::twiml::{self, Parsed};

/// What an answer turns out to be.
#[derive(Debug)]
pub(in crate::simulator) enum Reading {
    /// TwiML to execute.
    Document(Box<Parsed>),
    /// Plain text: read aloud, then the call ends.
    Words(String),
    /// A sound: played, then the call ends.
    Audio,
}

/// Reads the answer to a request for TwiML.
///
/// # Errors
/// The [`Fault`] that sends the carrier to the fallback URL.
pub(in crate::simulator) fn read(answer: &Answer) -> Result<Reading, Fault> {
    if !(200..300).contains(&answer.status) {
        return Err(Fault::new(11200, format!("HTTP retrieval failure: the answer is {}", answer.status)));
    }
    let Some(content_type) = &answer.content_type else {
        return Err(Fault::new(11200, "an answer without Content-Type counts as 502 Bad Gateway"));
    };
    if answer.body.len() > twiml::MAX_BYTES {
        return Err(Fault::new(11750, "the document is larger than 64 kB"));
    }
    if answer.body.is_empty() {
        return Err(Fault::new(if answer.chunked { 11770 } else { 12100 }, "the document is empty"));
    }
    let text = std::str::from_utf8(&answer.body).map_err(|_| Fault::new(12100, "the document is not UTF-8"));
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/xml" | "application/xml" | "text/html" => parse(text?).map(Reading::Document),
        "text/plain" => {
            let text = text?;
            Ok(parse(text).map_or_else(|_| Reading::Words(text.to_owned()), Reading::Document))
        }
        sound if sound.starts_with("audio/") => Ok(Reading::Audio),
        other => Err(Fault::new(12300, format!("invalid content type `{other}`"))),
    }
}

fn parse(text: &str) -> Result<Box<Parsed>, Fault> {
    let parsed = twiml::parse(text).map_err(|why| Fault::new(why.code(), why.to_string()))?;
    Ok(Box::new(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, content_type: Option<&str>, body: &str) -> String {
        let answer = Answer {
            status,
            content_type: content_type.map(str::to_owned),
            chunked: false,
            body: body.as_bytes().to_vec(),
        };
        match read(&answer) {
            Ok(Reading::Document(parsed)) => format!("{} verbs", parsed.response.verbs.len()),
            Ok(Reading::Words(words)) => words,
            Ok(Reading::Audio) => "audio".to_owned(),
            Err(fault) => fault.code.to_string(),
        }
    }

    #[test]
    fn answers_are_judged_by_status_type_and_size() {
        let xml = Some("text/xml; charset=utf-8");
        assert_eq!(verdict(200, xml, "<Response><Hangup/></Response>"), "1 verbs");
        assert_eq!(verdict(204, xml, ""), "12100");
        assert_eq!(verdict(429, xml, "<Response/>"), "11200");
        assert_eq!(verdict(200, None, "<Response/>"), "11200");
        assert_eq!(verdict(200, Some("application/json"), "{}"), "12300");
        assert_eq!(verdict(200, Some("TEXT/PLAIN"), "<Response/>"), "0 verbs");
        assert_eq!(verdict(200, Some("text/plain"), "Hello"), "Hello");
        assert_eq!(verdict(200, Some("audio/mpeg"), "x"), "audio");
        assert_eq!(verdict(200, xml, "<Twiml/>"), "12102");
        assert_eq!(verdict(200, xml, &"x".repeat(twiml::MAX_BYTES + 1)), "11750");
    }
}
