//! `switchboard load`: many simulated calls at once.

use crate::cli::say;
use crate::cli::simulated_number::NumberArgs;
use crate::simulator::{
    Acoustics, Load, LoadReport, Mix, Pace, Schedule, SimulatorError, load_text, remark, summary, write_step,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Place many simulated calls at once and report latencies and errors
///
/// Calls follow the TwiML as `call` does, but wait for nothing. Every call has a caller's number of its own. With
/// --chaos the carrier delivers twice, late, out of order or never, contradicts itself, cuts connections and breaks streams: what
/// happens to a call follows from seed and number alone.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard load --duration 30 --concurrency 64\n  \
    switchboard load --rate 200 --mix dial=5,voicemail=2,hang-up=1 --json\n  \
    switchboard load --chaos 7 --calls 2000 --url http://127.0.0.1:8081 --url http://127.0.0.1:8082\n  \
    switchboard load --chaos 7 --only 183\n\n\
    Exit codes: 0 every call went through and none was left out, 1 otherwise, 2 usage. ctrl-c ends early and still\n\
    reports. The token comes from TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or `--token -` (standard input).")]
pub struct Args {
    #[command(flatten)]
    number: NumberArgs,
    /// Calls under way at the same time; with --rate the most there may be
    #[arg(long, value_name = "CALLS", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    concurrency: u32,
    /// Calls a second, whatever the answers do; without it each caller calls again as soon as a call is over
    #[arg(long, value_name = "PER SECOND", value_parser = rate)]
    rate: Option<f64>,
    /// Seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    duration: u32,
    /// End after so many calls, if --duration is not over before
    #[arg(long, value_name = "CALLS", conflicts_with = "rate", value_parser = clap::value_parser!(u64).range(1..))]
    calls: Option<u64>,
    /// Things go wrong on purpose, as this number decides
    #[arg(long, value_name = "SEED", conflicts_with = "seed")]
    chaos: Option<u64>,
    /// Place this call of a chaotic day alone, and show what happens
    #[arg(long, value_name = "CALL", requires = "chaos", conflicts_with_all = ["calls", "rate"])]
    only: Option<u64>,
    /// Of that call's accidents only these
    #[arg(long, value_name = "LIST", requires = "only", value_parser = str::parse::<Schedule>)]
    accidents: Option<Schedule>,
    /// Kinds of callers by weight: dial, no-answer, voicemail, silence, wrong-keys, hang-up, refuse, talk
    #[arg(long, value_name = "NAME=WEIGHT,…", value_parser = Mix::parse)]
    mix: Option<Mix>,
    /// Noise on the lines of those who talk: dB of full scale, -45
    #[arg(long, value_name = "DBFS", allow_negative_numbers = true, value_parser = decibels)]
    noise: Option<f64>,
    /// Echo of what they hear: dB of that, -20
    #[arg(long, value_name = "DB", allow_negative_numbers = true, value_parser = decibels)]
    echo: Option<f64>,
    /// How much later the echo comes, milliseconds
    #[arg(long, value_name = "MS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(0..=400))]
    echo_after: u32,
    /// Same number, same callers in the same order
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Leave to load a machine that is not this one
    #[arg(long)]
    i_own_this_host: bool,
    /// One JSON document instead of the table
    #[arg(long)]
    json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.01..=100_000.0).contains(rate));
    rate.ok_or_else(|| "a rate is between 0.01 and 100000 calls a second".to_owned())
}

fn decibels(text: &str) -> Result<f64, String> {
    let level = text.parse::<f64>().ok().filter(|level| (-90.0..=0.0).contains(level));
    level.ok_or_else(|| "a level is between -90 and 0 dB".to_owned())
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let load = match args.load() {
        Ok(load) => load,
        Err(why) => return say::usage(&why),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    if let Some(number) = args.only {
        return runtime.block_on(replay(args, &load, number));
    }
    let report = runtime.block_on(drive(args, &load));
    if args.json {
        say::json(&report);
    } else {
        say::text(&load_text(&report));
    }
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn drive(args: &Args, load: &Arc<Load>) -> LoadReport {
    let at_most = args.concurrency as usize;
    let pace = match (args.rate, args.calls) {
        (Some(per_second), _) => Pace::Rate { per_second, at_most },
        (None, Some(calls)) => Pace::Calls { calls, at_most },
        (None, None) => Pace::Callers(at_most),
    };
    let watcher = tokio::spawn(watch(Arc::clone(load), args.duration));
    let report = load.run(pace, Duration::from_secs(args.duration.into())).await;
    watcher.abort();
    report
}

/// One call of a chaotic day, as a transcript.
async fn replay(args: &Args, load: &Load, number: u64) -> ExitCode {
    let (mut plan, style) = (load.plan(number), say::style());
    plan.chaos = args.accidents.clone().or(plan.chaos);
    if let Some(schedule) = plan.chaos.as_ref().filter(|_| !args.json) {
        say::text(&remark(&format!("accidents: {schedule}"), style));
    }
    let watch = |step: &_| {
        if !args.json {
            say::text(&write_step(step, style));
        }
    };
    let report = load.carrier().place(plan, watch).await;
    if args.json {
        say::json(&report);
    } else {
        say::text(&summary(&report, style));
    }
    if report.went_through { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows where the load stands, and ends it early on ctrl-c.
async fn watch(load: Arc<Load>, seconds: u32) {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(seconds.into()) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} s  {msg}") {
        bar.set_style(style);
    }
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        tokio::select! {
            _ = &mut interrupt => return load.stop(),
            _ = tick.tick() => {
                let progress = load.progress();
                bar.set_message(format!("{} calls, {} failed", progress.calls, progress.failed));
                bar.inc(1);
            }
        }
    }
}

impl Args {
    fn load(&self) -> Result<Arc<Load>, String> {
        let target = self.number.target().map_err(|why| why.to_string())?;
        if !target.is_loopback() && !self.i_own_this_host {
            return Err(SimulatorError::Stranger(target.address()).to_string());
        }
        let carrier = self.number.carrier(false).map_err(|why| why.to_string())?;
        let to = self.number.to.clone();
        let load = match self.chaos {
            Some(seed) => Load::chaotic(carrier, self.mix.clone().unwrap_or_else(Mix::everybody), to, seed),
            None => Load::new(carrier, self.mix.clone().unwrap_or_default(), to, self.seed.unwrap_or(1)),
        };
        let echo_after = Duration::from_millis(self.echo_after.into());
        let acoustics = Acoustics { noise_dbfs: self.noise, echo_db: self.echo, echo_after };
        load.on_lines(acoustics).ok_or_else(|| "it runs already".to_owned())
    }
}
