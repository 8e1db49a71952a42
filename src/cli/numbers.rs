//! `switchboard numbers`: search, plan, buy, port, release, list, and the transactions behind them, over the admin API.

use super::admin::{Admin, AdminArgs};
use super::numbers_port::Port;
use super::told::{Until, show, stay};
use crate::cli::say;
use clap::Subcommand;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Buy, port, list and release telephone numbers
///
/// Talks to a running service. A purchase ends with a number that works, or with nothing left and nothing to pay.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard numbers search --country CA --area-code 587\n  \
    switchboard numbers plan --line main --country CA --area-code 587\n  \
    switchboard numbers buy --line main --number +15875550142\n  \
    switchboard numbers transactions --state failed_undo\n  \
    switchboard numbers release +15875550142 --yes\n\n\
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
        concat!("Examples:\n  switchboard numbers ", $examples, "\n\nExit codes: 0 done, 1 not done, 2 usage")
    };
}

#[derive(Subcommand, Debug)]
enum What {
    /// Show numbers for sale
    #[command(after_help = help!("search --country CA --area-code 587"))]
    Search(Choice),
    /// Show what buying would do and cost, without doing it
    #[command(after_help = help!("plan --line main --country CA --area-code 587"))]
    Plan(Buy),
    /// Buy a number for a line, and follow it to its end
    #[command(after_help = help!("buy --line main --number +15875550142 --key order-7"))]
    Buy(Buy),
    /// Bring a number from another carrier, and follow it until the order is placed
    #[command(after_help = help!("port +12125550142 --line main --customer 'Example Clinic' --signer 'Ana Example' \\\n      \
        --signer-email ana@example.com --document RD0123456789abcdef0123456789abcdef\n  \
        switchboard numbers transactions txn_01   # where it stands, for days"))]
    Port(Box<Port>),
    /// Give a number back to the carrier, for good
    #[command(after_help = help!("release +15875550142 --yes"))]
    Release(Release),
    /// List the numbers that were bought or ported here
    #[command(after_help = help!("list --line main --state active --limit 10"))]
    List(List),
    /// List transactions, or show, retry or roll back one of them
    #[command(after_help = help!("transactions --state failed_undo\n  switchboard numbers transactions txn_01 --retry"))]
    Transactions(Transactions),
}

/// Which number.
#[derive(clap::Args, Debug)]
pub(super) struct Choice {
    /// A certain number
    #[arg(long, value_name = "E.164")]
    number: Option<String>,
    /// Two letters [default: US, or the number's own]
    #[arg(long)]
    country: Option<String>,
    /// local, mobile or toll_free [default: local, or the number's own]
    #[arg(long)]
    kind: Option<String>,
    /// Three digits, in Canada and the United States
    #[arg(long, value_name = "DIGITS")]
    area_code: Option<String>,
    /// Digits or letters, * for any digit
    #[arg(long, value_name = "PATTERN")]
    contains: Option<String>,
}

#[derive(clap::Args, Debug)]
struct Buy {
    /// Name of the line that the number shall lead to
    #[arg(long)]
    line: String,
    /// A tenant's account [default: the operator's own]
    #[arg(long, value_name = "SID")]
    account: Option<String>,
    #[command(flatten)]
    choice: Choice,
    /// Do not follow the transaction to its end
    #[arg(long)]
    no_wait: bool,
}

#[derive(clap::Args, Debug)]
struct Release {
    /// The number, E.164
    number: String,
    /// Really: it cannot be had back
    #[arg(long)]
    yes: bool,
    /// Do not follow the transaction to its end
    #[arg(long)]
    no_wait: bool,
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only numbers of this line
    #[arg(long)]
    line: Option<String>,
    /// active, releasing or released
    #[arg(long)]
    state: Option<String>,
    /// At most so many, newest first [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "write a whole number from 1".to_owned())
}

