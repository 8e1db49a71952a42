//! The answers, with a flaw planted: what a sound `decide` cannot do, the prover must still refuse.

use super::super::good::{GOOD, world};
use super::{consent, documents, ends, rounds, screens};
pub(super) use switchboard::calls::decide;
pub(super) use switchboard::calls::prover::{Finding, Rule, prove_with};
pub(super) use switchboard::gate::{Route, Storage, Webhook};
pub(super) use switchboard::ledger::{Facts, TurnedAway, Unit};
pub(super) use switchboard::twilio::form::Form;
pub(super) use switchboard::twiml::{Enqueue, Pause, Redirect, Response, Say, Verb, parse};
pub(super) use switchboard::world::World;

/// Answers a webhook, wrongly.
pub(super) type Flaw = fn(&World, &Webhook<'_>) -> Unit;

/// A flaw that must be found.
pub(super) struct Mutation {
    pub(super) what: &'static str,
    pub(super) base: &'static str,
    pub(super) flaw: Flaw,
    pub(super) rule: Rule,
    /// A part of the message.
    pub(super) says: &'static str,
    /// The shortest way there, and the setting to blame.
    pub(super) at: (&'static [&'static str], Option<&'static str>),
}

pub(super) const COMES: &str = "a call comes in";
pub(super) const LOST: &str = "a call comes in, while nothing can be stored";

/// The answer's text, changed.
pub(super) fn retold(world: &World, hook: &Webhook<'_>, tell: impl FnOnce(String) -> String) -> Unit {
    let unit = decide(world, hook);
    let text = String::from_utf8_lossy(&unit.answer).into_owned();
    Unit { answer: tell(text).into_bytes().into(), ..unit }
}

/// The answer's verbs, changed.
pub(super) fn acted(world: &World, hook: &Webhook<'_>, act: impl FnOnce(&mut Vec<Verb>)) -> Unit {
    retold(world, hook, |text| {
        let mut document = parse(&text).expect("TwiML").response;
        act(&mut document.verbs);
        document.render()
    })
}

/// One route's verbs, changed.
pub(super) fn acted_at(route: Route, world: &World, hook: &Webhook<'_>, act: impl FnOnce(&mut Vec<Verb>)) -> Unit {
    if hook.route == route { acted(world, hook, act) } else { decide(world, hook) }
}

/// A document of our own instead, where a key is pressed.
pub(super) fn pressed(key: &str, world: &World, hook: &Webhook<'_>, verbs: impl FnOnce() -> Vec<Verb>) -> Unit {
    let here = hook.route == Route::Dtmf && hook.fields.get("Digits") == Some(key);
    acted(world, hook, |old| {
        if here {
            *old = verbs()
        }
    })
}

/// Something before the first verb of the first document.
pub(super) fn begun(world: &World, hook: &Webhook<'_>, verb: &str) -> Unit {
    let first = hook.route == Route::Voice;
    retold(world, hook, |text| if first { text.replacen("<Response>", &format!("<Response>{verb}"), 1) } else { text })
}

/// Decides as if the carrier had said something else.
pub(super) fn misheard(world: &World, hook: &Webhook<'_>, tell: impl Fn(&str, &str) -> String) -> Unit {
    let mut body = form_urlencoded::Serializer::new(String::new());
    hook.fields.iter().for_each(|(name, value)| _ = body.append_pair(name, &tell(name, value)));
    let body = body.finish();
    decide(world, &Webhook { fields: &Form::parse(body.as_bytes()), ..hook.clone() })
}

/// Decides as if everything could be stored.
pub(super) fn careless(world: &World, hook: &Webhook<'_>) -> Unit {
    decide(world, &Webhook { storage: Storage::Durable, ..hook.clone() })
}

/// What a caller hears who is one too many, changed.
pub(super) fn crowded(world: &World, hook: &Webhook<'_>, change: impl Fn(&mut TurnedAway)) -> Unit {
    let mut unit = decide(world, hook);
    unit.busy.iter_mut().for_each(|busy| change(busy));
    unit
}

/// Only what a caller hears before the first verb that waits for somebody.
pub(super) fn cut_behind(verbs: &mut Vec<Verb>, last: impl Fn(&Verb) -> bool) {
    if let Some(at) = verbs.iter().position(last) {
        verbs.truncate(at + 1);
    }
}

impl Mutation {
    fn found(&self) -> Vec<Finding> {
        let world = world(self.base);
        let line = world.lines().first().expect("a line");
        prove_with(&world, line, &self.flaw).findings
    }

    /// Why it was not refused as it should be.
    fn trouble(&self) -> Option<String> {
        let found = self.found();
        let (path, place) = self.at;
        let sound = found.iter().any(|finding| {
            finding.rule == self.rule
                && finding.message.contains(self.says)
                && (path.is_empty() || finding.path == path)
                && (place.is_none() || finding.place.as_deref() == place)
        });
        let told = |finding: &Finding| {
            format!(
                "    {} at {:?}: {}\n      {}",
                finding.rule,
                finding.place,
                finding.message,
                finding.path.join(" → ")
            )
        };
        (!sound).then(|| {
            let found: Vec<_> = found.iter().filter(|finding| finding.rule == self.rule).take(5).map(told).collect();
            format!("{}: wanted {} {:?} {:?}, found\n{}", self.what, self.rule, self.says, self.at, found.join("\n"))
        })
    }
}

fn all() -> Vec<&'static Mutation> {
    [consent::CONSENT, ends::ENDS, rounds::ROUNDS, screens::SCREENS, documents::DOCUMENTS]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn every_flaw_of_an_answer_is_found_on_its_path() {
    let all = all();
    let troubles: Vec<String> = all.iter().filter_map(|mutation| mutation.trouble()).collect();
    println!("{} mutations of answers, {} refused", all.len(), all.len() - troubles.len());
    assert!(all.len() >= 40 && troubles.is_empty(), "{}", troubles.join("\n"));
}

#[test]
fn every_rule_has_a_flaw_and_every_flow_is_there() {
    let all = all();
    for rule in Rule::ALL.into_iter().filter(|rule| *rule != Rule::CallsItself) {
        assert!(all.iter().any(|mutation| mutation.rule == rule), "no flaw breaks {rule}");
        assert!(!rule.mend().is_empty() && !rule.demands().is_empty());
    }
    for mutation in all {
        assert!(GOOD.iter().any(|(name, _)| *name == mutation.base), "{}", mutation.base);
    }
}
