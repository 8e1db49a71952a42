//! `switchboard sign`: the signature Twilio would send.

use crate::cli::carrier_token::carrier_token;
use crate::cli::say;
use crate::cli::signed_request::{Given, RequestArgs};
use crate::config::SystemSource;
use crate::twilio::signature::{sign, with_body_hash};
use std::process::ExitCode;

/// Print the X-Twilio-Signature of a URL and its fields
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard sign --url https://phone.example.com/twilio/voice CallSid=CA0123 From=+15875550111\n  \
    switchboard sign --url https://phone.example.com/hook --json body.json\n\n\
    A JSON body is bound by bodySHA256: without one in the URL, the URL to request is printed to standard error.\n\
    Exit codes: 0 signed, 1 the body cannot be read, 2 usage.\n\
    The token comes from TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or `--token -` (standard input).")]
pub struct Args {
    /// The account's token, for tests only (others can see it); - reads standard input
    #[arg(long)]
    token: Option<String>,
    #[command(flatten)]
    request: RequestArgs,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let token = match carrier_token(args.token.as_deref(), &SystemSource) {
        Ok(token) => token,
        Err(why) => return say::usage(&why),
    };
    let given = match args.request.body() {
        Ok(given) => given,
        Err(why) => return say::failure(&why),
    };
    let url = match &given {
        Given::Raw(bytes) if !args.request.url.contains("bodySHA256=") => {
            let url = with_body_hash(&args.request.url, bytes);
            say::note(&format!("request this URL: {url}"));
            url
        }
        _ => args.request.url.clone(),
    };
    say::line(&sign(&token, &url, given.as_signed(&given.form())))
}
