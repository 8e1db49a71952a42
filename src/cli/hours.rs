//! `switchboard hours`: when lines are open, and overruling it for a while.

use super::admin::{Admin, AdminArgs};
use crate::cli::say;
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Say when a line is open, and overrule it for a while
///
/// Talks to a running service. What is said here goes before the hours of the configuration, counts on every instance within two
/// seconds, and lets calls that are on the line go on.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard hours explain front-desk --at 2026-12-25T17:00:00Z\n  \
    switchboard hours close front-desk --minutes 120 --say \"We are closed for the afternoon. We open again {opens}.\"\n  \
    switchboard hours resume front-desk\n\n\
    The token comes from ADMIN_TOKEN, ADMIN_TOKEN_FILE or `--token -` (standard input).\n\
    Exit codes: 0 done, 1 not done, 2 usage")]
pub struct Args {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    admin: AdminArgs,
    /// One JSON document instead of words
    #[arg(long, global = true)]
    json: bool,
}

/// What every subcommand's help ends with.
macro_rules! help {
    ($examples:literal) => {
        concat!("Example:\n  switchboard hours ", $examples, "\n\nExit codes: 0 done, 1 not done, 2 usage")
    };
}

#[derive(Subcommand, Debug)]
enum What {
    /// Whether a line is open, and which rule says so
    #[command(after_help = help!("explain front-desk --at 2026-12-25T17:00:00Z"))]
    Explain {
        /// Name of the line
        line: String,
        /// RFC 3339 [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Close a line, whatever its hours say
    #[command(after_help = help!("close front-desk --minutes 120"))]
    Close(Wish),
    /// Open a line, whatever its hours say
    #[command(after_help = help!("open front-desk --until 2026-11-21T20:00:00Z"))]
    Open(Wish),
    /// Let the line's own hours count again
    #[command(after_help = help!("resume front-desk"))]
    Resume {
        /// Name of the line
        line: String,
    },
    /// What was said of lines, newest first
    #[command(after_help = help!("list --line front-desk --limit 10"))]
    List {
        /// Of this line only
        #[arg(long)]
        line: Option<String>,
        /// Most items
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
}

#[derive(clap::Args, Debug)]
struct Wish {
    /// Name of the line
    line: String,
    /// Ends by itself after so many minutes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=527_040))]
    minutes: Option<u32>,
    /// Ends by itself then (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "minutes")]
    until: Option<String>,
    /// Said to callers of the closed line; `{opens}` becomes the time of the next opening
    #[arg(long, value_name = "TEXT", default_value = "")]
    say: String,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    args.admin.ask(async |admin| Ok(say::answer(&done(admin, &args.what).await?, args.json, words)))
}

async fn done(admin: &Admin, what: &What) -> Result<Value, String> {
    match what {
        What::Explain { line, at } => {
            let query: Vec<_> = at.iter().map(|at| ("at", at.as_str())).collect();
            admin.get(&["lines", line, "hours"], &query).await
        }
        What::Close(wish) => make(admin, "closed", wish).await,
        What::Open(wish) => make(admin, "open", wish).await,
        What::Resume { line } => resume(admin, line).await,
        What::List { line, limit } => {
            let query: Vec<_> = line.iter().map(|line| ("line", line.as_str())).collect();
            admin.list(&["overrides"], &query, Some(*limit)).await
        }
    }
}

async fn make(admin: &Admin, state: &str, wish: &Wish) -> Result<Value, String> {
    let mut body = json!({ "line": wish.line, "state": state, "say": wish.say });
    if let Some(body) = body.as_object_mut() {
        body.extend(wish.minutes.map(|minutes| ("minutes".to_owned(), json!(minutes))));
        body.extend(wish.until.as_ref().map(|until| ("until".to_owned(), json!(until))));
    }
    admin.post(&["overrides"], &body).await
}

/// Takes back all that counts now or later.
async fn resume(admin: &Admin, line: &str) -> Result<Value, String> {
    let all = admin.list(&["overrides"], &[("line", line)], None).await?;
    let mut items = Vec::new();
    for said in all.get("items").and_then(Value::as_array).into_iter().flatten() {
        let over = said.get("over") == Some(&Value::Bool(true));
        let id = said.get("id").and_then(Value::as_str).unwrap_or_default();
        if !over {
            items.push(admin.delete(&["overrides", id]).await?);
        }
    }
    // A line that does not exist is told of, and not passed over.
    let now = admin.get(&["lines", line, "hours"], &[]).await?;
    Ok(json!({ "items": items, "hours": now }))
}

fn words(answer: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let mut lines = String::new();
    if let Some(rule) = answer.get("rule").and_then(Value::as_str) {
        let state = if answer.get("open") == Some(&Value::Bool(true)) { "open" } else { "closed" };
        lines = format!("{}: {state} at {}, by {rule}\n", text(answer, "line"), text(answer, "at"));
        if let Some(opens) = answer.get("opens").and_then(Value::as_str) {
            lines.push_str(&format!("opens {opens}\n"));
        }
        return lines;
    }
    let items = answer.get("items").and_then(Value::as_array);
    for said in items.map_or_else(|| std::slice::from_ref(answer), Vec::as_slice) {
        let standing = match (said.get("cancelled_at").and_then(Value::as_str), said.get("active")) {
            (Some(at), _) => format!("taken back {at}"),
            (None, Some(Value::Bool(true))) => "active".to_owned(),
            (None, _) => "not now".to_owned(),
        };
        let (id, line, state) = (text(said, "id"), text(said, "line"), text(said, "state"));
        let until = said.get("until").and_then(Value::as_str).unwrap_or("taken back");
        lines.push_str(&format!("{id}  {line:<16} {state:<6} from {} until {until}  {standing}\n", text(said, "from")));
    }
    if items.is_some_and(Vec::is_empty) {
        lines.push_str("nothing was said\n");
    }
    lines
}
