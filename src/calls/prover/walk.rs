//! The walk.

use super::document::{self, Branch};
use super::loops::{Edge, circles};
use super::report::{Finding, Report, Rule};
use super::request::{self, Request};
use super::rules::{self, Consents};
use crate::base::Time;
use crate::config::callers::Pattern;
use crate::config::hours::Override;
use crate::config::line::{Line, Transcript};
use crate::gate::{Storage, Webhook};
use crate::ledger::Unit;
use crate::twiml;
use crate::world::World;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

/// A function that answers webhooks, like [`crate::calls::decide`].
pub type Decide<'d> = &'d dyn Fn(&World, &Webhook<'_>) -> Unit;

/// Places of one line that are looked at: about ten times what a phone tree of a hundred menus has.
const MOST_PLACES: usize = 100_000;
/// Documents on the shortest way to a place. A way that has to be longer grows with the call, and never ends.
const LONGEST_WAY: usize = 100;

/// Proves a line of `world`.
#[must_use]
pub fn prove(world: &World, line: &Line) -> Report {
    prove_with(world, line, &crate::calls::decide)
}

/// Proves a line as `decide` answers it: with storage, and without.
#[must_use]
pub fn prove_with(world: &World, line: &Line, decide: Decide<'_>) -> Report {
    let mut report = Report::default();
    let voicemail = &line.voicemail;
    if voicemail.transcript == Transcript::Carrier && voicemail.max_s > crate::calls::voicemail::CARRIER_TRANSCRIBES_S {
        report.add(Finding {
            rule: Rule::CarrierTranscription,
            line: line.name.clone(),
            message: rules::too_long(voicemail.max_s),
            path: Vec::new(),
            place: Some("voicemail.max_s".to_owned()),
        });
    }
    for world in openings(world, line) {
        for (caller, storage) in callers(line).flat_map(|caller| STORAGE.map(|storage| (caller, storage))) {
            let mut walk = Walk::new(&world, line, decide, storage);
            walk.run(caller);
            report.merge(walk.report);
        }
    }
    report
}

const STORAGE: [Storage; 2] = [Storage::Durable, Storage::Lost];

/// Callers that the line tells apart.
fn callers(line: &Line) -> impl Iterator<Item = &str> {
    let vip = line.callers.vip.iter().flat_map(|vip| vip.numbers.first());
    let blocked = line.callers.block.iter().flat_map(|block| block.numbers.first());
    let known = vip.chain(blocked).map(|pattern| match pattern {
        Pattern::Caller(number) | Pattern::Prefix(number) => number.as_str(),
    });
    std::iter::once(request::CALLER).chain(known)
}

/// The world while the line is open, and while it is closed.
fn openings<'w>(world: &'w World, line: &Line) -> Vec<Cow<'w, World>> {
    if line.hours.is_none() {
        return vec![Cow::Borrowed(world)];
    }
    let said = |open| {
        let (id, from) = ("ov_prover".to_owned(), Time::MIN_UTC);
        let said = Override { id, line: line.name.clone(), open, from, until: None, say: String::new() };
        let mut world = world.clone();
        world.overrides.insert(line.name.clone(), vec![said]);
        Cow::Owned(world)
    };
    vec![said(true), said(false)]
}

/// A place of the flow, as it was first come to.
struct Place {
    request: Request,
    consents: Consents,
    /// From where, and by what.
    from: Option<usize>,
    label: String,
    /// Documents before it, on the shortest way.
    depth: usize,
    /// What was decided here, once it was visited.
    decision: String,
}

struct Walk<'w> {
    world: &'w World,
    line: &'w Line,
    decide: Decide<'w>,
    storage: Storage,
    places: Vec<Place>,
    known: HashMap<String, usize>,
    /// Ways that nobody's doing led along.
    silent: Vec<Edge>,
    next: VecDeque<usize>,
    /// It would go on without end.
    stopped: bool,
    report: Report,
}

impl<'w> Walk<'w> {
    fn new(world: &'w World, line: &'w Line, decide: Decide<'w>, storage: Storage) -> Self {
        Self {
            world,
            line,
            decide,
            storage,
            places: Vec::new(),
            known: HashMap::new(),
            silent: Vec::new(),
            next: VecDeque::new(),
            stopped: false,
            report: Report::default(),
        }
    }

    fn run(&mut self, caller: &str) {
        let label = match self.storage {
            Storage::Durable => "a call comes in",
            Storage::Lost => "a call comes in while nothing can be stored",
        };
        let request = Request::arrival(self.line, caller);
        self.come(Place {
            request,
            consents: Consents::default(),
            from: None,
            label: label.to_owned(),
            depth: 0,
            decision: String::new(),
        });
        while let Some(at) = self.next.pop_front().filter(|_| !self.stopped) {
            self.visit(at);
        }
        self.report.documents = self.places.len();
        self.find_loops();
    }

