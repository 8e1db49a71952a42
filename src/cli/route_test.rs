//! `switchboard route-test`: what a caller would hear, and which rule decides, without a call.

use crate::base::Time;
use crate::calls::prover::{Ended, Played, Rehearsal};
use crate::cli::say;
use crate::config::callers::Verdict;
use crate::config::line::Line;
use crate::config::{Loaded, SystemSource, load_file};
use crate::simulator::{Callee, SimulatorError};
use crate::world::World;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Say what a caller would hear, and which rule decides
///
/// Reads the configuration only: nothing is called and no service has to run. What operators say for a while is asked for with
/// `switchboard hours`; a call that was is told step by step by the running service, under /api/calls/{sid}.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    switchboard route-test --press 1\n  \
    switchboard route-test --to +15875550100 --at \"2026-12-25 10:00\"\n  \
    switchboard route-test --press 1 --dial-outcome mailbox,no-answer\n  \
    switchboard route-test --from +14035550111 --at 2026-11-20T16:00:00Z --press w,2 --json\n\n\
    Exit codes: 0 shown, 1 no line answers or the configuration is wrong, 2 usage")]
pub struct Args {
    /// The number that is called [default: the first line's]
    #[arg(long, value_name = "E.164")]
    to: Option<String>,
    /// The caller's number; empty for one who withholds it
    #[arg(long, value_name = "E.164", default_value = "+15875550111")]
    from: String,
    /// What the carrier found out about the caller's number, like TN-Validation-Failed-A
    #[arg(long, value_name = "VERSTAT")]
    verstat: Option<String>,
    /// When: RFC 3339, or a date and time by the line's clock [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Keys pressed, one a menu: `1,2`; `w` is silence
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    press: String,
    /// A sentence for a menu that listens, once no key is left; again for the next one
    #[arg(long, value_name = "WORDS")]
    say: Vec<String>,
    /// How those who are dialled answer, one dial after the other: answered, mailbox (presses no key when asked to), declined,
    /// busy, no-answer, failed, canceled
    #[arg(long, value_name = "OUTCOME", value_parser = ended, value_delimiter = ',')]
    dial_outcome: Vec<Ended>,
    /// The file to read instead of the one that SWITCHBOARD_CONFIG names
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// The words of `call --dial-outcome`, as far as the caller is still there afterwards.
fn ended(word: &str) -> Result<Ended, SimulatorError> {
    Ok(match Callee::parse(word)? {
        Callee::Answers { .. } => Ended::Talked,
        Callee::Mailbox | Callee::Declines => Ended::PickedUp,
        Callee::Busy => Ended::Missed("busy"),
        Callee::NoAnswer => Ended::Missed("no-answer"),
        Callee::Failed => Ended::Missed("failed"),
        Callee::Canceled => Ended::Missed("canceled"),
        Callee::Abandoned => return Err(SimulatorError::Callee(word.to_owned())),
    })
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let path = args.config.as_ref().map(|path| path.to_string_lossy());
    let loaded = match load_file(&SystemSource, path.as_deref()) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    let keys = match keys(&args.press) {
        Ok(keys) => keys,
        Err(why) => return say::usage(&why),
    };
    match shown(args, loaded, &keys) {
        Ok(shown) => {
            if args.json {
                say::json(&shown);
            } else {
                say::text(&shown.text());
            }
            ExitCode::SUCCESS
        }
        Err(Unshown::Usage(why)) => say::usage(&why),
        Err(Unshown::NoLine(why)) => say::failure(&why),
    }
}

#[derive(Debug)]
enum Unshown {
    Usage(String),
    NoLine(String),
}

/// Keys as `call --press` takes them; waits of a length are silence here.
fn keys(press: &str) -> Result<String, String> {
    let parts = press.split(',').map(str::trim).filter(|part| !part.is_empty());
    let mut keys = String::new();
    for part in parts {
        match part.strip_prefix('w') {
            Some(seconds) if seconds.bytes().all(|b| b.is_ascii_digit()) => keys.push('w'),
            None if part.chars().all(|key| "0123456789*#".contains(key)) => keys.push_str(part),
            _ => return Err(format!("--press: `{part}` is neither a key nor `w` (silence): write 1,2 or w,9")),
        }
    }
    Ok(keys)
}

/// All that there is to say.
#[derive(Debug, Serialize)]
struct Shown {
    to: String,
    from: String,
    /// By the clock of the line.
    at: String,
    line: String,
    /// The list that knows the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    open: bool,
    /// The rule of the hours that won.
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<String>,
    #[serde(flatten)]
    played: Played,
}

fn shown(args: &Args, loaded: Loaded, keys: &str) -> Result<Shown, Unshown> {
    let world = World::from(loaded);
    let first = || world.lines().iter().flat_map(|line| &line.numbers).next().map(ToString::to_string);
    let to = args.to.clone().or_else(first).ok_or_else(|| Unshown::Usage("--to: write a number".to_owned()))?;
    let line = world.line_for(&to).ok_or_else(|| Unshown::NoLine(format!("no line answers {to}")))?;
    let at = match &args.at {
        None => now(),
        Some(text) => time(text, line).map_err(Unshown::Usage)?,
    };
    let standing = world.standing(line, at);
    let verstat = args.verstat.as_deref();
    let list = match line.callers.verdict(&args.from, verstat) {
        Verdict::Usual => None,
        Verdict::Blocked(_, rule) | Verdict::Vip(_, rule) => Some(rule),
    };
    let (words, ends) = (&args.say, &args.dial_outcome);
    let played = Rehearsal { to: &to, from: &args.from, verstat, at, keys, words, ends }.play(&world);
    let local = |at: DateTime<chrono_tz::Tz>| at.format("%a %Y-%m-%d %H:%M %Z").to_string();
    Ok(Shown {
        at: local(at.with_timezone(&line.timezone)),
        line: line.name.clone(),
        list,
        open: standing.open,
        rule: standing.rule.to_string(),
        opens: standing.opens.map(local),
        from: args.from.clone(),
        to,
        played,
    })
}

#[expect(clippy::disallowed_methods, reason = "a command asks the clock once, at its door")]
fn now() -> Time {
    chrono::Utc::now()
}

/// An instant, or a date and time by the line's clock; of one that comes twice the first.
fn time(text: &str, line: &Line) -> Result<Time, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let written = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let noon = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(12, 0, 0);
    let local = written.or_else(noon);
    let local = local
        .ok_or_else(|| format!("--at: `{text}` is no time: write 2026-12-25T10:00:00Z or \"2026-12-25 10:00\""))?;
    let zone = line.timezone;
    let instant = zone.from_local_datetime(&local).earliest();
    instant
        .map(|at| at.to_utc())
        .ok_or_else(|| format!("--at: {text} does not exist in {zone}: the clock is put forward then"))
}

