//! Fetch a document, execute it, fetch the next.

use super::hook::Hook;
use super::leg::Leg;
use super::stage::{HungUp, Stage};
use crate::simulator::http::{self, Exchange, Fault, Fields, Reading};
use crate::simulator::script::Person;
use crate::simulator::transcript::Actor;
use crate::twiml::Method;
use reqwest::Url;
use std::time::Duration;

/// A stray loop ends here.
const MOST_DOCUMENTS: usize = 200;

/// Whose leg a document is executed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Caller,
    /// Somebody who was dialled hears a document before being connected.
    Callee,
    /// The caller, in a queue.
    Waiting,
}

/// How a leg's documents came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    CallerHungUp,
    LineHungUp,
    NoMoreVerbs,
    Rejected {
        busy: bool,
    },
    ApplicationError,
    TooManyDocuments,
    /// The REST API ended it.
    ByRequest,
    /// A waiting document let the caller out of its queue.
    LeftQueue,
    /// Who was called by the REST API did not answer; Twilio's word for it.
    Unanswered(&'static str),
}

impl Ended {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::CallerHungUp => "the caller hung up",
            Self::LineHungUp => "the line hung up",
            Self::NoMoreVerbs => "the document has no more verbs",
            Self::Rejected { busy: true } => "rejected as busy",
            Self::Rejected { busy: false } => "rejected",
            Self::ApplicationError => "application error",
            Self::TooManyDocuments => "more than 200 documents, a loop",
            Self::ByRequest => "ended over the REST API",
            Self::LeftQueue => "left the queue",
            Self::Unanswered(status) => status,
        }
    }

    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Rejected { busy: true } => "busy",
            Self::Rejected { busy: false } => "no-answer",
            Self::Unanswered(status) => status,
            _ => "completed",
        }
    }
}

/// What comes after a verb.
#[derive(Debug)]
pub(super) enum Next {
    /// The next verb of the same document.
    Verb,
    /// Another document.
    Fetch(Fetch),
    /// Nothing.
    End(Ended),
}

/// A document to ask for.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    pub(super) purpose: &'static str,
    pub(super) method: Method,
    /// Relative to the current document; absent: the current document again.
    pub(super) to: Option<String>,
    /// Besides the standard fields.
    pub(super) extra: Fields,
}

impl Fetch {
    /// What a call begins with.
    pub(super) const fn first() -> Self {
        Self { purpose: "voice", method: Method::Post, to: None, extra: Vec::new() }
    }

    /// A verb's `action`.
    pub(super) fn action(purpose: &'static str, to: Option<&String>, method: Option<Method>, extra: Fields) -> Self {
        Self { purpose, method: method.unwrap_or(Method::Post), to: to.cloned(), extra }
    }
}

/// Where a leg's next document comes from.
#[derive(Debug)]
pub(super) enum Source {
    Fetch(Fetch),
    /// The document itself, as a REST parameter brings it.
    Document(String),
}

/// One leg, with the document it is at.
#[derive(Debug)]
pub(super) struct Run<'s, 'a> {
    pub(super) stage: &'s mut Stage<'a>,
    pub(super) leg: Leg,
    pub(super) person: Person,
    pub(super) role: Role,
    /// URL of the current document.
    pub(super) here: Url,
    pub(super) is_first: bool,
}

impl<'s, 'a> Run<'s, 'a> {
    pub(super) const fn new(stage: &'s mut Stage<'a>, leg: Leg, person: Person, role: Role, here: Url) -> Self {
        Self { stage, leg, person, role, here, is_first: true }
    }

    pub(super) fn into_leg(self) -> Leg {
        self.leg
    }

    pub(super) fn into_person(self) -> Person {
        self.person
    }

    /// Who is on this leg.
    pub(super) const fn actor(&self) -> Actor {
        match self.role {
            Role::Caller | Role::Waiting => Actor::Caller,
            Role::Callee => Actor::Callee,
        }
    }

    /// Follows documents from `first` to the end.
    pub(super) async fn follow(&mut self, first: Source) -> Ended {
        let mut source = first;
        loop {
            let reading = match source {
                Source::Fetch(fetch) => self.fetch(fetch).await,
                Source::Document(text) => self.read_document(text).await,
            };
            let next = match reading {
                Ok(reading) => {
                    let silent = matches!(&reading, Reading::Document(parsed) if parsed.response.verbs.is_empty());
                    if std::mem::take(&mut self.stage.owes_a_verb) && silent {
                        self.stage.fail(0, "a stream was cut and nothing follows it: the caller hears silence");
                    }
                    self.execute(reading).await
                }
                Err(ended) => Ok(Next::End(ended)),
            };
            if self.role == Role::Caller {
                match self.led_elsewhere() {
                    Ok(None) => {}
                    Ok(Some(elsewhere)) => {
                        source = elsewhere;
                        continue;
                    }
                    Err(ended) => return ended,
                }
            }
            match next {
                Ok(Next::Fetch(next)) => source = Source::Fetch(next),
                Ok(Next::End(ended)) => return ended,
                Ok(Next::Verb) => return Ended::NoMoreVerbs,
                Err(HungUp) => return Ended::CallerHungUp,
            }
        }
    }

