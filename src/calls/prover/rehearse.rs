//! One call in mind: what a caller would hear, and which rule decides, without a call.

use super::document::{self, Branch};
use super::request::{Request, asks_for_key};
use crate::base::Time;
use crate::calls;
use crate::gate::Storage;
use crate::ledger::{Unit, Wish};
use crate::twiml::{self, Callee, Dial, DialRecord, Gather, Leg, Noun, Prompted, Response, Verb};
use crate::world::World;
use serde::Serialize;

/// Documents of one rehearsal; no call that a person makes has more.
const LONGEST: usize = 100;

/// A call that nobody makes.
#[derive(Clone, Debug)]
pub struct Rehearsal<'r> {
    /// The number that is called.
    pub to: &'r str,
    /// The caller's.
    pub from: &'r str,
    /// What the carrier found out about the caller's number: `TN-Validation-Passed-A`.
    pub verstat: Option<&'r str>,
    /// When.
    pub at: Time,
    /// Keys pressed, one a menu; `w` is silence.
    pub keys: &'r str,
    /// Sentences said once no key is left, one a menu that listens.
    pub words: &'r [String],
    /// How the dials end, one after the other.
    pub ends: &'r [Ended],
}

/// How a dial ends, as far as the caller notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// They talked.
    Talked,
    /// Something picked up that presses no key: a mailbox, or somebody who does not want the call.
    PickedUp,
    /// In the carrier's words: `busy`, `no-answer`, `failed`, `canceled`.
    Missed(&'static str),
}

/// What a rehearsal came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Played {
    /// One a document.
    pub steps: Vec<Step>,
    /// What may come next, when the call is not over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Ahead>,
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What led here.
    pub because: String,
    /// The decision, as the timeline of a call would show it.
    pub decided: String,
    /// What is said.
    pub says: Vec<String>,
    /// What is done, in words.
    pub does: Vec<String>,
    /// Limits that the call must pass to come in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

/// Where the call may go from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ahead {
    /// Any of these: `key 1`, `silence`, `the dial ends: busy`.
    pub when: Vec<String>,
    /// What is then decided.
    pub decided: String,
}

impl Rehearsal<'_> {
    /// Plays the call through, until its keys are used up or somebody else would have to do something.
    #[must_use]
    pub fn play(&self, world: &World) -> Played {
        let mut acts = Acts { keys: self.keys.chars(), words: self.words.iter(), ends: self.ends.iter() };
        let verstat = self.verstat.map(|found| ("StirVerstat", found));
        let arrival = Request::coming(self.to, self.from, self.at).with(verstat.as_slice());
        let mut next = Some(("a call comes in".to_owned(), arrival));
        let mut played = Played { steps: Vec::new(), next: Vec::new() };
        while let Some((because, request)) = next.take().filter(|_| played.steps.len() < LONGEST) {
            let (unit, document) = answered(world, &request);
            played.steps.push(Step {
                because,
                decided: unit.webhook.decision.clone(),
                says: says(met(&document)),
                does: met(&document).iter().filter_map(does).collect(),
                limits: unit.limits.iter().map(limit).collect(),
            });
            let branches = || document::read(&document).branches;
            let chosen = acts.choose(&document, branches());
            next = chosen.and_then(|branch| Some((branch.label.clone(), onward(world, &request, &branch)?)));
            if next.is_none() {
                played.next = ahead(world, &request, &branches());
            }
        }
        played
    }
}

fn answered(world: &World, request: &Request) -> (Unit, Response) {
    let unit = request.answered(Storage::Durable, |webhook| calls::decide(world, webhook));
    let document = twiml::parse(&String::from_utf8_lossy(&unit.answer));
    (unit, document.map(|parsed| parsed.response).unwrap_or_default())
}

/// The request behind a branch; `None`: its URL is none of ours.
fn onward(world: &World, request: &Request, branch: &Branch) -> Option<Request> {
    let follow = request.follow(&world.public_url, &branch.url)?;
    let fields: Vec<_> = branch.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(follow.with(&fields))
}

/// Where the caller may go from here; ways that lead to the same are one.
fn ahead(world: &World, request: &Request, branches: &[Branch]) -> Vec<Ahead> {
    let mut ways: Vec<Ahead> = Vec::new();
    for branch in branches.iter().filter(|branch| branch.heard) {
        let Some(request) = onward(world, request, branch).filter(|request| !request.is_elsewhere()) else { continue };
        let decision = answered(world, &request).0.webhook.decision;
        // What came in is said already.
        let decided = decision.split_once(" → ").map_or(decision.as_str(), |(_, decided)| decided);
        match ways.iter_mut().find(|way| way.decided == decided) {
            Some(way) => way.when.push(branch.label.clone()),
            None => ways.push(Ahead { when: vec![branch.label.clone()], decided: decided.to_owned() }),
        }
    }
    ways
}

/// What is left to do of those who take part.
struct Acts<'r> {
    keys: std::str::Chars<'r>,
    words: std::slice::Iter<'r, String>,
    ends: std::slice::Iter<'r, Ended>,
}

