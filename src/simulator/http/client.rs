//! Sends one webhook as Twilio does: signed, fifteen seconds in all, one retry when no connection was made.

use super::answer::{Answer, Fault};
use super::target::{self, Target};
use crate::base::{Clock, Secret};
use crate::simulator::SimulatorError;
use crate::twilio::form::Form;
use crate::twilio::signature::{self, Body};
use crate::twiml::{MAX_BYTES, Method};
use reqwest::{Url, header};
use std::time::Duration;

/// Everything of one request together, retries and redirects included (PROTOCOL.md 2.11).
const LIMIT: Duration = Duration::from_secs(15);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
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
}

/// A delivery and what came of it.
#[derive(Debug)]
pub(in crate::simulator) struct Exchange {
    /// Where the answer came from, after redirects: relative URLs in it start from here.
    pub(in crate::simulator) url: Url,
    pub(in crate::simulator) took: Duration,
    pub(in crate::simulator) attempts: u32,
    pub(in crate::simulator) answer: Result<Answer, Fault>,
}

/// Signs and sends.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Client {
    http: reqwest::Client,
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
        let plain = || {
            let builder = reqwest::Client::builder()
                .user_agent("TwilioProxy/1.1")
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_LIMIT);
            if target.is_loopback() { builder.no_proxy() } else { builder }
        };
        // A machine without root certificates can still play Twilio over plain http.
        let http = plain().build().or_else(|_| plain().tls_certs_only([]).build());
        Ok(Self { http: http.map_err(SimulatorError::Client)?, target, token, roams })
    }

    pub(in crate::simulator) async fn send(&self, webhook: Webhook<'_>, wall: &Clock) -> Exchange {
        let began = wall.now();
        let mut landed = webhook.url.clone();
        let mut attempts = 1;
        let answer = tokio::time::timeout(LIMIT, self.follow(webhook, &mut landed, &mut attempts)).await;
        let answer = answer.unwrap_or_else(|_| Err(Fault::new(11200, "no answer within 15 s")));
        let took = (wall.now() - began).to_std().unwrap_or_default();
        Exchange { url: landed, took, attempts, answer }
    }

    async fn follow(&self, webhook: Webhook<'_>, url: &mut Url, attempts: &mut u32) -> Result<Answer, Fault> {
        let Webhook { mut method, fields, token, cookies, .. } = webhook;
        let mut fields = fields.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut result = self.hop(method, url, &fields, (token, cookies)).await;
            if result.as_ref().is_err_and(is_unconnected) {
                *attempts += 1;
                result = self.hop(method, url, &fields, (token, cookies)).await;
            }
            match result? {
                Hop::Landed(answer) => return Ok(answer),
                Hop::Redirected(next, to) => {
                    // A redirected Gather loses what was pressed (PROTOCOL.md 2.1).
                    fields.retain(|(name, _)| *name != "Digits");
                    (method, *url) = (next, to);
                }
            }
        }
        Err(Fault::new(11215, "redirected more than ten times"))
    }

    async fn hop(
        &self,
        method: Method,
        url: &Url,
        fields: &Fields,
        (token, cookies): (&str, &mut Vec<(String, String)>),
    ) -> Result<Hop, Fault> {
        let full = match method {
            Method::Get => with_query(url, fields),
            Method::Post => url.clone(),
        };
        let mut request = self.open(method, &full)?;
        let body = if method == Method::Post { encode(fields) } else { String::new() };
        let form = Form::parse(body.as_bytes());
        let covered = if method == Method::Post { Body::Form(&form) } else { Body::Query };
        let signature = signature::sign(&self.token, target::signed(&full).as_str(), covered);
        request = request
            .header("X-Twilio-Signature", signature)
            .header("I-Twilio-Idempotency-Token", token)
            .header("X-Home-Region", "us1")
            .header(header::ACCEPT, "*/*");
        if !cookies.is_empty() {
            let list: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, list.join("; "));
        }
        if method == Method::Post {
            let kind = "application/x-www-form-urlencoded; charset=UTF-8";
            request = request.header(header::CONTENT_TYPE, kind).body(body);
        }
        let response = request.send().await.map_err(|why| fault(&why))?;
        keep_cookies(&response, cookies);
        match redirect(method, &full, &response) {
            Some((method, to)) => Ok(Hop::Redirected(method, to)),
            None => collect(response).await.map(Hop::Landed),
        }
    }

    fn open(&self, method: Method, url: &Url) -> Result<reqwest::RequestBuilder, Fault> {
        let method = if method == Method::Get { reqwest::Method::GET } else { reqwest::Method::POST };
        let Some(way) = self.target.way_to(url) else {
            if self.roams {
                return Ok(self.http.request(method, url.clone()));
            }
            let host = url.host_str().unwrap_or("?");
            return Err(Fault::new(11200, format!("not requested: {host} is not the host under test")));
        };
        let request = self.http.request(method, way.url);
        Ok(match way.proxied {
            Some((host, proto)) => request.header(header::HOST, host).header("X-Forwarded-Proto", proto),
            None => request,
        })
    }
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

async fn collect(mut response: reqwest::Response) -> Result<Answer, Fault> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let content_type = text(header::CONTENT_TYPE);
    let chunked = text(header::TRANSFER_ENCODING).is_some();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|why| fault(&why))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BYTES {
            break;
        }
    }
    Ok(Answer { status, content_type, chunked, body })
}

const UNCONNECTED: u32 = 11205;

const fn is_unconnected(fault: &Fault) -> bool {
    fault.code == UNCONNECTED
}

fn fault(why: &reqwest::Error) -> Fault {
    let mut cause: &dyn std::error::Error = why;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let code = if why.is_connect() { UNCONNECTED } else { 11200 };
    Fault::new(code, format!("HTTP retrieval failure: {cause}"))
}
