//! Opening and closing a line by telephone.

use super::phone::{Heard, Hook, send};
use switchboard::base::Secret;
use switchboard::calls::prover::prove;
use switchboard::config::{FixedSource, load};
use switchboard::gate::Route;
use switchboard::ledger::Overruling;
use switchboard::twiml::Verb;
use switchboard::world::World;

const FILE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\ntimezone = \"America/Edmonton\"\n\
    hours = { weekdays = \"09:00-17:00\" }\n[lines.menus.main]\nprompt = \"Press 1.\"\n[lines.menus.main.keys]\n\
    1 = { dial = \"+15875550101\" }\n8 = \"hours\"\n9 = { hours = [\"+1403*\"] }\n";
/// A Friday, noon in Edmonton: the line is open.
const NOON: &str = "2026-11-20T19:00:00Z";
/// The same evening.
const EVENING: &str = "2026-11-21T02:00:00Z";

fn world() -> World {
    let pin = FixedSource::new([("HOURS_PIN", "4711")]);
    let lines = load(&pin, Some(("s.toml", FILE))).expect("a good file").lines;
    let mut world = World::new(super::phone::PUBLIC, lines);
    world.hours_pin = Some(Secret::new("4711"));
    world
}

/// A caller of the open line presses a key at some time.
fn presses(world: &World, key: &str, at: &str) -> Heard {
    let menu = send(world, &Hook::new(Route::Voice).at(NOON));
    send(world, &menu.presses(key).at(at))
}

/// The caller who knows the PIN.
fn owner(world: &World, at: &str) -> Heard {
    let asked = presses(world, "8", at);
    assert!(asked.said().contains("enter your code"), "{}", asked.said());
    send(world, &asked.presses("4711").at(at))
}

fn said(heard: &Heard) -> &Overruling {
    heard.unit.facts.overrulings().first().expect("something is said of the hours")
}

#[test]
fn who_enters_the_pin_hears_what_stands() {
    let world = world();
    let open = owner(&world, NOON);
    assert!(open.said().starts_with("The line is open, until today at 5 PM."), "{}", open.said());
    let closed = owner(&world, EVENING);
    assert!(closed.said().starts_with("The line is closed, until on Monday at 9 AM."), "{}", closed.said());
    assert!(!open.unit.webhook.input.contains("4711") && open.unit.webhook.input.contains("••••"));
}

#[test]
fn a_key_closes_until_the_next_opening() {
    let world = world();
    for (at, opens) in [
        (NOON, "2026-11-23T16:00:00Z"),
        (EVENING, "2026-11-23T16:00:00Z"),
        ("2026-11-23T15:00:00Z", "2026-11-23T16:00:00Z"),
    ] {
        let done = send(&world, &owner(&world, at).presses("1").at(at));
        let row = said(&done);
        assert_eq!((row.open, row.until), (Some(false), Some(opens.parse().expect("a time"))), "{at}");
        assert_eq!((row.line.as_str(), row.made_by.as_str()), ("desk", "+15875550111"));
        assert!(done.said().starts_with("The line is closed, until "), "{}", done.said());
    }
}

#[test]
fn another_opens_for_hours_or_until_closing_time() {
    let world = world();
    let ask = send(&world, &owner(&world, EVENING).presses("2").at(EVENING));
    assert!(ask.said().starts_with("For how many hours?"), "{}", ask.said());
    let three = send(&world, &ask.presses("3").at(EVENING));
    assert_eq!(
        (said(&three).open, said(&three).until),
        (Some(true), Some("2026-11-21T05:00:00Z".parse().expect("a time")))
    );
    assert!(three.said().starts_with("The line is open, until today at 10 PM."), "{}", three.said());
    let usual = send(&world, &ask.presses("#").at(EVENING));
    assert_eq!(said(&usual).until, Some("2026-11-24T00:00:00Z".parse().expect("a time")), "Monday's closing time");
    let odd = send(&world, &ask.presses("0").at(EVENING));
    assert!(odd.unit.facts.overrulings().is_empty() && odd.said().starts_with("For how many"));
    assert!(send(&world, &odd.presses("").at(EVENING)).has(|verb| matches!(verb, Verb::Hangup(_))));
}

