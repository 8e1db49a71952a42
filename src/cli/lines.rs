//! `switchboard lines sync`: whether the carrier asks where it should, and making it so; and the document that answers
//! when all of us are gone.

use super::admin::{Admin, AdminArgs};
use crate::base::E164;
use crate::cli::say;
use crate::twiml::{Dial, Response, Say};
use clap::Subcommand;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Keep the carrier's settings in step with the lines
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  switchboard lines sync --apply\n\nExit codes: 0 in step, 1 not, 2 usage")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Sync(Box<Sync>),
}

/// Compare every number's URLs at the carrier with the wanted ones
///
/// For every number of the configuration file and of the service's tables. Shows what differs; --apply mends it. Numbers
/// that lead to no line here are told of and never touched.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  switchboard lines sync\n  switchboard lines sync --apply --json\n  \
    switchboard lines sync --fallback fallback.xml --dial +15875550103\n\n\
    The token comes from ADMIN_TOKEN, ADMIN_TOKEN_FILE or `--token -` (standard input).\n\
    Exit codes: 0 in step (or made so, or written), 1 something differs or could not be mended, 2 usage")]
struct Sync {
    #[command(flatten)]
    admin: AdminArgs,
    /// Mend what differs
    #[arg(long)]
    apply: bool,
    /// Write the static document that answers when this service does not, and say how to host it
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    fallback: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "fallback")]
    force: bool,
    /// What the document says
    #[arg(long, value_name = "TEXT", requires = "fallback", default_value = SORRY)]
    say: String,
    /// Whom the document dials after that; without it the call ends
    #[arg(long, value_name = "E.164", requires = "fallback", value_parser = number)]
    dial: Option<E164>,
    /// One JSON document instead of words
    #[arg(long)]
    json: bool,
}

const SORRY: &str =
    "We are sorry, our telephone system is not available right now. Please call again in a few minutes.";

fn number(text: &str) -> Result<E164, String> {
    E164::parse(text).map_err(|why| why.to_string())
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let What::Sync(args) = &args.what;
    if let Some(path) = &args.fallback {
        return write(path, &document(&args.say, args.dial.as_ref()), args);
    }
    args.admin.ask(async |admin| {
        let look = sync(admin, args.apply).await?;
        let code = say::answer(&look, args.json, |look| words(look, args.apply));
        Ok(if in_step(&look) { code } else { ExitCode::FAILURE })
    })
}

async fn sync(admin: &Admin, apply: bool) -> Result<Value, String> {
    admin.post_long(&["numbers", "sync"], &json!({ "apply": apply })).await
}

fn in_step(look: &Value) -> bool {
    let none = |name: &str| look.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty);
    look.get("drifted").and_then(Value::as_u64) == Some(0) && none("missing") && none("orphans") && none("unread")
}

fn items<'a>(look: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    look.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}

/// The look as a person reads it.
fn words(look: &Value, apply: bool) -> String {
    let mut lines = String::new();
    for number in items(look, "numbers") {
        let (name, line) = (text(number, "number"), text(number, "line"));
        let repaired = number.get("repaired") == Some(&Value::Bool(true));
        let standing = match (items(number, "differences").next(), repaired) {
            (None, _) => "in step",
            (Some(_), true) => "mended",
            (Some(_), false) => "differs",
        };
        lines += &format!("{name:16}  {line:20}  {standing}\n");
        for difference in items(number, "differences") {
            let empty = |text: &str| if text.is_empty() { "(nothing)".to_owned() } else { text.to_owned() };
            let (actual, wanted) = (empty(text(difference, "actual")), empty(text(difference, "wanted")));
            lines += &format!("  {}: {actual} -> {wanted}\n", text(difference, "field"));
        }
        if let Some(error) = number.get("error").and_then(Value::as_str) {
            lines += &format!("  could not be mended: {error}\n");
        }
    }
    for stray in items(look, "missing") {
        let (number, line) = (text(stray, "number"), text(stray, "of"));
        lines += &format!("{number:16}  {line:20}  is in none of our accounts at the carrier\n");
    }
    for stray in items(look, "orphans") {
        let (number, of) = (text(stray, "number"), text(stray, "of"));
        lines += &format!(
            "{number:16}  was left behind by {of}: `numbers transactions {of} --retry`, or release it by hand\n"
        );
    }
    for stray in items(look, "idle") {
        lines += &format!("{:16}  is paid for and leads to no line here; not touched\n", text(stray, "number"));
    }
    for account in items(look, "unread") {
        let (sid, error) = (text(account, "account_sid"), text(account, "error"));
        lines += &format!("{sid}  its numbers could not be read: {error}\n");
    }
    let drifted = look.get("drifted").and_then(Value::as_u64).unwrap_or(0);
    match (drifted, apply) {
        (0, _) if in_step(look) => lines + "every number is in step\n",
        (0, _) => lines + "every number that is ours is in step; see above for the others\n",
        (n, false) => lines + &format!("{n} would be mended by --apply\n"),
        (n, true) => lines + &format!("{n} could not be mended\n"),
    }
}

