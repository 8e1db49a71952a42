//! One call in mind: what a caller would hear, and which rule decides, without a call.

use super::document::{self, Branch};
use super::request::Request;
use crate::base::Time;
use crate::calls;
use crate::gate::Storage;
use crate::ledger::Wish;
use crate::twiml::{self, Callee, Dial, Gather, Leg, Noun, Prompted, Response, Verb};
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
    /// When.
    pub at: Time,
    /// Keys pressed, one a menu; `w` is silence.
    pub keys: &'r str,
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

impl Rehearsal<'_> {
    /// Plays the call through, until its keys are used up or somebody else would have to do something.
    #[must_use]
    pub fn play(&self, world: &World) -> Vec<Step> {
        let mut keys = self.keys.chars();
        let mut next = Some(("a call comes in".to_owned(), Request::coming(self.to, self.from, self.at)));
        let mut steps = Vec::new();
        while let Some((because, request)) = next.take().filter(|_| steps.len() < LONGEST) {
            let unit = request.answered(Storage::Durable, |webhook| calls::decide(world, webhook));
            let document = twiml::parse(&String::from_utf8_lossy(&unit.answer));
            let document = document.map(|parsed| parsed.response).unwrap_or_default();
            steps.push(Step {
                because,
                decided: unit.webhook.decision.clone(),
                says: says(met(&document)),
                does: met(&document).iter().filter_map(does).collect(),
                limits: unit.limits.iter().map(limit).collect(),
            });
            next = choose(&document, &mut keys).and_then(|branch| {
                let follow = request.follow(&world.public_url, &branch.url)?;
                let fields: Vec<_> = branch.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                Some((branch.label, follow.with(&fields)))
            });
        }
        steps
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

/// The way that a caller with these keys takes; `None`: he waits for somebody, or has nothing more to press.
fn choose(document: &Response, keys: &mut impl Iterator<Item = char>) -> Option<Branch> {
    let listens = document.verbs.iter().any(|verb| matches!(verb, Verb::Gather(_)));
    if document.verbs.iter().any(waits) {
        return None;
    }
    let branches = document::read(document).branches;
    if !listens {
        return branches.into_iter().find(|branch| branch.heard && !branch.spoken);
    }
    let key = keys.next()?;
    let pressed = if key == 'w' { String::new() } else { key.to_string() };
    branches.into_iter().find(|branch| branch.fields.iter().any(|(name, value)| *name == "Digits" && *value == pressed))
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
    match &dial.callee {
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
    }
}

fn limit(wish: &Wish) -> String {
    let seconds = wish.every_us as f64 / 1e6;
    format!("{}: {} at once, then one every {seconds} s", wish.rule.as_str(), wish.burst)
}
