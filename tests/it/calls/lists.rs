//! Callers that a list knows.

use super::phone::{Heard, Hook, send, world_of};
use switchboard::base::Outcome;
use switchboard::calls::prover::prove;
use switchboard::config::entries::{Entries, Entry, List};
use switchboard::config::{FixedSource, load, to_toml};
use switchboard::gate::Route;
use switchboard::twiml::Verb;

const FILE: &str = r#"
[[lines]]
name = "front-desk"
numbers = ["+15875550100"]
timezone = "America/New_York"
hours = { weekdays = "09:00-17:30" }
[lines.callers]
allow = ["+19005550101"]
block = { numbers = ["+1900*"], withheld = true, unverified = true, then = { message = "This number takes no calls from you." } }
vip = { numbers = ["+15875550142"], greeting = "Good to hear you.", then = { dial = "+15875550101" } }
[lines.menus.main]
prompt = "For sales, press 1."
keys = { 1 = { dial = "+15875550101" } }
"#;

/// A call on a Friday morning in New York.
fn called(from: &str, more: &[(&str, &str)]) -> Heard {
    send(&world_of(FILE), &Hook::new(Route::Voice).at("2026-11-20T15:00:00Z").with(&[("From", from)]).with(more))
}

#[test]
fn a_blocked_caller_hears_what_the_list_says_and_the_call_says_why() {
    for (from, more, rule) in [
        ("+19005550100", ("StirVerstat", ""), "block +1900*"),
        ("anonymous", ("StirVerstat", ""), "block withheld numbers"),
        ("+15875550111", ("StirVerstat", "TN-Validation-Failed-A"), "block unverified numbers"),
    ] {
        let heard = called(from, &[more]);
        assert_eq!(heard.said(), "This number takes no calls from you.", "{from}");
        assert!(matches!(heard.document.verbs.last(), Some(Verb::Hangup(_))));
        let call = heard.unit.call.as_ref().expect("a call");
        assert_eq!((call.outcome, call.reason.as_deref()), (Some(Outcome::Rejected), Some(rule)));
        assert_eq!(heard.unit.webhook.decision, format!("not let in: {rule}"));
    }
}

#[test]
fn everybody_else_is_let_in_also_without_a_verdict_of_the_carrier() {
    for (from, verstat) in [
        ("+19005550101", "TN-Validation-Failed-A"),
        ("+15875550111", ""),
        ("+15875550111", "No-TN-Validation"),
        ("+15875550111", "TN-Validation-Passed-C"),
    ] {
        assert!(called(from, &[("StirVerstat", verstat)]).said().contains("For sales"), "{from} {verstat}");
    }
}

#[test]
fn a_vip_is_led_past_menu_hours_and_limits() {
    let world = world_of(FILE);
    let night = Hook::new(Route::Voice).at("2026-11-21T03:00:00Z").with(&[("From", "+15875550142")]);
    let heard = send(&world, &night);
    assert!(heard.said().starts_with("Good to hear you."), "{}", heard.said());
    assert!(heard.has(|verb| matches!(verb, Verb::Dial(_))) && heard.unit.limits.is_empty());
    assert!(heard.unit.webhook.decision.starts_with("vip +15875550142"), "{}", heard.unit.webhook.decision);
    let next = send(&world, &heard.dialled("busy"));
    assert!(next.has(|verb| matches!(verb, Verb::Record(_))), "{}", next.said());
}

#[test]
fn attestation_is_a_signal_and_only_a_failed_one_refuses() {
    for level in ["", "-A", "-B", "-C"] {
        let failed = called("+15875550111", &[("StirVerstat", &format!("TN-Validation-Failed{level}"))]);
        assert_eq!(failed.unit.webhook.decision, "not let in: block unverified numbers", "{level}");
        let passed = called("+15875550111", &[("StirVerstat", &format!("TN-Validation-Passed{level}"))]);
        assert!(passed.said().contains("For sales"), "{level}");
    }
    // Without the wish no verdict refuses anybody.
    let world = world_of(&FILE.replace("unverified = true, ", ""));
    let hook = Hook::new(Route::Voice).at("2026-11-20T15:00:00Z").with(&[("StirVerstat", "TN-Validation-Failed-A")]);
    assert!(send(&world, &hook).said().contains("For sales"));
}

fn entry(id: &str, number: &str, list: List) -> Entry {
    let (id, number) = (id.to_owned(), number.to_owned());
    let until = Some("2026-11-20T15:30:00Z".parse().expect("a time"));
    Entry { id, line: None, number, list, until, made: "2026-11-20T12:00:00Z".parse().expect("a time") }
}

