//! `switchboard text`: one simulated text to any base URL, and what is answered.

use crate::base::Clock;
use crate::cli::say;
use crate::cli::simulated_number::NumberArgs;
use crate::simulator::{TextPlan, TextReport};
use std::fmt::Write as _;
use std::process::ExitCode;

/// Play Twilio: send one signed text to the service, and show what it answers
///
/// A reply arrives, and its sender is told so.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard text 'Are you open on Sunday?'\n  \
    switchboard text STOP --from +15875550142\n  \
    switchboard text 'My bill' --media image/jpeg --url http://127.0.0.1:3000 --public-url https://phone.example.com --json\n\n\
    Exit codes: 0 the text was taken, 1 it was not, 2 usage. The token comes from TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or\n\
    `--token -` (standard input).")]
pub struct Args {
    /// The words
    #[arg(value_name = "WORDS")]
    body: String,
    #[command(flatten)]
    number: NumberArgs,
    /// The number's SMS URL: a path, or a whole URL
    #[arg(long, value_name = "URL", default_value = "/twilio/sms")]
    sms: String,
    /// Who writes
    #[arg(long, value_name = "NUMBER", default_value = "+15875550111")]
    from: String,
    /// MIME type of something that comes with it; again for more
    #[arg(long, value_name = "TYPE")]
    media: Vec<String>,
    /// Same number, same text: all SIDs follow from it
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Deliver it a second time, as a carrier does that lost the answer
    #[arg(long)]
    twice: bool,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let carrier = match args.number.carrier(false) {
        Ok(carrier) => carrier,
        Err(why) => return say::usage(&why.to_string()),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    let plan = TextPlan {
        from: args.from.clone(),
        to: args.number.to.clone(),
        body: args.body.clone(),
        media: args.media.clone(),
        seed: args.seed.map_or_else(|| uuid::Uuid::now_v7().as_u128(), u128::from),
        clock: Clock::System,
        twice: args.twice,
    };
    let report = match runtime.block_on(carrier.text(&args.sms, plan)) {
        Ok(report) => report,
        Err(why) => return say::usage(&why.to_string()),
    };
    if args.json {
        say::json(&report);
    } else {
        say::text(&shown(&report, &args.body));
    }
    let same = report.copy_same != Some(false);
    if report.went_through() && same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shown(report: &TextReport, body: &str) -> String {
    let TextReport { sid, from, to, ms, .. } = report;
    // Writing to a String cannot fail.
    let mut text = format!("{from} → {to}  {body}\n");
    for reply in &report.replies {
        let _ = writeln!(text, "{to} → {}  {}", reply.to, reply.body);
        for url in &reply.media {
            let _ = writeln!(text, "  with {url}");
        }
    }
    if report.replies.is_empty() && report.went_through() {
        let _ = writeln!(text, "(no reply)");
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    if let Some(same) = report.copy_same {
        let _ = writeln!(text, "delivered twice: {}", if same { "the same answer" } else { "ANOTHER answer" });
    }
    let _ = match &report.error {
        Some(error) => writeln!(text, "{sid} was not taken: {error}"),
        None => writeln!(text, "{sid} was taken in {ms} ms"),
    };
    text
}
