//! Following a transaction to its end, with a bar on a terminal.

use super::admin::Admin;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::IsTerminal;
use std::time::Duration;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// A transaction that takes longer goes on without us.
const PATIENCE: u32 = 600;

/// Asks until it has ended, is stuck, has come far enough, or takes so long that it may as well be looked at later.
///
/// # Errors
/// A sentence for the user.
pub(super) async fn follow(admin: &Admin, begun: Value, enough: impl Fn(&Value) -> bool) -> Result<Value, String> {
    let id = begun.get("id").and_then(Value::as_str).ok_or("the service did not say which transaction")?.to_owned();
    let steps = |told: &Value| told.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
    let total = steps(&begun).len() as u64;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(total) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}  {msg}") {
        bar.set_style(style);
    }
    let mut told = begun;
    for _ in 0..PATIENCE {
        let state = told.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        let done = steps(&told).iter().filter(|step| step.get("state").and_then(Value::as_str) == Some("done")).count();
        bar.set_position(done as u64);
        bar.set_message(state.clone());
        if matches!(state.as_str(), "done" | "rolled_back" | "failed_undo") || enough(&told) {
            break;
        }
        tokio::time::sleep(LOOK).await;
        told = admin.get(&["transactions", &id], &[]).await?;
    }
    bar.finish_and_clear();
    Ok(told)
}