    /// Comes to a place; a new one is visited later.
    fn come(&mut self, place: Place) -> usize {
        let name = format!("{}{}", place.request.place(), place.consents.mark());
        if let Some(known) = self.known.get(&name) {
            return *known;
        }
        let at = self.places.len();
        self.known.insert(name, at);
        self.places.push(place);
        self.next.push_back(at);
        at
    }

    fn visit(&mut self, at: usize) {
        let (world, decide) = (self.world, self.decide);
        let Some(place) = self.places.get_mut(at) else { return };
        let unit = place.request.answered(self.storage, |webhook| decide(world, webhook));
        place.decision.clone_from(&unit.webhook.decision);
        if !place.request.heard {
            return;
        }
        let consents = place.consents.with(&unit.facts);
        let parsed = match twiml::parse(&String::from_utf8_lossy(&unit.answer)) {
            Ok(parsed) => parsed,
            Err(error) => return self.find(at, Rule::Unreadable, error.to_string()),
        };
        for warning in &parsed.warnings {
            self.find(at, Rule::Unreadable, warning.message.clone());
        }
        if let Some(error) = unit.facts.errors().iter().find(|error| error.kind == "answer.too_long") {
            self.find(at, Rule::Unreadable, error.message.clone());
        }
        let document = parsed.response;
        for message in rules::captures(&document, consents, self.storage) {
            self.find(at, Rule::RecordingBeforeConsent, message);
        }
        for message in rules::silent_transcriptions(&document) {
            self.find(at, Rule::CarrierTranscription, message);
        }
        for message in rules::strays(&document, &self.world.public_url) {
            self.find(at, Rule::UnknownRoute, message);
        }
        let reading = document::read(&document);
        if let Some(rule) = reading.breach {
            self.find(at, rule, breach(rule, &document));
        }
        for branch in reading.branches {
            self.follow(at, consents, branch);
        }
    }

    fn follow(&mut self, at: usize, consents: Consents, branch: Branch) {
        let Some(place) = self.places.get(at).filter(|_| !self.stopped) else { return };
        // A stray URL is a finding of its own; an empty one means the same document.
        let next = if branch.url.is_empty() {
            Some(place.request.clone())
        } else {
            place.request.follow(&self.world.public_url, &branch.url)
        };
        let Some(next) = next else { return };
        let fields: Vec<_> = branch.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let next = next.with(&fields);
        let request = if branch.heard { next } else { next.unheard() };
        let depth = place.depth + 1;
        if self.places.len() >= MOST_PLACES || depth > LONGEST_WAY {
            self.stopped = true;
            let message = format!("after {} documents, {depth} on one way, the call still goes on", self.places.len());
            return self.find(at, Rule::EndlessLoop, message);
        }
        self.report.paths += 1;
        let to =
            self.come(Place { request, consents, from: Some(at), label: branch.label, depth, decision: String::new() });
        if branch.heard && !branch.spoken {
            self.silent.push(Edge { from: at, to });
        }
    }

    fn find_loops(&mut self) {
        let silent = std::mem::take(&mut self.silent);
        for circle in circles(self.places.len(), &silent) {
            let decisions = circle.iter().filter_map(|edge| self.places.get(edge.to)).map(|place| &*place.decision);
            let round = decisions.collect::<Vec<_>>().join("; ");
            let message = format!("without the caller it goes round for ever: {round}");
            if let Some(first) = circle.first() {
                self.find(first.from, Rule::EndlessLoop, message);
            }
        }
    }

    fn find(&mut self, at: usize, rule: Rule, message: String) {
        let place = self.places.get(at).and_then(|place| place.request.setting(self.line));
        let finding = Finding { rule, line: self.line.name.clone(), message, path: self.path(at), place };
        self.report.add(finding);
    }

    /// What happened on the way to a place.
    fn path(&self, at: usize) -> Vec<String> {
        let mut labels: Vec<String> = std::iter::successors(self.places.get(at), |place| self.places.get(place.from?))
            .map(|place| place.label.clone())
            .collect();
        labels.reverse();
        labels
    }
}

/// How a document ends that ends by accident.
fn breach(rule: Rule, document: &twiml::Response) -> String {
    match (rule, document.verbs.last()) {
        (Rule::StreamWithoutNext, _) => "when the stream ends nothing follows, and the call is cut".to_owned(),
        (_, None) => "the document is empty: the call is cut without a word".to_owned(),
        (_, Some(_)) => "after the last verb nothing follows, and the call is cut".to_owned(),
    }
}
