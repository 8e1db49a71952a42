//! The walk.

use super::circumstances::{self, Circumstance};
use super::document::{self, Branch};
use super::loops::{Edge, circles};
use super::report::{Finding, Report, Unasked};
use super::request::Request;
use super::rule::Rule;
use super::rules::{self, Consents};
use super::{ends, rung};
use crate::config::line::{Line, Transcript};
use crate::gate::{Storage, Webhook};
use crate::ledger::{Facts, Unit};
use crate::twiml::{self, Response};
use crate::world::World;
use std::collections::{BTreeSet, HashMap, VecDeque};

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

/// Proves a line as `decide` answers it.
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
    for under in circumstances::of(world, line) {
        let mut walk = Walk::new(&under, line, decide);
        walk.run();
        report.merge(walk.report);
    }
    report
}

/// Storage comes and goes between any two webhooks of a call.
const STORAGE: [Storage; 2] = [Storage::Durable, Storage::Lost];

/// A place of the flow, as it was first come to.
struct Place {
    request: Request,
    storage: Storage,
    /// The ledger does not let the caller in: he hears the other answer.
    turned_away: bool,
    consents: Consents,
    /// From where, and by what.
    from: Option<usize>,
    label: String,
    /// Documents before it, on the shortest way.
    depth: usize,
    /// What was decided here, once it was visited.
    decision: String,
}

impl Place {
    fn new(request: Request, consents: Consents) -> Self {
        Self {
            request,
            storage: Storage::Durable,
            turned_away: false,
            consents,
            from: None,
            label: String::new(),
            depth: 0,
            decision: String::new(),
        }
    }
}

/// Equal for places from which everything goes on alike.
fn named(request: &str, consents: Consents, storage: Storage) -> String {
    format!("{request}{}{}", consents.mark(), if storage == Storage::Lost { " lost" } else { "" })
}

/// A request to a URL, before what happened is added, and its name.
struct Base {
    request: Request,
    name: String,
}

struct Walk<'w> {
    under: &'w Circumstance<'w>,
    line: &'w Line,
    decide: Decide<'w>,
    places: Vec<Place>,
    known: HashMap<String, usize>,
    /// Ways that nobody's doing led along.
    silent: Vec<Edge>,
    /// Numbers that are rung, and where.
    rings: Vec<(usize, String)>,
    next: VecDeque<usize>,
    /// It would go on without end.
    stopped: bool,
    report: Report,
}

impl<'w> Walk<'w> {
    fn new(under: &'w Circumstance<'w>, line: &'w Line, decide: Decide<'w>) -> Self {
        Self {
            under,
            line,
            decide,
            places: Vec::new(),
            known: HashMap::new(),
            silent: Vec::new(),
            rings: Vec::new(),
            next: VecDeque::new(),
            stopped: false,
            report: Report::default(),
        }
    }

    fn run(&mut self) {
        for storage in STORAGE {
            let request = Request::arrival(self.line, self.under);
            let name = named(&request.place(), Consents::default(), storage);
            let label = labelled(self.under.label, None, storage);
            self.come(name, Place { storage, label, ..Place::new(request, Consents::default()) });
        }
        while let Some(at) = self.next.pop_front().filter(|_| !self.stopped) {
            self.visit(at);
        }
        self.report.documents = self.places.len();
        self.find_loops();
        self.find_unasked();
    }

    /// Takes a place that was not known; it is visited later.
    fn come(&mut self, name: String, place: Place) -> usize {
        let at = self.places.len();
        self.known.insert(name, at);
        self.places.push(place);
        self.next.push_back(at);
        at
    }

    fn visit(&mut self, at: usize) {
        let (world, decide) = (&self.under.world, self.decide);
        let Some(place) = self.places.get_mut(at) else { return };
        let unit = place.request.answered(place.storage, |webhook| decide(world, webhook));
        place.decision.clone_from(&unit.webhook.decision);
        if !place.request.heard {
            return;
        }
        match &unit.busy {
            Some(busy) if place.turned_away => self.examine(at, &busy.answer, &busy.facts),
            busy => {
                // A bare 429 is no document: the carrier goes to its fallback.
                if busy.as_ref().is_some_and(|busy| busy.action != "429") {
                    self.turn_away(at);
                }
                self.examine(at, &unit.answer, &unit.facts);
                self.fail(at);
            }
        }
    }

