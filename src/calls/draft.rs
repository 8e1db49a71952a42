//! A unit in the making: what is said and done, and what is stored with it.

use super::input::{as_json, clean};
use super::scene::Scene;
use super::spoken;
use super::words::Words;
use crate::base::{CallSid, CallState, Outcome};
use crate::config::line::Line;
use crate::config::text::Text;
use crate::ledger::{CallChange, CallFact, ErrorEntry, Facts, TurnedAway, Unit, Webhook, Wish};
use crate::twiml::{Hangup, MAX_BYTES, Play, Prompted, Redirect, Response, Verb};

/// Numbers, names and verdicts are cut here; nothing real is longer.
const LONGEST: usize = 256;

/// What one webhook will have said and stored.
#[derive(Default)]
pub(super) struct Draft {
    verbs: Vec<Verb>,
    pub facts: Facts,
    outcome: Option<Outcome>,
    reason: Option<String>,
    duration_s: Option<i64>,
    decision: String,
    said: Option<String>,
    parent: Option<CallChange>,
    limits: Vec<Wish>,
    busy: Option<Box<TurnedAway>>,
}

impl Draft {
    /// Adds a verb.
    pub(super) fn verb(&mut self, verb: impl Into<Verb>) {
        self.verbs.push(verb.into());
    }

    /// Says a text of the line, unless it is empty.
    pub(super) fn say(&mut self, line: &Line, text: &Text) {
        self.verbs.extend(spoken::text(line, text).map(Verb::from));
    }

    /// Says a sentence of ours in the line's language.
    pub(super) fn tell(&mut self, line: Option<&Line>, sentence: impl FnOnce(&'static Words) -> &'static str) {
        self.verb(spoken::sentence(line, sentence));
    }

    /// Ends the call.
    pub(super) fn hang_up(&mut self) {
        self.verb(Hangup {});
    }

    /// Goes on at another document; also the net behind a verb that should have led on by itself.
    pub(super) fn redirect(&mut self, url: String) {
        self.verb(Redirect::to(url));
    }

    /// Adds to the readable line of the timeline.
    pub(super) fn decided(&mut self, what: &str) {
        if !self.decision.is_empty() {
            self.decision.push_str(" → ");
        }
        self.decision.push_str(what);
    }

    /// Goes on with the last part of the readable line.
    pub(super) fn also(&mut self, what: &str) {
        self.decision.push_str(what);
    }

    /// What the caller reached, and in which way it ends or is about to.
    pub(super) fn outcome(&mut self, outcome: Outcome, reason: impl Into<String>) {
        self.outcome = Some(outcome);
        self.reason = Some(reason.into());
    }

    /// How long the call lasted.
    pub(super) fn lasted(&mut self, seconds: Option<i64>) {
        self.duration_s = seconds;
    }

    /// What somebody said in a conversation, for the timeline: no log shows it, and a viewer does not see it.
    pub(super) fn said(&mut self, text: &str) {
        self.said = Some(text.to_owned());
    }

    /// Notes something the operator should see.
    pub(super) fn error(&mut self, scene: &Scene<'_>, kind: impl Into<String>, message: &str) {
        let call_sid = scene.sid.as_ref().map(ToString::to_string);
        self.facts.error(ErrorEntry { kind: kind.into(), message: clean(message, 500).into_owned(), call_sid });
    }

    /// What the call must pass to come in, and what its caller hears otherwise.
    pub(super) fn limited(&mut self, limits: Vec<Wish>, busy: TurnedAway) {
        self.limits = limits;
        self.busy = Some(Box::new(busy));
    }

    /// What a caller hears who is not let in.
    pub(super) fn turned_away(mut self, scene: &Scene<'_>, action: &'static str) -> TurnedAway {
        let answer = self.render(scene).into();
        TurnedAway { action, outcome: self.outcome.unwrap_or(Outcome::Rejected), facts: self.facts, answer }
    }

    /// A leg was answered, and with it the call it belongs to.
    pub(super) fn parent_answered(&mut self, parent: &str) {
        self.parent = CallSid::parse(parent).map(|sid| CallChange {
            sid,
            fact: CallFact::default(),
            state: None,
            outcome: Some(Outcome::Answered),
            reason: Some("answered".to_owned()),
            duration_s: None,
        });
    }

    /// The unit.
    pub(super) fn finish(mut self, scene: &Scene<'_>) -> Unit {
        let answer = self.render(scene);
        let hook = scene.webhook;
        let number = |name| scene.field(name).and_then(|text| text.parse().ok());
        Unit {
            key: hook.key,
            at: hook.at,
            webhook: Webhook {
                kind: hook.route.name(),
                step: i64::from(scene.state.step),
                sequence: number("SequenceNumber").or_else(|| number("SequenceId")),
                input: as_json(hook.fields, (scene.line, scene.state.pin), self.said.as_deref()),
                decision: std::mem::take(&mut self.decision),
                carrier_token: hook.carrier_token.map(|token| clean(token, LONGEST).into_owned()),
            },
            call: self.call(scene),
            parent: self.parent,
            facts: self.facts,
            answer: answer.into(),
            limits: self.limits,
            busy: self.busy,
        }
    }

    /// Twilio refuses documents over its limit (11750), and then the line would be dead.
    fn render(&mut self, scene: &Scene<'_>) -> String {
        self.verbs.iter_mut().for_each(|verb| at_home(verb, &scene.world.public_url));
        let document = Response { verbs: std::mem::take(&mut self.verbs) }.render();
        if document.len() <= MAX_BYTES {
            return document;
        }
        self.error(scene, "answer.too_long", &format!("{} bytes; the line's texts are too long", document.len()));
        let sorry = spoken::sentence(scene.line, |words| words.fault);
        Response::new()
            .then(sorry)
            .then(spoken::sentence(scene.line, |words| words.call_later))
            .then(Hangup {})
            .render()
    }

    fn call(&mut self, scene: &Scene<'_>) -> Option<CallChange> {
        let kept = |name| scene.field(name).map(|text| clean(text, LONGEST).into_owned());
        Some(CallChange {
            sid: scene.sid.clone()?,
            fact: CallFact {
                line: scene.line_name().map(|name| clean(name, LONGEST).into_owned()),
                direction: kept("Direction"),
                from: kept("From"),
                to: kept("To"),
                account_sid: kept("AccountSid"),
                parent_sid: kept("ParentCallSid"),
                caller_name: kept("CallerName"),
                verstat: kept("StirVerstat"),
            },
            state: scene.field("CallStatus").and_then(CallState::parse),
            outcome: self.outcome,
            reason: self.reason.take(),
            duration_s: self.duration_s,
        })
    }
}

/// Sounds of ours are named by their path; the carrier wants to know where that is.
fn at_home(verb: &mut Verb, public_url: &str) {
    let whole = |play: &mut Play| {
        if play.url.starts_with('/') {
            play.url.insert_str(0, public_url);
        }
    };
    match verb {
        Verb::Play(play) => whole(play),
        Verb::Gather(gather) => gather.prompts.iter_mut().for_each(|prompt| {
            if let Prompted::Play(play) = prompt {
                whole(play);
            }
        }),
        _ => {}
    }
}