#[test]
fn an_entry_of_the_call_log_goes_before_the_lists_of_the_file_and_ends() {
    let mut world = world_of(FILE);
    world.entries = Entries::new([
        entry("cl_1", "+15875550111", List::Block),
        entry("cl_2", "+19005550100", List::Allow),
        entry("cl_3", "+14035550111", List::Vip),
        entry("cl_4", "+15875550142", List::Block),
    ]);
    let call = |from: &str, at: &str| send(&world, &Hook::new(Route::Voice).at(at).with(&[("From", from)]));
    let (now, later) = ("2026-11-20T15:00:00Z", "2026-11-20T15:30:00Z");
    for (from, row) in [("+15875550111", "cl_1"), ("+15875550142", "cl_4")] {
        let blocked = call(from, now);
        assert_eq!(blocked.said(), "This number takes no calls from you.");
        let rule = format!("blocked by the list of the call log: row {row}");
        assert_eq!(blocked.unit.webhook.decision, format!("not let in: {rule}"));
        assert_eq!(blocked.unit.call.as_ref().and_then(|call| call.reason.as_deref()), Some(rule.as_str()));
    }
    assert!(call("+15875550111", later).said().contains("For sales"), "its time is over");
    assert!(call("+15875550142", later).said().starts_with("Good to hear you."));
    assert!(call("+19005550100", now).said().contains("For sales"));
    let vip = call("+14035550111", now);
    assert!(vip.said().starts_with("Good to hear you.") && vip.unit.limits.is_empty());
    assert!(vip.unit.webhook.decision.starts_with("vip by the list of the call log: row cl_3"));
}

#[test]
fn a_line_without_lists_of_its_own_rejects_as_busy() {
    let plain =
        FILE.lines().filter(|row| !["[lines.callers]", "allow", "block", "vip"].iter().any(|key| row.starts_with(key)));
    let mut world = world_of(&plain.collect::<Vec<_>>().join("\n"));
    world.entries = Entries::new([entry("cl_1", "+1587*", List::Block), entry("cl_2", "+14035550111", List::Vip)]);
    let call = |from: &str| send(&world, &Hook::new(Route::Voice).at("2026-11-20T15:00:00Z").with(&[("From", from)]));
    assert!(call("+15875550111").has(|verb| matches!(verb, Verb::Reject(_))));
    assert!(call("+14035550111").said().contains("For sales"), "no way for VIPs");
}

#[test]
fn lists_are_proved_and_printed() {
    let world = world_of(FILE);
    assert_eq!(prove(&world, &world.lines()[0]).findings, []);
    let loaded = load(&FixedSource::default(), Some(("s.toml", FILE))).expect("good");
    let again = load(&FixedSource::default(), Some(("again.toml", &to_toml(&loaded)))).expect("what was printed");
    assert_eq!(again.lines[0].callers, loaded.lines[0].callers);
}

#[test]
fn mistakes_say_what_is_wrong_and_how_to_mend_it() {
    for (row, what, mend) in [
        ("block = { then = \"reject\" }", "`block` names nobody", "numbers = "),
        ("block = { withheld = true, then = 429 }", "cannot be answered 429", "reject"),
        ("block = { numbers = [\"1900*\"] }", "`1900*` is no beginning of a number", "+1587555*"),
        ("vip = { numbers = [\"+15875550111\"] }", "`vip` leads nowhere", "then = "),
        ("vip = { numbers = [\"+15875550111\"], then = \"repeat\" }", "past the menu", "dial"),
        ("deny = []", "unknown key `deny`", ""),
    ] {
        let file = format!("[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n[lines.callers]\n{row}\n");
        let mistakes = load(&FixedSource::default(), Some(("s.toml", &file))).expect_err(row);
        let said: String = mistakes.iter().map(ToString::to_string).collect();
        assert!(said.contains(what) && said.contains(mend), "{row}: {said}");
    }
}

#[test]
fn who_is_blocked_is_blocked_also_when_the_primary_url_failed() {
    let failed = [("ErrorUrl", "https://phone.example.com/twilio/voice"), ("From", "+19005550100")];
    let hook = Hook::new(Route::Fallback).at("2026-11-20T15:00:00Z").with(&failed);
    assert_eq!(send(&world_of(FILE), &hook).said(), "This number takes no calls from you.");
    let counted = called("+19005550100", &[]);
    assert!(!counted.unit.limits.is_empty(), "he meets the limits like everybody else");
}
