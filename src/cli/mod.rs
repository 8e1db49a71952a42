//! The command line, one file a command. Exit codes: 0 done, 1 not, 2 wrong usage.

pub mod check;
pub mod completions;
pub mod init;
pub mod migrate;
pub mod print_config;
pub mod say;
pub mod serve;
pub mod token;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Answers a business's telephone lines: Twilio's webhooks in, TwiML out.
#[derive(Parser, Debug)]
#[command(name = "switchboard", version, max_term_width = 100)]
#[command(after_help = "Try it without an account:\n  switchboard demo")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    Serve(serve::Args),
    Init(init::Args),
    Check(check::Args),
    PrintConfig(print_config::Args),
    Migrate(migrate::Args),
    Token(token::Args),
    Completions(completions::Args),
}

/// Reads the arguments and runs the command; `serve` without one.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or_else(|| Command::Serve(serve::Args::default())) {
        Command::Serve(args) => serve::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args),
        Command::PrintConfig(args) => print_config::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

/// The runtime that commands share.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