impl Acts<'_> {
    /// The way that is taken; `None`: somebody would have to do something, and has nothing more to do.
    fn choose(&mut self, document: &Response, branches: Vec<Branch>) -> Option<Branch> {
        let is = |branch: &Branch, wanted: (&str, &str)| branch.fields.iter().any(|(n, v)| (*n, v.as_str()) == wanted);
        if let Some(Verb::Dial(dial)) = document.verbs.iter().find(|verb| waits(verb)) {
            let wanted = match self.ends.next()? {
                Ended::Missed(word) => ("DialCallStatus", *word),
                Ended::PickedUp if screened(dial) => ("DialBridged", "false"),
                Ended::Talked | Ended::PickedUp => ("DialBridged", "true"),
            };
            return branches.into_iter().find(|branch| is(branch, wanted));
        }
        if document.verbs.iter().any(waits) {
            return None;
        }
        let Some(gather) = document.verbs.iter().find_map(gather) else {
            return branches.into_iter().find(|branch| branch.heard && !branch.spoken);
        };
        let Some(key) = self.keys.next() else { return self.words.next().map(|words| says_it(gather, words)) };
        let pressed = if key == 'w' { String::new() } else { key.to_string() };
        branches.into_iter().find(|branch| is(branch, ("Digits", &pressed)))
    }
}

fn gather(verb: &Verb) -> Option<&Gather> {
    if let Verb::Gather(gather) = verb { Some(gather) } else { None }
}

fn says_it(gather: &Gather, words: &str) -> Branch {
    let listens = gather.input.is_some_and(|input| input != twiml::GatherInput::Dtmf);
    Branch {
        label: if listens { format!("\"{words}\"") } else { format!("\"{words}\", to a menu that does not listen") },
        url: gather.action.clone().unwrap_or_default(),
        fields: vec![if listens { ("SpeechResult", words.to_owned()) } else { ("Digits", String::new()) }],
        spoken: true,
        heard: true,
    }
}

/// Whether whoever picks up is asked for a key.
fn screened(dial: &Dial) -> bool {
    let Callee::Legs(legs) = &dial.callee else { return false };
    legs.as_slice().iter().any(|leg| whisper(leg).is_some_and(asks_for_key))
}

fn whisper(leg: &Leg) -> Option<&str> {
    match leg {
        Leg::Number(number) => number.url.as_deref(),
        Leg::Sip(sip) => sip.url.as_deref(),
        _ => None,
    }
}

/// Whether somebody else has to do something before the document goes on.
fn waits(verb: &Verb) -> bool {
    matches!(verb, Verb::Dial(_) | Verb::Record(_) | Verb::Connect(_) | Verb::Enqueue(_))
}

/// What a caller surely meets: what stands behind a verb that waits depends on how that ends.
fn met(document: &Response) -> &[Verb] {
    let end = document.verbs.iter().position(waits).map_or(document.verbs.len(), |last| last + 1);
    document.verbs.get(..end).unwrap_or_default()
}

fn says(verbs: &[Verb]) -> Vec<String> {
    let mut said = Vec::new();
    for verb in verbs {
        match verb {
            Verb::Say(say) => said.push(say.words()),
            Verb::Gather(gather) => said.extend(gather.prompts.iter().filter_map(|prompt| match prompt {
                Prompted::Say(say) => Some(say.words()),
                _ => None,
            })),
            _ => {}
        }
    }
    said
}

fn does(verb: &Verb) -> Option<String> {
    Some(match verb {
        Verb::Gather(gather) => listens(gather),
        Verb::Record(record) => match record.max_length {
            Some(seconds) => format!("records a message of at most {seconds} s"),
            None => "records a message".to_owned(),
        },
        Verb::Dial(dial) => rings(dial),
        Verb::Connect(connect) => match connect.noun {
            Noun::Stream(_) => "begins a live stream".to_owned(),
            Noun::ConversationRelay(_) => "begins a conversation in text".to_owned(),
        },
        Verb::Enqueue(_) => "waits in a queue".to_owned(),
        Verb::Reject(_) => "is turned away before the call is answered".to_owned(),
        Verb::Hangup(_) => "the call ends".to_owned(),
        _ => return None,
    })
}

fn listens(gather: &Gather) -> String {
    let seconds = gather.timeout.unwrap_or(5);
    let speech = gather.input.is_some_and(|input| input != twiml::GatherInput::Dtmf);
    format!("waits {seconds} s for {}", if speech { "a key or words" } else { "a key" })
}

fn rings(dial: &Dial) -> String {
    let seconds = dial.timeout.map(|seconds| format!(" for {seconds} s")).unwrap_or_default();
    let mut told = match &dial.callee {
        Callee::Bare(number) => format!("rings {number}{seconds}"),
        Callee::Legs(legs) => {
            let names = legs.as_slice().iter().map(|leg| match leg {
                Leg::Number(number) => number.number.as_str(),
                Leg::Sip(sip) => sip.address.uri.as_str(),
                _ => "another kind of phone",
            });
            format!("rings {}{seconds}", names.collect::<Vec<_>>().join(" and "))
        }
        Callee::Conference(_) => "enters a room".to_owned(),
        Callee::Queue(_) => "takes a caller from a queue".to_owned(),
    };
    if screened(dial) {
        told.push_str("; who picks up is asked for a key");
    }
    if dial.record.is_some_and(|mode| *mode != DialRecord::DoNotRecord) {
        told.push_str("; the conversation is recorded");
    }
    told
}

fn limit(wish: &Wish) -> String {
    let seconds = wish.every_us as f64 / 1e6;
    format!("{}: {} at once, then one every {seconds} s", wish.rule.as_str(), wish.burst)
}
