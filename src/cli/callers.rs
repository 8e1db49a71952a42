//! `switchboard callers`: who is not let in, never blocked, or led past the menu.

use super::admin::{Admin, AdminArgs};
use crate::cli::say;
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Block callers, allow them, or lead them past the menu, out of the call log
///
/// Talks to a running service. What is said here goes before the lists of the configuration, counts on every instance within two
/// seconds, and lets calls that are on the line go on.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard callers block --call CA00112233445566778899aabbccddeeff --note \"calls every night\"\n  \
    switchboard callers allow --number +15875550111 --line front-desk\n  \
    switchboard callers forget +15875550111\n\n\
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
        concat!("Example:\n  switchboard callers ", $examples, "\n\nExit codes: 0 done, 1 not done, 2 usage")
    };
}

#[derive(Subcommand, Debug)]
enum What {
    /// Do not let a caller in
    #[command(after_help = help!("block --number +1900* --minutes 1440"))]
    Block(Wish),
    /// Let a caller in, whatever the lists say
    #[command(after_help = help!("allow --call CA00112233445566778899aabbccddeeff"))]
    Allow(Wish),
    /// Lead a caller past the menu, where the line has a way for VIPs
    #[command(after_help = help!("vip --number +15875550142 --line front-desk"))]
    Vip(Wish),
    /// Take a caller off the lists
    #[command(after_help = help!("forget +15875550111"))]
    Forget {
        /// Number, or the id of one entry (cl_…)
        whom: String,
    },
    /// Who is on a list, newest first
    #[command(after_help = help!("list --list block --limit 10"))]
    List {
        /// Of this line only
        #[arg(long)]
        line: Option<String>,
        /// Of this list only
        #[arg(long, value_parser = ["block", "allow", "vip"])]
        list: Option<String>,
        /// Most items
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
}

#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("whom").required(true)))]
struct Wish {
    /// Whose call this is
    #[arg(long, value_name = "CALL SID", group = "whom")]
    call: Option<String>,
    /// A number, `sip:…`, `client:…`, or the beginning of numbers with * behind it
    #[arg(long, value_name = "NUMBER", group = "whom")]
    number: Option<String>,
    /// Name of the line, or all [default: the line of the call, or all]
    #[arg(long)]
    line: Option<String>,
    /// Ends by itself after so many minutes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=527_040))]
    minutes: Option<u32>,
    /// Ends by itself then (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "minutes")]
    until: Option<String>,
    /// Why, for whoever asks later
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    args.admin.ask(async |admin| Ok(say::answer(&done(admin, &args.what).await?, args.json, words)))
}

async fn done(admin: &Admin, what: &What) -> Result<Value, String> {
    match what {
        What::Block(wish) => put(admin, "block", wish).await,
        What::Allow(wish) => put(admin, "allow", wish).await,
        What::Vip(wish) => put(admin, "vip", wish).await,
        What::Forget { whom } if whom.starts_with("cl_") => admin.delete(&["callers", whom]).await,
        What::Forget { whom } => forget(admin, whom).await,
        What::List { line, list, limit } => {
            let line = line.iter().map(|line| ("line", line.as_str()));
            let query: Vec<_> = line.chain(list.iter().map(|list| ("list", list.as_str()))).collect();
            admin.list(&["callers"], &query, Some(*limit)).await
        }
    }
}

async fn put(admin: &Admin, list: &str, wish: &Wish) -> Result<Value, String> {
    let mut body = json!({ "list": list, "note": wish.note });
    if let Some(body) = body.as_object_mut() {
        let texts = [("call_sid", &wish.call), ("number", &wish.number), ("line", &wish.line), ("until", &wish.until)];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))));
        body.extend(texts);
        body.extend(wish.minutes.map(|minutes| ("minutes".to_owned(), json!(minutes))));
    }
    admin.post(&["callers"], &body).await
}

/// Takes back all that counts of a number.
async fn forget(admin: &Admin, number: &str) -> Result<Value, String> {
    let all = admin.list(&["callers"], &[("number", number)], None).await?;
    let mut items = Vec::new();
    for entry in all.get("items").and_then(Value::as_array).into_iter().flatten() {
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        if entry.get("active") == Some(&Value::Bool(true)) {
            items.push(admin.delete(&["callers", id]).await?);
        }
    }
    if items.is_empty() {
        return Err(format!("{number} is on no list; what the configuration says is changed there"));
    }
    Ok(json!({ "items": items }))
}

fn words(answer: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let items = answer.get("items").and_then(Value::as_array);
    let mut lines = String::new();
    for entry in items.map_or_else(|| std::slice::from_ref(answer), Vec::as_slice) {
        let standing = match (entry.get("cancelled_at").and_then(Value::as_str), entry.get("active")) {
            (Some(at), _) => format!("taken back {at}"),
            (None, Some(Value::Bool(true))) => "active".to_owned(),
            (None, _) => "over".to_owned(),
        };
        let (id, list, number) = (text(entry, "id"), text(entry, "list"), text(entry, "number"));
        let line = entry.get("line").and_then(Value::as_str).unwrap_or("all lines");
        let until = entry.get("until").and_then(Value::as_str).unwrap_or("taken back");
        let note = entry.get("note").and_then(Value::as_str).filter(|note| !note.is_empty());
        let note = note.map_or_else(String::new, |note| format!("  ({note})"));
        lines.push_str(&format!("{id}  {list:<5} {number:<16} {line:<16} until {until}  {standing}{note}\n"));
    }
    if items.is_some_and(Vec::is_empty) {
        lines.push_str("nobody is on a list\n");
    }
    lines
}
