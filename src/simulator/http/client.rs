//! Sends one webhook as Twilio does: signed, fifteen seconds in all, one retry when no connection was made, unless its
//! URL asks for something else.

use super::answer::{Answer, Fault};
use super::mishap::{self, Mishap};
use super::patience::{Patience, Trouble};
use super::target::{self, Target};
use crate::base::{Clock, Secret};
use crate::simulator::SimulatorError;
use crate::twilio::form::Form;
use crate::twilio::signature::{self, Body};
use crate::twiml::{MAX_BYTES, Method};
use reqwest::{Url, header};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const MAX_REDIRECTS: usize = 10;

/// The fields of a webhook, in the order they are sent.
pub(in crate::simulator) type Fields = Vec<(&'static str, String)>;

/// One webhook to deliver.
#[derive(Debug)]
pub(in crate::simulator) struct Webhook<'a> {
    pub(in crate::simulator) method: Method,
    /// The public URL.
    pub(in crate::simulator) url: &'a Url,
    pub(in crate::simulator) fields: &'a Fields,
    /// `I-Twilio-Idempotency-Token`: one a delivery, the same when it is tried again.
    pub(in crate::simulator) token: &'a str,
    /// The call's cookies; an answer may set more.
    pub(in crate::simulator) cookies: &'a mut Vec<(String, String)>,
    /// Which instance gets it, where several share the work; the next attempt goes to the next one.
    pub(in crate::simulator) turn: usize,
    /// What happens to its first attempt.
    pub(in crate::simulator) mishap: Option<Mishap>,
}

/// A delivery and what came of it.
#[derive(Debug)]
pub(in crate::simulator) struct Exchange {
    /// Where the answer came from, after redirects: relative URLs in it start from here.
    pub(in crate::simulator) url: Url,
    pub(in crate::simulator) took: Duration,
    pub(in crate::simulator) attempts: u32,
    /// Whether any attempt can have been processed.
    pub(in crate::simulator) may_have_arrived: bool,
    pub(in crate::simulator) answer: Result<Answer, Fault>,
}

/// Signs and sends.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Client {
    http: reqwest::Client,
    /// Clients of another patience with connections, which reqwest keeps by client.
    others: Arc<Mutex<HashMap<Duration, reqwest::Client>>>,
    target: Target,
    token: Secret,
    roams: bool,
}

/// One hop of a delivery.
enum Hop {
    Landed(Answer),
    Redirected(Method, Url),
}

impl Client {
    /// `roams`: also follows documents to hosts other than the target's.
    pub(in crate::simulator) fn new(target: Target, token: Secret, roams: bool) -> Result<Self, SimulatorError> {
        // Somebody may have installed the same provider before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = connecting(&target, Patience::default().connect).map_err(SimulatorError::Client)?;
        Ok(Self { http, others: Arc::default(), target, token, roams })
    }

    /// The public URL of a path; a whole URL stays as it is.
    pub(in crate::simulator) fn resolve(&self, url: &str) -> Result<Url, SimulatorError> {
        if url.starts_with('/') {
            self.target.resolve(url)
        } else {
            Url::parse(url).map_err(|_| SimulatorError::Url(url.to_owned()))
        }
    }

    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    pub(super) const fn plain(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) const fn token(&self) -> &Secret {
        &self.token
    }

    pub(super) const fn roams(&self) -> bool {
        self.roams
    }

