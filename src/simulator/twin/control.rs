//! `/twin/…`: what Twilio has not. The bill, the faults, the requests made, and numbers that somebody else takes.

use super::books::Phone;
use super::faults::{Fault, FaultKind, Pending};
use super::state::Twin;
use super::wire::{Answer, Refusal, Request};
use crate::simulator::SimulatorError;
use crate::simulator::script::{Callee, Script, Waiting, parse_acts};
use axum::http::Method;
use serde_json::{Value, json};

/// Answers without credentials: the port is on loopback.
pub(super) async fn answer(twin: &Twin, request: &Request) -> Answer {
    let segments = request.segments();
    let answer = match (&request.method, segments.as_slice()) {
        (&Method::GET, ["twin"]) => Ok(Answer::ok(&contents())),
        (&Method::GET, ["twin", "bill"]) => Ok(bill(twin)),
        (&Method::GET, ["twin", "bill.txt"]) => {
            Ok(Answer::bytes("text/plain; charset=utf-8", twin.bill().text().into_bytes()))
        }
        (&Method::GET, ["twin", "requests"]) => Ok(Answer::ok(&json!({ "requests": twin.requests() }))),
        (&Method::GET, ["twin", "faults"]) => Ok(Answer::ok(&json!({ "faults": faults(twin) }))),
        (&Method::POST, ["twin", "faults"]) => add_fault(twin, request),
        (&Method::DELETE, ["twin", "faults"]) => {
            twin.mend_all();
            Ok(Answer::gone())
        }
        (&Method::DELETE, ["twin", "faults", id]) => match id.parse() {
            Ok(id) if twin.mend(id) => Ok(Answer::gone()),
            _ => Err(Refusal::not_found(&request.path)),
        },
        (&Method::POST, ["twin", "release"]) => {
            twin.release_held();
            Ok(Answer::gone())
        }
        (&Method::POST, ["twin", "taken"]) => take(twin, request),
        (&Method::POST, ["twin", "phones"]) => phone(twin, request),
        (&Method::POST, ["twin", "port-ins", sid]) => advance(twin, request, sid),
        (&Method::POST, ["twin", "calls"]) => call(twin, request).await,
        (&Method::POST, ["twin", "texts"]) => write(twin, request).await,
        _ => Err(Refusal::not_found(&request.path)),
    };
    answer.unwrap_or_else(Answer::from)
}

fn contents() -> Value {
    json!({
        "GET /twin/bill": "the bill; /twin/bill.txt as text",
        "GET /twin/requests": "the requests made so far",
        "GET /twin/faults": "faults that wait for their requests",
        "POST /twin/faults": "{\"on\": \"IncomingPhoneNumbers.create\", \"kind\": \"timeout-after\", \"nth\": 1, \
            \"times\": 1, \"probability\": 1, \"retry_after\": 1}; kinds are 429, 500, 503, 500-after, timeout-before, \
            timeout-after, cut-before, cut-after, cut-midway, slow",
        "DELETE /twin/faults": "takes all faults away; /twin/faults/ID takes one",
        "POST /twin/release": "lets go of the requests that timeouts hold",
        "POST /twin/calls": "{\"from\": \"+15875550111\", \"to\": \"+15875550100\", \"press\": \"1,w5,2\", \"say\": \
            [\"help\"], \"message\": \"call me\", \"dial_outcome\": [\"no-answer\"]}: calls a number of the twin at \
            its VoiceUrl, signed; answers with the report once the call is over",
        "POST /twin/texts": "{\"from\": \"+15875550111\", \"to\": \"+15875550100\", \"body\": \"Are you open?\", \
            \"media\": [\"image/png\"]}: writes to a number of the twin at its SmsUrl, signed; answers with what came back",
        "POST /twin/phones": "{\"number\": \"+15875550111\", \"answers\": \"busy\", \"press\": \"1\", \"texts\": \
            30006}: how somebody behaves who is called over the REST API, and with which error texts to him fail",
        "POST /twin/port-ins/KW…": "{\"status\": \"Completed\"}: an order to port in gets further; Completed brings its \
            numbers",
        "POST /twin/taken": "{\"phone_number\": \"+15875550100\"}: somebody else has it",
    })
}

fn bill(twin: &Twin) -> Answer {
    let bill = twin.bill();
    Answer::ok(&json!({
        "lines": bill.lines, "total": bill.total(), "currency": "USD", "numbers_paid_for": bill.numbers_paid_for()
    }))
}

fn faults(twin: &Twin) -> Vec<Value> {
    let body = |Pending { id, fault, met, struck }: Pending| {
        let Fault { on, kind, skip, times, probability, retry_after } = fault;
        json!({
            "id": id, "on": on, "kind": kind.to_string(), "nth": skip + 1, "times": times, "probability": probability,
            "retry_after": retry_after, "met": met, "struck": struck
        })
    };
    twin.waiting_faults().into_iter().map(body).collect()
}