    async fn fetch(&mut self, fetch: Fetch) -> Result<Reading, Ended> {
        if self.stage.documents >= MOST_DOCUMENTS {
            self.stage.fail(0, "more than 200 documents: this looks like a loop without end");
            return Err(Ended::TooManyDocuments);
        }
        let (hook, fault) = self.hook(fetch);
        if let Some(fault) = fault {
            return self.fall_back(hook, fault).await;
        }
        match self.read(&hook).await {
            Ok(reading) => Ok(reading),
            Err(fault) => self.fall_back(hook, fault).await,
        }
    }

    /// Requests a document nobody will hear, because its leg is gone.
    pub(super) async fn tell(&mut self, fetch: Fetch) {
        let (hook, fault) = self.hook(fetch);
        let fault = match fault {
            Some(fault) => Some(fault),
            None => self.read(&hook).await.err(),
        };
        if let Some(fault) = fault {
            self.stage.blame(fault);
        }
    }

    /// The request for a document, and what is wrong with its URL, if anything.
    fn hook(&self, fetch: Fetch) -> (Hook, Option<Fault>) {
        let Fetch { purpose, method, to, extra } = fetch;
        let mut fields = self.leg.fields(&self.stage.carrier.account_sid);
        if self.is_first && self.leg.direction == "inbound" {
            fields.extend(self.leg.arrival_fields());
        }
        fields.extend(extra);
        let (url, fault) = match self.url(to.as_deref().unwrap_or_default()) {
            Ok(url) => (url, None),
            Err(fault) => (self.here.clone(), Some(fault)),
        };
        (Hook { purpose, method, url, fields }, fault)
    }

    /// An attribute's URL, relative to the current document.
    ///
    /// Its fragment stays: it says how patient the carrier is with it (PROTOCOL.md 2.11). The current document keeps
    /// its own.
    pub(super) fn url(&self, to: &str) -> Result<Url, Fault> {
        if to.is_empty() {
            return Ok(self.here.clone());
        }
        let url = self.here.join(to).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| Fault::new(11100, format!("invalid URL `{to}`")))
    }

    async fn read(&mut self, hook: &Hook) -> Result<Reading, Fault> {
        let Exchange { url, answer, .. } = self.stage.ask(hook).await;
        let reading = http::read(&answer?)?;
        self.here = url;
        Ok(reading)
    }

    /// PROTOCOL.md 2.10: the fallback URL gets the same fields and what went wrong; if it fails too, an apology.
    async fn fall_back(&mut self, failed: Hook, fault: Fault) -> Result<Reading, Ended> {
        let code = fault.code;
        self.stage.blame(fault);
        let fallback = self.stage.carrier.fallback.clone().filter(|_| self.role != Role::Callee);
        let Some(url) = fallback else { return Err(self.application_error().await) };
        let error_url = failed.public_url();
        let mut fields = failed.fields;
        fields.push(("ErrorCode", code.to_string()));
        fields.push(("ErrorUrl", error_url));
        let method = self.stage.carrier.fallback_method;
        match self.read(&Hook { purpose: "fallback", method, url, fields }).await {
            Ok(reading) => Ok(reading),
            Err(fault) => {
                self.stage.fail(fault.code, fault.why);
                Err(self.application_error().await)
            }
        }
    }

    pub(super) async fn application_error(&mut self) -> Ended {
        self.stage.answer(&self.leg.sid);
        let words = "says: we are sorry, an application error has occurred. Goodbye.";
        self.stage.did(Actor::Carrier, words);
        // Whether the caller hears it out or not, the call has failed.
        let _ = self.stage.pass(Duration::from_secs(4)).await;
        Ended::ApplicationError
    }

    /// Schedules a status-type callback to a verb's URL.
    pub(super) fn callback(
        &mut self,
        purpose: &'static str,
        (to, method): (&str, Option<Method>),
        fields: Fields,
        delay: Duration,
    ) {
        match self.url(to) {
            Ok(url) => {
                let hook = Hook { purpose, method: method.unwrap_or(Method::Post), url, fields };
                self.stage.later(delay, hook);
            }
            Err(fault) => self.stage.fail(fault.code, fault.why),
        }
    }
}
