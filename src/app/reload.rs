//! SIGHUP: read the configuration anew. A bad one is refused and the old one stays.

use super::start::Running;
use crate::config::{Source, load_from};
use tokio::signal::unix::{SignalKind, signal};

/// Reloads the lines whenever the process is told to, until it stops. Settings of the environment stay as they
/// were at the start.
///
/// # Errors
/// When the system does not let us listen for the signal.
pub fn reload_on_hangup(running: &Running, source: impl Source + Send + 'static) -> std::io::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    let worlds = running.worlds().clone();
    running.spawn(async move {
        while hangups.recv().await.is_some() {
            match load_from(&source) {
                Ok(loaded) => {
                    let count = loaded.lines.len();
                    worlds.replace(loaded.into());
                    tracing::info!(lines = count, "configuration reloaded; calls in progress go on");
                }
                Err(mistakes) => {
                    for mistake in &mistakes {
                        tracing::error!(%mistake, "configuration refused");
                    }
                    tracing::error!(
                        mistakes = mistakes.len(),
                        "the old configuration stays; mend the file and send SIGHUP again"
                    );
                }
            }
        }
    });
    Ok(())
}
