//! `switchboard tenants`: set up whole, taken away whole, over the admin API.

use super::admin::{Admin, AdminArgs};
use super::numbers::{Choice, at_least_one, until};
use super::told::{Until, show, stay};
use crate::cli::say;
use clap::Subcommand;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::process::ExitCode;

/// Set tenants up, list them and take them away
///
/// Talks to a running service. A tenant is a line of its own with a number and, unless told otherwise, an account of its
/// own at the carrier: all of it works in the end, or nothing is left and nothing to pay.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard tenants add clinic --country CA --area-code 587\n  \
    switchboard tenants list\n  \
    switchboard tenants remove clinic --yes\n\n\
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
        concat!("Example:\n  switchboard tenants ", $examples, "\n\nExit codes: 0 done, 1 not done, 2 usage")
    };
}

#[derive(Subcommand, Debug)]
enum What {
    /// Set a tenant up: account, number and line, and follow it to its end
    #[command(after_help = help!("add clinic --definition clinic.toml --country CA --area-code 587"))]
    Add(Add),
    /// List the tenants that were set up here, newest first
    #[command(after_help = help!("list --limit 10 --json"))]
    List(List),
    /// Take a tenant away: its line, its number and its account, for good
    #[command(after_help = help!("remove clinic --yes"))]
    Remove(Remove),
}

#[derive(clap::Args, Debug)]
struct Add {
    /// Name of the tenant's line: a-z, 0-9 and -
    name: String,
    /// TOML file with one `[[lines]]` table, without numbers [default: an answering machine]
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    /// No account of its own at the carrier: the number is bought in the operator's
    #[arg(long)]
    shared_account: bool,
    #[command(flatten)]
    choice: Choice,
    /// Do not follow the transaction to its end
    #[arg(long)]
    no_wait: bool,
}

#[derive(clap::Args, Debug)]
struct List {
    /// At most so many [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
}

#[derive(clap::Args, Debug)]
struct Remove {
    /// Name of the tenant's line
    name: String,
    /// Really: number and account cannot be had back
    #[arg(long)]
    yes: bool,
    /// Do not follow the transaction to its end
    #[arg(long)]
    no_wait: bool,
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    if let What::Remove(remove) = &args.what
        && !remove.yes
    {
        return say::usage("number and account would be gone for good: say --yes");
    }
    args.admin.ask(async |admin| perform(admin, args).await)
}

async fn perform(admin: &Admin, args: &Args) -> Result<ExitCode, String> {
    match &args.what {
        What::Add(add) => {
            let begun = admin.post(&["tenants"], &add.body()?).await?;
            stay(admin, begun, until(add.no_wait), args.json).await
        }
        What::List(list) => {
            show(&admin.list(&["tenants"], &[], list.limit).await?, args.json);
            Ok(ExitCode::SUCCESS)
        }
        What::Remove(remove) => {
            let begun = admin.delete(&["tenants", &remove.name]).await?;
            let until = if remove.no_wait { Until::Begun } else { Until::Gone };
            stay(admin, begun, until, args.json).await
        }
    }
}

impl Add {
    fn body(&self) -> Result<Value, String> {
        let choice: Map<String, Value> =
            self.choice.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let mut body = Map::from_iter([
            ("name".to_owned(), self.name.clone().into()),
            ("own_account".to_owned(), (!self.shared_account).into()),
            ("number".to_owned(), choice.into()),
        ]);
        if let Some(path) = &self.definition {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|why| format!("--definition: cannot read {}: {why}", path.display()))?;
            body.insert("definition".to_owned(), text.into());
        }
        Ok(Value::Object(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn added(words: &[&str]) -> Result<Value, String> {
        let line = Line::try_parse_from(["tenants", "add", "clinic"].iter().chain(words)).unwrap();
        let What::Add(add) = line.args.what else { panic!("a tenant") };
        add.body()
    }

    #[test]
    fn a_tenant_becomes_a_body() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("clinic.toml");
        std::fs::write(&path, "[[lines]]").unwrap();
        let plain = json!({ "name": "clinic", "own_account": true, "number": { "country": "CA" } });
        assert_eq!(added(&["--country", "CA"]), Ok(plain));
        let path = path.to_str().unwrap();
        let whole = json!({ "name": "clinic", "own_account": false, "number": {}, "definition": "[[lines]]" });
        assert_eq!(added(&["--shared-account", "--definition", path]), Ok(whole));
        assert!(added(&["--definition", "/nowhere"]).unwrap_err().contains("--definition"));
    }
}
