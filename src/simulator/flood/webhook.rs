//! One webhook of a flood: a template, filled in and signed.

use crate::base::Secret;
use crate::twilio::form::Form;
use crate::twilio::signature::{Body, sign};
use std::fmt::Write as _;

/// Whose number is called, and where its webhooks go.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) token: Secret,
    /// Scheme, host and port that Twilio was given, no slash at the end.
    pub(super) public: String,
    pub(super) account: String,
    pub(super) to: String,
    /// So that no two runs place the same call.
    pub(super) run: u32,
}

/// Where a call is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Rings,
    PressesTwo,
    Ends(&'static str),
}

/// Fields that Twilio sends with every call and that nobody here looks at; they cost what they cost.
const GEOGRAPHY: &str = "ApiVersion=2010-04-01&CalledCity=&CalledCountry=CA&CalledState=AB&CalledZip=&CallerCity=CALGARY\
    &CallerCountry=CA&CallerState=AB&CallerZip=&FromCity=CALGARY&FromCountry=CA&FromState=AB&FromZip=&ToCity=\
    &ToCountry=CA&ToState=AB&ToZip=&StirVerstat=TN-Validation-Passed-A&Direction=inbound";

impl Number {
    /// A whole request for the call of this number, ready for the socket.
    pub(super) fn request(&self, target: &str, call: u64, step: Step) -> String {
        let body = self.body(call, step);
        let form = Form::parse(body.as_bytes());
        let signature = sign(&self.token, &format!("{}{target}", self.public), Body::Form(&form));
        let (scheme, host) = self.public.split_once("://").unwrap_or(("https", &self.public));
        format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n\
             Content-Length: {}\r\nAccept: */*\r\nUser-Agent: TwilioProxy/1.1\r\nX-Home-Region: us1\r\n\
             X-Forwarded-Proto: {scheme}\r\nX-Twilio-Signature: {signature}\r\n\r\n{body}",
            body.len()
        )
    }

    fn body(&self, call: u64, step: Step) -> String {
        let (from, to) = (caller(call), self.to.replace('+', "%2B"));
        let status = match step {
            Step::Rings => "ringing",
            Step::PressesTwo => "in-progress",
            Step::Ends(how) => how,
        };
        let mut body = format!(
            "{GEOGRAPHY}&AccountSid={}&CallSid=CA{:08x}{call:024x}&CallStatus={status}&Caller={from}&From={from}\
             &Called={to}&To={to}",
            self.account, self.run
        );
        let more = match step {
            Step::Rings => "",
            Step::PressesTwo => "&Digits=2&FinishedOnKey=&msg=Gather+End",
            Step::Ends(_) => "&CallDuration=12&Duration=1&CallbackSource=call-progress-events&SequenceNumber=3",
        };
        let _ = write!(body, "{more}");
        body
    }
}

/// A fictional number, another one each call, because limits are kept by caller: 79,900 until they come again.
fn caller(call: u64) -> String {
    format!("%2B1{}55501{:02}", 201 + call / 100 % 799, call % 100)
}

/// Path and query of the first URL in an answer whose attribute is this.
pub(super) fn link(answer: &str, attribute: &str) -> Option<String> {
    let (_, rest) = answer.split_once(attribute)?;
    let (url, _) = rest.strip_prefix("=\"")?.split_once('"')?;
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => url,
    };
    Some(path.split('#').next()?.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::signature::{Verdict, verify};

    fn number() -> Number {
        let (public, account, to) = ("https://phone.example.com", "AC1", "+15875550100");
        Number { token: Secret::new("t"), public: public.into(), account: account.into(), to: to.into(), run: 7 }
    }

    #[test]
    fn every_request_is_signed_and_no_two_calls_are_the_same() {
        let request = |call| number().request("/twilio/voice?v=1", call, Step::PressesTwo);
        let text = request(5);
        let (head, body) = text.split_once("\r\n\r\n").expect("a body");
        let signature = head.split_once("X-Twilio-Signature: ").map(|(_, rest)| rest.lines().next().unwrap_or(""));
        let form = Form::parse(body.as_bytes());
        let url = "https://phone.example.com/twilio/voice?v=1";
        assert!(matches!(verify(&[Secret::new("t")], url, Body::Form(&form), signature), Verdict::Valid { .. }));
        assert_eq!((form.get("From"), form.get("Digits")), (Some("+12015550105"), Some("2")));
        assert_ne!(text, request(6));
    }

    #[test]
    fn the_way_on_is_in_the_answer() {
        let answer = "<Gather action=\"https://phone.example.com/twilio/dtmf?v=1&amp;n=1#rc=2\" timeout=\"5\">";
        assert_eq!(link(answer, "action").as_deref(), Some("/twilio/dtmf?v=1&n=1"));
        assert_eq!(link(answer, "src"), None);
    }
}
