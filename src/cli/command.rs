//! Which commands there are.

use super::{
    call, callers, check, completions, consent, contact_keeper, demo, flood, hours, init, legal_hold, lines, load,
    mail, migrate, numbers, page, print_config, route_test, serve, sign, tenants, text, token, twin, vad, verify,
};
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Answers a business's telephone lines: Twilio's webhooks in, TwiML out.
#[derive(Parser, Debug)]
#[command(name = "switchboard", version, max_term_width = 100)]
#[command(after_help = "Try it without an account:\n  switchboard demo\n\nExit codes: 0 done, 1 not done, 2 usage")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    Serve(serve::Args),
    Demo(demo::Args),
    Call(Box<call::Args>),
    Text(Box<text::Args>),
    Load(Box<load::Args>),
    Flood(flood::Args),
    Twin(twin::Args),
    Init(init::Args),
    Check(check::Args),
    RouteTest(route_test::Args),
    PrintConfig(print_config::Args),
    Page(Box<page::Args>),
    Sign(sign::Args),
    Verify(verify::Args),
    Vad(vad::Args),
    Migrate(migrate::Args),
    Token(token::Args),
    Consent(consent::Args),
    Numbers(Box<numbers::Args>),
    Tenants(Box<tenants::Args>),
    Lines(lines::Args),
    Hours(Box<hours::Args>),
    Callers(Box<callers::Args>),
    Mail(mail::Args),
    LegalHold(Box<legal_hold::Args>),
    Completions(completions::Args),
    /// Holds a contact of paging: started by the service
    #[command(hide = true)]
    ContactKeeper,
}

/// Reads the arguments and runs the command; `serve` without one.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or_else(|| Command::Serve(serve::Args::default())) {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Call(args) => call::run(&args),
        Command::Text(args) => text::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Flood(args) => flood::run(&args),
        Command::Twin(args) => twin::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args),
        Command::PrintConfig(args) => print_config::run(&args),
        Command::Page(args) => page::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Vad(args) => vad::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Consent(args) => consent::run(&args),
        Command::Numbers(args) => numbers::run(&args),
        Command::Tenants(args) => tenants::run(&args),
        Command::Lines(args) => lines::run(&args),
        Command::Hours(args) => hours::run(&args),
        Command::Callers(args) => callers::run(&args),
        Command::Mail(args) => mail::run(&args),
        Command::LegalHold(args) => legal_hold::run(&args),
        Command::RouteTest(args) => route_test::run(&args),
        Command::ContactKeeper => contact_keeper::run(),
        Command::Completions(args) => completions::run(&args, Cli::command()),
    }
}
