//! What callers hear of a line that is closed.

use super::phone::{Heard, Hook, send, world_of};
use switchboard::base::Outcome;
use switchboard::calls::prover::prove;
use switchboard::config::hours::Override;
use switchboard::gate::Route;
use switchboard::twiml::Verb;
use switchboard::world::World;

const FILE: &str = r#"
[[lines]]
name = "front-desk"
numbers = ["+15875550100"]
timezone = "America/New_York"
hours = { weekdays = "09:00-17:30", holidays = [{ date = "2026-12-25", name = "Christmas Day" }] }
[lines.menus.main]
prompt = "For sales, press 1."
keys = { 1 = { dial = "+15875550101" } }
"#;

fn line(closed: &str) -> World {
    world_of(&FILE.replace("hours = { ", &format!("hours = {{ {closed}")))
}

/// A call that comes in at a time of New York's winter, given in UTC.
fn called(world: &World, at: &str) -> Heard {
    send(world, &Hook::new(Route::Voice).at(at))
}

#[test]
fn an_open_line_greets_and_a_closed_one_says_when_it_opens() {
    let world = line("");
    // 2026-11-20 is a Friday.
    let open = called(&world, "2026-11-20T14:00:00Z");
    assert!(open.said().contains("For sales, press 1."), "{}", open.said());
    assert!(open.unit.webhook.decision.starts_with("open: Fri, 09:00-17:30"), "{}", open.unit.webhook.decision);
    for (at, opens) in [
        ("2026-11-20T13:59:59Z", "We open again today at 9 AM."),
        ("2026-11-19T23:00:00Z", "We open again tomorrow at 9 AM."),
        ("2026-11-20T22:30:00Z", "We open again on Monday at 9 AM."),
        ("2026-12-24T23:00:00Z", "We open again on Monday at 9 AM."),
    ] {
        let closed = called(&world, at);
        assert!(closed.said().contains(opens), "{at}: {}", closed.said());
        assert!(!closed.said().contains("press 1"), "{at}");
        assert!(closed.has(|verb| matches!(verb, Verb::Record(_))), "{at}");
        assert_eq!(closed.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Voicemail));
    }
    let holiday = called(&world, "2026-12-25T15:00:00Z");
    assert!(
        holiday.unit.webhook.decision.starts_with("closed: 2026-12-25 (Christmas Day), "),
        "{}",
        holiday.unit.webhook.decision
    );
}

#[test]
fn times_are_said_in_the_language_of_the_line() {
    for (language, said) in [
        ("fr-CA", "Nous ouvrons lundi à 9 heures."),
        ("es-MX", "Nous ouvrons el lunes a las 9."),
        ("de-DE", "Nous ouvrons am Montag um 9 Uhr."),
        ("en-GB", "Nous ouvrons on Monday at 9 AM."),
    ] {
        let world = world_of(
            &FILE
                .replace("timezone", &format!("language = \"{language}\"\ntimezone"))
                .replace("hours = { ", "hours = { closed = { greeting = \"Nous ouvrons {opens}.\" }, "),
        );
        let closed = called(&world, "2026-11-20T23:00:00Z");
        assert!(closed.said().contains(said), "{language}: {}", closed.said());
    }
    // We do not know how Polish says it: the sentence stays away, the rest is said.
    let greeting = "hours = { closed = { greeting = \"Zamknięte. Otwieramy {opens}. Dziękujemy.\" }, ";
    let polish = FILE.replace("timezone", "language = \"pl-PL\"\ntimezone").replace("hours = { ", greeting);
    let closed = called(&world_of(&polish), "2026-11-20T23:00:00Z");
    assert!(closed.said().starts_with("Zamknięte. Dziękujemy."), "{}", closed.said());
}

#[test]
fn a_closed_line_does_what_it_says() {
    let menu =
        "closed = { greeting = \"Closed.\", then = { dial = \"+15875550102\", say = \"The night service.\" } }, ";
    let dialled = called(&line(menu), "2026-11-20T23:00:00Z");
    assert!(dialled.said().contains("Closed. | The night service."), "{}", dialled.said());
    let next = send(&line(menu), &dialled.dialled("no-answer").at("2026-11-20T23:00:30Z"));
    assert!(next.has(|verb| matches!(verb, Verb::Record(_))), "{}", next.said());
    // A caller who is on the line when it closes goes on.
    let world = line("");
    let menu = send(&world, &called(&world, "2026-11-20T22:29:00Z").presses("1").at("2026-11-20T22:31:00Z"));
    assert!(menu.has(|verb| matches!(verb, Verb::Dial(_))), "{}", menu.said());
}

fn say(open: bool, say: &str, until: &str) -> Override {
    let time = |text: &str| text.parse().expect("a time");
    Override {
        id: "ov_01".to_owned(),
        line: "front-desk".to_owned(),
        open,
        from: time("2026-11-20T00:00:00Z"),
        until: Some(time(until)),
        say: say.to_owned(),
    }
}

#[test]
fn an_operator_goes_before_the_file_for_as_long_as_he_said() {
    let mut world = line("");
    world
        .overrides
        .insert("front-desk".to_owned(), vec![say(false, "Closed for snow, until {opens}.", "2026-11-20T18:00:00Z")]);
    let closed = called(&world, "2026-11-20T15:00:00Z");
    assert!(closed.said().starts_with("Closed for snow, until today at 1 PM."), "{}", closed.said());
    assert!(closed.unit.webhook.decision.starts_with("closed: override ov_01 until 2026-11-20 18:00 UTC"));
    assert!(called(&world, "2026-11-20T18:00:00Z").said().contains("For sales"));
    world.overrides.insert("front-desk".to_owned(), vec![say(true, "", "2026-11-21T18:00:00Z")]);
    assert!(called(&world, "2026-11-21T17:00:00Z").said().contains("For sales"));
    assert!(!called(&world, "2026-11-21T18:00:00Z").said().contains("For sales"));
}

#[test]
fn both_sides_of_the_clock_are_proved() {
    let file = format!(
        "{}\n[lines.menus.night]\nprompt = \"Night.\"\nkeys = {{ 2 = {{ menu = \"again\" }} }}\notherwise = {{ menu = \"again\" }}\n\
         [lines.menus.again]\nprompt = \"Again.\"\nkeys = {{ 2 = \"voicemail\" }}\notherwise = {{ menu = \"night\" }}\n",
        FILE.replace("hours = { ", "hours = { closed = { then = { menu = \"night\" } }, ")
    );
    let world = world_of(&file);
    let report = prove(&world, &world.lines()[0]);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(report.findings[0].message.contains("menu night"), "{:?}", report.findings);
    assert_eq!(prove(&line(""), &line("").lines()[0]).findings, []);
}

#[test]
fn a_closed_line_is_closed_also_when_the_primary_url_failed() {
    let failed = ("ErrorUrl", "https://phone.example.com/twilio/voice");
    let hook = |at: &str| Hook::new(Route::Fallback).at(at).with(&[failed, ("ErrorCode", "11200")]);
    let closed = send(&line(""), &hook("2026-11-20T23:00:00Z"));
    assert!(closed.said().contains("We open again on Monday at 9 AM."), "{}", closed.said());
    assert!(!closed.said().contains("For sales"), "{}", closed.said());
    assert!(send(&line(""), &hook("2026-11-20T15:00:00Z")).said().contains("For sales"));
}
