//! `[lines.limits]`: what it says, and what is wrong with it.

use switchboard::config::callers::Pattern;
use switchboard::config::limits::{Limits, Rate};
use switchboard::config::{FixedSource, load};

/// The limits of a line, or all mistakes.
fn limits(text: &str) -> Result<Limits, String> {
    let file = format!("[[lines]]\nname = \"main\"\nnumbers = [\"+15875550100\"]\n[lines.limits]\n{text}\n");
    let loaded = load(&FixedSource::default(), Some(("s.toml", &file)));
    loaded
        .map(|loaded| loaded.lines[0].limits.clone())
        .map_err(|mistakes| mistakes.iter().map(|mistake| format!("{mistake}\n")).collect())
}

#[test]
fn ten_at_once_then_one_every_six_seconds_unless_it_says_otherwise() {
    let six = Some(Rate { burst: 10, every_us: 6_000_000 });
    assert_eq!(limits("").map(|l| (l.caller, l.line, l.account, l.custom)), Ok((six, None, None, None)));
    assert_eq!(limits("caller = \"off\"").map(|l| l.caller), Ok(None));
    assert_eq!(limits("caller = { per_minute = 10 }").map(|l| l.caller), Ok(six));
    let fast = Some(Rate { burst: 3, every_us: 10_000 });
    assert_eq!(limits("line = { burst = 3, per_minute = 6000 }").map(|l| l.line), Ok(fast));
}

#[test]
fn the_list_names_callers_and_beginnings_of_numbers() {
    let list = limits("allow = [\"+14035550111\", \"+1587555*\", \"client:ana\"]").expect("a good list");
    assert_eq!(list.allow[1], Pattern::Prefix("+1587555".to_owned()));
    for (from, allowed) in [
        ("+14035550111", true),
        ("+14035550112", false),
        ("+15875550199", true),
        ("client:ana", true),
        ("client:anabel", false),
        ("", false),
    ] {
        assert_eq!(list.allows(from), allowed, "{from}");
    }
}

#[test]
fn mistakes_say_what_is_wrong_and_how_to_mend_it() {
    for (text, what, mend) in [
        ("caller = \"none\"", "`none` is no limit", "or \"off\""),
        ("caller = { burst = 0, every_s = 6 }", "`burst` is 0", "from 1 to 10000"),
        ("caller = { burst = 5 }", "no rate after the burst", "every_s = 6 (seconds a call)"),
        ("line = { every_s = 1, per_minute = 60 }", "two rates after the burst", "or per_minute = 10"),
        ("line = { per_minute = 7000 }", "`per_minute` is 7000", "from 1 to 6000"),
        ("line = { per_second = 7 }", "unknown key `per_second`", ""),
        ("custom = { by = [], every_s = 1 }", "`custom` names no field", "by = [\"FromCountry\"]"),
        ("custom = { by = [\"CallSid\"], every_s = 1 }", "`CallSid` is another one each call", "in common"),
        ("custom = { by = [\"from country\"], every_s = 1 }", "is no field of the carrier's", "\"FromCountry\""),
        ("allow = [\"5875550100\"]", "is not a telephone number", "+15875550100"),
        ("allow = [\"*\"]", "`*` is no beginning of a number", "\"+1587555*\""),
        ("callers = \"off\"", "unknown key `callers`", "did you mean `caller`?"),
    ] {
        let said = limits(text).expect_err(text);
        assert!(said.contains(what) && said.contains(mend) && said.starts_with("s.toml:5:"), "{text}: {said}");
    }
}