#[derive(clap::Args, Debug)]
struct Transactions {
    /// One transaction, `txn_…`
    id: Option<String>,
    /// Only those that stand there: running, done, rolling_back, rolled_back, failed_undo
    #[arg(long)]
    state: Option<String>,
    /// At most so many, newest first [default: all]
    #[arg(long, value_name = "N", conflicts_with = "id", value_parser = at_least_one)]
    limit: Option<usize>,
    /// Try it again now; begins one anew that was rolled back
    #[arg(long, requires = "id", conflicts_with = "rollback")]
    retry: bool,
    /// Take back what it has done
    #[arg(long, requires = "id")]
    rollback: bool,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    if let What::Release(release) = &args.what
        && !release.yes
    {
        return say::usage("the number would be gone for good: say --yes");
    }
    if let What::Port(port) = &args.what
        && port.reads_stdin()
        && args.admin.reads_stdin()
    {
        return say::usage("--token and --pin-file cannot both come from standard input");
    }
    args.admin.ask(async |admin| perform(admin, args).await)
}

async fn perform(admin: &Admin, args: &Args) -> Result<ExitCode, String> {
    let told = match &args.what {
        What::Search(choice) => {
            let query = choice.pairs();
            let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
            admin.get(&["numbers", "available"], &query).await?
        }
        What::Plan(buy) => admin.post(&["numbers", "plan"], &buy.body()).await?,
        What::Buy(buy) => {
            let begun = admin.post(&["numbers"], &buy.body()).await?;
            return stay(admin, begun, until(buy.no_wait), args.json).await;
        }
        What::Release(release) => {
            let begun = admin.delete(&["numbers", &release.number]).await?;
            return stay(admin, begun, until(release.no_wait), args.json).await;
        }
        What::Port(port) => {
            let begun = admin.post(&["numbers", "port"], &port.body()?).await?;
            let until = if port.no_wait { Until::Begun } else { Until::Ordered };
            return stay(admin, begun, until, args.json).await;
        }
        What::List(list) => {
            let query = [("line", list.line.as_deref()), ("state", list.state.as_deref())];
            admin.list(&["numbers"], &given(&query), list.limit).await?
        }
        What::Transactions(asked) => transactions(admin, asked).await?,
    };
    show(&told, args.json);
    Ok(ExitCode::SUCCESS)
}

pub(super) const fn until(no_wait: bool) -> Until {
    if no_wait { Until::Begun } else { Until::Ended }
}

async fn transactions(admin: &Admin, asked: &Transactions) -> Result<Value, String> {
    let Some(id) = &asked.id else {
        let query = [("state", asked.state.as_deref())];
        return admin.list(&["transactions"], &given(&query), asked.limit).await;
    };
    match (asked.retry, asked.rollback) {
        (true, _) => admin.post(&["transactions", id, "retry"], &json!({})).await,
        (_, true) => admin.post(&["transactions", id, "rollback"], &json!({})).await,
        _ => admin.get(&["transactions", id], &[]).await,
    }
}

impl Choice {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("number", &self.number),
            ("country", &self.country),
            ("kind", &self.kind),
            ("area_code", &self.area_code),
            ("contains", &self.contains),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

impl Buy {
    fn body(&self) -> Value {
        let mut body: Map<String, Value> =
            self.choice.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        body.insert("line".to_owned(), self.line.clone().into());
        if let Some(account) = &self.account {
            body.insert("account_sid".to_owned(), account.clone().into());
        }
        Value::Object(body)
    }
}

fn given<'a>(query: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    query.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn a_wish_becomes_a_body_without_what_was_not_said() {
        let line = Line::try_parse_from(["numbers", "buy", "--line", "main", "--country", "CA", "--area-code", "587"]);
        let What::Buy(buy) = line.unwrap().args.what else { panic!("a purchase") };
        assert_eq!(buy.body(), json!({ "line": "main", "country": "CA", "area_code": "587" }));
    }
}
