//! `switchboard legal-hold`: what must be kept, whatever retention says.

use super::admin::{Admin, AdminArgs};
use crate::cli::say;
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Keep a call with its messages, recordings and consents, whatever retention says
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard legal-hold add CA00112233445566778899aabbccddeeff --reason \"Claim 4711\"\n  \
    switchboard legal-hold release vm_01KAF3Q0000000000000000000\n  \
    switchboard legal-hold list --released\n\n\
    The token comes from ADMIN_TOKEN, ADMIN_TOKEN_FILE or `--token -` (standard input); holding and releasing take an admin's.\n\
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
        concat!("Example:\n  switchboard legal-hold ", $examples, "\n\nExit codes: 0 done, 1 not done, 2 usage")
    };
}

#[derive(Subcommand, Debug)]
enum What {
    /// Put a call on hold, or the call that left a message
    #[command(after_help = help!("add vm_01KAF3Q0000000000000000000 --reason \"Claim 4711\""))]
    Add {
        /// `CA…` or `vm_…`
        what: String,
        /// For whoever asks later
        #[arg(long)]
        reason: String,
    },
    /// End a hold
    #[command(after_help = help!("release CA00112233445566778899aabbccddeeff"))]
    Release {
        /// `CA…` or `vm_…`
        what: String,
    },
    /// What is on hold, newest first
    #[command(after_help = help!("list --released"))]
    List {
        /// Also what was released
        #[arg(long)]
        released: bool,
    },
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    args.admin.ask(async |admin| Ok(say::answer(&done(admin, &args.what).await?, args.json, words)))
}

async fn done(admin: &Admin, what: &What) -> Result<Value, String> {
    match what {
        What::Add { what, reason } if is_message(what) => {
            admin.post(&["voicemails", what, "hold"], &json!({ "reason": reason })).await
        }
        What::Add { what, reason } => admin.post(&["calls", what, "legal-hold"], &json!({ "reason": reason })).await,
        What::Release { what } if is_message(what) => admin.post(&["voicemails", what, "release"], &json!({})).await,
        What::Release { what } => admin.delete(&["calls", what, "legal-hold"]).await,
        What::List { released } => {
            let released = if *released { "true" } else { "false" };
            admin.list(&["legal-holds"], &[("released", released)], None).await
        }
    }
}

fn is_message(what: &str) -> bool {
    what.starts_with("vm_")
}

fn words(answer: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let items = answer.get("items").and_then(Value::as_array);
    let row = |hold: &Value| {
        let ended = match hold.get("released_at").and_then(Value::as_str) {
            Some(at) => format!("  released {at} by {}", text(hold, "released_by")),
            None => String::new(),
        };
        let (call, at, by) = (text(hold, "call_sid"), text(hold, "held_at"), text(hold, "held_by"));
        format!("{call}  since {at} by {by}{ended}: {}\n", text(hold, "reason"))
    };
    match items {
        Some(items) if items.is_empty() => "nothing is on legal hold\n".to_owned(),
        Some(items) => items.iter().map(row).collect(),
        None => row(answer),
    }
}
