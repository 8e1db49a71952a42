//! A caller who pages: his sound goes to loudspeakers instead of an agent.

use super::books::{begun, word};
use super::framer::Framer;
use super::outcome::Over;
use super::pager::{NotPaged, PageWish, Paged, Progress};
use super::parts::Media;
use super::socket::{Came, DONE, Socket};
use crate::agents::port::Why;
use crate::audio::{FRAME, g711, tone};
use crate::ledger::StreamNext;
use crate::twilio::stream::{Incoming, Pen, Start, Track, read};
use crate::world::StreamPass;
use axum::extract::ws::Utf8Bytes;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Between two looks at the page.
const LOOK: Duration = Duration::from_millis(50);
/// A carrier that sends nothing for so long is gone, though nobody closed the socket.
const DEAD: Duration = Duration::from_secs(15);

/// The whole life of such a stream.
pub(super) async fn page(media: &Media, socket: &mut Socket, (pass, zone): (&StreamPass, &str), start: &Start) {
    let hung = begun(media, pass);
    let wish = PageWish {
        zone: zone.to_owned(),
        call: pass.call.to_string(),
        line: pass.line.clone(),
        from: start.parameters.get("from").cloned().unwrap_or_default(),
    };
    let (over, frames) = match (media.0.pager)(wish) {
        Ok(paged) => speak(media, socket, paged, &start.stream_sid).await,
        Err(NotPaged { word, words, zone }) => {
            let next = StreamNext::NotPaged { zone, why: word.to_owned() };
            (Over::new(next, Why::AgentFailed, format!("the page was refused: {words}")), 0)
        }
    };
    drop(hung);
    let streams = &media.0.meters.streams;
    streams.active.decrement(1.0);
    streams.ended.count(word(&over.end.next));
    let summary = json!({ "stream_sid": start.stream_sid, "page": zone, "frames_in": frames });
    tracing::info!(call.sid = pass.call.as_str(), reason = over.end.reason, stream = %summary, "a page's stream ended");
    media.keep_end(pass, (&over.end, Vec::new()), (&summary, frames > 0)).await;
    socket.close(DONE, "done").await;
}

/// The caller speaks until somebody ends it; a beep says when he may.
async fn speak(media: &Media, socket: &mut Socket, paged: Box<dyn Paged>, sid: &str) -> (Over, u64) {
    let (pen, mut framer) = (Pen::new(sid), Framer::default());
    let (begun, mut heard) = (Instant::now(), Instant::now());
    let (mut beeped, mut warned, mut frames) = (false, false, 0);
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reason = loop {
        let came = tokio::select! {
            biased;
            came = socket.next() => Some(came),
            _ = looks.tick() => None,
            () = media.0.closing.cancelled() => break "the process stops",
        };
        match came {
            Some(Came::Gone(_)) => break "the caller hung up",
            Some(Came::Text(text)) => {
                heard = Instant::now();
                match take(&text, &mut framer, &*paged, &mut frames) {
                    Taken::On => {}
                    Taken::Over(why) => break why,
                }
            }
            Some(Came::Nothing | Came::Room) | None => {}
        }
        if !beeped && begun.elapsed() >= paged.lead() {
            beeped = true;
            beep(socket, &pen, (880.0, 200));
        }
        match paged.progress() {
            Progress::Ended(why) => break why,
            Progress::Warning if !warned => {
                warned = true;
                beep(socket, &pen, (660.0, 400));
            }
            _ if heard.elapsed() >= DEAD => break "the carrier fell silent",
            Progress::Playing | Progress::Warning => {}
        }
    };
    paged.end().await;
    (Over::new(StreamNext::Hangup, Why::HungUp, format!("the page ended: {reason}")), frames)
}

enum Taken {
    On,
    Over(&'static str),
}

/// One message of the carrier's.
fn take(text: &str, framer: &mut Framer, paged: &dyn Paged, frames: &mut u64) -> Taken {
    let Ok(received) = read(text) else { return Taken::On };
    match received.what {
        Incoming::Media { track: Track::Inbound, payload, .. } => {
            let push = |frame: &[u8; FRAME]| {
                *frames += 1;
                paged.push(&frame.map(g711::decode));
            };
            let mut push = push;
            let _ = payload.decode(|sound| framer.push(sound, &mut push));
            Taken::On
        }
        Incoming::Dtmf('#') => Taken::Over("the caller pressed #"),
        Incoming::Stop => Taken::Over("the caller hung up"),
        _ => Taken::On,
    }
}

/// A tone for the caller.
fn beep(socket: &mut Socket, pen: &Pen, (hz, ms): (f64, u32)) {
    let sound: Vec<u8> = tone::sine(hz, ms, 0.3, 8_000).into_iter().map(g711::encode).collect();
    // What we write is text.
    socket.put(Utf8Bytes::try_from(pen.media(&sound)).unwrap_or_default());
    socket.send();
}