    /// The client that gives up connecting after `limit`.
    fn http(&self, limit: Duration) -> Result<reqwest::Client, Fault> {
        if limit == Patience::default().connect {
            return Ok(self.http.clone());
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(&limit) {
            return Ok(known.clone());
        }
        let made = connecting(&self.target, limit).map_err(|why| Fault::new(11200, why.to_string()))?;
        Ok(others.entry(limit).or_insert(made).clone())
    }

    pub(in crate::simulator) async fn send(&self, webhook: Webhook<'_>, wall: &Clock) -> Exchange {
        let (began, patience) = (wall.now(), Patience::of(webhook.url));
        let mut way = Progress { url: webhook.url.clone(), attempts: 0, may_have_arrived: false };
        let follow = self.follow(webhook, &patience, &mut way);
        let answer = tokio::time::timeout(patience.total, follow).await;
        let late = || Fault::new(11200, format!("no answer within {} ms", patience.total.as_millis()));
        let answer = answer.unwrap_or_else(|_| Err(late()));
        let took = (wall.now() - began).to_std().unwrap_or_default();
        let Progress { url, attempts, may_have_arrived } = way;
        Exchange { url, took, attempts: attempts.max(1), may_have_arrived, answer }
    }

    async fn follow(&self, webhook: Webhook<'_>, patience: &Patience, way: &mut Progress) -> Result<Answer, Fault> {
        let Webhook { mut method, fields, token, cookies, turn, mishap, .. } = webhook;
        let mut fields = fields.clone();
        let mut attempt = Attempt { token, cookies, turn, mishap, patience };
        for _ in 0..=MAX_REDIRECTS {
            match self.insist(method, &fields, &mut attempt, way).await? {
                Hop::Landed(answer) => return Ok(answer),
                Hop::Redirected(next, to) => {
                    // A redirected Gather loses what was pressed (PROTOCOL.md 2.1).
                    fields.retain(|(name, _)| *name != "Digits");
                    (method, way.url) = (next, to);
                }
            }
        }
        Err(Fault::new(11215, "redirected more than ten times"))
    }

    /// As often as the carrier's patience allows.
    async fn insist(
        &self,
        method: Method,
        fields: &Fields,
        attempt: &mut Attempt<'_>,
        way: &mut Progress,
    ) -> Result<Hop, Fault> {
        loop {
            let before = std::mem::replace(&mut way.may_have_arrived, true);
            let result = self.hop(method, &way.url, fields, attempt).await;
            way.attempts += 1;
            let trouble = match &result {
                Ok(Hop::Landed(answer)) => Trouble::of_status(answer.status),
                Ok(Hop::Redirected(..)) => None,
                Err(fault) => fault.trouble,
            };
            if trouble == Some(Trouble::Connect) || attempt.mishap == Some(Mishap::CutSending) {
                way.may_have_arrived = before;
            }
            let again = trouble.is_some_and(|trouble| attempt.patience.retries_after(trouble));
            if !again || way.attempts > attempt.patience.retries {
                return result;
            }
            attempt.turn = attempt.turn.wrapping_add(1);
            attempt.mishap = None;
        }
    }

    async fn hop(&self, method: Method, url: &Url, fields: &Fields, attempt: &mut Attempt<'_>) -> Result<Hop, Fault> {
        let full = match method {
            Method::Get => with_query(url, fields),
            Method::Post => url.clone(),
        };
        let body = if method == Method::Post { encode(fields) } else { String::new() };
        let form = Form::parse(body.as_bytes());
        let covered = if method == Method::Post { Body::Form(&form) } else { Body::Query };
        let signature = signature::sign(&self.token, target::signed(&full).as_str(), covered);
        let mut request = self
            .open(method, &full, attempt)?
            .header("X-Twilio-Signature", signature)
            .header("I-Twilio-Idempotency-Token", attempt.token)
            .header("X-Home-Region", "us1")
            .header(header::ACCEPT, "*/*");
        if !attempt.cookies.is_empty() {
            let list: Vec<_> = attempt.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, list.join("; "));
        }
        if method == Method::Post {
            let kind = "application/x-www-form-urlencoded; charset=UTF-8";
            request = with_body(request.header(header::CONTENT_TYPE, kind), body, attempt.mishap);
        }
        let response = attempt.answered(request).await?;
        keep_cookies(&response, attempt.cookies);
        match redirect(method, &full, &response) {
            Some((method, to)) => Ok(Hop::Redirected(method, to)),
            None => collect(response, attempt.patience.read).await.map(Hop::Landed),
        }
    }

    fn open(&self, method: Method, url: &Url, attempt: &Attempt<'_>) -> Result<reqwest::RequestBuilder, Fault> {
        let http = self.http(attempt.patience.connect)?;
        let method = if method == Method::Get { reqwest::Method::GET } else { reqwest::Method::POST };
        let Some(way) = self.target.way_to(url, attempt.turn) else {
            if self.roams {
                return Ok(http.request(method, url.clone()));
            }
            let host = url.host_str().unwrap_or("?");
            return Err(Fault::new(11200, format!("not requested: {host} is not the host under test")));
        };
        let request = http.request(method, way.url);
        Ok(match way.proxied {
            Some((host, proto)) => request.header(header::HOST, host).header("X-Forwarded-Proto", proto),
            None => request,
        })
    }
}

/// How far a delivery has come.
struct Progress {
    url: Url,
    attempts: u32,
    may_have_arrived: bool,
}

