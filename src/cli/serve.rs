//! `switchboard serve`: runs the service until it is told to stop.

use crate::app::{log_findings, start, start_logging};
use crate::base::Clock;
use crate::cli::say;
use crate::config::{Environment, SystemSource, load_from};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Run the service (the default command)
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Example:\n  TWILIO_AUTH_TOKEN=… PUBLIC_URL=https://phone.example.com switchboard serve\n\n\
    Without a switchboard.toml the built-in line answers. SIGHUP reloads the file (the\n\
    environment stays as it was at the start), SIGTERM stops.\n\n\
    Exit codes: 0 stopped, 1 could not start, 2 usage")]
pub struct Args {}

/// Starts, serves, stops on SIGTERM or ctrl-c.
#[must_use]
pub fn run(_args: &Args) -> ExitCode {
    let loaded = match load_from(&SystemSource) {
        Ok(loaded) => loaded,
        Err(mistakes) => return say::mistakes(&mistakes),
    };
    start_logging(&loaded.settings.log);
    log_findings(&loaded);
    match super::runtime() {
        Ok(runtime) => {
            let code = runtime.block_on(serve(loaded));
            // A lane whose database swallows everything must not keep the process from ending.
            runtime.shutdown_background();
            code
        }
        Err(error) => say::failure(&format!("cannot start the runtime: {error}")),
    }
}

async fn serve(loaded: crate::config::Loaded) -> ExitCode {
    let production = loaded.settings.server.environment == Environment::Production;
    let (public_url, lines) = (loaded.settings.server.public_url.clone(), loaded.lines.len());
    let file = loaded.file.clone().unwrap_or_else(|| "built-in line".to_owned());
    let settings = &loaded.settings;
    let no_tokens = settings.server.signature_check && settings.carrier.tokens.is_empty();
    // Asked for before the start: a signal that comes while we start is not lost, and a SIGHUP does not kill.
    let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
    let [Ok(mut terminate), Ok(mut interrupt), Ok(hangups)] = signals else {
        return say::failure("the system does not let this process listen for signals");
    };
    let running = match start(loaded, Clock::System).await {
        Ok(running) => running,
        Err(error) => return say::failure(&error.to_string()),
    };
    running.reload_on_hangup(hangups, SystemSource);
    tracing::info!(address = %running.address(), public_url, lines, config = file, production, "answering calls");
    if no_tokens {
        tracing::warn!("TWILIO_AUTH_TOKEN is not set: every webhook is refused; try `switchboard demo` meanwhile");
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    ExitCode::SUCCESS
}