    /// Looks at a document that somebody hears, and goes wherever it leads.
    fn examine(&mut self, at: usize, answer: &[u8], facts: &Facts) {
        let parsed = match twiml::parse(&String::from_utf8_lossy(answer)) {
            Ok(parsed) => parsed,
            Err(error) => return self.find(at, Rule::Unreadable, error.to_string()),
        };
        for warning in &parsed.warnings {
            self.find(at, Rule::Unreadable, warning.message.clone());
        }
        if let Some(error) = facts.errors().iter().find(|error| error.kind == "answer.too_long") {
            self.find(at, Rule::Unreadable, error.message.clone());
        }
        let document = parsed.response;
        let Some(place) = self.places.get(at) else { return };
        let consents = place.consents.with(facts, place.storage);
        let (goes_on, unasked) = (place.request.goes_on(), place.request.has_not_accepted());
        for (rule, message) in self.breaches(place, &document, consents) {
            self.find(at, rule, message);
        }
        self.rings.extend(rung::numbers(&document).map(|number| (at, number)));
        let reading = document::read(&document);
        if let Some(rule) = reading.breach.filter(|_| !goes_on) {
            self.find(at, rule, breach(rule, &document));
        }
        if reading.breach.is_some() && unasked {
            let message = "whoever picks up is connected without the key that he is asked for".to_owned();
            self.find(at, Rule::NotAccepted, message);
        }
        let branches: Vec<Branch> = reading.branches.into_iter().chain(ends::of(&document, self.line)).collect();
        // Most branches of a document lead to one URL.
        let mut bases: HashMap<&str, Option<Base>> = HashMap::new();
        for branch in &branches {
            let base = bases.entry(&branch.url).or_insert_with(|| self.base(at, &branch.url));
            if let Some(base) = base {
                self.follow(at, consents, (base, branch));
            }
        }
    }

    fn breaches(&self, place: &Place, document: &Response, consents: Consents) -> Vec<(Rule, String)> {
        let mut found = Vec::new();
        let mut add = |rule, messages: Vec<String>| found.extend(messages.into_iter().map(|message| (rule, message)));
        let (request, storage) = (&place.request, place.storage);
        // Nobody else's consent covers a person who is called.
        let consents = if request.is_elsewhere() { Consents::default() } else { consents };
        add(Rule::RecordingBeforeConsent, rules::captures(document, consents, storage));
        add(Rule::RecordingUntold, rules::untold(document));
        add(Rule::CarrierTranscription, rules::silent_transcriptions(document));
        add(Rule::UnknownRoute, rules::strays(document, &self.under.world.public_url));
        add(Rule::EndlessLoop, rules::returning(document));
        add(Rule::EndlessLoop, rules::waits_for_ever(request, document).into_iter().collect());
        add(Rule::HungUpOn, rules::hung_up_on(request, document, storage).into_iter().collect());
        add(Rule::EmergencyUnheard, rules::unheard(request.spoken(self.line), request, document).into_iter().collect());
        found
    }

    /// What the carrier sends to a URL, whatever happens there; `None`: it is none of ours, or the same document again. Both
    /// are findings of their own.
    fn base(&self, at: usize, url: &str) -> Option<Base> {
        let request = self.places.get(at)?.request.follow(&self.under.world.public_url, url)?;
        Some(Base { name: request.place(), request })
    }

    fn follow(&mut self, at: usize, consents: Consents, (base, branch): (&Base, &Branch)) {
        let Some(before) = self.places.get(at).map(|place| place.storage) else { return };
        let mut name = format!("{}\n{}", base.name, if branch.heard { "" } else { "unheard" });
        for (field, value) in &branch.fields {
            name.extend(["\n", field, "=", value]);
        }
        let storages = if branch.heard { &STORAGE[..] } else { std::slice::from_ref(&before) };
        for storage in storages {
            let fields = branch.fields.iter().map(|(name, value)| (*name, value.as_str()));
            let request = || {
                let request = base.request.clone().with(&fields.collect::<Vec<_>>());
                if branch.heard { request } else { request.unheard() }
            };
            self.go(at, (&branch.label, branch.spoken), named(&name, consents, *storage), || {
                (request(), consents, *storage)
            });
        }
    }

    /// The caller is one too many.
    fn turn_away(&mut self, at: usize) {
        let Some(Place { request, consents, storage, label, depth, .. }) = self.places.get(at) else { return };
        let name = format!("{} away", named(&request.place(), *consents, *storage));
        if self.known.contains_key(&name) {
            return;
        }
        let (storage, label, depth) = (*storage, format!("{label} too often"), *depth);
        let away = Place { storage, label, depth, turned_away: true, ..Place::new(request.clone(), *consents) };
        self.report.paths += 1;
        self.come(name, away);
    }

    /// The carrier cannot use what we answered, and asks the fallback URL.
    fn fail(&mut self, at: usize) {
        let Some(place) = self.places.get(at) else { return };
        let consents = place.consents;
        let Some(next) = place.request.failed(&self.under.world.public_url) else { return };
        let name = next.place();
        for storage in STORAGE {
            let name = named(&name, consents, storage);
            self.go(at, ("the carrier cannot use our answer", true), name, || (next.clone(), consents, storage));
        }
    }