fn add_fault(twin: &Twin, request: &Request) -> Result<Answer, Refusal> {
    let asked = request.json().ok_or_else(|| Refusal::bad(20001, "The body is not JSON"))?;
    let kind = asked.get("kind").and_then(|kind| match kind {
        Value::Number(status) => FaultKind::parse(&status.to_string()),
        other => FaultKind::parse(other.as_str()?),
    });
    let kind = kind.ok_or_else(|| Refusal::bad(20001, "`kind` is none of the kinds that GET /twin names"))?;
    let number = |name: &str| asked.get(name)?.as_u64().and_then(|n| u32::try_from(n).ok());
    let on = asked.get("on").and_then(Value::as_str).unwrap_or("*");
    let fault = Fault {
        times: if asked.get("times").is_some_and(Value::is_null) { None } else { number("times").or(Some(1)) },
        probability: asked.get("probability").and_then(Value::as_f64).unwrap_or(1.0),
        retry_after: number("retry_after"),
        ..Fault::nth(on, number("nth").unwrap_or(1), kind)
    };
    Ok(Answer::created(&json!({ "id": twin.fail(fault) })))
}

fn take(twin: &Twin, request: &Request) -> Result<Answer, Refusal> {
    let asked = request.json().unwrap_or_default();
    let number = asked.get("phone_number").and_then(Value::as_str);
    twin.take(number.ok_or_else(|| Refusal::bad(21421, "`phone_number` is missing"))?);
    Ok(Answer::gone())
}

fn advance(twin: &Twin, request: &Request, sid: &str) -> Result<Answer, Refusal> {
    let asked = request.json().unwrap_or_default();
    let status = text(&asked, "status").ok_or_else(|| Refusal::bad(20001, "`status` is missing"))?;
    if twin.advance_port_order(sid, status) { Ok(Answer::gone()) } else { Err(Refusal::not_found(&request.path)) }
}

fn phone(twin: &Twin, request: &Request) -> Result<Answer, Refusal> {
    let asked = request.json().unwrap_or_default();
    let number = text(&asked, "number").ok_or_else(|| Refusal::bad(21421, "`number` is missing"))?;
    let answers = text(&asked, "answers").map_or(Ok(Callee::ANSWERS), Callee::parse).map_err(|why| wrong(&why))?;
    if let Some(code) = asked.get("texts").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok()) {
        twin.no_texts(number, code);
    }
    twin.phone(number, Phone { answers, script: script(&asked)? });
    Ok(Answer::gone())
}

async fn call(twin: &Twin, request: &Request) -> Result<Answer, Refusal> {
    let asked = request.json().unwrap_or_default();
    let to = text(&asked, "to").ok_or_else(|| Refusal::bad(21201, "`to` is missing"))?;
    let from = text(&asked, "from").unwrap_or("+15875550111");
    let report = twin.call(from, to, script(&asked)?).await.map_err(|why| Refusal::bad(20001, why))?;
    Ok(Answer::created(&json!(report)))
}

async fn write(twin: &Twin, request: &Request) -> Result<Answer, Refusal> {
    let asked = request.json().unwrap_or_default();
    let to = text(&asked, "to").ok_or_else(|| Refusal::bad(21604, "`to` is missing"))?;
    let (from, body) = (text(&asked, "from").unwrap_or("+15875550111"), text(&asked, "body").unwrap_or_default());
    let media = asked.get("media").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let media = media.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let report = twin.text(from, to, body, media).await.map_err(|why| Refusal::bad(20001, why))?;
    Ok(Answer::created(&json!(report)))
}

/// What somebody does on the phone, in the words of `switchboard call`.
fn script(asked: &Value) -> Result<Script, Refusal> {
    let list = |name: &str| asked.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let words = |name: &str| list(name).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let callees: Result<Vec<_>, _> = words("dial_outcome").iter().map(|word| Callee::parse(word)).collect();
    let usual = Script::default();
    Ok(Script {
        acts: parse_acts(text(asked, "press").unwrap_or_default()).map_err(|why| wrong(&why))?,
        words: words("say"),
        message: text(asked, "message").map_or(usual.message, str::to_owned),
        callees: callees.map_err(|why| wrong(&why))?,
        waiting: text(asked, "queue_outcome").map_or(Ok(usual.waiting), Waiting::parse).map_err(|why| wrong(&why))?,
        ..usual
    })
}

fn text<'a>(asked: &'a Value, name: &str) -> Option<&'a str> {
    asked.get(name).and_then(Value::as_str)
}

fn wrong(why: &SimulatorError) -> Refusal {
    Refusal::bad(20001, why.to_string())
}