#[test]
fn a_third_goes_back_to_the_usual_hours() {
    let mut world = world();
    let closed = switchboard::config::hours::Override {
        id: "ov_1".to_owned(),
        line: "desk".to_owned(),
        open: false,
        from: "2026-11-20T18:00:00Z".parse().expect("a time"),
        until: None,
        say: String::new(),
    };
    let menu = owner(&world, NOON);
    world.overrides.insert("desk".to_owned(), vec![closed]);
    assert!(
        send(&world, &Hook::to(menu.gather().action.as_deref().expect("a URL")).at(NOON))
            .said()
            .starts_with("The line is closed.")
    );
    let done = send(&world, &menu.presses("3").at(NOON));
    assert_eq!((said(&done).open, said(&done).until), (None, None));
    assert!(done.said().starts_with("The line is open, until today at 5 PM."), "{}", done.said());
}

#[test]
fn two_wrong_pins_lead_back_to_the_menu() {
    let world = world();
    let asked = presses(&world, "8", NOON);
    let again = send(&world, &asked.presses("1234").at(NOON));
    assert!(again.said().contains("That is not the code. Please try again"), "{}", again.said());
    let menu = send(&world, &again.presses("").at(NOON));
    assert!(menu.said().contains("That is not the code.") && menu.said().contains("Press 1."), "{}", menu.said());
    assert_eq!(menu.unit.facts.errors().len(), 1);
    assert!(send(&world, &menu.presses("1").at(NOON)).has(|verb| matches!(verb, Verb::Dial(_))));
}

#[test]
fn listed_callers_need_no_pin_and_others_do() {
    let world = world();
    let menu = send(&world, &Hook::new(Route::Voice).at(NOON));
    let known = send(&world, &menu.presses("9").with(&[("From", "+14035550111")]).at(NOON));
    assert!(known.said().starts_with("The line is open"), "{}", known.said());
    assert!(presses(&world, "9", NOON).said().contains("enter your code"));
    let mut locked = world.clone();
    locked.hours_pin = None;
    assert!(presses(&locked, "9", NOON).said().contains("not available right now"));
}

#[test]
fn nothing_is_claimed_that_cannot_be_stored() {
    let world = world();
    let lost = send(&world, &owner(&world, NOON).presses("1").at(NOON).lost());
    assert!(lost.unit.facts.overrulings().is_empty());
    assert!(lost.said().contains("not available right now") && !lost.said().contains("closed"), "{}", lost.said());
}

#[test]
fn the_prover_walks_behind_the_pin() {
    let world = world();
    let report = prove(&world, &world.lines()[0]);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let mut without = world.clone();
    without.hours_pin = None;
    assert!(report.paths > prove(&without, &without.lines()[0]).paths);
}

#[test]
fn a_key_that_nobody_can_use_is_not_offered_and_silence_is_no_key() {
    let loaded = load(&FixedSource::default(), Some(("s.toml", FILE))).expect("a good file");
    assert!(!loaded.lines[0].menus["main"].keys.contains_key(&'8'));
    assert!(loaded.lines[0].menus["main"].keys.contains_key(&'9'));
    assert!(loaded.notes.iter().any(|note| note.to_string().contains("HOURS_PIN")), "{:?}", loaded.notes);
    let silent = FILE.replace("[lines.menus.main.keys]", "otherwise = \"hours\"\n[lines.menus.main.keys]");
    let pin = FixedSource::new([("HOURS_PIN", "4711")]);
    let refused = load(&pin, Some(("s.toml", &silent))).expect_err("a mistake");
    assert!(refused.iter().any(|mistake| mistake.to_string().contains("silence cannot")), "{refused:?}");
}