    /// Walks one way, to a place by its name; one that is not known yet is visited later.
    fn go(
        &mut self,
        at: usize,
        (label, spoken): (&str, bool),
        name: String,
        there: impl FnOnce() -> (Request, Consents, Storage),
    ) {
        if self.stopped {
            return;
        }
        self.report.paths += 1;
        let to = match self.known.get(&name) {
            Some(known) => *known,
            None => match self.discover(at, label, name, there()) {
                Some(new) => new,
                None => return,
            },
        };
        // Nothing comes and goes for ever: what goes round does so under one weather.
        let weather = |at: usize| self.places.get(at).map(|place| place.storage);
        if !spoken && weather(at) == weather(to) {
            self.silent.push(Edge { from: at, to });
        }
    }

    /// A place that was not known; `None`: the call goes on for ever.
    fn discover(
        &mut self,
        at: usize,
        label: &str,
        name: String,
        (request, consents, storage): (Request, Consents, Storage),
    ) -> Option<usize> {
        let from = self.places.get(at)?;
        let depth = from.depth + 1;
        if self.places.len() >= MOST_PLACES || depth > LONGEST_WAY {
            self.stopped = true;
            let message = format!("after {} documents, {depth} on one way, the call still goes on", self.places.len());
            self.find(at, Rule::EndlessLoop, message);
            return None;
        }
        let label = labelled(label, Some(from.storage), storage);
        let place = Place { storage, from: Some(at), label, depth, ..Place::new(request, consents) };
        Some(self.come(name, place))
    }

    fn find_loops(&mut self) {
        let silent = std::mem::take(&mut self.silent);
        let mut rounds = BTreeSet::new();
        for circle in circles(self.places.len(), &silent) {
            let places = circle.iter().filter_map(|edge| self.places.get(edge.to));
            let decisions: Vec<&str> = places.map(|place| &*place.decision).collect();
            // The same round, entered elsewhere.
            let fresh = rounds.insert(decisions.iter().map(|decision| (*decision).to_owned()).collect::<BTreeSet<_>>());
            let message = format!("without the caller it goes round for ever: {}", decisions.join("; "));
            if let Some(at) = self.culprit(&circle).filter(|_| fresh) {
                self.find(at, Rule::EndlessLoop, message);
            }
        }
        self.silent = silent;
    }

    /// Of the places of a round the one to mend: where a menu leads on without its caller, or whichever is met first.
    fn culprit(&self, circle: &[&Edge]) -> Option<usize> {
        let led_on = |at: usize| self.blame(at).is_some_and(|place| place.ends_with("otherwise"));
        let depth = |at: usize| self.places.get(at).map(|place| place.depth);
        circle.iter().map(|edge| edge.from).min_by_key(|at| (!led_on(*at), depth(*at), *at))
    }

    /// Whom a caller is connected with who does nothing.
    fn find_unasked(&mut self) {
        let reached = rung::reached(self.places.len(), &self.silent);
        for (at, number) in std::mem::take(&mut self.rings) {
            if reached.contains(&at) && !self.report.unasked.iter().any(|known| known.number == number) {
                let place = self.blame(at);
                self.report.unasked.push(Unasked { number, path: self.path(at), place });
            }
        }
    }

    fn find(&mut self, at: usize, rule: Rule, message: String) {
        let place = if rule == Rule::EmergencyUnheard { Some("emergency".to_owned()) } else { self.blame(at) };
        let finding = Finding { rule, line: self.line.name.clone(), message, path: self.path(at), place };
        self.report.add(finding);
    }

    /// The setting that a place follows from.
    fn blame(&self, at: usize) -> Option<String> {
        let place = self.places.get(at)?;
        if place.turned_away { Some("busy".to_owned()) } else { place.request.setting(self.line, self.under) }
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

/// What happened, and what became of the storage meanwhile.
fn labelled(label: &str, before: Option<Storage>, now: Storage) -> String {
    match (before, now) {
        (None | Some(Storage::Durable), Storage::Lost) => format!("{label}, while nothing can be stored"),
        (Some(Storage::Lost), Storage::Durable) => format!("{label}, storage is back"),
        _ => label.to_owned(),
    }
}

/// How a document ends that ends by accident.
fn breach(rule: Rule, document: &Response) -> String {
    match (rule, document.verbs.last()) {
        (Rule::StreamWithoutNext, _) => "when the stream ends nothing follows, and the call is cut".to_owned(),
        (_, None) => "the document is empty: the call is cut without a word".to_owned(),
        (_, Some(_)) => "after the last verb nothing follows, and the call is cut".to_owned(),
    }
}
