//! Sound that is there already, played at its pace.

use super::live::Signal;
use super::page::Page;
use super::request::Reason;
use super::seam::Source;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep};

const FRAME_MS: Duration = Duration::from_millis(20);

/// Plays all of `source`, or as much as the page lasts.
pub async fn play(page: Page, source: impl Source) {
    let mut signals = page.signals();
    let over = async move { signals.wait_for(|signal| matches!(signal, Signal::Ended(_))).await.is_ok() };
    tokio::select! {
        biased;
        _ = over => {}
        () = all(&page, source) => page.end(Reason::Finished).await,
    }
}

async fn all(page: &Page, mut source: impl Source) {
    sleep(page.lead()).await;
    let mut ticks = interval(FRAME_MS);
    // Late frames go out together: the buffer in front of the outputs evens that out.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while let Some(frame) = source.next() {
        ticks.tick().await;
        page.push(&frame);
    }
}