/// What stays the same from one attempt to the next, and what does not.
struct Attempt<'a> {
    token: &'a str,
    cookies: &'a mut Vec<(String, String)>,
    turn: usize,
    mishap: Option<Mishap>,
    patience: &'a Patience,
}

impl Attempt<'_> {
    /// Sends, and waits for the head of the answer.
    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Fault> {
        let words = "HTTP retrieval failure: the connection was cut";
        let cut = || Fault { on_purpose: true, ..Fault::after(Trouble::Cut, 11200, words) };
        let limit = match self.mishap {
            Some(Mishap::CutWaiting(limit)) => limit,
            _ => self.patience.read,
        };
        let Ok(sent) = tokio::time::timeout(limit, request.send()).await else {
            let words = format!("HTTP retrieval failure: nothing came within {} ms", limit.as_millis());
            let patient = limit == self.patience.read;
            return Err(if patient { Fault::after(Trouble::Read, 11200, words) } else { cut() });
        };
        let torn = self.mishap == Some(Mishap::CutSending);
        let response = sent.map_err(|why| if torn { cut() } else { fault(&why) })?;
        // Dropped half-read, its connection is closed. An answer that came before the cut is lost with it: whether one did depends
        // on the machine, and a seed must not.
        let lost = matches!(self.mishap, Some(Mishap::CutAnswer | Mishap::CutWaiting(_)));
        if lost { Err(cut()) } else { Ok(response) }
    }
}

fn with_body(request: reqwest::RequestBuilder, body: String, mishap: Option<Mishap>) -> reqwest::RequestBuilder {
    match mishap {
        Some(Mishap::SlowBody) => request.header(header::CONTENT_LENGTH, body.len()).body(mishap::slowly(body)),
        Some(Mishap::CutSending) => request.header(header::CONTENT_LENGTH, body.len()).body(mishap::torn(body)),
        _ => request.body(body),
    }
}

/// A client that gives up connecting after `limit`.
fn connecting(target: &Target, limit: Duration) -> reqwest::Result<reqwest::Client> {
    let plain = || {
        let builder = reqwest::Client::builder()
            .user_agent("TwilioProxy/1.1")
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limit);
        if target.is_loopback() { builder.no_proxy() } else { builder }
    };
    // A machine without root certificates can still play Twilio over plain http.
    plain().build().or_else(|_| plain().tls_certs_only([]).build())
}

fn with_query(url: &Url, fields: &Fields) -> Url {
    let mut url = url.clone();
    if !fields.is_empty() {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url
}

fn encode(fields: &Fields) -> String {
    form_urlencoded::Serializer::new(String::with_capacity(1024)).extend_pairs(fields).finish()
}

/// 301, 302 and 303 are followed by GET, 307 and 308 as they came.
fn redirect(method: Method, from: &Url, response: &reqwest::Response) -> Option<(Method, Url)> {
    let method = match response.status().as_u16() {
        301..=303 => Method::Get,
        307 | 308 => method,
        _ => return None,
    };
    let to = response.headers().get(header::LOCATION)?.to_str().ok()?;
    Some((method, from.join(to).ok()?))
}

fn keep_cookies(response: &reqwest::Response, cookies: &mut Vec<(String, String)>) {
    for line in response.headers().get_all(header::SET_COOKIE) {
        let Some((name, value)) = line.to_str().ok().and_then(|text| text.split(';').next()?.split_once('=')) else {
            continue;
        };
        cookies.retain(|(known, _)| known != name.trim());
        cookies.push((name.trim().to_owned(), value.trim().to_owned()));
    }
}

async fn collect(mut response: reqwest::Response, patience: Duration) -> Result<Answer, Fault> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let content_type = text(header::CONTENT_TYPE);
    let chunked = text(header::TRANSFER_ENCODING).is_some();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    // What came in part is never asked for again.
    let partial = |fault: Fault| Fault { trouble: None, ..fault };
    let silent = |_| Fault::new(11200, format!("HTTP retrieval failure: silent for {} ms", patience.as_millis()));
    while let Some(chunk) =
        tokio::time::timeout(patience, response.chunk()).await.map_err(silent)?.map_err(|why| partial(fault(&why)))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BYTES {
            break;
        }
    }
    Ok(Answer { status, content_type, chunked, body })
}

fn fault(why: &reqwest::Error) -> Fault {
    let mut cause: &dyn std::error::Error = why;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let (trouble, code) = if why.is_connect() { (Trouble::Connect, 11205) } else { (Trouble::Cut, 11200) };
    Fault::after(trouble, code, format!("HTTP retrieval failure: {cause}"))
}
