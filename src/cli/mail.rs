//! `switchboard mail`: proves that mails arrive.

use super::say;
use crate::app::courier;
use crate::base::Clock;
use crate::config::{Loaded, SystemSource, load_from};
use crate::mail::{Stage, Undelivered, test_letter};
use clap::Subcommand;
use lettre::Address;
use std::process::ExitCode;

/// Try the way to the mail server
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  switchboard mail test --to you@example.com\n\nExit codes: 0 done, 1 not done, 2 usage"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Send one mail with the settings of this environment, and say what failed
    #[command(
        after_help = "Example:\n  SMTP_URL=smtps://USER:PASSWORD@mail.example.com switchboard mail test --to you@example.com\n\n\
        SMTP_URL may come from SMTP_URL_FILE; MAIL_FROM names the sender.\n\n\
        Exit codes: 0 the mail server has it, 1 not, 2 usage"
    )]
    Test {
        /// Where it goes
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// One JSON document instead of words
        #[arg(long)]
        json: bool,
    },
}

/// Runs it.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let What::Test { to, json } = &args.what;
    let Ok(to) = to.parse::<Address>() else {
        return say::usage(&format!("`{to}` is not a mail address: write it like you@example.com"));
    };
    let loaded = match load_from(&SystemSource) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    match test(&loaded, to.clone()) {
        Ok(from) if *json => {
            say::json(&serde_json::json!({ "sent": true, "from": from, "to": to.to_string() }));
            ExitCode::SUCCESS
        }
        Ok(from) => {
            say::line(&format!("the mail server has it: from {from} to {to}. Look into the inbox, and among spam"))
        }
        Err(why) if *json => {
            say::json(&serde_json::json!({ "sent": false, "to": to.to_string(), "problem": why }));
            ExitCode::FAILURE
        }
        Err(why) => say::failure(&why),
    }
}

/// Whom it came from, or why it did not go.
fn test(loaded: &Loaded, to: Address) -> Result<String, String> {
    // A provider that is installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = &loaded.settings;
    let courier = courier(settings).ok_or("SMTP_URL is not set: no mail is sent (.env.example shows how)")?;
    let from: lettre::message::Mailbox = settings
        .mail
        .sender(&settings.server.public_url)
        .parse()
        .map_err(|_| "there is no sender: set MAIL_FROM to an address".to_owned())?;
    let letter = test_letter(&from, to.clone(), Clock::System.now()).map_err(|error| error.to_string())?.formatted();
    let runtime = super::runtime().map_err(|error| format!("cannot start the runtime: {error}"))?;
    let sent = runtime.block_on(courier.deliver(&from.email, &to, &letter));
    sent.map_err(|undelivered| explained(&undelivered))?;
    Ok(from.to_string())
}

fn explained(undelivered: &Undelivered) -> String {
    let mend = match undelivered.stage {
        Stage::Name => "check the host of SMTP_URL",
        Stage::Connection => "check host and port of SMTP_URL, and that no firewall keeps us from it",
        Stage::Tls => {
            "smtps:// is for port 465, smtp:// for 587 and 25; the certificate must be for the host of SMTP_URL"
        }
        Stage::Login => "check user and password of SMTP_URL; what a URL cannot hold is written as %XX",
        Stage::Sender => "set MAIL_FROM to an address that this user may send from",
        Stage::Recipient | Stage::Content => "the way is fine; this is about the mail",
    };
    format!("{undelivered} ({mend})")
}
