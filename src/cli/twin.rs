//! `switchboard twin`: the pretend carrier alone.

use crate::base::{Clock, Secret};
use crate::cli::carrier_token::carrier_token;
use crate::cli::{runtime, say};
use crate::config::{Source, SystemSource};
use crate::simulator::{RunningTwin, SimulatorError, Speed, Target, Twin, TwinOptions};
use serde::Serialize;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Be Twilio's REST API: accounts, numbers, calls, recordings, messages, in memory, with a bill and faults on request
///
/// For anyone's tests: point a client at it and use it as you would use Twilio. Numbers are fictional, money is not
/// taken. It listens on this machine only.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard twin\n  \
    TWILIO_AUTH_TOKEN=secret switchboard twin --port 4010 --account-sid AC00000000000000000000000000000001\n  \
    switchboard twin --faults 0.05 --seed 7\n  \
    switchboard twin --route https://phone.example.com=http://127.0.0.1:8080\n  \
    curl -u \"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN\" \\\n    \
    \"$TWILIO_API_BASE_URL/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID/AvailablePhoneNumbers/CA/Local.json?AreaCode=587\"\n  \
    curl -d '{\"on\":\"IncomingPhoneNumbers.create\",\"kind\":\"timeout-after\"}' \
    $TWILIO_API_BASE_URL/twin/faults\n  \
    curl $TWILIO_API_BASE_URL/twin/bill.txt\n\n\
    GET /twin lists what can be asked of it that Twilio has not.\n\
    Exit codes: 0 stopped by ctrl-c or SIGTERM, 1 cannot listen, 2 usage")]
pub struct Args {
    /// Port on this machine; 0: any free one
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// The main account; without it one that follows from the seed
    #[arg(long, value_name = "SID", env = "TWILIO_ACCOUNT_SID")]
    account_sid: Option<String>,
    /// Its token, for tests only (others can see it); - reads standard input. Without it TWILIO_AUTH_TOKEN, or one that
    /// follows from the seed
    #[arg(long)]
    token: Option<String>,
    /// An API key of that account, for tests only; again for another one
    #[arg(long, value_name = "SID:SECRET", value_parser = key)]
    api_key: Vec<Key>,
    /// A public address, and where it is answered on this machine: webhooks to the one go to the other, as a tunnel would
    /// bring them. All others are requested as they are
    #[arg(long, value_name = "PUBLIC=ADDRESS", value_parser = route)]
    route: Vec<Target>,
    /// How much faster than real time calls run; 1 is real time, max waits for nothing
    #[arg(long, value_name = "TIMES", default_value = "20", value_parser = Speed::parse)]
    speed: Speed,
    /// Share of requests that fail by chance, 0 to 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.0, value_parser = share)]
    faults: f64,
    /// SIDs, tokens and chance follow from it; without it a new one, which is printed
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// One JSON document with address and credentials instead of text
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Opened<'a> {
    base_url: &'a str,
    account_sid: &'a str,
    /// Only one that we made ourselves.
    auth_token: Option<&'a str>,
    seed: u64,
}

/// SID and secret.
#[derive(Clone, Debug)]
struct Key(String, Secret);

fn key(text: &str) -> Result<Key, String> {
    let (sid, secret) = text
        .split_once(':')
        .filter(|(sid, secret)| sid.starts_with("SK") && !secret.is_empty())
        .ok_or("a key is SK…:SECRET")?;
    Ok(Key(sid.to_owned(), Secret::new(secret)))
}

fn route(text: &str) -> Result<Target, String> {
    let (public, address) = text
        .split_once('=')
        .ok_or("a route is PUBLIC=ADDRESS, like https://phone.example.com=http://127.0.0.1:8080")?;
    Target::new(address, Some(public)).map_err(|why| why.to_string())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no probability: write a number from 0 to 1"))
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    if SystemSource.var("ENVIRONMENT").as_deref() == Some("production") {
        return say::usage("the twin does not run with ENVIRONMENT=production");
    }
    let token = match given_token(args, &SystemSource) {
        Ok(token) => token,
        Err(why) => return say::usage(&why),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    match runtime.block_on(serve(args, token)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => say::failure(&why.to_string()),
    }
}

/// The user's token; `None`: nobody gave one.
fn given_token(args: &Args, source: &dyn Source) -> Result<Option<Secret>, String> {
    let is_set = |name: &str| source.var(name).is_some_and(|value| !value.is_empty());
    let given = args.token.is_some() || is_set("TWILIO_AUTH_TOKEN") || is_set("TWILIO_AUTH_TOKEN_FILE");
    given.then(|| carrier_token(args.token.as_deref(), source)).transpose()
}

async fn serve(args: &Args, token: Option<Secret>) -> Result<(), SimulatorError> {
    let seed = args.seed.unwrap_or_else(by_chance);
    let made_up = token.is_none();
    let account_sid = args.account_sid.clone().filter(|sid| !sid.is_empty());
    let options = TwinOptions {
        port: args.port,
        account_sid,
        token,
        seed,
        faults: args.faults,
        clock: Clock::System,
        api_keys: args.api_key.iter().map(|Key(sid, secret)| (sid.clone(), secret.clone())).collect(),
        speed: args.speed,
        routes: args.route.clone(),
    };
    let twin = Twin::start(options).await?;
    let (base_url, account_sid, token) = (twin.base_url(), twin.account_sid(), twin.token());
    let auth_token = made_up.then(|| token.expose());
    if args.json {
        say::json(&Opened { base_url: &base_url, account_sid: &account_sid, auth_token, seed });
    } else {
        say::text(&welcome(&twin, auth_token, args.faults, seed));
    }
    told_to_stop().await;
    Ok(())
}

fn welcome(twin: &RunningTwin, auth_token: Option<&str>, faults: f64, seed: u64) -> String {
    let (url, account) = (twin.base_url(), twin.account_sid());
    let token = auth_token.map_or_else(String::new, |token| format!("  export TWILIO_AUTH_TOKEN={token}\n"));
    let faults =
        if faults > 0.0 { format!("; {} % of requests fail by chance", faults * 100.0) } else { String::new() };
    format!(
        "The pretend carrier answers on {url} until ctrl-c. Point a client at it:\n\n  \
         export TWILIO_API_BASE_URL={url}\n  export TWILIO_ACCOUNT_SID={account}\n{token}\n\
         What it can do beyond Twilio: curl {url}/twin\nSeed {seed}{faults}.\n"
    )
}

/// Small enough to be typed again.
fn by_chance() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1 % 1_000_000
}

/// ctrl-c, or SIGTERM. A system that lets us listen to neither ends it at once.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
