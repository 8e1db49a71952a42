//! `switchboard flood`: far more calls than can be served.

use crate::cli::say;
use crate::cli::simulated_number::NumberArgs;
use crate::simulator::{Flood, FloodPlan, SimulatorError, flood_text};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Offer many times the calls that the service sustains, and report who was answered how soon
///
/// First measures how many whole calls a second the service sustains, with 64 callers. Then offers that many times over,
/// by the clock and whatever the answers do, while calls from before go on. New calls are let in or hear what their line
/// says when it is busy; nobody should meet an error, or wait for a second. Only for the built-in line, or one whose
/// menu knows key 2.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    switchboard flood --times 10 --duration 20\n\n\
    Exit codes: 0 everybody was answered, and 99 of 100 within a second; 1 not; 2 usage. The token comes from\n\
    TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or `--token -` (standard input).")]
pub struct Args {
    #[command(flatten)]
    number: NumberArgs,
    /// So many times what is sustained
    #[arg(long, value_name = "TIMES", default_value_t = 10.0, value_parser = times)]
    times: f64,
    /// Whole calls a second that count as sustained, instead of what is measured
    #[arg(long, value_name = "PER SECOND", value_parser = times)]
    sustained: Option<f64>,
    /// Seconds of flood
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=3600))]
    duration: u32,
    /// Connections at the same time
    #[arg(long, value_name = "CONNECTIONS", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(64..=50_000))]
    connections: u32,
    /// Every webhook opens a connection of its own
    #[arg(long)]
    fresh: bool,
    /// Leave to flood a machine that is not this one
    #[arg(long)]
    i_own_this_host: bool,
    /// One JSON document instead of the table
    #[arg(long)]
    json: bool,
}

fn times(text: &str) -> Result<f64, String> {
    let times = text.parse::<f64>().ok().filter(|times| (0.1..=100_000.0).contains(times));
    times.ok_or_else(|| "write a number between 0.1 and 100000".to_owned())
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let plan = FloodPlan {
        times: args.times,
        sustained: args.sustained,
        time: Duration::from_secs(args.duration.into()),
        connections: args.connections as usize,
        fresh: args.fresh,
    };
    let flood = match args.flood(plan) {
        Ok(flood) => flood,
        Err(why) => return say::usage(&why),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    let report = runtime.block_on(flood.run(plan));
    if args.json {
        say::json(&report);
    } else {
        say::text(&flood_text(&report));
    }
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Args {
    fn flood(&self, plan: FloodPlan) -> Result<Arc<Flood>, String> {
        let target = self.number.target().map_err(|why| why.to_string())?;
        if !target.is_loopback() && !self.i_own_this_host {
            return Err(SimulatorError::Stranger(target.address()).to_string());
        }
        Flood::new(&target, self.number.account()?, &self.number.to, plan).map_err(|why| why.to_string())
    }
}