impl Shown {
    fn text(&self) -> String {
        let mut text = format!("{} calls {} on {}\n", self.from, self.to, self.at);
        // Writing to a String cannot fail.
        let _ = write!(text, "line {}: {}, by {}", self.line, if self.open { "open" } else { "closed" }, self.rule);
        let _ = match &self.opens {
            Some(opens) => writeln!(text, "; opens {opens}"),
            None => writeln!(text),
        };
        if let Some(list) = &self.list {
            let _ = writeln!(text, "caller {}: by list, {list}", self.from);
        }
        for (step, number) in self.played.steps.iter().zip(1..) {
            let _ = writeln!(text, "\n{number}. {}", step.because);
            for limit in &step.limits {
                let _ = writeln!(text, "   limit    {limit}");
            }
            let _ = writeln!(text, "   decided  {}", step.decided);
            for said in &step.says {
                let _ = writeln!(text, "   hears    {said}");
            }
            for done in &step.does {
                let _ = writeln!(text, "   then     {done}");
            }
        }
        for (ahead, number) in self.played.next.iter().zip(0..) {
            let opening = if number == 0 { "\nnext " } else { "     " };
            let _ = writeln!(text, "{opening}    {} → {}", ahead.when.join(", "), ahead.decided);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FixedSource, load};

    const FILE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\ntimezone = \"America/New_York\"\n\
        hours = { weekdays = \"09:00-17:00\", holidays = [\"2026-12-25\"] }\n[lines.menus.main]\n\
        prompt = \"For sales, press 1.\"\nkeys = { 1 = { dial = \"+15875550101\" } }\n";

    fn args(at: &str) -> Args {
        Args {
            to: None,
            from: "+15875550111".to_owned(),
            verstat: None,
            at: Some(at.to_owned()),
            press: String::new(),
            say: Vec::new(),
            dial_outcome: Vec::new(),
            config: None,
            json: false,
        }
    }

    fn show(file: &str, args: &Args) -> Shown {
        let loaded = load(&FixedSource::default(), Some(("s.toml", file))).expect("a good file");
        shown(args, loaded, &keys(&args.press).expect("keys")).expect("shown")
    }

    fn test(at: &str, press: &str) -> Shown {
        show(FILE, &Args { press: press.to_owned(), ..args(at) })
    }

    #[test]
    fn a_mailbox_that_picks_up_and_a_busy_phone_lead_to_ours() {
        let dials = FILE.replace("dial = \"+15875550101\"", "dial = [\"+15875550101\", \"sip:ana@pbx.example\"]");
        let outcomes = vec![Ended::PickedUp, Ended::Missed("busy")];
        let asked = Args { press: "1".to_owned(), dial_outcome: outcomes, ..args("2026-11-20 10:00") };
        let text = show(&dials, &asked).text();
        for part in [
            "rings +15875550101 for 20 s; who picks up is asked for a key",
            "3. answered by nobody",
            "rings sip:ana@pbx.example for 20 s\n",
            "4. the dial ends: busy",
            "then     records a message of at most",
            "next     leaves a message → ",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn what_may_come_next_is_told_and_ways_that_are_alike_are_one() {
        let text = test("2026-11-20 10:00", "").text();
        assert!(text.contains("\nnext     silence, ") && text.contains(" key 1 → dial 1 of 1\n"), "{text}");
        let text = test("2026-11-20 10:00", "1").text();
        assert!(text.contains("the dial ends: busy, the dial ends: no-answer"), "{text}");
    }

    #[test]
    fn lists_and_words_decide_too() {
        let file = FILE.replace("keys = {", "speech = true\nphrases = { sales = 1 }\nkeys = {")
            + "[lines.callers]\nblock = { unverified = true }\n";
        let spoken = Args { say: vec!["sales please".to_owned()], ..args("2026-11-20 10:00") };
        let text = show(&file, &spoken).text();
        assert!(text.contains("2. \"sales please\"") && text.contains("rings +15875550101"), "{text}");
        let forged = Args { verstat: Some("TN-Validation-Failed-A".to_owned()), ..args("2026-11-20 10:00") };
        let text = show(&file, &forged).text();
        assert!(text.contains("caller +15875550111: by list, block unverified numbers\n"), "{text}");
        assert!(ended("abandoned").is_err() && ended("loud").is_err());
    }

    #[test]
    fn an_open_line_rings_sales() {
        let text = test("2026-11-20 10:00", "w,1").text();
        for part in [
            "+15875550111 calls +15875550100 on Fri 2026-11-20 10:00 EST",
            "line desk: open, by Fri, 09:00-17:00\n",
            "limit    caller: 10 at once, then one every 6 s",
            "hears    For sales, press 1.",
            "2. silence",
            "3. key 1",
            "then     rings +15875550101 for 20 s",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_holiday_closes_it() {
        let text = test("2026-12-25T15:00:00Z", "1").text();
        assert!(
            text.contains("line desk: closed, by 2026-12-25, no range holds this time; opens Mon 2026-12-28 09:00 EST"),
            "{text}"
        );
        assert!(
            text.contains("We open again on Monday at 9 AM.") && text.contains("records a message of at most"),
            "{text}"
        );
        assert!(!text.contains("We did not hear"), "what comes behind the message depends on it: {text}");
    }

    #[test]
    fn odd_times_and_keys_are_refused() {
        let loaded = load(&FixedSource::default(), Some(("s.toml", FILE))).expect("a good file");
        let line = &loaded.lines[0];
        assert!(time("yesterday", line).unwrap_err().contains("is no time"));
        assert!(time("2026-03-08 02:30", line).unwrap_err().contains("does not exist"));
        assert_eq!(time("2026-11-20", line).map(|at| at.to_rfc3339()).as_deref(), Ok("2026-11-20T17:00:00+00:00"));
        assert!(keys("1,a").is_err() && keys("12,w3,#").as_deref() == Ok("12w#"));
    }
}
