//! The command itself: calls one after the other, the verdict, what to try next.

use super::desk::Desk;
use super::house::{DemoError, House, PUBLIC_URL, by_chance};
use super::pages::{self, Shown};
use super::scenes::{FRONT_DESK, Scene, Signer, scenes};
use crate::base::Clock;
use crate::cli::{runtime, say};
use crate::config::{Source, SystemSource};
use crate::simulator::{CallPlan, Report, Speed, Style, remark, summary, write_step};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Play a demonstration: serve on embedded storage, place simulated calls, print each as a transcript, keep serving
///
/// Nothing is needed and nothing is kept: no account, no configuration, no database server. The carrier's time is
/// compressed, so a ring of 20 s costs none.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  switchboard demo\n  switchboard demo --once\n  \
    switchboard demo --once --json | jq '.calls[].problems'\n\n\
    Listens on 127.0.0.1:8080, or on a free port when that is taken; BIND_ADDR names another one on this machine.\n\
    Exit codes: 0 every call went as it should, 1 one did not, 2 usage")]
pub struct Args {
    /// Exit after the calls
    #[arg(long)]
    once: bool,
    /// One JSON document instead of transcripts
    #[arg(long)]
    json: bool,
    /// Write what each loudspeaker heard of the pages into this folder, and keep it
    #[arg(long, value_name = "DIR")]
    heard: Option<PathBuf>,
}

/// A call that was placed, and what was wrong with it.
#[derive(Debug, Serialize)]
struct Played {
    title: &'static str,
    problems: Vec<String>,
    /// Why the call ended so, by the service's own account.
    why: String,
    #[serde(flatten)]
    report: Report,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    ok: bool,
    base_url: String,
    health: &'a str,
    calls: &'a [Played],
    pages: &'a [Shown],
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    match runtime.block_on(demo(args, &SystemSource)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => say::failure(&why.to_string()),
    }
}

async fn demo(args: &Args, source: &dyn Source) -> Result<bool, DemoError> {
    let house = House::open(source).await?;
    let style = if args.json { None } else { Some(say::style()) };
    let desk = Desk::of(&house)?;
    let folder = args.heard.clone().unwrap_or_else(|| house.heard());
    // Pages take their time, and so does the conversation among the calls.
    let (calls, pages) = tokio::join!(all_calls((&house, &desk), style), pages::show(&house, &desk, &folder));
    let calls = calls?;
    let health = desk.health().await;
    let sound = calls.iter().map(|played| &played.problems).chain(pages.iter().map(|page| &page.problems));
    let wrong = sound.filter(|problems| !problems.is_empty()).count();
    let ok = health == "healthy" && wrong == 0;
    if let Some(style) = style {
        let kept = Some(folder.as_path()).filter(|_| args.heard.is_some() || !args.once);
        let shown = pages.iter().zip(calls.len() + 1..).map(|(page, number)| page.text(number, kept, style));
        say::text(&shown.collect::<String>());
        say::text(&verdict((calls.len(), pages.len()), wrong, &health));
    } else {
        say::json(&Outcome { ok, base_url: house.base_url(), health: &health, calls: &calls, pages: &pages });
    }
    if !args.once {
        if !args.json {
            say::text(&what_next(&house, calls.first().map_or("CA…", |played| &played.report.call_sid)));
        }
        told_to_stop().await;
    }
    house.close().await;
    Ok(ok)
}

async fn all_calls(at: (&House, &Desk), style: Option<Style>) -> Result<Vec<Played>, DemoError> {
    let mut calls = Vec::new();
    for (number, scene) in scenes().into_iter().enumerate() {
        calls.push(play(at, number + 1, scene, style).await?);
    }
    Ok(calls)
}

/// ctrl-c, or SIGTERM. A system that lets us listen to neither ends the demo at once.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Places one call; with a style its transcript appears as it happens.
async fn play(
    (house, desk): (&House, &Desk),
    number: usize,
    scene: Scene,
    style: Option<Style>,
) -> Result<Played, DemoError> {
    let Scene { title, from, to, script, signer, twice, expected } = scene;
    let token = if signer == Signer::Carrier { house.carrier_token.clone() } else { by_chance() };
    let carrier = house.carrier(token)?;
    let plan = CallPlan {
        from: from.to_owned(),
        to: to.to_owned(),
        script,
        speed: Speed::INSTANT,
        seed: uuid::Uuid::now_v7().as_u128(),
        clock: Clock::System,
        twice,
        chaos: None,
    };
    if style.is_some() {
        say::text(&format!("\n{number}. {title}\n"));
    }
    let watch = |step: &_| {
        if let Some(style) = style {
            say::text(&write_step(step, style));
        }
    };
    let report = carrier.place(plan, watch).await;
    let mut problems: Vec<_> = expected.iter().filter_map(|expect| expect.broken_by(&report)).collect();
    let why = match signer {
        Signer::Carrier => desk.check_call(&report, &mut problems).await,
        Signer::Stranger => desk.check_stranger(&report, &mut problems).await,
    };
    let played = Played { title, problems, why, report };
    if let Some(style) = style {
        say::text(&ending(signer, &played, style));
    }
    Ok(played)
}

fn ending(signer: Signer, played: &Played, style: Style) -> String {
    let outcome = match signer {
        Signer::Carrier => summary(&played.report, style),
        Signer::Stranger => remark("turned away, and nothing stored", style),
    };
    let account = match played.why.as_str() {
        "" => String::new(),
        why => remark(&format!("by the service's own account: {why}"), style),
    };
    let wrong = match played.problems.as_slice() {
        [] => String::new(),
        problems => remark(&format!("NOT as it should be: {}", problems.join("; ")), style),
    };
    format!("{outcome}{account}{wrong}")
}

fn verdict((calls, pages): (usize, usize), wrong: usize, health: &str) -> String {
    let verdict = match wrong {
        0 if health == "healthy" => "every one as it should be".to_owned(),
        0 => "but the service is not healthy".to_owned(),
        wrong => format!("{wrong} NOT as they should be"),
    };
    format!("\n{calls} calls and {pages} pages, {verdict}. The service is {health}.\n")
}

fn what_next(house: &House, call_sid: &str) -> String {
    let url = house.base_url();
    let sip = house.sip;
    let (admin, token) = (house.admin_token.expose(), house.carrier_token.expose());
    format!(
        "\nIt keeps serving at {url}; ctrl-c stops it and removes what it stored. Try:\n\n  \
         export ADMIN={admin} TWILIO_AUTH_TOKEN={token}\n  \
         switchboard call --url {url} --public-url {PUBLIC_URL} --to {FRONT_DESK} --press w6,9\n  \
         curl -H \"Authorization: Bearer $ADMIN\" {url}/api/calls\n  \
         curl -H \"Authorization: Bearer $ADMIN\" {url}/api/calls/{call_sid}\n  \
         curl -H \"Authorization: Bearer $ADMIN\" {url}/api/voicemails\n  \
         curl -H \"Authorization: Bearer $ADMIN\" {url}/api/zones      # or call sip:701@{sip} from a softphone\n  \
         open {url}/docs\n\n"
    )
}
