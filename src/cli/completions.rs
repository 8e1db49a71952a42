//! `switchboard completions`: completion scripts for shells.

use clap::Command;
use std::io;
use std::process::ExitCode;

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  switchboard completions bash > /etc/bash_completion.d/switchboard\n\n\
                        Exit codes: 0 printed, 2 usage")]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints it, of the whole command line.
#[must_use]
pub fn run(args: &Args, mut whole: Command) -> ExitCode {
    clap_complete::generate(args.shell, &mut whole, "switchboard", &mut io::stdout());
    ExitCode::SUCCESS
}