/// TwiML that needs nothing but a place that serves files.
fn document(words: &str, dial: Option<&E164>) -> String {
    let response = Response::new().then(Say::new(words));
    match dial {
        Some(number) => response.then(Dial::number(number.as_str())).render(),
        None => response.render(),
    }
}

fn store(path: &Path, document: &str, force: bool) -> std::io::Result<()> {
    match force {
        true => std::fs::write(path, document),
        false => std::fs::File::create_new(path)?.write_all(document.as_bytes()),
    }
}

fn write(path: &Path, document: &str, args: &Sync) -> ExitCode {
    match store(path, document, args.force) {
        Ok(()) => {}
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {
            return say::failure(&format!("{} is there already: say --force to overwrite it", path.display()));
        }
        Err(why) => return say::failure(&format!("{}: {why}", path.display())),
    }
    if args.json {
        say::json(&json!({ "written": path, "document": document }));
        return ExitCode::SUCCESS;
    }
    say::line(&format!(
        "wrote {}\n\n\
         Host it where it stands when this service and its network do not: a TwiML Bin at the carrier (paste it), or any\n\
         static web host on another network (served over https, as text/xml). Then:\n  \
         1. set TWILIO_FALLBACK_URL to its address and restart the service\n  \
         2. switchboard lines sync --apply\n\
         From then on the carrier plays it whenever the voice URL fails. Without it numbers fall back to\n\
         PUBLIC_URL/twilio/fallback, which can take messages, but needs this service to run.",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twiml::parse;

    #[test]
    fn the_document_is_twiml_that_needs_no_service() {
        for (dial, verbs) in [(None, 1), (Some(E164::parse("+15875550103").unwrap()), 2)] {
            let document = document("Sorry & <bye>", dial.as_ref());
            let parsed = parse(&document).expect("TwiML");
            assert_eq!(parsed.response.verbs.len(), verbs, "{document}");
            assert!(!document.contains("http"), "{document}");
        }
    }

    #[test]
    fn a_file_that_is_there_stays_unless_forced() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("fallback.xml");
        store(&path, "one", false).expect("written");
        store(&path, "two", false).expect_err("it is there");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "one");
        store(&path, "three", true).expect("forced");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "three");
    }

    #[test]
    fn what_differs_is_shown_and_decides_the_exit() {
        let number = |repaired: bool| {
            json!({ "number": "+15875550100", "line": "main", "repaired": repaired, "error": null,
            "differences": [{ "field": "voice_url", "wanted": "https://new.example", "actual": "" }] })
        };
        let plan = json!({ "drifted": 1, "numbers": [number(false)], "missing": [], "idle": [], "orphans": [] });
        let told = words(&plan, false);
        assert!(told.contains("voice_url: (nothing) -> https://new.example\n1 would be mended by --apply"), "{told}");
        assert!(!in_step(&plan));
        let done = json!({ "drifted": 0, "numbers": [number(true)], "missing": [], "idle": [], "orphans": [] });
        assert!(words(&done, true).contains("mended\n") && in_step(&done));
        let lost = json!({ "drifted": 0, "numbers": [], "missing": [{ "number": "+15875550100", "of": "main" }] });
        assert!(words(&lost, false).contains("in none of our accounts") && !in_step(&lost));
    }
}
